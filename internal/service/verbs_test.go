package service_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
)

// verbs is what may be asked of process g:a, or of its group.
var verbs = map[string]func(*desk) error{
	"start":           func(d *desk) error { _, _, err := d.Start(ctx, "g:a", true); return err },
	"start nowait":    func(d *desk) error { _, _, err := d.Start(ctx, "g:a", false); return err },
	"stop":            func(d *desk) error { _, _, err := d.Stop(ctx, "g:a", true); return err },
	"stop nowait":     func(d *desk) error { _, _, err := d.Stop(ctx, "g:a", false); return err },
	"signal":          func(d *desk) error { _, _, err := d.Signal(ctx, "g:a", "USR1"); return err },
	"badsignal":       func(d *desk) error { _, _, err := d.Signal(ctx, "g:a", "NOPE"); return err },
	"write":           func(d *desk) error { return d.Write(ctx, "g:a", []byte("x")) },
	"clear":           func(d *desk) error { return d.ClearProcessLogs(ctx, "g:a") },
	"info":            func(d *desk) error { _, err := d.ProcessInfo(ctx, "g:a"); return err },
	"read":            func(d *desk) error { _, err := d.ReadProcessLog(ctx, "g:a", service.Stdout, 0, 0); return err },
	"tail":            func(d *desk) error { _, _, _, err := d.TailProcessLog(ctx, "g:a", service.Stdout, 0, 0); return err },
	"add":             func(d *desk) error { return d.AddGroup(ctx, "g") },
	"remove":          func(d *desk) error { return d.RemoveGroup(ctx, "g") },
	"start group":     func(d *desk) error { list, err := d.StartGroup(ctx, "g", true); return lines(list, err) },
	"stop group":      func(d *desk) error { list, err := d.StopGroup(ctx, "g", true); return lines(list, err) },
	"signal group":    func(d *desk) error { list, err := d.SignalGroup(ctx, "g", "USR1"); return lines(list, err) },
	"badsignal group": func(d *desk) error { list, err := d.SignalGroup(ctx, "g", "NOPE"); return lines(list, err) },
}

// rowsOf carries a list of results through the column of errors.
type rowsOf string

func (r rowsOf) Error() string { return string(r) }

func lines(list []service.Result, err error) error {
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, "[%s:%s %d %s]", r.Group, r.Name, r.Status, r.Description)
	}
	return rowsOf(b.String())
}

// verdicts is verb by verb what Supervisor answers in each phase; a blank field is as the one to its left.
const verdicts = `
verb            | STOPPED | STARTING | RUNNING | BACKOFF | STOPPING | EXITED | FATAL | UNKNOWN
start           | ok | ALREADY_STARTED: g:a | ALREADY_STARTED: g:a | ALREADY_STARTED: g:a | ABNORMAL_TERMINATION: g:a | ok | ok | FAILED: g:a is in an unknown process state
start nowait    | ok | ALREADY_STARTED: g:a | ALREADY_STARTED: g:a | ALREADY_STARTED: g:a | ok | ok | ok | FAILED: g:a is in an unknown process state
stop            | NOT_RUNNING: g:a | ok | ok | ok | NOT_RUNNING: g:a | NOT_RUNNING: g:a | NOT_RUNNING: g:a | NOT_RUNNING: g:a
stop nowait     | NOT_RUNNING: g:a | ok | ok | ok | NOT_RUNNING: g:a | NOT_RUNNING: g:a | NOT_RUNNING: g:a | NOT_RUNNING: g:a
signal          | NOT_RUNNING: g:a | ok | ok | NOT_RUNNING: g:a | ok | NOT_RUNNING: g:a | NOT_RUNNING: g:a | NOT_RUNNING: g:a
badsignal       | BAD_SIGNAL: NOPE |||||||
write           | NOT_RUNNING: g:a | ok | ok | NOT_RUNNING: g:a | NOT_RUNNING: g:a | NOT_RUNNING: g:a | NOT_RUNNING: g:a | ok
clear           | ok |||||||
info            | ok |||||||
read            | NO_FILE |||||||
tail            | ok |||||||
add             | ALREADY_ADDED: g |||||||
remove          | ok | STILL_RUNNING: g | STILL_RUNNING: g | STILL_RUNNING: g | STILL_RUNNING: g | ok | ok | ok
start group     | [g:a 80 OK] | - | - | - | [g:a 40 ABNORMAL_TERMINATION: g:a] | [g:a 80 OK] | [g:a 80 OK] | [g:a 30 FAILED: g:a is in an unknown process state]
stop group      | - | [g:a 80 OK] | [g:a 80 OK] | [g:a 80 OK] | - | - | - | -
signal group    | - | [g:a 80 OK] | [g:a 80 OK] | - | [g:a 80 OK] | - | - | -
badsignal group | - | [g:a 11 BAD_SIGNAL: NOPE] | [g:a 11 BAD_SIGNAL: NOPE] | - | [g:a 11 BAD_SIGNAL: NOPE] | - | - | -
`

