package proc_test

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

var (
	lives = flag.Int("lives", 30000, "how many random lives of Supervisor's the oracle plays")
	seed  = flag.Int("seed", 1, "which lives the oracle plays")
)

// oracle starts the program that plays lives with Debian's Supervisor.
func oracle(t *testing.T, args ...string) io.Reader {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import sys; sys.path.insert(0, '/usr/lib/python3/dist-packages'); import supervisor.tests.base").Run(); err != nil {
		t.Skipf("needs %s and Debian's supervisor package: %v", python, err)
	}
	cmd := exec.Command(python, append([]string{"testdata/oracle/oracle.py"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			_ = cmd.Process.Kill() // nobody reads on, so it would never end
		}
		if err := cmd.Wait(); err != nil && !t.Failed() {
			t.Errorf("the oracle: %v", err)
		}
	})
	return out
}

// Supervisor's own Subprocess lives random lives; the same things happen to ours, and every change of phase with its
// payload, every signal and what is known afterwards must be the same.
//
// holds: PROC-003 PROC-004 PROC-005 PROC-006 PROC-007 PROC-008 PROC-009 PROC-010 PROC-012 PROC-014 PROC-017
// holds: PROC-018 PROC-019 PROC-021 PROC-044 EVT-007 EVT-008 EVT-009
func TestSupervisorLivesTheSameLives(t *testing.T) {
	t.Parallel()
	count := *lives
	if testing.Short() {
		count = min(count, 3000)
	}
	in := bufio.NewScanner(oracle(t, "lives", strconv.Itoa(*seed), strconv.Itoa(count)))
	var (
		l      life
		played int
		steps  int
	)
	for in.Scan() {
		line := in.Text()
		if strings.HasPrefix(line, "life ") {
			l = life{p: livePolicy(t, strings.Fields(line)[2:]), story: line}
			played++
			continue
		}
		steps++
		l.story += "\n" + line
		if ours, theirs := l.live(t, line); ours != theirs {
			t.Fatalf("%s\nSupervisor: %s\nours:       %s", l.story, theirs, ours)
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	if played != count {
		t.Errorf("%d lives of %d were played", played, count)
	}
	t.Logf("%d lives, %d steps, seed %d", played, steps, *seed)
}

// life is one of Supervisor's lives, lived again.
type life struct {
	p     proc.Policy
	s     proc.State
	now   proc.Time
	story string

	fates []string // how the forks of the event under way ended
	lost  bool     // signals are refused during it
	told  []string
}

// live lets one event happen and returns what ours and Supervisor's made of it.
func (l *life) live(t *testing.T, line string) (ours, theirs string) {
	t.Helper()
	field := strings.Split(line, "\t")
	l.now = proc.Time(number(t, field[0])) * proc.Second / 64
	l.fates, l.told = l.fates[:0], l.told[:0]
	for word := range strings.SplitSeq(field[2], ";") {
		if strings.HasPrefix(word, "fork ") || word == "nofork" {
			l.fates = append(l.fates, word)
		}
	}
	words := strings.Fields(field[1])
	l.lost = words[len(words)-1] == "lost"
	switch words[0] {
	case "start", "autostart":
		l.feed(t, proc.Start{})
	case "stop":
		l.feed(t, proc.Stop{})
	case "died":
		l.feed(t, proc.Died{Pid: l.s.Pid, Code: number(t, words[1])})
	case "hold":
		l.p.Hold = true
	case "giveup":
		l.feed(t, proc.GiveUp{})
	}
	l.feed(t, proc.Tick{})
	known := fmt.Sprintf("%v %d %d %d", l.s.Phase, l.s.Pid, l.s.Failures, l.s.Code)
	return strings.Join(l.told, ";") + "\t" + known, field[2] + "\t" + field[3]
}

// feed takes a step and does what is to be done as the oracle's operating system did it.
func (l *life) feed(t *testing.T, e proc.Event) {
	t.Helper()
	var acts []proc.Action
	l.s, acts = proc.Step(l.p, l.s, e, l.now)
	for _, a := range acts {
		switch a := a.(type) {
		case proc.Announce:
			l.told = append(l.told, payload(a))
		case proc.Signal:
			if a.Group {
				a.Pid = -a.Pid
			}
			l.told = append(l.told, fmt.Sprintf("kill %d %d", a.Pid, a.Sig))
			if l.lost {
				l.feed(t, proc.SignalLost{})
			}
		case proc.Spawn:
			l.fork(t)
		}
	}
}

func (l *life) fork(t *testing.T) {
	t.Helper()
	if len(l.fates) == 0 {
		l.told = append(l.told, "a fork that Supervisor did not ask for")
		return
	}
	fate := l.fates[0]
	l.fates = l.fates[1:]
	l.told = append(l.told, fate)
	if pid, born := strings.CutPrefix(fate, "fork "); born {
		l.feed(t, proc.Spawned{Pid: number(t, pid)})
	} else {
		l.feed(t, proc.SpawnFailed{})
	}
}

// payload is what Supervisor's event says of the change of phase.
func payload(a proc.Announce) string {
	text := fmt.Sprintf("%v from_state:%v", a.To, a.From)
	switch a.To {
	case proc.Starting, proc.Backoff:
		text += fmt.Sprintf(" tries:%d", a.Tries)
	case proc.Running, proc.Stopping, proc.Stopped:
		text += fmt.Sprintf(" pid:%d", a.Pid)
	case proc.Exited:
		text += fmt.Sprintf(" expected:%d pid:%d", map[bool]int{true: 1}[a.Expected], a.Pid)
	}
	return text
}

// livePolicy reads the policy of a life, which has Supervisor's names and seconds.
func livePolicy(t *testing.T, words []string) proc.Policy {
	t.Helper()
	var p proc.Policy
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "startsecs":
			p.StartSecs = proc.Time(number(t, value)) * proc.Second
		case "startretries":
			p.StartRetries = number(t, value)
		case "stopwaitsecs":
			p.StopWait = proc.Time(number(t, value)) * proc.Second
		case "stopsignal":
			p.StopSignal = number(t, value)
		case "stopasgroup":
			p.StopAsGroup = value == "1"
		case "killasgroup":
			p.KillAsGroup = value == "1"
		case "autorestart":
			p.Restart = map[string]proc.Restart{"unexpected": proc.Unexpected, "true": proc.Always, "false": proc.Never}[value]
		case "exitcodes":
			for code := range strings.SplitSeq(value, ",") {
				if code != "" {
					p.ExitCodes = p.ExitCodes.With(number(t, code))
				}
			}
		}
	}
	return p
}

