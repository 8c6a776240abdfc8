package listener

import (
	"strconv"
	"sync"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/listener"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/capture"
)

// pool is one [eventlistener:x] that is active.
type pool struct {
	hall   *Hall
	conf   *config.Group
	at     map[string]int // members by name
	detach func()

	mu      sync.Mutex // guards what follows
	core    *listener.Pool
	members []member
	buf     []byte    // of the envelope that is being written
	moved   proc.Time // when something was last sent or told
	lost    uint64    // events that were discarded
	judge   Judge     // of its results, once one has been needed and found
	sealed  bool
	closed  bool
}

// stalled is how long a listener may take over an event before it is not waited for on the way down.
const stalled = proc.Second / 4

// member is one process of a pool.
type member struct {
	name  string
	write func([]byte) error // its stdin; nil when there is none
	wrong string             // about how it left the protocol
	lives int                // processes so far
	// breaches is how many lives in a row have left the protocol without having processed an event.
	breaches int
}

// Take queues an event. It is the bus that calls it.
func (p *pool) Take(f bus.Fact) {
	fact := p.hall.fact(f)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed && !p.sealed {
		p.core.Accept(fact)
	}
}

// Born connects a new process. The result takes what it writes to its stdout.
func (p *pool) Born(process string, write func([]byte) error) capture.Sink {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.at[process]
	p.members[i].write, p.members[i].wrong = write, ""
	p.members[i].lives++
	p.core.Born(i)
	return capture.Func(func(b []byte) { p.hear(i, b) })
}

func (p *pool) hear(i int, b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hall.o.Journal.ListenerOutput(p.members[i].name, "stdout", b)
	if !p.closed {
		p.core.Hear(i, b)
	}
}

// Phase tells where a process stands: only one that runs gets events.
func (p *pool) Phase(process string, to proc.Phase) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.core.Running(p.at[process], to == proc.Running)
}

// Gone disconnects a process that was reaped; its event goes back into the queue.
func (p *pool) Gone(process string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.at[process]
	p.members[i].write, p.members[i].wrong = nil, ""
	p.core.Gone(i)
}

// Remark is what an operator has to know of a process that seems to be well, or empty.
func (p *pool) Remark(process string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wrong := p.members[p.at[process]].wrong; wrong != "" {
		return "listener protocol broken: " + wrong
	}
	return ""
}

// Seal says that what is told from now on is not for these listeners any more.
func (p *pool) Seal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sealed = true
}

// Settled is whether nothing is on its way any more, or does not get on.
func (p *pool) Settled(now proc.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.core.Active() || now-p.moved > stalled
}

// Close drops the queue and takes no more events (EVT-035).
func (p *pool) Close() {
	p.detach()
	p.hall.forget(p)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

// quoted is as much of what a listener said as fits into a column.
func quoted(b []byte) string {
	const most = 40
	if len(b) > most {
		return strconv.Quote(string(b[:most])) + "..."
	}
	return strconv.Quote(string(b))
}
