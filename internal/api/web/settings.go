package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

// setting is one option with its value. What is secret is compared and not shown.
type setting struct{ Name, Value, secret string }

// settings are the options of a process, in the names of the configuration file. Of the environment only the names are
// told: values may be passwords.
func settings(p *config.Process) []setting {
	list := []setting{
		{Name: "command", Value: p.Command}, {Name: "directory", Value: p.Directory}, {Name: "user", Value: p.User},
		{Name: "priority", Value: strconv.Itoa(p.Priority)}, {Name: "autostart", Value: yes(p.Autostart)},
		{Name: "autorestart", Value: [...]string{config.RestartUnexpected: "unexpected", config.RestartAlways: "true", config.RestartNever: "false"}[p.Autorestart]},
		{Name: "startsecs", Value: strconv.Itoa(p.Startsecs)}, {Name: "startretries", Value: strconv.Itoa(p.Startretries)},
		{Name: "exitcodes", Value: strings.Trim(strings.ReplaceAll(fmt.Sprint(p.Exitcodes), " ", ","), "[]")},
		{Name: "stopsignal", Value: strings.TrimPrefix(journal.SignalName(p.Stopsignal), "SIG")}, {Name: "stopwaitsecs", Value: strconv.Itoa(p.Stopwaitsecs)},
		{Name: "stopasgroup", Value: yes(p.Stopasgroup)}, {Name: "killasgroup", Value: yes(p.Killasgroup)},
		{Name: "redirect_stderr", Value: yes(p.Redirect)}, {Name: "umask", Value: octal(p.Umask)},
	}
	list = append(list, channel("stdout", &p.Stdout)...)
	list = append(list, channel("stderr", &p.Stderr)...)
	var names, values []string
	for _, e := range p.Environment {
		names, values = append(names, e.Name), append(values, e.Name+"="+e.Value)
	}
	list = append(list, setting{Name: "environment", Value: strings.Join(names, ", "), secret: strings.Join(values, "\x00")},
		setting{Name: "serverurl", Value: p.ServerURL},
		setting{Name: "log_format", Value: [...]string{config.FormatRaw: "raw", config.FormatPrefix: "prefix", config.FormatJSON: "json"}[p.LogFormat]}, setting{Name: "log_timestamps", Value: yes(p.LogTimestamps)})
	if p.Socket != nil {
		list = append(list, setting{Name: "socket", Value: p.Socket.URL})
	}
	return list
}

func channel(name string, c *config.Channel) []setting {
	file := c.Log.Path
	switch c.Log.Kind {
	case config.LogAuto:
		file = "AUTO"
	case config.LogNone:
		file = "NONE"
	}
	return []setting{
		{Name: name + "_logfile", Value: strings.Join(append([]string{file}, c.Also...), ",")},
		{Name: name + "_logfile_maxbytes", Value: strconv.FormatInt(c.LogfileMaxbytes, 10)},
		{Name: name + "_logfile_backups", Value: strconv.Itoa(c.LogfileBackups)},
		{Name: name + "_capture_maxbytes", Value: strconv.FormatInt(c.CaptureMaxbytes, 10)},
		{Name: name + "_events_enabled", Value: yes(c.EventsEnabled)}, {Name: name + "_syslog", Value: yes(c.Syslog)},
		{Name: name + "_loghost", Value: c.LogHost},
	}
}

// groupSettings are the options of a group.
func groupSettings(g *config.Group) []setting {
	list := []setting{{Name: "priority", Value: strconv.Itoa(g.Priority)}}
	switch g.Kind {
	case config.Listener:
		list = append(list, setting{Name: "events", Value: strings.Join(g.Events, ",")}, setting{Name: "buffer_size", Value: strconv.Itoa(g.BufferSize)},
			setting{Name: "result_handler", Value: g.ResultHandler})
	case config.FastCGI:
		list = append(list, setting{Name: "socket", Value: g.Socket.URL})
	}
	return list
}

func yes(b bool) string { return strconv.FormatBool(b) }

func octal(n int) string {
	if n < 0 {
		return ""
	}
	return fmt.Sprintf("%03o", n)
}

// A comparison is one option as it runs and as the file has it.
type comparison struct {
	Name, Active, Next string
	Differs            bool
}

// compare puts the options of what runs beside those of what would; either may be missing.
func compare(active, next []setting) []comparison {
	var out []comparison
	for _, a := range active {
		c := comparison{Name: a.Name, Active: a.Value}
		if at := slices.IndexFunc(next, func(n setting) bool { return n.Name == a.Name }); at >= 0 {
			c.Next, c.Differs = next[at].Value, next[at] != a
		} else if next != nil {
			c.Differs = true
		}
		if c.Differs && c.Active == c.Next {
			c.Next += " (other values)"
		}
		out = append(out, c)
	}
	for _, n := range next {
		if !slices.ContainsFunc(active, func(a setting) bool { return n.Name == a.Name }) {
			out = append(out, comparison{Name: n.Name, Next: n.Value, Differs: active != nil})
		}
	}
	return out
}
