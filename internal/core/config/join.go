package config

import (
	"fmt"
	"slices"
	"strings"
)

// joinable are the kinds of section that may join a group, before their colon. A pool of listeners is a group of its
// own and nothing else.
var joinable = []string{"program", "fcgi-program"}

// joining are the programs that say themselves which group they belong to, by section, with its name. It is ours: a
// program can so be added to a group by a file of its own.
func (r *reader) joining() (map[string]string, *Problem) {
	out := map[string]string{}
	for _, section := range r.ini.Sections {
		kind, title, _ := strings.Cut(section.Name, ":")
		if kind == "eventlistener" {
			if _, found := section.Get("join_group"); found {
				r.warn("For [%s], join_group has been ignored, because event listeners are a group of their own", section.Name)
			}
		}
		if !slices.Contains(joinable, kind) {
			continue
		}
		v := r.values(section, text("here", r.cfg.Here), text("program_name", title))
		group, _ := v.text("join_group")
		if v.p != nil {
			return nil, v.p
		}
		if group = strip(group); group != title {
			out[section.Name] = group
		}
	}
	return out, nil
}

// join adds the processes of a section to a group that has been read.
func (r *reader) join(section *Section, group string) *Problem {
	at := slices.IndexFunc(r.cfg.Groups, func(g Group) bool { return g.Name == group && g.Kind == Program })
	if at < 0 {
		return r.values(section).refuse("join_group", fmt.Sprintf("[%s] joins unknown group %s", section.Name, group))
	}
	members, p := r.processes(section, group)
	if p != nil {
		return p
	}
	if strings.HasPrefix(section.Name, "fcgi-program:") {
		r.shared(section, members)
	}
	r.cfg.Groups[at].Processes = append(r.cfg.Groups[at].Processes, members...)
	return nil
}
