package fleet_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

var update = flag.Bool("update", false, "rewrite what the scripts in testdata say")

// The scripts in testdata tell stories: a command at the margin, what it brought about indented under it. With
// -update what happens is written down, and the reviewer reads the difference. Requests are numbered as they come.
//
// Commands: fleet (a new one); add GROUP PRIORITY MEMBER[,KEY=VALUE…]…; remove GROUP; enter GROUP MEMBER…; leave GROUP
// PROCESS; begin; start and stop
// [wait] [omit] PROCESS…, or all; signal NUMBER [omit] PROCESS…; shutdown; restart; spawned PROCESS PID; spawnfailed
// PROCESS; died PROCESS PID CODE; lost PROCESS WHY; advance DURATION, which ticks; tick. A start of missing=PROCESS
// is one that was refused beforehand.
//
// holds: PROC-002 PROC-015 PROC-016 PROC-019 PROC-021 PROC-024 PROC-026 PROC-027 PROC-028
// holds: RPC-020 RPC-021 RPC-022 RPC-023 RPC-025 RPC-026 RPC-027 RPC-028 RPC-029 RPC-030 SIG-001 SIG-002 SIG-003 SIG-007
// fault: 2
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
	f     *fleet.Fleet
	now   proc.Time
	req   fleet.Req
	names map[fleet.ID]string
	last  proc.Time // the deadline that was told last
}

func newStory() *story {
	return &story{f: fleet.New(), now: 100 * proc.Second, names: map[fleet.ID]string{0: "-"}}
}

func play(t *testing.T, script string) string {
	t.Helper()
	st := newStory()
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
		if words[0] == "fleet" {
			st = newStory()
			continue
		}
		if words[0] == "advance" {
			d, err := time.ParseDuration(words[1])
			if err != nil {
				t.Fatal(err)
			}
			st.now += proc.Time(d)
		}
		for _, a := range st.f.Step(st.now, st.event(t, words)) {
			fmt.Fprintf(&out, "    %s\n", st.tell(a))
		}
		if next := st.f.Next(); next != st.last || words[0] == "advance" && next != 0 {
			if st.last = next; next == 0 {
				out.WriteString("    until something happens\n")
			} else {
				fmt.Fprintf(&out, "    until +%v\n", time.Duration(next-st.now))
			}
		}
	}
	return out.String()
}

func (st *story) event(t *testing.T, words []string) fleet.Event {
	t.Helper()
	rest := words[1:]
	switch words[0] {
	case "begin":
		return fleet.Begin{}
	case "tick", "advance":
		return fleet.Tick{}
	case "shutdown", "restart":
		return fleet.Shutdown{Restart: words[0] == "restart"}
	case "spawned":
		return fleet.Spawned{ID: st.id(t, rest[0]), Pid: number(t, rest[1])}
	case "spawnfailed":
		return fleet.SpawnFailed{ID: st.id(t, rest[0])}
	case "died":
		return fleet.Died{ID: st.id(t, rest[0]), Pid: number(t, rest[1]), Code: number(t, rest[2])}
	case "lost":
		return fleet.SignalLost{ID: st.id(t, rest[0]), Why: strings.Join(rest[1:], " ")}
	}
	st.req++
	switch words[0] {
	case "add":
		return fleet.AddGroup{Req: st.req, Group: st.group(t, rest)}
	case "remove":
		return fleet.RemoveGroup{Req: st.req, Name: rest[0]}
	case "enter":
		return fleet.AddProcesses{Req: st.req, Group: rest[0], Members: st.group(t, append([]string{rest[0], "0"}, rest[1:]...)).Members}
	case "leave":
		return fleet.RemoveProcess{Req: st.req, Group: rest[0], Name: rest[1]}
	case "start":
		wait, omit, targets := st.targets(t, rest)
		return fleet.Start{Req: st.req, Targets: targets, Wait: wait, Omit: omit}
	case "stop":
		wait, omit, targets := st.targets(t, rest)
		return fleet.Stop{Req: st.req, IDs: ids(targets), Wait: wait, Omit: omit}
	case "giveup":
		return fleet.GiveUp{Req: st.req, ID: st.id(t, rest[0])}
	case "signal":
		_, omit, targets := st.targets(t, rest[1:])
		return fleet.Signal{Req: st.req, IDs: ids(targets), Sig: number(t, rest[0]), Omit: omit}
	}
	t.Fatalf("%q is no command", words[0])
	return nil
}

func ids(targets []fleet.Target) []fleet.ID {
	var all []fleet.ID
	for _, target := range targets {
		all = append(all, target.ID)
	}
	return all
}

// targets reads [wait] [omit] and names; all are all in order of activation.
func (st *story) targets(t *testing.T, words []string) (wait, omit bool, targets []fleet.Target) {
	t.Helper()
	for _, word := range words {
		switch name, missing := strings.CutPrefix(word, "missing="); {
		case word == "wait":
			wait = true
		case word == "omit":
			omit = true
		case word == "all":
			for _, g := range st.f.Groups() {
				for _, id := range g.IDs {
					targets = append(targets, fleet.Target{ID: id})
				}
			}
		case missing:
			targets = append(targets, fleet.Target{ID: st.id(t, name), Refused: fault.New(fault.NoFile, "can't find command 'c'")})
		default:
			targets = append(targets, fleet.Target{ID: st.id(t, word)})
		}
	}
	return wait, omit, targets
}

