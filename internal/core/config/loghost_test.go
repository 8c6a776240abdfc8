package config_test

import (
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
