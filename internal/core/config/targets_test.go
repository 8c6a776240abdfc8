package config_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// channel reads a program that has one more line and gives its stdout; files are those that exist.
func channel(t *testing.T, line string, files ...string) (config.Process, *config.Config, error) {
	t.Helper()
	w := fake{files: map[string]string{"/work/s.conf": sv + "[program:x]\ncommand=x\n" + line + "\n"}}
	for _, f := range files {
		w.files[f] = ""
	}
	c, err := config.Parse("s.conf", w, config.Overrides{})
	if err != nil {
		return config.Process{}, nil, err
	}
	return c.Groups[0].Processes[0], c, nil
}

func TestALogfileOptionMayNameSeveralTargets(t *testing.T) {
	t.Parallel()
	none, auto := config.Log{Kind: config.LogNone}, config.Log{Kind: config.LogAuto}
	file := func(path string) config.Log { return config.Log{Kind: config.LogFile, Path: path} }
	for _, c := range []struct {
		value string
		files []string
		log   config.Log
		also  []string
		host  string
	}{
		{value: "/tmp/a", log: file("/tmp/a")},
		{value: "/dev/stdout, /tmp/a", files: []string{"/dev/null"}, log: file("/tmp/a"), also: []string{"/dev/stdout"}},
		{value: "/tmp/a ,/dev/stdout", files: []string{"/dev/null"}, log: file("/tmp/a"), also: []string{"/dev/stdout"}},
		{value: "/tmp/a,/tmp/b,/tmp/c", log: file("/tmp/a"), also: []string{"/tmp/b", "/tmp/c"}},
		{value: "/tmp/a,/tmp/a,/tmp/b,/tmp/b", log: file("/tmp/a"), also: []string{"/tmp/b"}},
		{value: "/dev/stdout,/dev/fd/3", files: []string{"/dev/null", "/dev/fd/0"}, log: file("/dev/stdout"), also: []string{"/dev/fd/3"}},
		{value: "/dev/stdout,AUTO", files: []string{"/dev/null"}, log: auto, also: []string{"/dev/stdout"}},
		{value: "syslog@h, auto", log: auto, host: "udp:h:514"},
		{value: "NONE,/tmp/a", log: file("/tmp/a")},
		{value: "/dev/stdout,off", files: []string{"/dev/null"}, log: file("/dev/stdout")},
		{value: "/tmp/a,syslog@tcp:h:1", log: file("/tmp/a"), host: "tcp:h:1"},
		{value: "syslog@h,NONE", log: none, host: "udp:h:514"},
		{value: "~/a,/tmp/b", files: []string{"/home/x"}, log: file("/home/a"), also: []string{"/tmp/b"}},
		// One path with a comma in it stays one path.
		{value: "/tmp/a,b", log: file("/tmp/a,b")},
		{value: "/tmp/a,", log: file("/tmp/a,")},
		{value: "/tmp/,a", log: file("/tmp/,a")},
		{value: "a,/tmp/b", files: []string{"/work/a,/tmp/old"}, log: file("a,/tmp/b")},
		{value: "none,auto", log: file("none,auto")},
		{value: "/tmp/a,/b", files: []string{"/tmp/a,/old"}, log: file("/tmp/a,/b")},
		{value: "/tmp/a,AUTO", files: []string{"/tmp/a,AUTO"}, log: file("/tmp/a,AUTO")},
		{value: "/tmp/a, /tmp/b", files: []string{"/tmp/a, /tmp/old"}, log: file("/tmp/a, /tmp/b")},
	} {
		for _, stream := range []string{"stdout", "stderr"} {
			p, _, err := channel(t, stream+"_logfile="+c.value, c.files...)
			if err != nil {
				t.Errorf("%s: %v", c.value, err)
				continue
			}
			ch := p.Stdout
			if stream == "stderr" {
				ch = p.Stderr
			}
			if ch.Log != c.log || !slices.Equal(ch.Also, c.also) || ch.LogHost != c.host {
				t.Errorf("%s: %+v, also %q, host %q", c.value, ch.Log, ch.Also, ch.LogHost)
			}
		}
	}
}

func TestAListOfTargetsThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"/tmp/a,/nonexist/b":  "The directory named as part of the path /nonexist/b does not exist",
		"/tmp/a,AUTO":         "names AUTO beside a file: '/tmp/a,AUTO'",
		"syslog@a,syslog@b":   "names two log hosts: 'syslog@a,syslog@b'",
		"/tmp/a,syslog@":      "not a valid log host: ''",
		"/tmp/a,rel/b":        "The directory named as part of the path /tmp/a,rel/b does not exist",
		"/tmp/a,,/nonexist/b": "The directory named as part of the path /tmp/a,,/nonexist/b does not exist",
	} {
		if _, _, err := channel(t, "stdout_logfile="+value); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", value, err, want)
		}
	}
	for value, want := range map[string]string{
		"log_format=xml": "not a valid log format (raw, prefix or json): 'xml'", "log_timestamps=x": "not a valid boolean value: 'x'",
	} {
		if _, _, err := channel(t, value); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", value, err, want)
		}
	}
}

func TestTheFormatOfLogsIsAnOptionOfEachProgram(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"": "0 true", "log_format=raw": "0 true", "log_format=Prefix": "1 true", "log_format=json\nlog_timestamps=off": "2 false",
		"stdout_logfile=/tmp/a\n[DEFAULT]\nlog_format=json": "2 true",
	} {
		p, _, err := channel(t, line)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.LogFormat, p.LogTimestamps); got != want || p.Program != "x" {
			t.Errorf("%q: %s of %q, want %s", line, got, p.Program, want)
		}
	}
	p, _, err := channel(t, "redirect_stderr=true\nstderr_logfile=/tmp/a,/tmp/b,/tmp/c")
	if err != nil || p.Stderr.Log.Kind != config.LogNone || p.Stderr.Also != nil {
		t.Errorf("a redirected stderr still goes to %+v %q, %v", p.Stderr.Log, p.Stderr.Also, err)
	}
}

func TestADifferentTargetOrFormatIsAChange(t *testing.T) {
	t.Parallel()
	const from = "stdout_logfile=/tmp/a,/tmp/b"
	for next, changed := range map[string]bool{
		from: false, "stdout_logfile=/tmp/a , /tmp/b": false, "stdout_logfile=/tmp/a": true, "stdout_logfile=/tmp/a,/tmp/c": true,
		from + "\nlog_format=json": true, from + "\nlog_timestamps=false": true,
	} {
		_, active, err := channel(t, from)
		if err != nil {
			t.Fatal(err)
		}
		_, other, err := channel(t, next)
		if err != nil {
			t.Fatal(err)
		}
		if _, got, _ := config.Diff(active.Groups, other.Groups); (len(got) == 1) != changed {
			t.Errorf("%q: changed %v", next, got)
		}
	}
}

// TestRandomPathsWithCommasMeanWhatTheyMeant: where Supervisor takes a value for a path, because its directory is there,
// we do too, unless it ends in words that no path has.
func TestRandomPathsWithCommasMeanWhatTheyMeant(t *testing.T) {
	t.Parallel()
	pieces := []string{"/", "/tmp", "/tmp/a", "/tmp/a,", ",", ", ", "b", "~", "none", "AUTO", "syslog@h", "/dev/stdout", ".", "x,/"}
	lists, paths := 0, 0
	for seed := range uint64(20000) {
		value := strings.TrimSpace(seeded(seed).text(pieces, 6))
		if strings.HasPrefix(value, "syslog@") && !strings.Contains(value, ",") || value == "" {
			continue
		}
		p, _, err := channel(t, "stdout_logfile="+value, "/tmp/a,/b", "/dev/null", "/tmp/a,/x,/c", "/tmp/a, /tmp/d")
		if err != nil {
			continue
		}
		if len(p.Stdout.Also) > 0 {
			lists++
		}
		last := strings.ToLower(strings.TrimSpace(value[strings.LastIndex(value, ",")+1:]))
		word := last == "none" || last == "auto" || strings.HasPrefix(last, "syslog@")
		dir := strings.TrimRight(value[:strings.LastIndex(value, "/")+1], "/")
		if word || strings.HasPrefix(value, "~") || !strings.Contains(dir, ",") || !(fake{files: map[string]string{
			"/tmp/a,/b": "", "/tmp/a,/x,/c": "", "/tmp/a, /tmp/d": ""}}).IsDir(dir) {
			continue
		}
		paths++
		if p.Stdout.Log.Path != value || p.Stdout.Also != nil {
			t.Errorf("seed %d: %q is read as %+v and %q", seed, value, p.Stdout.Log, p.Stdout.Also)
		}
	}
	if lists < 50 || paths < 50 {
		t.Errorf("only %d lists and %d paths", lists, paths)
	}
}
