package web

import (
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// plan is the page of the configuration: all groups, or one process.
type plan struct {
	Name    string // of the process; empty for all
	File    string
	Broken  string // why the file cannot be read
	Groups  []planned
	Options []comparison
	Verdict string // what update would do with this one's group
	Group   string // which group that is
	Update  string // "add", "change", "remove" or nothing
	May     bool   // the visitor may update
	Pending int    // groups that update would touch
}

// planned is one group and what update would do with it.
type planned struct {
	Name      string
	Processes []string // namespecs
	Update    string   // "add", "change", "remove" or nothing
}

var verdicts = map[string]string{
	"":       "The file says what runs: an update would leave it as it is.",
	"add":    "It is in the file and does not run yet: an update would add it.",
	"change": "The file says something else: an update would stop its group and start it anew.",
	"remove": "It is no longer in the file: an update would stop and remove it.",
}

// config shows the configuration of what runs beside the file, with what an update would change.
func (v *visit) config() *httpd.Response {
	p, err := v.o.Service.Preview(v.ctx)
	page := plan{Name: v.q.Get("processname"), File: v.o.Service.Config().File, May: service.MayUpdate(v.ctx)}
	if f, ok := fault.As(err); ok && f.Kind == fault.CantReread {
		page.Broken = f.Detail
		view, err := v.o.Service.View(v.ctx)
		if err != nil {
			return v.sorry(err)
		}
		p = &service.Plan{Active: view.Active()}
		for _, g := range p.Active {
			p.Next = append(p.Next, *g)
		}
	} else if err != nil {
		return v.sorry(err)
	}
	page.Groups = listed(p)
	page.Pending = len(p.Added) + len(p.Changed) + len(p.Removed)
	if page.Name == "" {
		return v.show(200, "config", "Configuration", page)
	}
	if !page.describe(p) {
		return v.sorry(fault.About(fault.BadName, page.Name))
	}
	return v.show(200, "config", "Configuration of "+page.Name, page)
}

// listed are all groups, those that run and those that would.
func listed(p *service.Plan) []planned {
	var list []planned
	add := func(g *config.Group, what string) {
		if len(g.Processes) > 0 && g.Processes[0].Hidden {
			return // it belongs to an extension, whose section is listed
		}
		one := planned{Name: g.Name, Update: what}
		for i := range g.Processes {
			one.Processes = append(one.Processes, service.Namespec(g.Name, g.Processes[i].Name))
		}
		list = append(list, one)
	}
	for _, g := range p.Active {
		switch {
		case slices.Contains(p.Removed, g.Name):
			add(g, "remove")
		case slices.Contains(p.Changed, g.Name):
			add(g, "change")
		default:
			add(g, "")
		}
	}
	for i := range p.Next {
		if slices.Contains(p.Added, p.Next[i].Name) {
			add(&p.Next[i], "add")
		}
	}
	for _, sections := range []struct {
		names []string
		what  string
	}{{p.Added, "add"}, {p.Changed, "change"}, {p.Removed, "remove"}} {
		for _, name := range sections.names {
			if !slices.ContainsFunc(list, func(one planned) bool { return one.Name == name }) {
				list = append(list, planned{Name: name, Update: sections.what}) // a section of an extension
			}
		}
	}
	slices.SortStableFunc(list, func(a, b planned) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// describe fills in the options of one process; false when there is none of that name.
func (page *plan) describe(p *service.Plan) bool {
	var active, next []setting
	for _, g := range p.Active {
		if one := within(g, page.Name); one != nil {
			active = append(settings(one), prefixed(groupSettings(g))...)
		}
	}
	for i := range p.Next {
		if one := within(&p.Next[i], page.Name); one != nil {
			next = append(settings(one), prefixed(groupSettings(&p.Next[i]))...)
		}
	}
	if active == nil && next == nil {
		return false
	}
	for _, g := range page.Groups {
		if slices.Contains(g.Processes, page.Name) {
			page.Verdict, page.Group, page.Update = verdicts[g.Update], g.Name, g.Update
		}
	}
	page.Options = compare(active, next)
	return true
}

func within(g *config.Group, name string) *config.Process {
	for i := range g.Processes {
		if service.Namespec(g.Name, g.Processes[i].Name) == name {
			return &g.Processes[i]
		}
	}
	return nil
}

func prefixed(list []setting) []setting {
	for i := range list {
		list[i].Name = "group " + list[i].Name
	}
	return list
}
