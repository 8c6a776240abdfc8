package loop_test

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// told is the story without its moments.
func (h *house) told(names ...string) string {
	var out []string
	for _, s := range h.story(names...) {
		out = append(out, s[:strings.LastIndexByte(s, ' ')])
	}
	return strings.Join(out, ", ")
}

func missing(p *config.Process) { p.Command, p.Startretries = "/nonexistent/program", 0 }

// A start is one move, whatever the preparers are doing: as Supervisor has it, who listens never hears of the next one
// before it is known that this one cannot be, and of what became of those that start by themselves after the last.
func TestWhatStartsByItselfIsToldInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := kernel.NewFake()
		k.Obey = obedient
		h := build(t, k, nil)
		defer h.end()
		h.add(program("a", startsecs(0)))
		h.add(program("b", missing))
		for _, name := range strings.Split("cdefghijklmnopqrst", "") { // more than one turn forks
			h.add(program(name, startsecs(0)))
		}
		h.begin()
		synctest.Wait()
		want := "a STARTING, b STARTING, b BACKOFF"
		for _, name := range strings.Split("cdefghijklmnopqrst", "") {
			want += ", " + name + " STARTING"
		}
		want += ", a RUNNING, b FATAL"
		for _, name := range strings.Split("cdefghijklmnopqrst", "") {
			want += ", " + name + " RUNNING"
		}
		if got := h.told(strings.Split("abcdefghijklmnopqrst", "")...); got != want {
			t.Errorf("told\n%s, want\n%s", got, want)
		}
		lines := slices.DeleteFunc(strings.Split(h.log.String(), "\n"), func(s string) bool {
			return !strings.Contains(s, "spawned: 't'") && !strings.Contains(s, "success: a")
		})
		if len(lines) != 2 || !strings.Contains(lines[0], "spawned") {
			t.Errorf("the journal says %q", lines)
		}
	})
}

func TestWhatIsStartedOnDemandIsToldOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := kernel.NewFake()
		k.Obey = obedient
		h := build(t, k, nil)
		defer h.end()
		h.addGroup("g", 1, program("a", startsecs(0), onDemand), program("b", missing, onDemand), program("c", startsecs(0), onDemand))
		h.begin()
		targets := []fleet.Target{{ID: h.id("a")}, {ID: h.id("b")}, {ID: h.id("c")}}
		if out, err := h.l.StartAll(ctx, targets, true, true); err != nil || len(out) != 3 {
			t.Fatal(out, err)
		}
		synctest.Wait()
		want := "a STARTING, a RUNNING, b STARTING, b BACKOFF, c STARTING, c RUNNING, b FATAL"
		if got := h.told("a", "b", "c"); got != want {
			t.Errorf("told\n%s, want\n%s", got, want)
		}
	})
}

// What is held back for the sake of those that start by themselves is told before anything else of the same process,
// and before what is no process's.
func TestNothingOvertakesWhatIsHeldBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := kernel.NewFake()
		k.Obey = obedient
		h := build(t, k, nil)
		slow, back := hung(t, "slow")
		slow.Autostart = true
		h.add(program("a", startsecs(0)))
		h.add(slow)
		h.begin()
		for h.see("a").Pid == 0 {
			runtime.Gosched()
		}
		if got := h.told("a", "slow"); got != "a STARTING" {
			t.Errorf("told %s", got)
		}
		if err := h.stop(ctx, "a", true); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- h.start(ctx, "a", false) }()
		for h.see("a").Phase != proc.Starting {
			runtime.Gosched()
		}
		if got := h.told("a", "slow"); got != "a STARTING" {
			t.Errorf("told %s", got)
		}
		back()
		if err := <-done; err != nil {
			t.Error(err)
		}
		want := "a STARTING, slow STARTING, a RUNNING, a STOPPING, a STOPPED, a STARTING, a RUNNING"
		if got := h.told("a", "slow"); got != want {
			t.Errorf("told\n%s, want\n%s", got, want)
		}
		h.end()
	})
}
