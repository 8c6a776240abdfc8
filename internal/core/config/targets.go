package config

import (
	"fmt"
	"slices"
	"strings"
)

// LogFormat says in what form output goes to a console; see Console. Files always get the bytes as they are.
type LogFormat uint8

// The forms.
const (
	FormatRaw    LogFormat = iota // the bytes as they come
	FormatPrefix                  // whole lines with who said them before
	FormatJSON                    // an object a line
)

func logFormat(s string) (LogFormat, *Problem) {
	switch lower(s) {
	case "raw":
		return FormatRaw, nil
	case "prefix":
		return FormatPrefix, nil
	case "json":
		return FormatJSON, nil
	}
	return 0, refuse(fmt.Sprintf("not a valid log format (raw, prefix or json): %s", quote(s)))
}

// Console tells from its name that a log is a place which people watch and nobody reads back: our own descriptors and
// other devices. A FIFO elsewhere shows itself only when it is opened.
func Console(path string) bool {
	return strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/")
}

// logTargets splits the value of a logfile option that names several targets, which is ours alone; nil when it names
// one, as in Supervisor. It names several when every part between its commas can only be a target by itself: an
// absolute path, a log host or, beside one of these, a word such as NONE. It still is one path when there is such a
// file, or when a directory whose name has the comma is there for it: what Supervisor accepts as a path keeps its
// meaning.
func logTargets(w World, s string) []string {
	if !strings.Contains(s, ",") {
		return nil
	}
	parts, places := list(s), 0
	for _, part := range parts {
		switch {
		case strings.HasPrefix(part, "/") || strings.HasPrefix(part, "~") || strings.HasPrefix(part, "syslog@"):
			places++
		case !logWord(part):
			return nil
		}
	}
	if places == 0 {
		return nil
	}
	whole := expandUser(w, s)
	if dir := dirname(whole); strings.Contains(dir, ",") && w.IsDir(dir) {
		return nil
	}
	if !strings.ContainsAny(whole, "*?[") && len(w.Glob(whole)) > 0 {
		return nil
	}
	return parts
}

func logWord(s string) bool {
	switch lower(s) {
	case "none", "off", "auto", "syslog":
		return true
	}
	return false
}

// targets reads the value of a logfile option, one target or several; syslog is true when the magic word is among
// them.
func (p *program) targets(key, s string, c *Channel) (syslog bool) {
	parts := logTargets(p.r.world, s)
	if parts == nil {
		return p.target(key, s, c)
	}
	c.Log = Log{Kind: LogNone}
	var auto bool
	for _, part := range parts {
		one := Channel{}
		syslog = p.target(key, part, &one) || syslog
		switch {
		case one.LogHost != "" && c.LogHost != "" && one.LogHost != c.LogHost:
			p.v.refuse(key, fmt.Sprintf("names two log hosts: %s", quote(s)))
		case one.LogHost != "":
			c.LogHost = one.LogHost
		case one.Log.Kind == LogAuto:
			auto = true
		case one.Log.Kind == LogFile && !slices.Contains(c.Also, one.Log.Path):
			c.Also = append(c.Also, one.Log.Path)
		}
	}
	c.choose(auto)
	if auto && c.Log.Kind == LogFile {
		p.v.refuse(key, fmt.Sprintf("names AUTO beside a file: %s", quote(s)))
	}
	return syslog
}

// choose makes one of several targets the log that is read back: the first that is no console, AUTO if there is none,
// and the first console if that is all there is.
func (c *Channel) choose(auto bool) {
	at := slices.IndexFunc(c.Also, func(path string) bool { return !Console(path) })
	if at < 0 {
		if auto {
			c.Log = Log{Kind: LogAuto}
			return
		}
		at = 0
	}
	if len(c.Also) > 0 {
		c.Log = Log{Kind: LogFile, Path: c.Also[at]}
		c.Also = slices.Delete(c.Also, at, at+1)
	}
	if len(c.Also) == 0 {
		c.Also = nil
	}
}

// target reads one target.
func (p *program) target(key, s string, c *Channel) (syslog bool) {
	host, remote := strings.CutPrefix(s, "syslog@")
	if !remote {
		c.Log, syslog = p.log(key, s)
		return syslog
	}
	c.Log = Log{Kind: LogNone}
	var problem *Problem
	if c.LogHost, problem = logHost(host); problem != nil {
		p.v.refuse(key, problem.Text)
	}
	return false
}
