package listener_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/listener"
)

// talk lets a machine hear chunks; an event is sent to it whenever it is ready and events are left. It returns what it
// told, one word a step.
func talk(events int, chunks ...string) (string, listener.State) {
	m := listener.New(false)
	var told []string
	for _, c := range chunks {
		for _, s := range m.Hear([]byte(c)) {
			told = append(told, word(s))
		}
		if m.State() == listener.Ready && events > 0 {
			events--
			m.Sent()
		}
	}
	return strings.Join(told, " "), m.State()
}

func word(s listener.Step) string {
	name := [...]string{"ready", "stray", "badresult", "asked", "processed", "rejected", "failed"}[s.What]
	if s.Data != nil {
		name += fmt.Sprintf("(%q)", s.Data)
	}
	return name
}

// holds: EVT-018 EVT-020 EVT-021 EVT-022 EVT-023 EVT-024 EVT-025 EVT-026
func TestAListenerIsUnderstoodAsSupervisorUnderstandsIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		say   []string
		told  string
		state listener.State
	}{
		{"ready", []string{"READY\n"}, "ready", listener.Busy},
		{"ready in pieces", []string{"RE", "AD", "Y", "\n"}, "ready", listener.Busy},
		{"five wrong bytes decide nothing", []string{"WRONG"}, "", listener.Acknowledged},
		{"six do", []string{"WRONG", "!"}, `stray("WRONG!")`, listener.Unknown},
		{"lower case", []string{"ready\n"}, `stray("ready\n")`, listener.Unknown},
		{"ready twice", []string{"READY\nREADY\n"}, `ready stray("READY\n")`, listener.Unknown},
		{"unknown is for good", []string{"READY\n\n", "READY\n"}, `ready stray("\n")`, listener.Unknown},
		{"ok", []string{"READY\n", "RESULT 2\nOK"}, "ready processed", listener.Acknowledged},
		{"ok and ready", []string{"READY\n", "RESULT 2\nOKREADY\n"}, "ready processed ready", listener.Busy},
		{"ok in pieces", []string{"READY\n", "RESULT", " 2", "\n", "O", "KREA", "DY\n"}, "ready processed ready", listener.Busy},
		{"fail", []string{"READY\n", "RESULT 4\nFAIL"}, "ready rejected", listener.Acknowledged},
		{"any other word", []string{"READY\n", "RESULT 5\nHELLO"}, "ready rejected", listener.Acknowledged},
		{"ok and a newline too many", []string{"READY\n", "RESULT 2\nOK\n"}, "ready processed", listener.Acknowledged},
		{"whose next ready is none", []string{"READY\n", "RESULT 2\nOK\n", "READY\n"}, `ready processed stray("\nREADY\n")`, listener.Unknown},
		{"the first word is not looked at", []string{"READY\n", "FOOBARS2\nOK"}, "ready processed", listener.Acknowledged},
		{"a short line is no number", []string{"READY\n", "RESULT\n"}, `ready badresult("RESULT")`, listener.Unknown},
		{"an empty line", []string{"READY\n", "\n"}, `ready badresult("")`, listener.Unknown},
		{"a word for a number", []string{"READY\n", "RESULT x\nREADY\n"}, `ready badresult("RESULT x")`, listener.Unknown},
		{"no newline waits", []string{"READY\n", "X"}, "ready", listener.Busy},
		{"numbers as int() reads them", []string{"READY\n", "RESULT  +0_2\t\r\nOK"}, "ready processed", listener.Acknowledged},
		{"two underscores", []string{"READY\n", "RESULT 0__2\nOK"}, `ready badresult("RESULT 0__2")`, listener.Unknown},
		{"a negative number", []string{"READY\n", "RESULT -1\nOK"}, `ready badresult("RESULT -1")`, listener.Unknown},
		{"minus nothing", []string{"READY\n", "RESULT -0\nREADY\n"}, "ready rejected ready", listener.Busy},
		{"an empty result waits for more", []string{"READY\n", "RESULT 0\n"}, "ready", listener.Busy},
		{"and is judged then", []string{"READY\n", "RESULT 0\n", "READY\n"}, "ready rejected ready", listener.Busy},
		{"a length nobody has", []string{"READY\n", "RESULT 99999999999999999999999\nOK", "OK"}, "ready", listener.Busy},
		{"an endless line", []string{"READY\n", strings.Repeat("x", 64<<10)}, "ready badresult(" + fmt.Sprintf("%q", strings.Repeat("x", 64<<10)) + ")", listener.Unknown},
		{"a long result", []string{"READY\n", "RESULT 3000000\n", strings.Repeat("x", 3000000)}, "ready rejected", listener.Acknowledged},
	} {
		told, state := talk(9, c.say...)
		if told != c.told || state != c.state {
			t.Errorf("%s: told %.200s and is %s, want %.200s and %s", c.name, told, state, c.told, c.state)
		}
	}
}

