package fleet

import "github.com/reeve-sh/reeve/internal/core/proc"

// GroupInfo is what is known of one group. IDs is in member order and belongs to the fleet: it is read, not changed.
type GroupInfo struct {
	Name     string
	Priority int
	IDs      []ID
}

// Next is the earliest moment at which a Tick would do something; zero is never. It may lie in the past.
func (f *Fleet) Next() proc.Time {
	next := earlier(f.confirmAt, f.aliveAt)
	if p := f.agenda.first(); p != nil {
		next = earlier(next, p.due)
	}
	return next
}

// Mood is what the daemon is about to do.
func (f *Fleet) Mood() Mood { return f.mood }

// Find names the process of that name in that group.
func (f *Fleet) Find(group, process string) (ID, bool) {
	g := f.byName[group]
	if g == nil {
		return 0, false
	}
	p := g.byName[process]
	if p == nil {
		return 0, false
	}
	return p.id, true
}

// Group is the group of that name.
func (f *Fleet) Group(name string) (GroupInfo, bool) {
	g := f.byName[name]
	if g == nil {
		return GroupInfo{}, false
	}
	return g.info(), true
}

// Groups are all groups in order of activation.
func (f *Fleet) Groups() []GroupInfo {
	infos := make([]GroupInfo, len(f.groups))
	for i, g := range f.groups {
		infos[i] = g.info()
	}
	return infos
}

func (g *group) info() GroupInfo { return GroupInfo{Name: g.name, Priority: g.priority, IDs: g.ids} }

// State is where the process stands; false when it is not in the fleet.
func (f *Fleet) State(id ID) (proc.State, bool) {
	p := f.procs[id]
	if p == nil {
		return proc.State{}, false
	}
	return p.state, true
}

// Name is the process's group and own name; both empty when it is not in the fleet.
func (f *Fleet) Name(id ID) (group, process string) {
	p := f.procs[id]
	if p == nil {
		return "", ""
	}
	return p.group.name, p.name
}

// ByPid names the process whose living child has that pid.
func (f *Fleet) ByPid(pid int) (ID, bool) {
	p := f.byPid[pid]
	if p == nil {
		return 0, false
	}
	return p.id, true
}
