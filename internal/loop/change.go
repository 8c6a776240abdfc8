package loop

import (
	"context"
	"slices"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fleet"
)

// AddProcesses brings processes into a group that is in, all or none. Their AUTO logs must have been made. They are
// programs, whatever the group is: as in Supervisor, one that joins a pool of listeners is none.
func (l *Loop) AddProcesses(ctx context.Context, group string, procs []config.Process) error {
	return single(l.ask(ctx, func(r fleet.Req) fleet.Event {
		l.joining = procs // taken while the event is fed
		return fleet.AddProcesses{Req: r, Group: group, Members: members(procs)}
	}))
}

// RemoveProcess takes a stopped process out of its group; see fleet.RemoveProcess for the refusals.
func (l *Loop) RemoveProcess(ctx context.Context, group, name string) error {
	return single(l.ask(ctx, func(r fleet.Req) fleet.Event {
		return fleet.RemoveProcess{Req: r, Group: group, Name: name}
	}))
}

func members(procs []config.Process) []fleet.Member {
	out := make([]fleet.Member, len(procs))
	for i := range procs {
		p := &procs[i]
		out[i] = fleet.Member{Name: p.Name, Priority: p.Priority, Autostart: p.Autostart, Policy: policy(p)}
	}
	return out
}

// joined gives every new process its member. A group that others may look at is never changed: there is a new one.
func (l *Loop) joined(a fleet.ProcessesAdded) {
	g := *l.groups[a.Group]
	g.Processes = slices.Concat(g.Processes, l.joining)
	l.groups[a.Group] = &g
	for i, id := range a.IDs {
		l.members[id] = &member{id: id, group: a.Group, conf: &l.joining[i]}
	}
	l.joining, l.table = nil, nil
}

// left forgets a process that the fleet no longer has.
func (l *Loop) left(a fleet.ProcessRemoved) {
	g := *l.groups[a.Group]
	g.Processes = slices.DeleteFunc(slices.Clone(g.Processes), func(p config.Process) bool { return p.Name == a.Name })
	l.groups[a.Group] = &g
	m := l.members[a.ID]
	m.grip.release()
	delete(l.members, a.ID)
	l.table = nil
}
