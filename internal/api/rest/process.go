package rest

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

func processes(a *ask) (any, error) {
	look := a.f.s.Details
	if a.truth("all") {
		look = a.f.s.Everything
	}
	all, err := look(a.ctx)
	if err != nil {
		return nil, err
	}
	wanted, states := a.words("name"), a.words("state")
	for _, name := range wanted {
		if !slices.ContainsFunc(all, func(d service.Detail) bool { return named(&d, name) }) {
			return nil, fault.About(fault.BadName, name)
		}
	}
	out := make([]client.Process, 0, len(all))
	for i := range all {
		d := &all[i]
		if len(wanted) > 0 && !slices.ContainsFunc(wanted, func(name string) bool { return named(d, name) }) {
			continue
		}
		if len(states) > 0 && !slices.ContainsFunc(states, func(s string) bool { return strings.EqualFold(s, d.Phase.String()) }) {
			continue
		}
		out = append(out, told(d))
	}
	return out, nil
}

// named tells whether a name means that process, or its group.
func named(d *service.Detail, name string) bool {
	if d.Hidden { // called by the title of its section, colon and all
		return d.Name == name
	}
	group, process, both := strings.Cut(name, ":")
	if !both {
		process = group
	}
	return d.Group == group && (both && (process == "" || process == "*") || d.Name == process)
}

func process(a *ask) (any, error) {
	d, err := a.f.s.Detail(a.ctx, a.name)
	if err != nil {
		return nil, err
	}
	return told(&d), nil
}

// told words what is known of a process.
func told(d *service.Detail) client.Process {
	p := client.Process{
		Name: service.Namespec(d.Group, d.Name), Group: d.Group, Process: d.Name, State: d.Phase.String(), Description: d.Description,
		PID: d.Pid, Started: moment(d.Began), Stopped: moment(d.Ended), Restarts: &d.Restarts,
		StdoutLogfile: d.Stdout, StderrLogfile: d.Stderr,
	}
	if d.Pid != 0 {
		up := math.Round(d.Up.Seconds()*1000) / 1000
		p.Uptime = &up
	}
	switch {
	case d.Last.Signal != 0:
		p.Signal, p.CoreDumped = journal.SignalName(d.Last.Signal), d.Last.Core
	case d.Last.Ended:
		p.ExitCode = &d.Last.Code
	}
	p.OOM = d.Last.OOM
	if d.Phase == proc.Backoff || d.Phase == proc.Fatal {
		p.Why = d.SpawnErr
	}
	return p
}

// moment is a time to the millisecond, or nothing for never.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Millisecond)
	return &t
}

func groups(a *ask) (any, error) {
	list, err := a.f.s.Groups(a.ctx)
	out := make([]client.Group, 0, len(list))
	for i := range list {
		out = append(out, toldGroup(&list[i]))
	}
	return out, err
}

func group(a *ask) (any, error) {
	list, err := a.f.s.Groups(a.ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Name == a.name {
			return toldGroup(&list[i]), nil
		}
	}
	return nil, fault.About(fault.BadName, a.name)
}

func toldGroup(g *service.Group) client.Group {
	out := client.Group{Name: g.Name, Priority: g.Priority, Processes: make([]client.Process, 0, len(g.Processes))}
	for i := range g.Processes {
		out.Processes = append(out.Processes, told(&g.Processes[i]))
	}
	return out
}
