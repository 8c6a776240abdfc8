package listener

import (
	"math"
	"slices"

	"github.com/reeve-sh/reeve/internal/core/event"
)

// Serials numbers events: from 0, and from 0 again after the largest number Supervisor has (EVT-005). The zero value
// begins. It is not safe for use from several goroutines.
type Serials struct{ next uint64 }

// Next is the next number.
func (s *Serials) Next() uint64 {
	n := s.next
	if s.next++; n == math.MaxInt64 {
		s.next = 0
	}
	return n
}

// Fact is an event on its way to listeners. The pools share it.
type Fact struct {
	Serial  uint64 // the same in every pool (EVT-004)
	Type    event.Type
	Payload []byte
	Event   event.Event // for handlers of results, which are told more than listeners
}

// Entry is a fact in one pool. It keeps its number there however often it is sent.
type Entry struct {
	*Fact
	PoolSerial uint64
}

// Host does what a pool decides and hears what it has to tell. It is called within the pool's methods and must not
// call them.
type Host interface {
	// Send gives an event to a member. False says that the member does not read (EVT-028).
	Send(member int, e Entry) bool
	// Judge begins to judge a member's result, which is only good until it returns; Judged is told the verdict.
	Judge(t Ticket, member int, e Entry, result []byte)
	// Told passes on a listener's step, after the pool has drawn its conclusions for the member and before it draws
	// those for the queue.
	Told(member int, s Step)
	// Sent, Unsent, Rebuffered and Discarded are for the journal; queued is the length of the queue without e.
	Sent(member int, e Entry)
	Unsent(member int, e Entry)
	Rebuffered(e Entry, queued int)
	Discarded(e Entry)
}

// Options are what a pool is made from.
type Options struct {
	Events  []string // names of types and families, in upper case
	Limit   int      // buffer_size: events that may wait; at least 1
	Members int
	Asks    bool // the results are judged by the Host, not by Default
	Host    Host
}

// Ticket is the name of a result that is being judged.
type Ticket uint64

// trial is an event whose result is being judged. It belongs to nobody else meanwhile, whatever becomes of the member.
type trial struct {
	event  Entry
	member int
	life   int // of the member
}

// member is one process of the pool.
type member struct {
	Machine
	life    int // how many processes it has had
	running bool
	event   Entry
	holds   bool // event was sent and has no result yet
}

// Pool is the listeners of one section with what waits for them.
type Pool struct {
	o       Options
	serials Serials
	matches []int // by event.Type: how many of Events mean it
	queue   []Entry
	members []member
	tickets Ticket // so far
	trials  map[Ticket]trial
}

// NewPool is a pool none of whose members has been started.
func NewPool(o Options) *Pool {
	p := &Pool{o: o, matches: make([]int, event.Types), members: make([]member, o.Members), trials: map[Ticket]trial{}}
	for t := range event.Types {
		for i, name := range o.Events {
			if t.Is(name) && !slices.Contains(o.Events[:i], name) {
				p.matches[t]++
			}
		}
	}
	return p
}

// Wants is true when the pool takes events of that type.
func (p *Pool) Wants(t event.Type) bool { return p.matches[t] > 0 }

// Queued is how many events wait.
func (p *Pool) Queued() int { return len(p.queue) }

// Active is true while a running member works on an event, or may yet get one of those that wait, or a result is being
// judged.
func (p *Pool) Active() bool {
	if len(p.trials) > 0 {
		return true
	}
	for i := range p.members {
		m := &p.members[i]
		if m.running && m.state != Unknown && (m.holds || len(p.queue) > 0) {
			return true
		}
	}
	return false
}

// State is where a member stands.
func (p *Pool) State(member int) State { return p.members[member].state }

// Accept queues a fact that the pool Wants, once for every entry of Events that means it (EVT-017), and sends what can
// be sent.
func (p *Pool) Accept(f *Fact) {
	e := Entry{Fact: f, PoolSerial: p.serials.Next()}
	for i := range p.matches[f.Type] {
		if i > 0 {
			p.o.Host.Rebuffered(e, len(p.queue))
		}
		p.makeRoom()
		p.queue = append(p.queue, e)
	}
	p.dispatch()
}

