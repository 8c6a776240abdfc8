package config

import (
	"math"
	"slices"
)

// ofExecutable are the options of an [rpcinterface:x] with command= that are ours, as a [program:x] has them. All
// others of its section are the guest's own.
var ofExecutable = []string{
	"command", "directory", "environment", "user", "umask", "serverurl", "startsecs", "startretries", "autorestart",
	"exitcodes", "stopsignal", "stopwaitsecs", "stopasgroup", "killasgroup",
	"stderr_logfile", "stderr_logfile_maxbytes", "stderr_logfile_backups", "stderr_syslog",
}

// callTimeout is how many seconds a call of an executable guest may take.
const callTimeout = 60

// executable reads a section whose guest is a program of its own. Its process is called as its section is. It is started
// before every program and stopped after them, and again whenever it ends, unless the section says otherwise.
func (r *reader) executable(section *Section, plugin *Plugin) *Problem {
	own := &Section{Name: section.Name, File: section.File, Line: section.Line}
	for _, name := range ofExecutable {
		if o, found := section.Get(name); found {
			own.set(o)
		}
	}
	list, p := r.processes(own, section.Name)
	if p != nil {
		return p
	}
	v := r.values(section, text("here", r.cfg.Here))
	if len(list) != 1 {
		return v.refuse("numprocs", "["+section.Name+"] is one process, and numprocs says otherwise")
	}
	c := &list[0]
	c.Name, c.Program, c.Hidden, c.Priority, c.Autostart = section.Name, section.Name, true, math.MinInt32, true
	if _, set := v.raw("autorestart"); !set {
		c.Autorestart = RestartAlways
	}
	c.Redirect, c.Stdout, c.Stderr.EventsEnabled, c.Stderr.CaptureMaxbytes = false, Channel{Log: Log{Kind: LogNone}}, false, 0
	plugin.Process = c
	plugin.CallTimeout = get(v, "call_timeout", callTimeout, integer)
	if plugin.CallTimeout < 1 {
		v.refuse("call_timeout", "["+section.Name+"] section sets invalid call_timeout, it must be a number of seconds")
	}
	r.options(v, section, plugin, append(slices.Clone(ofExecutable), "call_timeout")...)
	return v.p
}

// Group is the group that an executable guest's process is in, alone.
func (p *Plugin) Group() Group {
	return Group{Name: p.Section, Kind: Guest, Priority: math.MinInt32, Processes: []Process{*p.Process}}
}

func sameExecutable(a, b *Plugin) bool {
	if a.Process == nil || b.Process == nil {
		return a.Process == b.Process
	}
	return a.CallTimeout == b.CallTimeout && sameProcess(a.Process, b.Process)
}
