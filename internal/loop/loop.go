// Package loop is the one goroutine that owns everything that can be wrong about a pid: it alone forks, kills, waits
// and holds the states. A turn takes one message, reaps, lets time pass, forks a few children and arms the one timer.
// It decides nothing: the fleet does, and the loop carries out its actions in their order and feeds the outcomes
// back. What may block (paths, log files, pipes) is done before a fork by preparers, so that a turn stays short.
package loop

import (
	"context"
	"errors"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/sys/oom"
	"github.com/reeve-sh/reeve/internal/sys/syslog"
)

// Options are what a loop is built from.
type Options struct {
	Kernel  kernel.Kernel
	Capture *capture.Set
	Journal *journal.Journal
	// Publish is told every fact in its order, in the loop's goroutine or, of what a child writes, in the one that
	// reads it; it must not block. Wanted is whether anybody cares for a type; nil is yes.
	Publish func(event.Event)
	Wanted  func(event.Type) bool
	// Pools makes the pools of event listeners; without, listeners are programs like others.
	Pools Pools
	// Tap is told every chunk that a program writes, before anything is made of it; it must neither block nor keep the
	// chunk. Nil is nobody.
	Tap func(group, process string, pid int, stderr bool, chunk []byte)
	// Memory tells of kills for want of memory; nil tells of none.
	Memory *oom.Watch
	// Syslog takes the lines of programs that want it; without, they are not sent.
	Syslog *syslog.Logs
	// Environ is the environment that every child starts from; ServerURL is what SUPERVISOR_SERVER_URL says to
	// programs that set none, empty for nothing (PROC-034).
	Environ   []config.Var
	ServerURL string
	// StripANSI is asked at each birth: a reread may change it (CFG-065).
	StripANSI func() bool
}

// Budgets of one turn: enough to keep up, few enough that a request is answered between two turns.
const (
	reaps = 64
	forks = 8
)

// sigchld is the signal behind the kernel's bell, for its line in the journal.
const sigchld = int(syscall.SIGCHLD)

// ErrOver answers what is asked after the loop has ended.
var ErrOver = errors.New("the supervisor has gone down")

// Loop is the running fleet. Its exported methods may be called from any goroutine; all fields but mail, done, view
// and the options are owned by the loop's goroutine.
type Loop struct {
	o    Options
	mail chan func()
	done chan struct{}
	view atomic.Pointer[View]

	fleet   *fleet.Fleet
	members map[fleet.ID]*member
	arrival map[string]*config.Group // groups on their way in, until the fleet has taken them
	groups  map[string]*config.Group // those that are in
	joining []config.Process         // processes on their way into a group, until the fleet has taken them
	pools   map[string]Pool          // of groups of listeners
	asked   map[fleet.Req]chan<- []fleet.Outcome
	lastReq fleet.Req
	events  []fleet.Event
	busy    bool
	asking  bool // the event that is being fed is a client's wish for a start
	over    bool
	turns   atomic.Uint64
	rung    bool   // the kernel's bell, in this turn
	dead    bool   // there may be dead who have not been taken
	down    bool   // on the way down
	path    string // PATH of Environ
	mood    fleet.Mood

	lingering map[fleet.ID]lingering // signals to listeners that are put off
	errands   map[int]*errand        // commands that run beside the programs, by pid

	prep  *preparer
	line  []*birth // children to come, in the order in which they were asked for
	born  *birth   // whose turn it is
	held  []*news  // to be told once the line is empty
	table *table   // what View needs that only groups change
}

// Start runs a loop. It ends by itself after Shutdown, or by Close.
func Start(o Options) *Loop {
	l := &Loop{
		o: o, mail: make(chan func(), 256), done: make(chan struct{}),
		fleet: fleet.New(), members: map[fleet.ID]*member{}, arrival: map[string]*config.Group{},
		groups: map[string]*config.Group{}, pools: map[string]Pool{}, lingering: map[fleet.ID]lingering{},
		errands: map[int]*errand{}, dead: true,
		asked: map[fleet.Req]chan<- []fleet.Outcome{},
	}
	for _, v := range o.Environ {
		if v.Name == "PATH" {
			l.path = v.Value
		}
	}
	l.prep = newPreparer(l)
	go l.run()
	return l
}

