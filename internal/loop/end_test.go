package loop_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/sys/oom"
)

// TestViewTellsHowTheLastChildEndedAndHowOftenItWasStarted, until the next one has ended.
func TestViewTellsHowTheLastChildEndedAndHowOftenItWasStarted(t *testing.T) {
	t.Parallel()
	bubble(t, func(k *kernel.Fake) { k.Talk = true }, nil, func(h *house) {
		h.add(program("a"))
		h.begin()
		pass(3 * time.Second)
		if p := h.see("a"); p.End != (loop.End{}) || p.Restarts != 0 {
			t.Errorf("in its first life: %+v, %d restarts", p.End, p.Restarts)
		}
		h.k.End(h.see("a").Pid, kernel.Status{Code: -1, Signal: 9, Core: true})
		pass(time.Millisecond)
		want := loop.End{Ended: true, Code: -1, Signal: 9, Core: true, Lived: 3 * proc.Second}
		if p := h.see("a"); p.End != want || p.Restarts != 1 {
			t.Errorf("killed: %+v, %d restarts", p.End, p.Restarts)
		}
		pass(2 * time.Second)
		h.k.Exit(h.see("a").Pid, 3)
		pass(time.Millisecond)
		if p := h.see("a"); p.End.Code != 3 || p.End.Signal != 0 || p.Restarts != 2 {
			t.Errorf("after an exit: %+v, %d restarts", p.End, p.Restarts)
		}
	})
}

// TestAKillForWantOfMemoryIsToldAndOurOwnIsNot, nor is one that comes when the counter stands still.
func TestAKillForWantOfMemoryIsToldAndOurOwnIsNot(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	count := func(kills string) {
		if err := os.WriteFile(filepath.Join(root, "proc/vmstat"), []byte("oom_kill "+kills+"\n"), 0o644); err != nil {
			t.Error(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "proc"), 0o755); err != nil {
		t.Fatal(err)
	}
	count("0")
	w := oom.Open(root)
	defer w.Close()
	kill := kernel.Status{Code: -1, Signal: 9}
	for _, c := range []struct {
		name  string
		kills string
		end   kernel.Status
		oom   bool
		words string
	}{
		{"killed by somebody", "0", kill, false, "terminated by SIGKILL"},
		{"killed by the kernel", "1", kill, true, "terminated by SIGKILL (out of memory)"},
		{"killed by somebody again", "1", kill, false, "terminated by SIGKILL"},
		{"a shell whose command was killed", "2", kernel.Status{Code: 137}, true, "exit status 137 (out of memory)"},
		{"another signal", "3", kernel.Status{Code: -1, Signal: 11, Core: true}, false, "terminated by SIGSEGV (core dumped)"},
	} {
		synctest.Test(t, func(t *testing.T) {
			h := build(t, kernel.NewFake(), nil, w)
			a := program("a")
			a.Exitcodes = nil
			h.add(a)
			h.begin()
			pass(3 * time.Second)
			count(c.kills)
			h.k.End(h.see("a").Pid, c.end)
			pass(time.Millisecond)
			if end := h.see("a").End; end.OOM != c.oom || end.String() != c.words || end.Expected {
				t.Errorf("%s: %+v, %q", c.name, end, end)
			}
			if h.log.String() != "" && strings.Contains(h.log.String(), "WARN out of memory: the kernel has killed 'a' (") != c.oom {
				t.Errorf("%s: the log says\n%s", c.name, h.log)
			}
			for _, f := range h.facts {
				if f.Type == event.ProcessStateExited && f.More.OOM != c.oom {
					t.Errorf("%s: told %+v", c.name, f.More)
				}
			}
			h.end()
		})
	}
	synctest.Test(t, func(t *testing.T) {
		h := build(t, kernel.NewFake(), nil, w)
		a := program("a")
		a.Stopwaitsecs = 1
		h.add(a)
		h.begin()
		pass(3 * time.Second)
		count("9")
		if err := h.stop(ctx, "a", true); err != nil {
			t.Error(err)
		}
		if end := h.see("a").End; end.Signal != 9 || end.OOM || !end.Expected {
			t.Errorf("killed by us: %+v", end)
		}
		h.end()
	})
}
