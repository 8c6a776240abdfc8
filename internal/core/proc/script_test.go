package proc_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// The scripts in testdata tell stories: a command at the margin, what it brought about indented under it. With
// -update what happens is written down, and the reviewer reads the difference.
//
// Commands: policy KEY=VALUE…, start, stop, giveup, spawned PID, spawnfailed, died PID CODE, lost, tick, hold, and
// advance DURATION, which ticks; pass DURATION does not.
//
// holds: PROC-003 PROC-004 PROC-005 PROC-006 PROC-007 PROC-008 PROC-009 PROC-010 PROC-012 PROC-013 PROC-014 PROC-016
// holds: PROC-017 PROC-018 PROC-019 PROC-020 PROC-021 PROC-044 EVT-007 EVT-008 EVT-009
// fault: 2 15
func TestScriptsTellWhatHappens(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			told, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			played := play(t, string(told))
			switch {
			case played == string(told):
			case *update:
				if err := os.WriteFile(path, []byte(played), 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("the story has changed; -update rewrites it. It now goes:\n%s", played)
			}
		})
	}
}

// story is a script being played.
type story struct {
	p   proc.Policy
	s   proc.State
	now proc.Time
}

func play(t *testing.T, script string) string {
	t.Helper()
	st := story{now: 100 * proc.Second}
	var out strings.Builder
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, " ") {
			continue
		}
		out.WriteString(line)
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		switch words[0] {
		case "policy":
			st = story{now: 100 * proc.Second, p: parsePolicy(t, words[1:])}
			continue
		case "pass":
			st.now += duration(t, words[1])
			continue
		}
		for _, happened := range st.obey(t, words) {
			fmt.Fprintf(&out, "    %s\n", happened)
		}
	}
	return out.String()
}

func (st *story) obey(t *testing.T, words []string) []string {
	t.Helper()
	var e proc.Event = proc.Tick{}
	switch words[0] {
	case "start":
		e = proc.Start{}
	case "stop":
		e = proc.Stop{}
	case "giveup":
		e = proc.GiveUp{}
	case "spawned":
		e = proc.Spawned{Pid: number(t, words[1])}
	case "spawnfailed":
		e = proc.SpawnFailed{}
	case "died":
		e = proc.Died{Pid: number(t, words[1]), Code: number(t, words[2])}
	case "lost":
		e = proc.SignalLost{}
	case "hold":
		st.p.Hold = true
	case "advance":
		st.now += duration(t, words[1])
	case "tick":
	default:
		t.Fatalf("%q is no command", words[0])
	}
	before := st.s
	var acts []proc.Action
	st.s, acts = proc.Step(st.p, st.s, e, st.now)
	return tell(before, st.s, acts, st.now)
}

// tell puts into words what a step did.
func tell(before, after proc.State, acts []proc.Action, now proc.Time) []string {
	var words []string
	for _, a := range acts {
		switch a := a.(type) {
		case proc.Announce:
			words = append(words, announced(a))
		case proc.Spawn:
			words = append(words, "spawn")
		case proc.Signal:
			words = append(words, signalled(a))
		}
	}
	switch {
	case after.Deadline != 0:
		words = append(words, fmt.Sprintf("until +%v", time.Duration(after.Deadline-now)))
	case before.Deadline != 0 && before.Phase == after.Phase:
		words = append(words, "until stopped")
	}
	if after.Doomed && !before.Doomed {
		words = append(words, "doomed")
	}
	if len(words) == 0 {
		words = append(words, "nothing")
	}
	return words
}

func announced(a proc.Announce) string {
	text := fmt.Sprintf("%v -> %v", a.From, a.To)
	switch a.To {
	case proc.Starting, proc.Backoff:
		text += fmt.Sprintf(" tries:%d", a.Tries)
	case proc.Running, proc.Stopping, proc.Stopped:
		text += fmt.Sprintf(" pid:%d", a.Pid)
	case proc.Exited:
		text += fmt.Sprintf(" expected:%d pid:%d", map[bool]int{true: 1}[a.Expected], a.Pid)
	case proc.Fatal:
		if a.GaveUp {
			text += " (gave up)"
		}
	}
	return text
}

func signalled(a proc.Signal) string {
	text := fmt.Sprintf("signal %d to %d", a.Sig, a.Pid)
	if a.Group {
		text += " and its group"
	}
	if a.Overdue {
		text += " (overdue)"
	}
	return text
}

// parsePolicy reads KEY=VALUE words over Supervisor's defaults.
func parsePolicy(t *testing.T, words []string) proc.Policy {
	t.Helper()
	p := proc.Policy{
		StartSecs: proc.Second, StartRetries: 3, StopWait: 10 * proc.Second, StopSignal: 15,
		ExitCodes: proc.Codes{}.With(0),
	}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "startsecs":
			p.StartSecs = duration(t, value)
		case "startretries":
			p.StartRetries = number(t, value)
		case "stopwait":
			p.StopWait = duration(t, value)
		case "stopsignal":
			p.StopSignal = number(t, value)
		case "stopasgroup":
			p.StopAsGroup = value == "true"
		case "killasgroup":
			p.KillAsGroup = value == "true"
		case "autorestart":
			p.Restart = map[string]proc.Restart{"unexpected": proc.Unexpected, "true": proc.Always, "false": proc.Never}[value]
		case "exitcodes":
			p.ExitCodes = proc.Codes{}
			for code := range strings.SplitSeq(value, ",") {
				p.ExitCodes = p.ExitCodes.With(number(t, code))
			}
		default:
			t.Fatalf("%q is no part of a policy", key)
		}
	}
	return p
}

func number(t *testing.T, word string) int {
	t.Helper()
	n, err := strconv.Atoi(word)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func duration(t *testing.T, word string) proc.Time {
	t.Helper()
	d, err := time.ParseDuration(word)
	if err != nil {
		t.Fatal(err)
	}
	return proc.Time(d)
}
