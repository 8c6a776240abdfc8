package proc_test

import (
	"fmt"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

const (
	base     = 1000 * proc.Second // every world's now: only what lies ahead counts
	ourPid   = 101
	stranger = 999
)

// world is the process and the kernel around it, with absolute time forgotten so that there are finitely many.
type world struct {
	s     proc.State
	asked bool // a Spawn waits for its answer
	alive bool // there is a child that was not reaped
	hold  bool
}

// walker visits every world that the kernel and the operator can bring about under one policy.
type walker struct {
	t     *testing.T
	p     proc.Policy
	seen  map[world]bool
	queue []world
	edges map[edge]bool
	steps int
}

// holds: PROC-004 PROC-005 PROC-009 PROC-010 PROC-012 PROC-014 PROC-017 PROC-019 PROC-021 PROC-044
// holds: EVT-008 EVT-009
func TestEveryWorldKeepsTheInvariants(t *testing.T) {
	t.Parallel()
	edges := map[edge]bool{}
	shapes, worlds, steps := 0, 0, 0
	for _, p := range policies() {
		w := &walker{t: t, p: p, seen: map[world]bool{}, edges: edges}
		w.visit(world{})
		for len(w.queue) > 0 {
			next := w.queue[len(w.queue)-1]
			w.queue = w.queue[:len(w.queue)-1]
			w.from(next)
			if t.Failed() {
				return
			}
		}
		shapes, worlds, steps = shapes+1, worlds+len(w.seen), steps+w.steps
	}
	t.Logf("%d policy shapes, %d worlds, %d steps", shapes, worlds, steps)
	for e := range edges {
		if _, published := diagram[e]; !published {
			t.Errorf("%v -> %v happens and is not in the published diagram", e.from, e.to)
		}
	}
	for e := range diagram {
		if !edges[e] {
			t.Errorf("%v -> %v is in the published diagram and never happens", e.from, e.to)
		}
	}
}

func policies() []proc.Policy {
	var all []proc.Policy
	for _, startSecs := range []proc.Time{-proc.Second, 0, proc.Second} {
		for retries := range 3 {
			for _, restart := range []proc.Restart{proc.Unexpected, proc.Always, proc.Never} {
				for _, stopWait := range []proc.Time{-proc.Second, 0, 2 * proc.Second} {
					for groups := range 4 {
						all = append(all, proc.Policy{
							StartSecs: startSecs, StartRetries: retries, StopWait: stopWait, StopSignal: 15,
							StopAsGroup: groups&1 != 0, KillAsGroup: groups&2 != 0,
							Restart: restart, ExitCodes: proc.Codes{}.With(0).With(2),
						})
					}
				}
			}
		}
	}
	return all
}

// visit queues a world that was not seen yet, its times made relative and its counter bounded.
func (w *walker) visit(next world) {
	if next.s.Deadline != 0 {
		next.s.Deadline = base + proc.Second
	}
	if next.s.Started != 0 {
		next.s.Started = base
	}
	next.s.Failures = min(next.s.Failures, w.p.StartRetries+2)
	if !w.seen[next] {
		w.seen[next] = true
		w.queue = append(w.queue, next)
	}
}

// from lets everything happen to a world that can, early, in time and late.
func (w *walker) from(at world) {
	times := []proc.Time{base}
	if at.s.Deadline != 0 {
		times = append(times, at.s.Deadline-1, at.s.Deadline, at.s.Deadline+3600*proc.Second)
	}
	for _, now := range times {
		for _, e := range []proc.Event{proc.Start{}, proc.Stop{}, proc.Tick{}, proc.GiveUp{}, proc.Died{Pid: stranger, Code: 1}, proc.Died{}} {
			w.step(at, e, now)
		}
		held := at
		held.hold = true
		w.step(held, proc.Tick{}, now)
		if at.asked {
			answered := at
			answered.asked = false
			w.step(answered, proc.SpawnFailed{}, now)
			answered.alive = true
			w.step(answered, proc.Spawned{Pid: ourPid}, now)
		} else {
			w.step(at, proc.SpawnFailed{}, now)
			w.step(at, proc.Spawned{Pid: stranger}, now)
		}
		if at.alive {
			reaped := at
			reaped.alive = false
			for _, code := range []int{0, 1, -1} {
				w.step(reaped, proc.Died{Pid: ourPid, Code: code}, now)
			}
		}
		w.step(at, proc.SignalLost{}, now)
	}
}

// step takes one step and queues what came of it; each signal may also turn out to be lost.
func (w *walker) step(at world, e proc.Event, now proc.Time) {
	after, signalled := w.check(at, e, now)
	w.visit(after)
	if signalled {
		w.step(after, proc.SignalLost{}, now)
	}
}

// check takes one step and looks at all that came of it.
func (w *walker) check(at world, e proc.Event, now proc.Time) (after world, signalled bool) {
	w.steps++
	p := w.p
	p.Hold = at.hold
	after = at
	var acts []proc.Action
	after.s, acts = proc.Step(p, at.s, e, now)
	where := func() string {
		return fmt.Sprintf("%+v\n  in %+v\n  at now%+d: %#v\n  -> %+v\n  doing %+v", p, at, now-base, e, after.s, acts)
	}
	phase := at.s.Phase
	for _, a := range acts {
		switch a := a.(type) {
		case proc.Announce:
			w.announced(p, a, phase, where)
			phase = a.To
		case proc.Spawn:
			if after.asked || after.alive || at.hold {
				w.t.Fatalf("spawned over a living or a half-born child, or while going down:\n%s", where())
			}
			after.asked = true
		case proc.Signal:
			w.signal(p, a, after, phase, where)
			signalled = true
		}
	}
	if phase != after.s.Phase {
		w.t.Fatalf("the phase changed without a word:\n%s", where())
	}
	w.invariants(p, after, e, now, where)
	return after, signalled
}

func (w *walker) announced(p proc.Policy, a proc.Announce, phase proc.Phase, where func() string) {
	w.edges[edge{a.From, a.To}] = true
	if a.From != phase || a.From == a.To {
		w.t.Fatalf("%v -> %v does not follow from %v:\n%s", a.From, a.To, phase, where())
	}
	if a.To == proc.Backoff && a.Tries == 0 || a.To == proc.Running && a.Tries != 0 {
		w.t.Fatalf("%v after %d tries:\n%s", a.To, a.Tries, where())
	}
	if needsPid := a.To == proc.Running || a.To == proc.Stopping || a.To == proc.Exited; needsPid && a.Pid == 0 {
		w.t.Fatalf("%v without a pid:\n%s", a.To, where())
	}
}

func (w *walker) signal(p proc.Policy, a proc.Signal, at world, phase proc.Phase, where func() string) {
	switch {
	case !at.alive || a.Pid != ourPid:
		w.t.Fatalf("signalled where there is no child:\n%s", where())
	case phase != proc.Stopping:
		w.t.Fatalf("signalled in %v:\n%s", phase, where())
	case a.Overdue && (a.Sig != 9 || a.Group != p.KillAsGroup), !a.Overdue && (a.Sig != 15 || a.Group != p.StopAsGroup):
		w.t.Fatalf("the wrong signal:\n%s", where())
	}
}

func (w *walker) invariants(p proc.Policy, at world, e proc.Event, now proc.Time, where func() string) {
	s := at.s
	if (s.Pid != 0) != at.alive {
		w.t.Fatalf("a pid without a child, or a child without a pid:\n%s", where())
	}
	if s.Spawning != at.asked || s.Doomed && !s.Spawning {
		w.t.Fatalf("the fork under way is not known:\n%s", where())
	}
	switch s.Phase {
	case proc.Running, proc.Stopping:
		if s.Pid == 0 {
			w.t.Fatalf("%v without a child:\n%s", s.Phase, where())
		}
	case proc.Starting:
		if (s.Pid != 0) == s.Spawning {
			w.t.Fatalf("STARTING with both or neither of a child and a fork to come:\n%s", where())
		}
	case proc.Stopped, proc.Backoff, proc.Exited, proc.Fatal:
		if s.Pid != 0 || s.Spawning {
			w.t.Fatalf("%v with a child:\n%s", s.Phase, where())
		}
	}
	waits := s.Phase == proc.Stopping || s.Phase == proc.Starting && !s.Spawning || s.Phase == proc.Backoff && !p.Hold
	_, ticked := e.(proc.Tick)
	disarming := s.Phase == proc.Backoff && p.Hold && !ticked // Hold takes effect with the next Tick
	if waits != (s.Deadline != 0) && !disarming {
		w.t.Fatalf("something waits for ever or something is left armed:\n%s", where())
	}
	if ticked && s.Deadline != 0 && s.Deadline <= now {
		w.t.Fatalf("still due after a tick:\n%s", where())
	}
	if s.Phase == proc.Running && s.Failures != 0 {
		w.t.Fatalf("RUNNING with failures:\n%s", where())
	}
}