// What becomes of each exit code under each policy is written down in truth.txt, as Supervisor has it.
//
// holds: PROC-004 PROC-005 PROC-009 PROC-010
// fault: 12
func TestEveryExitCodeEndsAsItDoesInSupervisor(t *testing.T) {
	t.Parallel()
	truth, err := os.ReadFile("testdata/oracle/truth.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(truth)) {
		head, want, _ := strings.Cut(strings.TrimSpace(line), ": ")
		words := strings.Fields(head)
		code := number(t, strings.TrimPrefix(words[3], "code="))
		lived := duration(t, strings.TrimPrefix(words[4], "after="))
		p := livePolicy(t, append(words[:3:3], "startretries=1"))
		if got := endOf(p, code, lived); got != want {
			t.Errorf("%s: %s, Supervisor has %s", head, got, want)
		}
		rows++
	}
	if rows != 144 {
		t.Errorf("%d rows", rows)
	}
}

// endOf names the phases that follow the death of a child that lived so long.
func endOf(p proc.Policy, code int, lived proc.Time) string {
	const pid = 101
	now := 100 * proc.Second
	s, _ := proc.Step(p, proc.State{}, proc.Start{}, now)
	s, _ = proc.Step(p, s, proc.Spawned{Pid: pid}, now)
	now += lived
	s, _ = proc.Step(p, s, proc.Tick{}, now)
	s, acts := proc.Step(p, s, proc.Died{Pid: pid, Code: code}, now)
	if s.Spawning {
		_, more := proc.Step(p, s, proc.Spawned{Pid: pid + 1}, now)
		acts = append(acts, more...)
	}
	var names []string
	for _, a := range acts {
		if a, is := a.(proc.Announce); is {
			names = append(names, a.To.String())
		}
	}
	return strings.Join(names, ", ")
}

func TestTheWrittenTruthIsSupervisors(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("testdata/oracle/truth.txt")
	if err != nil {
		t.Fatal(err)
	}
	told, err := io.ReadAll(oracle(t, "truth"))
	if err != nil {
		t.Fatal(err)
	}
	if string(told) != string(written) {
		t.Error("testdata/oracle/truth.txt is not what Supervisor says")
	}
}
