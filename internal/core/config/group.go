package config

import (
	"fmt"
	"sort"
	"strings"
)

// groups reads every group, in the order in which Supervisor looks for errors: [group:x], then the programs that no
// group names, then listeners, then FastCGI programs.
func (r *reader) groups() *Problem {
	taken := map[string]bool{}
	joining, p := r.joining()
	if p != nil {
		return p
	}
	for _, kind := range []struct {
		prefix string
		read   func(*Section, map[string]bool) (Group, *Problem)
	}{
		{"group:", r.group}, {"program:", r.alone}, {"eventlistener:", r.listener}, {"fcgi-program:", r.fastCGI},
	} {
		for _, section := range r.ini.Sections {
			if !strings.HasPrefix(section.Name, kind.prefix) || taken[section.Name] || joining[section.Name] != "" {
				continue
			}
			g, p := kind.read(section, taken)
			if p != nil {
				return p
			}
			r.cfg.Groups = append(r.cfg.Groups, g)
		}
	}
	for _, section := range r.ini.Sections {
		if group := joining[section.Name]; group != "" && !taken[section.Name] {
			if p := r.join(section, group); p != nil {
				return p
			}
		}
	}
	groups := r.cfg.Groups
	sort.SliceStable(groups, func(i, j int) bool {
		if groups[i].Priority != groups[j].Priority {
			return groups[i].Priority < groups[j].Priority
		}
		return groups[i].Name < groups[j].Name
	})
	return nil
}

// named starts reading the section of a group and checks the group's name (CFG-047).
func (r *reader) named(section *Section) (*values, string) {
	v := r.values(section, text("here", r.cfg.Here))
	title, p := processName(afterColon(section.Name))
	if p != nil {
		v.refuse("", p.Text)
	}
	return v, title
}

// group reads a [group:x]. The programs it names have no group of their own any more (CFG-086, CFG-087).
func (r *reader) group(section *Section, taken map[string]bool) (Group, *Problem) {
	v, title := r.named(section)
	programs, _ := v.text("programs")
	g := Group{Name: title, Priority: get(v, "priority", 999, integer)}
	// Supervisor's message names the section of the member before, not the group: whoever greps for it finds it so.
	blamed := section.Name
	for _, member := range list(programs) {
		if v.p != nil {
			break
		}
		program, isProgram := r.ini.Section("program:" + member)
		fcgi, isFCGI := r.ini.Section("fcgi-program:" + member)
		switch {
		case !isProgram && !isFCGI:
			return g, v.refuse("programs", fmt.Sprintf("[%s] names unknown program or fcgi-program %s", blamed, member))
		case isProgram && isFCGI:
			return g, v.refuse("programs", fmt.Sprintf("[%s] name %s is ambiguous (exists as program and fcgi-program)",
				blamed, member))
		case isFCGI:
			program = fcgi
		}
		blamed = program.Name
		taken[program.Name] = true
		members, p := r.processes(program, title)
		if p != nil {
			return g, p
		}
		if isFCGI {
			r.shared(program, members)
		}
		g.Processes = append(g.Processes, members...)
	}
	return g, v.p
}

// alone reads a [program:x] that is a group by itself.
func (r *reader) alone(section *Section, _ map[string]bool) (Group, *Problem) {
	v, title := r.named(section)
	g := Group{Name: title, Priority: get(v, "priority", 999, integer)}
	if v.p != nil {
		return g, v.p
	}
	var p *Problem
	g.Processes, p = r.processes(section, title)
	return g, p
}

// listener reads an [eventlistener:x] (CFG-091 to CFG-094).
func (r *reader) listener(section *Section, _ map[string]bool) (Group, *Problem) {
	v := r.values(section, text("here", r.cfg.Here))
	g := Group{
		Name:     afterColon(section.Name),
		Kind:     Listener,
		Priority: get(v, "priority", -1, integer),
	}
	g.BufferSize = get(v, "buffer_size", 10, integer)
	if g.BufferSize < 1 && v.p == nil {
		v.refuse("buffer_size", fmt.Sprintf("[%s] section sets invalid buffer_size (%d)", section.Name, g.BufferSize))
	}
	g.ResultHandler = get(v, "result_handler", "supervisor.dispatchers:default_handler", plain)
	if v.p == nil {
		if p := unresolved(g.ResultHandler, section.Name, r.over.Known); p != nil {
			v.refuse("result_handler", p.Text)
		}
	}
	g.EventBytes = v.either("event_length", "characters", "bytes")
	g.HealBreach = v.either("protocol_error", "ignore", "restart")
	g.Events = v.events()
	if get(v, "redirect_stderr", false, boolean) && v.p == nil {
		v.refuse("redirect_stderr", fmt.Sprintf("[%s] section sets redirect_stderr=true but this is not allowed "+
			"because it will interfere with the eventlistener protocol", section.Name))
	}
	if v.p != nil {
		return g, v.p
	}
	var p *Problem
	g.Processes, p = r.processes(section, g.Name)
	return g, p
}

