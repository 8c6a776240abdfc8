package rest

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

func programs(a *ask) (any, error) {
	list, err := a.f.s.Programs(a.ctx)
	out := make([]client.Config, 0, len(list))
	for i := range list {
		p := &list[i]
		out = append(out, configured(p.Group, p.GroupPriority, p.InUse, p.Conf))
	}
	return out, err
}

// ofProcess tells the configuration that a process of an active group has, which may be older than that last read.
func ofProcess(a *ask) (any, error) {
	d, err := a.f.s.Detail(a.ctx, a.name)
	if err != nil {
		return nil, err
	}
	v, err := a.f.s.View(a.ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range v.Groups() {
		at, here := v.Find(d.Group, d.Name)
		if g.Name == d.Group && here {
			return configured(g.Name, g.Priority, true, v.Processes[at].Conf), nil
		}
	}
	return nil, fault.About(fault.BadName, a.name)
}

// configured words one process's options.
func configured(group string, priority int, inUse bool, p *config.Process) client.Config {
	c := client.Config{
		Name: service.Namespec(group, p.Name), Group: group, Process: p.Name, Program: p.Program, InUse: inUse,
		GroupPriority: priority, Priority: p.Priority, Command: p.Command, Directory: p.Directory, User: p.User,
		Autostart: p.Autostart, Autorestart: autorestarts[p.Autorestart], StartSecs: p.Startsecs, StartRetries: p.Startretries,
		ExitCodes: append([]int{}, p.Exitcodes...), StopSignal: journal.SignalName(p.Stopsignal), StopWaitSecs: p.Stopwaitsecs,
		StopAsGroup: p.Stopasgroup, KillAsGroup: p.Killasgroup, Redirect: p.Redirect, Environment: []string{}, ServerURL: p.ServerURL,
		Stdout: channel(&p.Stdout), Stderr: channel(&p.Stderr),
	}
	if p.Umask >= 0 {
		c.Umask = "0" + strconv.FormatInt(int64(p.Umask), 8)
	}
	for _, v := range p.Environment {
		c.Environment = append(c.Environment, v.Name)
	}
	return c
}

var autorestarts = map[config.Autorestart]string{
	config.RestartUnexpected: "unexpected", config.RestartAlways: "true", config.RestartNever: "false",
}

func channel(ch *config.Channel) client.Channel {
	out := client.Channel{
		Logfile: "none", Also: ch.Also, Maxbytes: ch.LogfileMaxbytes, Backups: ch.LogfileBackups,
		CaptureMaxbytes: ch.CaptureMaxbytes, EventsEnabled: ch.EventsEnabled, Syslog: ch.Syslog,
	}
	switch {
	case ch.Log.Path != "":
		out.Logfile = ch.Log.Path
	case ch.Log.Kind == config.LogAuto:
		out.Logfile = "auto"
	}
	return out
}

// changes tells what an update would do, without doing it and without taking the configuration over.
func changes(a *ask) (any, error) {
	plan, err := a.f.s.Preview(a.ctx)
	if err != nil {
		return nil, err
	}
	all := three(plan.Added, plan.Changed, plan.Removed)
	out := client.Plan{Added: all.Added, Changed: all.Changed, Removed: all.Removed, Groups: []client.GroupPlan{}}
	for _, name := range plan.Removed {
		out.Groups = append(out.Groups, client.GroupPlan{Group: name, Change: "removed"})
	}
	for _, name := range plan.Changed {
		out.Groups = append(out.Groups, compare(name, plan))
	}
	for _, name := range plan.Added {
		out.Groups = append(out.Groups, client.GroupPlan{Group: name, Change: "added"})
	}
	return out, nil
}

func three(added, changed, removed []string) client.Changes {
	some := func(list []string) []string { return append([]string{}, list...) }
	return client.Changes{Added: some(added), Changed: some(changed), Removed: some(removed)}
}

// compare says in which options a group would be another.
func compare(name string, plan *service.Plan) client.GroupPlan {
	out := client.GroupPlan{Group: name, Change: "changed"}
	old := slices.IndexFunc(plan.Active, func(g *config.Group) bool { return g.Name == name })
	next := slices.IndexFunc(plan.Next, func(g config.Group) bool { return g.Name == name })
	if old < 0 || next < 0 {
		return out // the section of an extension
	}
	was, is := byName(plan.Active[old]), byName(&plan.Next[next])
	for _, process := range slices.Sorted(maps.Keys(is)) {
		if before, there := was[process]; there {
			out.Options = append(out.Options, differences(process,
				configured(name, plan.Active[old].Priority, true, before), configured(name, plan.Next[next].Priority, true, is[process]),
				slices.Equal(before.Environment, is[process].Environment))...)
		} else {
			out.Come = append(out.Come, process)
		}
	}
	for _, process := range slices.Sorted(maps.Keys(was)) {
		if is[process] == nil {
			out.Go = append(out.Go, process)
		}
	}
	return out
}

func byName(g *config.Group) map[string]*config.Process {
	out := map[string]*config.Process{}
	for i := range g.Processes {
		out[g.Processes[i].Name] = &g.Processes[i]
	}
	return out
}

// differences compares two processes as they are told. The path of an automatic log is no difference.
func differences(process string, was, is client.Config, sameValues bool) []client.OptionChange {
	if is.Stdout.Logfile == "auto" {
		was.Stdout.Logfile = "auto"
	}
	if is.Stderr.Logfile == "auto" {
		was.Stderr.Logfile = "auto"
	}
	a, b := members(was), members(is)
	var out []client.OptionChange
	for _, option := range slices.Sorted(maps.Keys(b)) {
		same := reflect.DeepEqual(a[option], b[option])
		if option == "environment" {
			same = sameValues
		}
		if !same {
			out = append(out, client.OptionChange{Process: process, Option: option, From: a[option], To: b[option]})
		}
	}
	for _, option := range slices.Sorted(maps.Keys(a)) {
		if _, there := b[option]; !there {
			out = append(out, client.OptionChange{Process: process, Option: option, From: a[option]})
		}
	}
	return out
}

// members is a struct as the members of its JSON.
func members(v any) map[string]any {
	out := map[string]any{}
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		return nil // no value of ours is beyond JSON
	}
	return out
}

func reread(a *ask) (any, error) {
	added, changed, removed, err := a.f.s.Reload(a.ctx)
	return three(added, changed, removed), err
}

// groupsBody names the groups of an update.
type groupsBody struct {
	Groups []string `json:"groups,omitempty"` // only these; without it, all
}

func updateGroups(a *ask) (any, error) {
	list, err := a.f.s.Update(a.ctx, a.body.(*groupsBody).Groups)
	out := client.Updates{Results: []client.Updated{}}
	for _, u := range list {
		one := client.Updated{Group: u.Group, Change: u.Change}
		if u.Fault != nil {
			one.Problem = &client.Problem{Code: int(u.Fault.Kind), Fault: u.Fault.Kind.String(), Message: explain(u.Fault)}
		}
		out.Results = append(out.Results, one)
	}
	return out, err
}