// Done is closed when the loop has ended: nothing is alive any more.
func (l *Loop) Done() <-chan struct{} { return l.done }

// Mood is why the loop ended; it means something once Done is closed.
func (l *Loop) Mood() fleet.Mood { return l.mood }

func (l *Loop) run() {
	defer close(l.done)
	defer l.prep.close()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	l.arm(timer)
	for !l.over || len(l.errands) > 0 {
		select {
		case <-l.o.Kernel.Bell():
			l.rung, l.dead = true, true
		case <-timer.C:
		case do := <-l.mail:
			do()
		}
		l.turn()
		l.arm(timer)
	}
	for _, answer := range l.asked {
		close(answer)
	}
}

// Turns is how many turns there have been.
func (l *Loop) Turns() uint64 { return l.turns.Load() }

// turn does what is due, whatever woke the loop.
func (l *Loop) turn() {
	l.turns.Add(1)
	l.reap()
	if l.rung { // told after those it rang for, with their last words (LOG-004)
		l.rung = false
		l.o.Journal.ChildQuit(sigchld)
	}
	l.part()
	l.lapse()
	l.feed(fleet.Tick{})
	more := l.bear()
	if !l.crowded(true) {
		l.release()
	}
	if (more || l.dead) && !l.over {
		l.wake()
	}
}

// wake asks for one more turn without waiting for it.
func (l *Loop) wake() {
	select {
	case l.mail <- func() {}:
	default: // there is mail, so there will be a turn
	}
}

// arm sets the one timer to the next moment at which time alone changes something.
func (l *Loop) arm(t *time.Timer) {
	next := l.fleet.Next()
	if late := l.patience(); late != 0 && (next == 0 || late < next) {
		next = late
	}
	if soon := l.nextGlance(); soon != 0 && (next == 0 || soon < next) {
		next = soon
	}
	if lapse := l.nextLapse(); lapse != 0 && (next == 0 || lapse < next) {
		next = lapse
	}
	t.Stop()
	if next != 0 {
		t.Reset(max(0, time.Duration(next-l.o.Kernel.Now())))
	}
}

// reap takes the dead, a budget of them. It does not ask the kernel unless the bell has rung: to find out that nobody is
// dead takes a look at every child, which thousands of them make long.
func (l *Loop) reap() {
	for range reaps {
		if !l.dead {
			return
		}
		var pid int
		var st kernel.Status
		if pid, st, l.dead = l.o.Kernel.Wait(); l.dead {
			l.buried(pid, st)
		}
	}
}

// feed is the only way a state changes: the event goes in, the actions are done in their order, and what they bring
// about is fed after it.
func (l *Loop) feed(e fleet.Event) {
	l.events = append(l.events, e)
	if l.busy {
		return
	}
	l.busy = true
	for i := 0; i < len(l.events) && !l.over; i++ {
		e := l.events[i]
		_, l.asking = e.(fleet.Start)
		acts := l.fleet.Step(l.o.Kernel.Now(), e)
		if _, tick := e.(fleet.Tick); len(acts) > 0 || !tick {
			l.view.Store(nil) // a birth is no action, and yet there is a pid to be seen
		}
		for _, a := range acts {
			l.act(a)
		}
	}
	clear(l.events)
	l.events, l.busy = l.events[:0], false
}

// post runs do in the loop's goroutine and waits until it has run.
func (l *Loop) post(ctx context.Context, do func()) error {
	ran := make(chan struct{})
	select {
	case l.mail <- func() { do(); close(ran) }:
	case <-l.done:
		return ErrOver
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-ran:
		return nil
	case <-l.done:
		return ErrOver
	}
}

// ask feeds a request and waits for its one answer. When ctx ends, the waiting ends and not what was asked for
// (RPC-054).
func (l *Loop) ask(ctx context.Context, make1 func(fleet.Req) fleet.Event) ([]fleet.Outcome, error) {
	answer := make(chan []fleet.Outcome, 1)
	say := func() {
		l.lastReq++
		l.asked[l.lastReq] = answer
		l.feed(make1(l.lastReq))
	}
	select {
	case l.mail <- say:
	case <-l.done:
		return nil, ErrOver
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case out, ok := <-answer:
		if !ok {
			return nil, ErrOver
		}
		return out, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.done:
		select {
		case out, ok := <-answer:
			if ok {
				return out, nil
			}
		default:
		}
		return nil, ErrOver
	}
}