// either reads an option of ours that has two values, and is true for the one that is not the default.
func (v *values) either(key, usual, other string) bool {
	s := get(v, key, usual, plain)
	if s != usual && s != other && v.p == nil {
		v.refuse(key, fmt.Sprintf("[%s] section sets invalid %s (%s), it must be %s or %s", v.section.Name, key, s, usual, other))
	}
	return s == other
}

// events reads the events that a listener wants.
func (v *values) events() []string {
	s, _ := v.text("events")
	if v.p != nil {
		return nil
	}
	var events []string
	for _, event := range list(s) {
		events = append(events, strings.ToUpper(event))
	}
	sort.Strings(events)
	if len(events) == 0 {
		v.refuse("events", fmt.Sprintf("[%s] section requires an \"events\" line", v.section.Name))
	}
	var distinct []string
	for i, event := range events {
		if !eventNames[event] {
			v.refuse("events", fmt.Sprintf("Unknown event type %s in [%s] events", event, v.section.Name))
		}
		if i == 0 || event != events[i-1] {
			distinct = append(distinct, event)
		}
	}
	return distinct
}

// eventNames are the events and the families of events that a listener may ask for (EVT-001).
var eventNames = map[string]bool{
	"EVENT": true, "REMOTE_COMMUNICATION": true,
	"PROCESS_STATE": true, "PROCESS_STATE_STOPPED": true, "PROCESS_STATE_EXITED": true,
	"PROCESS_STATE_STARTING": true, "PROCESS_STATE_STOPPING": true, "PROCESS_STATE_BACKOFF": true,
	"PROCESS_STATE_FATAL": true, "PROCESS_STATE_RUNNING": true, "PROCESS_STATE_UNKNOWN": true,
	"PROCESS_COMMUNICATION": true, "PROCESS_COMMUNICATION_STDOUT": true, "PROCESS_COMMUNICATION_STDERR": true,
	"PROCESS_LOG": true, "PROCESS_LOG_STDOUT": true, "PROCESS_LOG_STDERR": true,
	"SUPERVISOR_STATE_CHANGE": true, "SUPERVISOR_STATE_CHANGE_RUNNING": true, "SUPERVISOR_STATE_CHANGE_STOPPING": true,
	"TICK": true, "TICK_5": true, "TICK_60": true, "TICK_3600": true,
	"PROCESS_GROUP": true, "PROCESS_GROUP_ADDED": true, "PROCESS_GROUP_REMOVED": true,
}

// fastCGI reads an [fcgi-program:x] that is a group by itself (CFG-095, CFG-096).
func (r *reader) fastCGI(section *Section, _ map[string]bool) (Group, *Problem) {
	v, title := r.named(section)
	g := Group{Name: title, Kind: FastCGI, Priority: get(v, "priority", 999, integer)}
	g.Socket = r.socket(v, title)
	if v.p != nil {
		return g, v.p
	}
	var p *Problem
	g.Processes, p = r.processes(section, title)
	for i := range g.Processes {
		g.Processes[i].Socket = &g.Socket
	}
	return g, p
}

// shared gives the processes of an [fcgi-program:x] in a [group:x] their socket. Supervisor forgets it there (PROC-053),
// and so never complains of one that it could not use: here that is a warning.
func (r *reader) shared(section *Section, members []Process) {
	v, title := r.named(section)
	s := r.socket(v, title)
	if v.p != nil {
		r.warn("For [%s], its processes have no socket: %s", section.Name, v.p.Text)
		return
	}
	for i := range members {
		members[i].Socket = &s
	}
}