// TestEveryVerbInEveryPhase is the table of refusals.
// holds: RPC-021 RPC-022 RPC-025 RPC-027 RPC-028 RPC-029 RPC-030 RPC-042 RPC-045 RPC-019 RPC-020 PROC-015
func TestEveryVerbInEveryPhase(t *testing.T) {
	t.Parallel()
	rows := strings.Split(strings.TrimSpace(verdicts), "\n")
	phases := split(rows[0])[1:]
	seen := 0
	for _, row := range rows[1:] {
		f := split(row)
		do := verbs[f[0]]
		seen++
		for i, phase := range phases {
			want := f[min(i+1, len(f)-1)]
			if want == "" {
				want, f[i+1] = f[i], f[i]
			}
			t.Run(f[0]+" "+phase, func(t *testing.T) {
				t.Parallel()
				withDesk(t, []config.Group{group("g", 1, program("a"))}, func(d *desk) {
					d.put(phase)
					if got := kind(do(d)); got != want && got != "internal: "+want && !(want == "-" && got == "internal: ") {
						t.Errorf("%q, want %q", got, want)
					}
				})
			})
		}
	}
	if seen != len(verbs) {
		t.Errorf("%d verbs and %d rows", len(verbs), seen)
	}
}

func split(row string) []string {
	f := strings.Split(row, "|")
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	return f
}

