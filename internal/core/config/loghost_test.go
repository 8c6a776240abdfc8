package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
)

func TestALogHostIsReadFromALogfileOption(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"syslog@logs": "udp:logs:514", "syslog@logs:1514": "udp:logs:1514", "syslog@tcp:10.0.0.1": "tcp:10.0.0.1:514",
		"syslog@udp:logs:5": "udp:logs:5", "syslog@[::1]:99": "udp:[::1]:99", "syslog@tcp:[fe80::1]": "tcp:[fe80::1]:514",
		"syslog@": "", "syslog@:514": "", "syslog@a:b": "", "syslog@a:0": "", "syslog@a:65536": "", "syslog@::1": "", "syslog@a b": "",
		"syslog@[::1": "", "syslog@tcp:": "",
	} {
		w := fake{files: map[string]string{"/work/s.conf": sv + "[program:x]\ncommand=x\nstderr_logfile=" + value + "\n"}}
		c, err := config.Parse("s.conf", w, config.Overrides{})
		if want == "" {
			if err == nil {
				t.Errorf("%s is taken for %q", value, c.Groups[0].Processes[0].Stderr.LogHost)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", value, err)
			continue
		}
		ch := c.Groups[0].Processes[0].Stderr
		if ch.LogHost != want || ch.Log.Kind != config.LogNone || ch.Syslog {
			t.Errorf("%s: %+v, want %s", value, ch, want)
		}
	}
}

func TestTheMainLogMayGoToALogHost(t *testing.T) {
	t.Parallel()
	flag := func(s string) *string { return &s }
	for _, c := range []struct {
		option string
		over   *string
		file   string // what is left for a file
		host   string
		line   int // of the complaint; 0 for none
	}{
		{"syslog@logs", nil, "", "udp:logs:514", 0},
		{"syslog", nil, "syslog", "", 0},
		{"/work/log", flag("syslog@tcp:logs:1"), "", "tcp:logs:1", 0},
		{"syslog@logs", flag("/work/log"), "/work/log", "", 0},
		{"syslog@logs:x", nil, "", "", 2},
		{"syslog@logs:x", flag("/work/log"), "/work/log", "", 0},
		{"/work/log", flag("syslog@"), "", "", -1},
	} {
		w := fake{files: map[string]string{"/work/s.conf": "[supervisord]\nlogfile=" + c.option + "\n"}}
		conf, err := config.Parse("s.conf", w, config.Overrides{Logfile: c.over})
		var p *config.Problem
		switch {
		case c.line != 0:
			if !errors.As(err, &p) || p.Line != max(c.line, 0) || !strings.Contains(p.Text, "not a valid log host") {
				t.Errorf("%+v: %v", c, err)
			}
		case err != nil:
			t.Errorf("%+v: %v", c, err)
		case conf.Daemon.Logfile != c.file || conf.Daemon.LogHost != c.host:
			t.Errorf("%+v: file %q, host %q", c, conf.Daemon.Logfile, conf.Daemon.LogHost)
		}
	}
}
