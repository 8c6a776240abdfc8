package fleet_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

// asked is a request that was made and is not answered.
type asked struct {
	ids  []fleet.ID
	omit bool
}

// world is a fleet, the kernel beneath it and the clients above.
type world struct {
	f        *fleet.Fleet
	now      proc.Time
	asked    map[fleet.ID]bool // a Spawn waits for its answer
	alive    map[fleet.ID]int  // pids of children that were not reaped
	open     map[fleet.Req]asked
	lostable []fleet.ID // signals that may still turn out to be lost
	made     int        // requests so far
	down     bool
	over     bool
	history  []string // nil when nobody wants it
}

func newWorld() *world {
	return &world{
		f: fleet.New(), now: 1000 * proc.Second,
		asked: map[fleet.ID]bool{}, alive: map[fleet.ID]int{}, open: map[fleet.Req]asked{},
	}
}

func (w *world) clone() *world {
	c := *w
	c.f, c.asked, c.alive, c.open = w.f.Clone(), maps.Clone(w.asked), maps.Clone(w.alive), maps.Clone(w.open)
	c.lostable, c.history = slices.Clone(w.lostable), slices.Clone(w.history)
	return &c
}

// ids are all processes in order of activation.
func (w *world) ids() []fleet.ID {
	var ids []fleet.ID
	for _, g := range w.f.Groups() {
		ids = append(ids, g.IDs...)
	}
	return ids
}

func (w *world) fingerprint() string {
	s := w.f.Fingerprint(w.now)
	for i, id := range w.ids() {
		if slices.Contains(w.lostable, id) {
			s += fmt.Sprint(" lostable ", i)
		}
	}
	return fmt.Sprint(s, w.made, len(w.open))
}

func pidOf(id fleet.ID) int { return 100 + int(id) }

// does takes a step, plays the kernel's and the clients' part, and checks everything.
func (w *world) does(t *testing.T, e fleet.Event) {
	t.Helper()
	if w.history != nil {
		w.history = append(w.history, fmt.Sprintf("%v %#v", w.now, e))
	}
	w.prepare(e)
	phases := map[fleet.ID]proc.Phase{}
	for _, id := range w.ids() {
		s, _ := w.f.State(id)
		phases[id] = s.Phase
	}
	for _, a := range w.f.Step(w.now, e) {
		if w.over {
			if _, refusal := a.(fleet.Answer); !refusal {
				w.fail(t, e, "%#v after the end", a)
			}
		}
		switch a := a.(type) {
		case fleet.Announce:
			if before, known := phases[a.ID]; known && before != a.From || a.From == a.To {
				w.fail(t, e, "%v -> %v does not follow from %v", a.From, a.To, before)
			}
			phases[a.ID] = a.To
			w.inTurn(t, e, a, phases)
		case fleet.Spawn:
			if w.asked[a.ID] || w.alive[a.ID] != 0 || w.f.Mood() != fleet.Running {
				w.fail(t, e, "spawned over a child, or on the way down")
			}
			w.asked[a.ID] = true
		case fleet.Kill:
			if a.Pid == 0 || a.Pid != w.alive[a.ID] {
				w.fail(t, e, "signal to pid %d, the child is %d", a.Pid, w.alive[a.ID])
			}
			w.lostable = append(w.lostable, a.ID)
		case fleet.Answer:
			w.answered(t, e, a)
		case fleet.GroupRemoved, fleet.ProcessRemoved:
			w.forget(t, e, phases)
		case fleet.GoingDown:
			if w.down {
				w.fail(t, e, "going down twice")
			}
			w.down = true
		case fleet.Over:
			w.ended(t, e, a, phases)
		}
	}
	w.check(t, e)
}

// inTurn checks that the way down stops no group before the groups after it are stopped.
func (w *world) inTurn(t *testing.T, e fleet.Event, a fleet.Announce, phases map[fleet.ID]proc.Phase) {
	t.Helper()
	if _, request := e.(fleet.Stop); request || w.f.Mood() >= fleet.Running || a.From != proc.Running || a.To != proc.Stopping {
		return
	}
	priority := func(id fleet.ID) int {
		name, _ := w.f.Name(id)
		g, _ := w.f.Group(name)
		return g.Priority
	}
	for id, phase := range phases {
		if !phase.IsStopped() && priority(id) > priority(a.ID) {
			w.fail(t, e, "%d is stopped while %d is %v", a.ID, id, phase)
		}
	}
}