// TestOnTheWayDownNothingIsAnswered but that the daemon goes down, except for events from outside.
// holds: RPC-002 EVT-036
func TestOnTheWayDownNothingIsAnswered(t *testing.T) {
	t.Parallel()
	for _, again := range []bool{false, true} {
		withDesk(t, []config.Group{group("g", 1, program("a"))}, func(d *desk) {
			d.put("STOPPING")
			var err error
			if again {
				err = d.Restart(ctx)
			} else {
				err = d.Shutdown(ctx)
			}
			if err != nil {
				t.Fatal(err)
			}
			more := map[string]func(*desk) error{
				"shutdown": func(d *desk) error { return d.Shutdown(ctx) }, "restart": func(d *desk) error { return d.Restart(ctx) },
				"clear log": func(d *desk) error { return d.ClearLog(ctx) },
				"read log":  func(d *desk) error { _, err := d.ReadLog(ctx, 0, 0); return err },
				"state":     func(d *desk) error { _, _, err := d.State(ctx); return err },
				"pid":       func(d *desk) error { _, err := d.PID(ctx); return err },
				"identity":  func(d *desk) error { _, err := d.Identification(ctx); return err },
				"reload":    func(d *desk) error { _, _, _, err := d.Reload(ctx); return err },
				"programs":  func(d *desk) error { _, err := d.Programs(ctx); return err },
				"all":       func(d *desk) error { _, err := d.AllProcessInfo(ctx); return err },
				"clear all": func(d *desk) error { _, err := d.ClearAllProcessLogs(ctx); return err },
				"start all": func(d *desk) error { _, err := d.StartAll(ctx, false); return err },
				"stop all":  func(d *desk) error { _, err := d.StopAll(ctx, false); return err },
			}
			for name, do := range verbs {
				more[name] = do
			}
			for name, do := range more {
				if got := kind(do(d)); got != "SHUTDOWN_STATE" {
					t.Errorf("%s (restart: %v): %s", name, again, got)
				}
			}
			if err := d.RemoteEvent(ctx, "k", []byte("v")); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNamesMeanOneProcessOrAGroup, as they are written.
// holds: RPC-005 RPC-024
func TestNamesMeanOneProcessOrAGroup(t *testing.T) {
	t.Parallel()
	groups := []config.Group{group("solo", 1, program("solo")), group("g", 1, program("a"), program("b"))}
	withDesk(t, groups, func(d *desk) {
		for _, c := range []struct {
			name  string
			info  string
			start string // of a start: ok, whole or the fault
		}{
			{"solo", "ok", "ok"}, {"solo:solo", "ok", "ok"}, {"g:a", "ok", "ok"},
			{"g:*", "BAD_NAME: g:*", "whole"}, {"g:", "BAD_NAME: g:", "whole"}, {"solo:*", "BAD_NAME: solo:*", "whole"},
			{"g", "BAD_NAME: g", "BAD_NAME: g"}, {"a", "BAD_NAME: a", "BAD_NAME: a"}, {"", "BAD_NAME: ", "BAD_NAME: "},
			{":", "BAD_NAME: :", "BAD_NAME: :"}, {":a", "BAD_NAME: :a", "BAD_NAME: :a"}, {"g:a:b", "BAD_NAME: g:a:b", "BAD_NAME: g:a:b"},
			{"g:c", "BAD_NAME: g:c", "BAD_NAME: g:c"}, {"*", "BAD_NAME: *", "BAD_NAME: *"}, {"*:*", "BAD_NAME: *:*", "BAD_NAME: *:*"},
			{"G:a", "BAD_NAME: G:a", "BAD_NAME: G:a"}, {" g:a", "BAD_NAME:  g:a", "BAD_NAME:  g:a"},
		} {
			if _, err := d.ProcessInfo(ctx, c.name); kind(err) != c.info {
				t.Errorf("info %q: %s, want %s", c.name, kind(err), c.info)
			}
			_, whole, err := d.Start(ctx, c.name, false)
			got := kind(err)
			if whole {
				got = "whole"
			}
			if got != c.start {
				t.Errorf("start %q: %s, want %s", c.name, got, c.start)
			}
			if _, _, err := d.Start(ctx, c.name, false); got == "ok" && kind(err) != "ALREADY_STARTED: "+c.name {
				t.Errorf("start %q again: %s", c.name, kind(err))
			}
			if _, err := d.StopAll(ctx, true); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestResultsStandInTheOrderInWhichTheyWereSettled: asked by group and process priority; who is waited for comes when
// it is done.
// holds: RPC-025 RPC-026 PROC-029
func TestResultsStandInTheOrderInWhichTheyWereSettled(t *testing.T) {
	t.Parallel()
	secs := func(n int) func(*config.Process) { return func(p *config.Process) { p.Startsecs = n } }
	groups := []config.Group{
		group("late", 20, program("l", secs(0))),
		group("early", 10, program("y", priority(5), secs(3)), program("x", priority(9), secs(1)), program("w", priority(7), secs(2))),
	}
	withDesk(t, groups, func(d *desk) {
		for _, c := range []struct {
			do   func() ([]service.Result, error)
			want string
		}{
			{func() ([]service.Result, error) { return d.StartAll(ctx, false) }, "early:y early:w early:x late:l"},
			{func() ([]service.Result, error) { return d.StopAll(ctx, true) }, ""},
			{func() ([]service.Result, error) { return d.StartAll(ctx, true) }, "late:l early:x early:w early:y"},
			{func() ([]service.Result, error) { return d.ClearAllProcessLogs(ctx) }, "early:y early:w early:x late:l"},
			{func() ([]service.Result, error) { return d.StopAll(ctx, false) }, "early:y early:w early:x late:l"},
		} {
			list, err := c.do()
			if err != nil {
				t.Error(err)
			}
			var got []string
			for _, r := range list {
				got = append(got, r.Group+":"+r.Name)
			}
			if c.want != "" && strings.Join(got, " ") != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
			synctest.Wait()
		}
	})
}