// id finds a process by name, also one that has gone; a number is itself.
func (st *story) id(t *testing.T, name string) fleet.ID {
	t.Helper()
	if n, err := strconv.Atoi(name); err == nil {
		return fleet.ID(n)
	}
	group, process, split := strings.Cut(name, ":")
	if !split {
		process = group
	}
	if id, ok := st.f.Find(group, process); ok {
		return id
	}
	for id, known := range st.names {
		if known == name {
			return id
		}
	}
	t.Fatalf("%q is no process", name)
	return 0
}

// group reads NAME PRIORITY MEMBER[,KEY=VALUE…]… and notes the names that its members will have.
func (st *story) group(t *testing.T, words []string) fleet.Group {
	t.Helper()
	g := fleet.Group{Name: words[0], Priority: number(t, words[1])}
	for _, word := range words[2:] {
		settings := strings.Split(word, ",")
		m := fleet.Member{Name: settings[0], Priority: 999, Policy: proc.Policy{
			StartSecs: proc.Second, StartRetries: 3, StopWait: 10 * proc.Second, StopSignal: 15, ExitCodes: proc.Codes{}.With(0),
		}}
		for _, setting := range settings[1:] {
			key, value, _ := strings.Cut(setting, "=")
			switch key {
			case "auto":
				m.Autostart = true
			case "priority":
				m.Priority = number(t, value)
			case "startsecs":
				m.Policy.StartSecs = proc.Time(number(t, value)) * proc.Second
			case "startretries":
				m.Policy.StartRetries = number(t, value)
			case "stopwaitsecs":
				m.Policy.StopWait = proc.Time(number(t, value)) * proc.Second
			case "stopasgroup":
				m.Policy.StopAsGroup = true
			case "restart":
				m.Policy.Restart = proc.Always
			default:
				t.Fatalf("%q is no setting", key)
			}
		}
		g.Members = append(g.Members, m)
	}
	return g
}

func number(t *testing.T, word string) int {
	t.Helper()
	n, err := strconv.Atoi(word)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// name is how users write the process; it is remembered for when the process is gone.
func (st *story) name(id fleet.ID) string {
	group, process := st.f.Name(id)
	switch {
	case group == "":
		if known := st.names[id]; known != "" {
			return known
		}
		return strconv.Itoa(int(id))
	case group == process:
		st.names[id] = process
	default:
		st.names[id] = group + ":" + process
	}
	return st.names[id]
}

// tell puts an action into words.
func (st *story) tell(a fleet.Action) string {
	switch a := a.(type) {
	case fleet.Spawn:
		return "spawn " + st.name(a.ID)
	case fleet.Announce:
		return st.announced(a)
	case fleet.Kill:
		text := fmt.Sprintf("signal %d to %s, pid %d", a.Sig, st.name(a.ID), a.Pid)
		if a.Group {
			text += " and its group"
		}
		if a.Overdue {
			text += " (overdue)"
		}
		return text
	case fleet.AlreadyAlive:
		return "already alive: " + st.name(a.ID)
	case fleet.Answer:
		var outcomes []string
		for _, o := range a.Outcomes {
			outcome := "ok"
			if o.Fault != nil {
				outcome = o.Fault.Error()
			}
			outcomes = append(outcomes, fmt.Sprintf("[%s %s]", st.name(o.ID), outcome))
		}
		return strings.TrimSpace(fmt.Sprintf("answer %d: %s", a.Req, strings.Join(outcomes, " ")))
	case fleet.GroupAdded:
		return "added " + a.Name
	case fleet.GroupRemoved:
		return "removed " + a.Name
	case fleet.ProcessesAdded:
		var names []string
		for _, id := range a.IDs {
			names = append(names, st.name(id))
		}
		return strings.TrimSpace("entered " + strings.Join(names, ", "))
	case fleet.ProcessRemoved:
		return "left " + a.Group + ":" + a.Name
	case fleet.GoingDown:
		return fmt.Sprintf("going down, mood %d", a.Mood)
	case fleet.StillAlive:
		var names []string
		for _, id := range a.IDs {
			names = append(names, st.name(id))
		}
		return "still alive: " + strings.Join(names, ", ")
	case fleet.StillStopping:
		return "still stopping: " + st.name(a.ID)
	case fleet.Over:
		return fmt.Sprintf("over, mood %d", a.Mood)
	}
	return fmt.Sprintf("%#v", a)
}

func (st *story) announced(a fleet.Announce) string {
	text := fmt.Sprintf("%s: %v -> %v", st.name(a.ID), a.From, a.To)
	switch a.To {
	case proc.Starting, proc.Backoff:
		text += fmt.Sprintf(" tries:%d", a.Tries)
	case proc.Running, proc.Stopping, proc.Stopped:
		text += fmt.Sprintf(" pid:%d", a.Pid)
	case proc.Exited:
		text += fmt.Sprintf(" expected:%t pid:%d", a.Expected, a.Pid)
	case proc.Fatal:
		if a.GaveUp {
			text += " (gave up)"
		}
	}
	return text
}
