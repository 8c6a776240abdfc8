package fleet

import (
	"slices"

	"github.com/reeve-sh/reeve/internal/core/fault"
)

func (f *Fleet) addGroup(e AddGroup) {
	switch {
	case f.mood < Running:
		f.reply(e.Req, fault.New(fault.ShutdownState, ""))
		return
	case f.byName[e.Group.Name] != nil:
		f.reply(e.Req, fault.New(fault.AlreadyAdded, e.Group.Name))
		return
	}
	g := &group{name: e.Group.Name, priority: e.Group.Priority, byName: make(map[string]*process, len(e.Group.Members))}
	for _, m := range e.Group.Members {
		f.enter(g, m)
	}
	f.groups, f.byName[g.name] = append(f.groups, g), g
	f.do(GroupAdded{Name: g.name})
	if f.mood == Running || e.Group.Early {
		f.autostart(g.members)
	}
	f.reply(e.Req, nil)
}

// enter makes a member of g.
func (f *Fleet) enter(g *group, m Member) *process {
	f.last++
	p := &process{
		id: f.last, group: g, name: m.Name, namespec: namespec(g.name, m.Name),
		priority: m.Priority, autostart: m.Autostart, policy: m.Policy,
	}
	g.ids, g.members, g.byName[m.Name] = append(g.ids, p.id), append(g.members, p), p
	f.procs[p.id] = p
	return p
}

// namespec is how Supervisor's users write a process: its own name, or group and name where they differ (RPC-005).
func namespec(group, process string) string {
	if group == process {
		return process
	}
	return group + ":" + process
}

// removeGroup forgets a group of which everything is stopped (RPC-020). What is stopped has no deadline, and nobody
// waits for it.
func (f *Fleet) removeGroup(e RemoveGroup) {
	g := f.byName[e.Name]
	switch {
	case f.mood < Running:
		f.reply(e.Req, fault.New(fault.ShutdownState, ""))
		return
	case g == nil:
		f.reply(e.Req, fault.New(fault.BadName, e.Name))
		return
	case g.unstopped > 0:
		f.reply(e.Req, fault.New(fault.StillRunning, e.Name))
		return
	}
	for _, p := range g.members {
		delete(f.byPid, p.state.Pid)
		delete(f.procs, p.id)
	}
	delete(f.byName, g.name)
	f.groups = slices.DeleteFunc(f.groups, func(other *group) bool { return other == g })
	f.do(GroupRemoved{Name: g.name})
	f.reply(e.Req, nil)
}

// addProcesses adds to a group that is there.
func (f *Fleet) addProcesses(e AddProcesses) {
	g := f.byName[e.Group]
	switch {
	case f.mood < Running:
		f.reply(e.Req, fault.New(fault.ShutdownState, ""))
		return
	case g == nil:
		f.reply(e.Req, fault.New(fault.BadName, e.Group))
		return
	}
	coming := map[string]bool{}
	for _, m := range e.Members {
		if g.byName[m.Name] != nil || coming[m.Name] {
			f.reply(e.Req, fault.New(fault.AlreadyAdded, m.Name))
			return
		}
		coming[m.Name] = true
	}
	r := f.open(e.Req)
	r.add(0, nil)
	// What was told of the group is others' now: the lists are made anew.
	g.ids, g.members = slices.Clone(g.ids), slices.Clone(g.members)
	from := len(g.members)
	for _, m := range e.Members {
		f.enter(g, m)
	}
	f.do(ProcessesAdded{Group: g.name, IDs: g.ids[from:]})
	if f.mood == Running {
		f.autostart(g.members[from:])
	}
	for _, p := range g.members[from:] {
		if p.state.Spawning {
			r.await(p, tried)
		}
	}
	f.close(r)
}

// removeProcess forgets one process that is stopped. What is stopped has no deadline, and nobody waits for it.
func (f *Fleet) removeProcess(e RemoveProcess) {
	g := f.byName[e.Group]
	if f.mood < Running {
		f.reply(e.Req, fault.New(fault.ShutdownState, ""))
		return
	}
	if g == nil {
		f.reply(e.Req, fault.New(fault.BadName, e.Group))
		return
	}
	p := g.byName[e.Name]
	switch {
	case p == nil:
		f.reply(e.Req, fault.New(fault.BadName, e.Name))
		return
	case !p.state.Phase.IsStopped() || p.state.Pid != 0:
		f.reply(e.Req, fault.New(fault.StillRunning, e.Name))
		return
	}
	delete(g.byName, e.Name)
	delete(f.procs, p.id)
	g.ids = slices.DeleteFunc(slices.Clone(g.ids), func(id ID) bool { return id == p.id })
	g.members = slices.DeleteFunc(slices.Clone(g.members), func(other *process) bool { return other == p })
	f.do(ProcessRemoved{ID: p.id, Group: g.name, Name: p.name})
	f.reply(e.Req, nil)
}