// Born says that there is a new process for a member, which starts the dialogue anew. What the old one had, if nobody
// said that it is Gone, is not lost.
func (p *Pool) Born(i int) {
	p.requeue(&p.members[i])
	p.members[i] = member{Machine: New(p.o.Asks), life: p.members[i].life + 1}
}

// Running says whether a member's process is in the one phase in which it gets events (EVT-019).
func (p *Pool) Running(i int, yes bool) {
	p.members[i].running = yes
	if yes {
		p.dispatch()
	}
}

// Hear takes what a member wrote.
func (p *Pool) Hear(i int, b []byte) { p.follow(i, p.members[i].Hear(b)) }

// Awaits is whether the result is still being judged.
func (p *Pool) Awaits(ticket Ticket) bool { _, ok := p.trials[ticket]; return ok }

// Judged is the verdict on a result: Processed, Rejected or Failed. It counts even if the member is gone by now; the
// second verdict on one ticket does not.
func (p *Pool) Judged(ticket Ticket, verdict What) {
	t, ok := p.trials[ticket]
	if !ok {
		return
	}
	delete(p.trials, ticket)
	m := &p.members[t.member]
	if m.life == t.life {
		m.event, m.holds = t.event, true
		p.follow(t.member, m.Judged(verdict))
		return
	}
	if verdict != Processed {
		p.rebuffer(t.event)
		p.dispatch()
	}
}

// follow draws the conclusions of what a member told.
func (p *Pool) follow(i int, steps []Step) {
	m := &p.members[i]
	for _, s := range steps {
		if s.What == Asked {
			p.try(i, s.Data)
			continue
		}
		p.o.Host.Told(i, s)
		switch s.What {
		case Processed:
			m.drop()
		case Rejected, Failed, BadResult:
			p.requeue(m)
		}
	}
	if len(steps) > 0 {
		p.dispatch()
	}
}

// try has a result judged.
func (p *Pool) try(i int, result []byte) {
	m := &p.members[i]
	p.tickets++
	p.trials[p.tickets] = trial{event: m.event, member: i, life: m.life}
	p.o.Host.Judge(p.tickets, i, m.event, result)
	m.drop()
}

// Gone says that a member's process is dead. What it was working on is for somebody else (EVT-027).
func (p *Pool) Gone(i int) {
	m := &p.members[i]
	m.running = false
	p.requeue(m)
	p.dispatch()
}

func (m *member) drop() { m.event, m.holds = Entry{}, false }

// requeue puts what a member had back at the head of this pool's queue, and of no other's.
func (p *Pool) requeue(m *member) {
	if !m.holds {
		return
	}
	e := m.event
	m.drop()
	p.rebuffer(e)
}

func (p *Pool) rebuffer(e Entry) {
	p.o.Host.Rebuffered(e, len(p.queue))
	p.makeRoom()
	p.queue = slices.Insert(p.queue, 0, e)
}

// makeRoom discards the oldest event when the queue is full, also for one that goes to the head (EVT-029, EVT-030).
func (p *Pool) makeRoom() {
	if len(p.queue) >= p.o.Limit {
		e := p.queue[0]
		p.pop()
		p.o.Host.Discarded(e)
	}
}

func (p *Pool) pop() {
	p.queue[0] = Entry{}
	if p.queue = p.queue[1:]; len(p.queue) == 0 {
		p.queue = p.queue[:0:0]
	}
}

// dispatch sends the oldest events until none is left or nobody takes one (EVT-031).
func (p *Pool) dispatch() {
	if p.capable(0) == len(p.members) {
		return
	}
	for len(p.queue) > 0 {
		e := p.queue[0]
		if !p.send(e) {
			p.o.Host.Rebuffered(e, len(p.queue)-1)
			return
		}
		p.pop()
	}
}

// capable is the first member from i on that an event can be sent to, or the number of members.
func (p *Pool) capable(i int) int {
	for i < len(p.members) && !(p.members[i].running && p.members[i].state == Ready) {
		i++
	}
	return i
}

// send gives an event to the first member that takes it (EVT-019, EVT-032).
func (p *Pool) send(e Entry) bool {
	for i := p.capable(0); i < len(p.members); i = p.capable(i + 1) {
		if !p.o.Host.Send(i, e) {
			p.o.Host.Unsent(i, e)
			continue
		}
		m := &p.members[i]
		m.Sent()
		m.event, m.holds = e, true
		p.o.Host.Sent(i, e)
		return true
	}
	return false
}
