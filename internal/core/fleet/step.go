package fleet

import (
	"cmp"
	"slices"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// Fleet is the state of everything. It is owned by whoever calls Step, which is the loop's goroutine; it has no lock.
type Fleet struct {
	mood   Mood
	over   bool
	groups []*group // in order of activation
	byName map[string]*group
	procs  map[ID]*process
	byPid  map[int]*process
	last   ID
	agenda agenda

	unstopped   int       // processes in no stopped phase
	queue       []*group  // groups still to be stopped on the way down, the next one last
	stopping    *group    // the one whose members have been told
	aliveAt     proc.Time // when to say next who is still alive; 0 is never
	unconfirmed []sent    // signals that may still come back as lost
	confirmAt   proc.Time // when they were sent; 0 when there are none

	// of the Step under way
	now    proc.Time
	why    string
	forked bool // it answers a Spawn
	out    []Action
}

// group is one group in the fleet.
type group struct {
	name      string
	priority  int
	ids       []ID
	members   []*process
	byName    map[string]*process
	unstopped int
}

// process is one member of one group.
type process struct {
	id        ID
	group     *group
	name      string
	namespec  string
	priority  int
	autostart bool
	policy    proc.Policy
	state     proc.State
	waits     []wait
	reportAt  proc.Time // when to say next that its stop is waited for; 0 is never
	due       proc.Time // its key in the agenda; 0 when it is not in there
	slot      int       // its place in the agenda
}

// New is an empty fleet, Booting.
func New() *Fleet {
	return &Fleet{
		mood:   Booting,
		byName: map[string]*group{},
		procs:  map[ID]*process{},
		byPid:  map[int]*process{},
	}
}

// Step takes one event and the time and returns what is to be done, in order. The slice is used again by the next
// Step, so outcomes (Spawned, SpawnFailed, SignalLost) are fed in after the whole slice has been gone through; a
// SignalLost comes before any other event, because every other event says that the signals before it were sent.
// A Tick with nothing due returns nothing and allocates nothing. Events about processes that are gone are ignored.
func (f *Fleet) Step(now proc.Time, e Event) []Action {
	clear(f.out)
	f.out, f.now = f.out[:0], max(now, 1) // zero is never
	if lost, is := e.(SignalLost); is {
		f.signalLost(lost)
	} else {
		f.confirm()
		f.handle(e)
	}
	if f.mood < Running && !f.over {
		f.descend()
	}
	return f.out
}

func (f *Fleet) handle(e Event) {
	switch e := e.(type) {
	case Tick:
		f.tick()
	case Died:
		f.feedID(e.ID, proc.Died{Pid: e.Pid, Code: e.Code})
	case Spawned:
		f.answerFork(e.ID, proc.Spawned{Pid: e.Pid})
	case SpawnFailed:
		f.answerFork(e.ID, proc.SpawnFailed{})
	case Start:
		f.start(e)
	case Stop:
		f.stop(e)
	case GiveUp:
		f.giveUp(e)
	case Signal:
		f.signal(e)
	case AddGroup:
		f.addGroup(e)
	case RemoveGroup:
		f.removeGroup(e)
	case AddProcesses:
		f.addProcesses(e)
	case RemoveProcess:
		f.removeProcess(e)
	case Shutdown:
		f.shutdown(e.Restart)
	case Begin:
		f.begin()
	}
}

// do appends what is to be done.
func (f *Fleet) do(a Action) { f.out = append(f.out, a) }

// tick feeds every process that is due, earliest first. Each feeding moves what was due into the future or ends it.
func (f *Fleet) tick() {
	for p := f.agenda.first(); p != nil && p.due <= f.now; p = f.agenda.first() {
		if p.reportAt != 0 && p.reportAt <= f.now {
			f.report(p)
		}
		f.feed(p, proc.Tick{})
	}
}

func (f *Fleet) feedID(id ID, e proc.Event) {
	if p := f.procs[id]; p != nil && !f.over {
		f.feed(p, e)
	}
}

func (f *Fleet) answerFork(id ID, e proc.Event) {
	f.forked = true
	f.feedID(id, e)
	f.forked = false
}

// feed is the only way a state changes. Everything that is derived from the states is brought up to date here, before
// anybody is told.
func (f *Fleet) feed(p *process, e proc.Event) {
	was := p.state
	var acts []proc.Action
	p.state, acts = proc.Step(p.policy, was, e, f.now)
	if p.state != was {
		f.track(p, was)
	}
	for _, a := range acts {
		switch a := a.(type) {
		case proc.Announce:
			f.do(Announce{ID: p.id, From: a.From, To: a.To, Expected: a.Expected, Tries: a.Tries, Pid: a.Pid, GaveUp: a.GaveUp})
			f.settle(p, a)
		case proc.Spawn:
			f.do(Spawn{ID: p.id})
		case proc.Signal:
			f.do(Kill{ID: p.id, Pid: a.Pid, Sig: a.Sig, Group: a.Group, Overdue: a.Overdue})
		}
	}
	f.settleFork(p)
	f.watch(p)
	f.agenda.put(p, earlier(p.state.Deadline, p.reportAt))
}

// track keeps the map of pids and the counts of what is not stopped in step with the states.
func (f *Fleet) track(p *process, was proc.State) {
	if was.Pid != p.state.Pid {
		if was.Pid != 0 {
			delete(f.byPid, was.Pid)
		}
		if p.state.Pid != 0 {
			f.byPid[p.state.Pid] = p
		}
	}
	switch before, after := was.Phase.IsStopped(), p.state.Phase.IsStopped(); {
	case before && !after:
		f.unstopped++
		p.group.unstopped++
	case !before && after:
		f.unstopped--
		p.group.unstopped--
	}
}

// begin ends the boot (PROC-024).
func (f *Fleet) begin() {
	if f.mood != Booting {
		return
	}
	f.mood = Running
	for _, g := range byPriority(f.groups) {
		f.autostart(g.members)
	}
}

// autostart starts those that want it and were never started before (PROC-002).
func (f *Fleet) autostart(members []*process) {
	for _, p := range members {
		if p.autostart && p.state.Phase == proc.Stopped && p.state.Started == 0 {
			f.feed(p, proc.Start{})
		}
	}
}

// byPriority is a copy of groups in ascending priority, ties in order of activation.
func byPriority(groups []*group) []*group {
	sorted := slices.Clone(groups)
	slices.SortStableFunc(sorted, func(a, b *group) int { return cmp.Compare(a.priority, b.priority) })
	return sorted
}
