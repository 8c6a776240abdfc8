package fleet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// Clone is a fleet of its own in the same state, so that a walk can go on from it in many ways.
func (f *Fleet) Clone() *Fleet {
	c := *f
	c.out, c.agenda = nil, agenda{}
	c.byName, c.procs, c.byPid = map[string]*group{}, map[ID]*process{}, map[int]*process{}
	reqs := map[*request]*request{}
	req := func(r *request) *request {
		if reqs[r] == nil {
			copied := *r
			copied.outcomes = slices.Clone(r.outcomes)
			reqs[r] = &copied
		}
		return reqs[r]
	}
	groups := map[*group]*group{}
	c.groups = slices.Clone(f.groups)
	for i, g := range f.groups {
		copied := *g
		copied.members, copied.byName = slices.Clone(g.members), map[string]*process{}
		for j, p := range g.members {
			member := *p
			member.group, member.due, member.waits = &copied, 0, slices.Clone(p.waits)
			for k := range member.waits {
				member.waits[k].req = req(member.waits[k].req)
			}
			copied.members[j], copied.byName[p.name], c.procs[p.id] = &member, &member, &member
			if member.state.Pid != 0 {
				c.byPid[member.state.Pid] = &member
			}
			c.agenda.put(&member, p.due)
		}
		c.groups[i], c.byName[g.name], groups[g] = &copied, &copied, &copied
	}
	c.queue = slices.Clone(f.queue)
	for i, g := range c.queue {
		c.queue[i] = groups[g]
	}
	c.stopping = groups[f.stopping]
	c.unconfirmed = slices.Clone(f.unconfirmed)
	for i := range c.unconfirmed {
		c.unconfirmed[i].req = req(c.unconfirmed[i].req)
	}
	return &c
}

// Fingerprint is the same for two fleets between which no future can tell.
func (f *Fleet) Fingerprint(now proc.Time) string {
	var b strings.Builder
	rel := func(t proc.Time) proc.Time {
		if t == 0 {
			return -1 << 40
		}
		return t - now
	}
	fmt.Fprint(&b, f.mood, f.over, len(f.queue), f.stopping != nil, rel(f.aliveAt), len(f.unconfirmed), rel(f.confirmAt))
	for _, s := range f.unconfirmed {
		fmt.Fprint(&b, ' ', s.req.id, s.req.open, s.id, s.req.outcomes[s.index].Fault)
	}
	for _, g := range f.groups {
		fmt.Fprint(&b, "|", g.name)
		for _, p := range g.members {
			s := p.state
			fmt.Fprint(&b, ";", s.Phase, s.Pid != 0, rel(s.Deadline), s.Started != 0, s.Failures, s.Spawning, s.Doomed, rel(p.reportAt))
			for _, w := range p.waits {
				fmt.Fprint(&b, ' ', w.req.id, w.req.open, w.goal, len(w.req.outcomes))
			}
		}
	}
	return b.String()
}

// Check compares everything that is derived from the states with the states.
func (f *Fleet) Check() error {
	unstopped, pids, armed, next := 0, 0, 0, earlier(f.confirmAt, f.aliveAt)
	for _, g := range f.groups {
		inGroup := 0
		for _, p := range g.members {
			if !p.state.Phase.IsStopped() {
				inGroup++
			}
			if p.state.Pid != 0 {
				if pids++; f.byPid[p.state.Pid] != p {
					return fmt.Errorf("pid %d is not known", p.state.Pid)
				}
			}
			due := earlier(p.state.Deadline, p.reportAt)
			if f.over {
				due = 0
			}
			if p.due != due {
				return fmt.Errorf("%s is due at %d and in the agenda at %d", p.namespec, due, p.due)
			}
			if due != 0 {
				if armed++; f.agenda.heap[p.slot] != p {
					return fmt.Errorf("%s is not where it is in the agenda", p.namespec)
				}
			}
			next = earlier(next, due)
		}
		if inGroup != g.unstopped {
			return fmt.Errorf("%d of %s are not stopped, %d by count", inGroup, g.name, g.unstopped)
		}
		unstopped += inGroup
	}
	switch {
	case unstopped != f.unstopped:
		return fmt.Errorf("%d are not stopped, %d by count", unstopped, f.unstopped)
	case pids != len(f.byPid):
		return fmt.Errorf("%d pids, %d in the map", pids, len(f.byPid))
	case armed != len(f.agenda.heap):
		return fmt.Errorf("%d deadlines, %d in the agenda", armed, len(f.agenda.heap))
	case next != f.Next():
		return fmt.Errorf("next is %d and should be %d", f.Next(), next)
	}
	return nil
}
