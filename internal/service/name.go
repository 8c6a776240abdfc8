package service

import (
	"cmp"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/loop"
)

// Namespec is how a process is called: x for process x of group x, else group:process.
func Namespec(group, process string) string {
	if group == process {
		return process
	}
	return group + ":" + process
}

// split takes a name apart (RPC-005); process is empty for a whole group.
func split(name string) (group, process string) {
	group, process, colon := strings.Cut(name, ":")
	if !colon {
		return name, name
	}
	if process == "*" {
		process = ""
	}
	return group, process
}

// one finds the one process of that name. whole is true, and the process nil, when the name means a group.
func one(v *loop.View, name string) (p *loop.Process, whole bool, err error) {
	for i := range v.Hidden {
		if v.Hidden[i].Conf.Name == name {
			return &v.Hidden[i], false, nil
		}
	}
	group, process := split(name)
	if _, here := groupOf(v, group); !here {
		return nil, false, fault.About(fault.BadName, name)
	}
	if process == "" && strings.Contains(name, ":") {
		return nil, true, nil
	}
	at, ok := v.Find(group, process)
	if !ok {
		return nil, false, fault.About(fault.BadName, name)
	}
	return &v.Processes[at], false, nil
}

func groupOf(v *loop.View, name string) (fleet.GroupInfo, bool) {
	for _, g := range v.Groups() {
		if g.Name == name {
			return g, true
		}
	}
	return fleet.GroupInfo{}, false
}

// groupName is the group that a name speaks of.
func groupName(name string) string {
	group, _ := split(name)
	return group
}

// pick says which processes a request is for.
type pick func(*loop.View) ([]*loop.Process, error)

// ofGroup picks a group's processes by priority (RPC-025).
func ofGroup(name string) pick {
	return func(v *loop.View) ([]*loop.Process, error) {
		g, ok := groupOf(v, name)
		if !ok {
			return nil, fault.About(fault.BadName, name)
		}
		return byPriority(v, g), nil
	}
}

// everyone picks all processes, groups by priority and processes by priority within (PROC-029).
func everyone(v *loop.View) ([]*loop.Process, error) {
	groups := slices.Clone(v.Groups())
	slices.SortStableFunc(groups, func(a, b fleet.GroupInfo) int { return cmp.Compare(a.Priority, b.Priority) })
	var out []*loop.Process
	for _, g := range groups {
		out = append(out, byPriority(v, g)...)
	}
	return out, nil
}

func byPriority(v *loop.View, g fleet.GroupInfo) []*loop.Process {
	out := make([]*loop.Process, 0, len(g.IDs))
	for _, id := range g.IDs {
		if p, ok := v.ByID(id); ok {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b *loop.Process) int { return cmp.Compare(a.Conf.Priority, b.Conf.Priority) })
	return out
}
