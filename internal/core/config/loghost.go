package config

import (
	"fmt"
	"strings"
)

// mainLogHost takes a log host out of the daemon's logfile.
func (r *reader) mainLogHost(section *Section) *Problem {
	d := &r.cfg.Daemon
	host, remote := strings.CutPrefix(d.Logfile, "syslog@")
	if !remote {
		return nil
	}
	var p *Problem
	if d.LogHost, p = logHost(host); p == nil {
		d.Logfile = ""
	} else if o, found := r.ini.Get(section, "logfile"); found && r.over.Logfile == nil {
		p.File, p.Line = o.File, o.Line
	}
	return p
}

// logHost reads what follows syslog@ in a logfile option, which is ours alone: [udp:|tcp:]host[:port]. The port is 514
// unless it is given; an IPv6 address stands in brackets.
func logHost(s string) (string, *Problem) {
	bad := refuse(fmt.Sprintf("not a valid log host: %s", quote(s)))
	network, rest := "udp", s
	for _, n := range []string{"udp", "tcp"} {
		if after, ok := strings.CutPrefix(s, n+":"); ok {
			network, rest = n, after
		}
	}
	host, port := rest, "514"
	if i := strings.LastIndexByte(rest, ':'); i >= 0 && !strings.HasSuffix(rest, "]") {
		host, port = rest[:i], rest[i+1:]
	}
	bare, bracketed := strings.CutPrefix(host, "[")
	bare, closed := strings.CutSuffix(bare, "]")
	if bare == "" || strings.ContainsAny(bare, "[] /") || bracketed != closed || strings.Contains(bare, ":") != bracketed {
		return "", bad
	}
	if n, p := integer(port); p != nil || n < 1 || n > 65535 {
		return "", bad
	}
	return network + ":" + host + ":" + port, nil
}
