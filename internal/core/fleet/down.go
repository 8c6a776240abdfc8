package fleet

import (
	"cmp"
	"slices"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// stillAliveEvery is how often it is said who keeps the daemon from going down (PROC-028).
const stillAliveEvery = 3 * proc.Second

// shutdown begins the way down, or makes an end of what was to be a restart (SIG-003). A second one changes nothing
// else (SIG-007).
func (f *Fleet) shutdown(restart bool) {
	switch {
	case f.over || f.mood == ShuttingDown:
		return
	case f.mood == Restarting:
		if !restart {
			f.mood = ShuttingDown
		}
		return
	case restart:
		f.mood = Restarting
	default:
		f.mood = ShuttingDown
	}
	f.do(GoingDown{Mood: f.mood})
	f.queue = byPriority(f.groups)
	f.aliveAt = f.now
	for _, g := range f.groups {
		for _, p := range g.members {
			p.policy.Hold = true
			if p.state.Phase == proc.Backoff {
				f.feed(p, proc.Tick{})
			}
		}
	}
}

// descend stops one group after the other and says when there is nothing left to stop (PROC-026). A group that is
// stopped already costs no time (PROC-027).
func (f *Fleet) descend() {
	for len(f.queue) > 0 {
		g := f.queue[len(f.queue)-1]
		if g != f.stopping {
			f.stopping = g
			f.stopAll(g)
		}
		if g.unstopped > 0 {
			break
		}
		f.queue = f.queue[:len(f.queue)-1]
	}
	if f.unstopped == 0 {
		f.end()
		return
	}
	if f.now >= f.aliveAt {
		f.do(StillAlive{IDs: f.alive()})
		f.aliveAt = f.now + stillAliveEvery
	}
}

// stopAll tells the members of g in descending priority, ties in reverse order; who waits to be retried gives up.
func (f *Fleet) stopAll(g *group) {
	members := slices.Clone(g.members)
	slices.SortStableFunc(members, func(a, b *process) int { return cmp.Compare(a.priority, b.priority) })
	for _, p := range slices.Backward(members) {
		if p.state.Phase == proc.Backoff {
			f.feed(p, proc.GiveUp{})
		} else {
			f.feed(p, proc.Stop{})
		}
	}
}

// alive lists what is not stopped, in order of activation.
func (f *Fleet) alive() []ID {
	ids := make([]ID, 0, f.unstopped)
	for _, g := range f.groups {
		for _, p := range g.members {
			if !p.state.Phase.IsStopped() {
				ids = append(ids, p.id)
			}
		}
	}
	return ids
}

// end says that it is over. Nobody waits any more: what is stopped has no deadline, and whoever waited for it was
// answered when it stopped.
func (f *Fleet) end() {
	f.confirm()
	f.over, f.aliveAt, f.stopping = true, 0, nil
	f.do(Over{Mood: f.mood})
}