// prepare notes what the event itself means to the kernel and the clients.
func (w *world) prepare(e fleet.Event) {
	if _, lost := e.(fleet.SignalLost); !lost {
		w.lostable = nil
	}
	switch e := e.(type) {
	case fleet.Spawned:
		delete(w.asked, e.ID)
		w.alive[e.ID] = e.Pid
	case fleet.SpawnFailed:
		delete(w.asked, e.ID)
	case fleet.Died:
		if w.alive[e.ID] == e.Pid {
			delete(w.alive, e.ID)
		}
	case fleet.Start:
		var ids []fleet.ID
		for _, target := range e.Targets {
			ids = append(ids, target.ID)
		}
		w.open[e.Req] = asked{ids, e.Omit}
	case fleet.Stop:
		w.open[e.Req] = asked{e.IDs, e.Omit}
	case fleet.Signal:
		w.open[e.Req] = asked{e.IDs, e.Omit}
	case fleet.AddGroup:
		w.open[e.Req] = asked{ids: []fleet.ID{0}}
	case fleet.GiveUp, fleet.RemoveGroup, fleet.AddProcesses, fleet.RemoveProcess:
		w.open[reqOf(e)] = asked{ids: []fleet.ID{0}}
	}
	delete(w.open, 0) // nobody's
}

// reqOf is the number of a request that changes who is there.
func reqOf(e fleet.Event) fleet.Req {
	switch e := e.(type) {
	case fleet.GiveUp:
		return e.Req
	case fleet.RemoveGroup:
		return e.Req
	case fleet.AddProcesses:
		return e.Req
	case fleet.RemoveProcess:
		return e.Req
	}
	return 0
}

// answered checks that the request was not answered before, and speaks of everything it named, once.
func (w *world) answered(t *testing.T, e fleet.Event, a fleet.Answer) {
	t.Helper()
	request, open := w.open[a.Req]
	if !open {
		w.fail(t, e, "request %d was not open", a.Req)
	}
	delete(w.open, a.Req)
	left := slices.Clone(request.ids)
	for _, o := range a.Outcomes {
		i := slices.Index(left, o.ID)
		if i < 0 {
			w.fail(t, e, "request %d is answered for %d, which was not asked or was answered already", a.Req, o.ID)
		}
		left = slices.Delete(left, i, i+1)
	}
	if len(left) > 0 && !request.omit {
		w.fail(t, e, "request %d has no answer for %v", a.Req, left)
	}
}

// forget drops what belonged to a group that is gone, which must have been stopped.
func (w *world) forget(t *testing.T, e fleet.Event, phases map[fleet.ID]proc.Phase) {
	t.Helper()
	left := w.ids()
	for id, phase := range phases {
		if slices.Contains(left, id) {
			continue
		}
		if !phase.IsStopped() {
			w.fail(t, e, "removed in %v", phase)
		}
		if w.asked[id] || w.alive[id] != 0 && phase != proc.Unknown {
			w.fail(t, e, "removed while it was forked or alive")
		}
		delete(w.alive, id)
	}
}

func (w *world) ended(t *testing.T, e fleet.Event, a fleet.Over, phases map[fleet.ID]proc.Phase) {
	t.Helper()
	w.over = true
	for id, phase := range phases {
		if !phase.IsStopped() {
			w.fail(t, e, "over while %d is %v", id, phase)
		}
	}
	if len(w.open) > 0 || w.f.Next() != 0 || a.Mood != w.f.Mood() {
		w.fail(t, e, "over with %v open, due at %v, in mood %v", w.open, w.f.Next(), a.Mood)
	}
}

// check compares the fleet with the world.
func (w *world) check(t *testing.T, e fleet.Event) {
	t.Helper()
	if err := w.f.Check(); err != nil {
		w.fail(t, e, "%v", err)
	}
	for _, id := range w.ids() {
		s, _ := w.f.State(id)
		if s.Pid != w.alive[id] || s.Spawning != w.asked[id] {
			w.fail(t, e, "%d: %+v with asked %v and pid %d", id, s, w.asked[id], w.alive[id])
		}
		if known, ok := w.f.ByPid(s.Pid); s.Pid != 0 && (!ok || known != id) {
			w.fail(t, e, "pid %d is not known as that of %d", s.Pid, id)
		}
	}
	if _, ticked := e.(fleet.Tick); ticked && w.f.Next() != 0 && w.f.Next() <= w.now {
		w.fail(t, e, "still due after a tick")
	}
	if len(w.open) > 0 && w.f.Next() == 0 && len(w.asked) == 0 {
		w.fail(t, e, "requests %v wait for ever", w.open)
	}
}

func (w *world) fail(t *testing.T, e fleet.Event, format string, args ...any) {
	t.Helper()
	for _, line := range w.history {
		t.Log(line)
	}
	t.Fatalf("%#v: %s\n%s", e, fmt.Sprintf(format, args...), w.f.Fingerprint(w.now))
}