// single is the refusal in an answer of one outcome.
func single(out []fleet.Outcome, err error) error {
	if err != nil {
		return err
	}
	if len(out) == 1 && out[0].Fault != nil {
		return out[0].Fault
	}
	return nil
}

// Begin ends the boot: the autostart processes are started.
func (l *Loop) Begin(ctx context.Context) error {
	return l.post(ctx, func() {
		l.publish(event.Event{Type: event.SupervisorStateChangeRunning})
		l.feed(fleet.Begin{})
	})
}

// AddGroup brings a group in. Its AUTO logs must have been made. A group of that name already there is AlreadyAdded.
func (l *Loop) AddGroup(ctx context.Context, g *config.Group) error {
	if err := l.tryOut(g); err != nil {
		return err
	}
	return single(l.ask(ctx, func(r fleet.Req) fleet.Event {
		if _, here := l.fleet.Group(g.Name); !here {
			l.arrival[g.Name] = g
		}
		return fleet.AddGroup{Req: r, Group: plan(g)}
	}))
}

// RemoveGroup takes a stopped group out; see fleet.RemoveGroup for the refusals.
func (l *Loop) RemoveGroup(ctx context.Context, name string) error {
	return single(l.ask(ctx, func(r fleet.Req) fleet.Event { return fleet.RemoveGroup{Req: r, Name: name} }))
}

// StartAll starts processes; the outcomes are in the order in which they were settled.
func (l *Loop) StartAll(ctx context.Context, targets []fleet.Target, wait, omit bool) ([]fleet.Outcome, error) {
	return l.ask(ctx, func(r fleet.Req) fleet.Event {
		return fleet.Start{Req: r, Targets: targets, Wait: wait, Omit: omit}
	})
}

// StopAll stops processes.
func (l *Loop) StopAll(ctx context.Context, ids []fleet.ID, wait, omit bool) ([]fleet.Outcome, error) {
	return l.ask(ctx, func(r fleet.Req) fleet.Event { return fleet.Stop{Req: r, IDs: ids, Wait: wait, Omit: omit} })
}

// GiveUp ends the retries of a process that is in BACKOFF: it becomes FATAL. NotRunning when it is in another state.
func (l *Loop) GiveUp(ctx context.Context, id fleet.ID) ([]fleet.Outcome, error) {
	return l.ask(ctx, func(r fleet.Req) fleet.Event { return fleet.GiveUp{Req: r, ID: id} })
}

// SignalAll sends a signal to each process.
func (l *Loop) SignalAll(ctx context.Context, ids []fleet.ID, sig int, omit bool) ([]fleet.Outcome, error) {
	return l.ask(ctx, func(r fleet.Req) fleet.Event { return fleet.Signal{Req: r, IDs: ids, Sig: sig, Omit: omit} })
}

// Shutdown begins to stop everything; Done tells the end.
func (l *Loop) Shutdown(restart bool) {
	_ = l.post(context.Background(), func() { l.feed(fleet.Shutdown{Restart: restart}) })
}

// Publish tells a fact that did not come from a process, in the one order of all facts.
func (l *Loop) Publish(ctx context.Context, e event.Event) error {
	return l.post(ctx, func() { l.publish(e) })
}

// Write sends data to a process's stdin. A process that is not there, has no pid or is being stopped is NotRunning;
// one whose stdin is closed is NoFile (RPC-045).
func (l *Loop) Write(ctx context.Context, id fleet.ID, data []byte) error {
	var err error
	if e := l.post(ctx, func() { err = l.write(id, data) }); e != nil {
		return e
	}
	return err
}

func (l *Loop) write(id fleet.ID, data []byte) error {
	m := l.members[id]
	st, ok := l.fleet.State(id)
	if !ok || m == nil || st.Pid == 0 || st.Phase == proc.Stopping {
		return fault.New(fault.NotRunning, "")
	}
	if m.in == nil || m.conf.Hidden { // a guest's is for its protocol alone
		return fault.New(fault.NoFile, "")
	}
	switch err := m.in.Write(data); {
	case errors.Is(err, capture.ErrFull):
		return fault.New(fault.Failed, "stdin of the process is not read; its buffer is full")
	case err != nil:
		return fault.New(fault.NoFile, "")
	}
	return nil
}