func TestAResultThatIsAskedForWaitsForItsVerdict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		say     []string
		verdict listener.What
		later   string
		told    string
		state   listener.State
	}{
		{"good", []string{"RESULT 4\nFAIL"}, listener.Processed, "", `asked("FAIL") | processed`, listener.Acknowledged},
		{"bad", []string{"RESULT 2\nOK"}, listener.Rejected, "", `asked("OK") | rejected`, listener.Acknowledged},
		{"broken", []string{"RESULT 2\nOKREADY\n"}, listener.Failed, "READY\n", `asked("OK") | failed`, listener.Unknown},
		{"ready meanwhile", []string{"RESULT 2\nOKREA", "DY", "\n"}, listener.Processed, "", `asked("OK") | processed ready`, listener.Ready},
		{"half ready", []string{"RESULT 2\nOKREA"}, listener.Processed, "DY\n", `asked("OK") | processed ready`, listener.Ready},
		{"ready too often", []string{"RESULT 2\nOK", "READY\nREADY\n"}, listener.Processed, "", `asked("OK") | processed ready stray("READY\n")`, listener.Unknown},
		{"a flood", []string{"RESULT 2\nOK", strings.Repeat("x", 1<<20), "y"}, listener.Processed, "",
			`asked("OK") | processed stray("` + strings.Repeat("x", 64<<10) + `")`, listener.Unknown},
	} {
		m := listener.New(true)
		var told []string
		hear := func(steps []listener.Step) {
			for _, s := range steps {
				told = append(told, word(s))
			}
		}
		m.Hear([]byte("READY\n"))
		m.Sent()
		for _, b := range c.say {
			hear(m.Hear([]byte(b)))
		}
		if m.State() != listener.Busy {
			t.Errorf("%s: it is %s before the verdict", c.name, m.State())
		}
		told = append(told, "|")
		hear(m.Judged(c.verdict))
		hear(m.Judged(listener.Failed)) // nobody awaits this one
		hear(m.Hear([]byte(c.later)))
		if got := strings.Join(told, " "); got != c.told || m.State() != c.state {
			t.Errorf("%s: told %.200s and is %s, want %.200s and %s", c.name, got, m.State(), c.told, c.state)
		}
	}
}

// FuzzListener holds that how the bytes are split makes no difference: whole, and byte by byte, and at one point. A
// Stray quotes what had arrived, so its bytes are left out.
func FuzzListener(f *testing.F) {
	for _, s := range []string{"READY\n", "READY\nRESULT 2\nOKREADY\n", "READY\nRESULT 0\nREADY\n", "RESULT 2\nOKREADY\nX",
		"RESULT 4\nFAIL", "RESULT x\n", "JUNKJUNK", "\n\n\n\n\n\n\n", "RESULT  _2\n", "RESULT 00000002 \nOK"} {
		f.Add([]byte(s), 3, true)
	}
	f.Fuzz(func(t *testing.T, b []byte, at int, busy bool) {
		run := func(asks bool, chunks ...[]byte) string {
			m := listener.New(asks)
			if busy {
				m.Hear([]byte("READY\n"))
				m.Sent()
			}
			var told strings.Builder
			last := m.State()
			for _, c := range chunks {
				for _, s := range hearAll(&m, c) {
					if s.From != last {
						t.Fatalf("a step from %s after one to %s", s.From, last)
					}
					last = s.To
					if s.What == listener.Stray {
						s.Data = nil
					}
					told.WriteString(word(s) + " ")
				}
			}
			if last != m.State() {
				t.Fatalf("it is %s after a step to %s", m.State(), last)
			}
			return told.String() + m.State().String()
		}
		single := make([][]byte, len(b))
		for i := range b {
			single[i] = b[i : i+1]
		}
		at = max(0, min(at, len(b)))
		for _, asks := range []bool{false, true} {
			whole := run(asks, b)
			if got := run(asks, b[:at], b[at:]); got != whole {
				t.Errorf("%q split at %d: %s, whole: %s", b, at, got, whole)
			}
			if got := run(asks, single...); got != whole {
				t.Errorf("%q byte by byte: %s, whole: %s", b, got, whole)
			}
		}
	})
}

// hearAll hears, and judges what is asked at once.
func hearAll(m *listener.Machine, b []byte) []listener.Step {
	all := slices.Clone(m.Hear(b))
	for len(all) > 0 && all[len(all)-1].What == listener.Asked {
		verdict := listener.Default(all[len(all)-1].Data)
		all = append(all, m.Judged(verdict)...)
	}
	return all
}
