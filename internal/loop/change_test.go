package loop_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

// TestWhoHasAViewKeepsIt whatever comes into the groups and goes.
func TestWhoHasAViewKeepsIt(t *testing.T) {
	t.Parallel()
	onEarth(t, nil, func(h *house) {
		c := patient(t)
		path := filepath.Join(t.TempDir(), "new.log")
		h.addGroup("g", 1, program("a", onDemand), program("b", onDemand))
		h.begin()
		before := h.view()
		names := func() (out []string) {
			for i, g := range before.Active()[0].Processes {
				out = append(out, g.Name, fmt.Sprint(before.Groups()[0].IDs[i]))
			}
			return out
		}
		was := names()
		for range 3 {
			if err := h.l.AddProcesses(c, "g", []config.Process{program("n", startsecs(0), logged(path), command("/bin/sh -c 'echo here; exec sleep 300'")), program("m", onDemand)}); err != nil {
				t.Fatal(err)
			}
			if p := h.see("n"); p.Phase != proc.Running || p.Pid == 0 {
				t.Errorf("when it was answered it was %v", p.Phase)
			}
			waitFor(path, "here\n")
			during := h.view()
			if got := len(during.Active()[0].Processes); got != 4 {
				t.Errorf("%d processes are told", got)
			}
			ids := slices.Clone(during.Groups()[0].IDs)
			defer func() {
				if d := cmp.Diff(ids, during.Groups()[0].IDs); d != "" || during.Active()[0].Processes[2].Name != "n" {
					t.Errorf("what was told has changed: %s", d)
				}
			}()
			if err := h.l.RemoveProcess(c, "g", "n"); fault.StillRunning != faultOf(err) {
				t.Error(err)
			}
			if err := h.stop(c, "n", true); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"n", "m"} {
				if err := h.l.RemoveProcess(c, "g", name); err != nil {
					t.Error(err)
				}
			}
		}
		if d := cmp.Diff(was, names()); d != "" {
			t.Error(d)
		}
		if got := h.view(); len(got.Processes) != 2 || len(got.Active()[0].Processes) != 2 {
			t.Errorf("%+v", got.Processes)
		}
	})
}

func faultOf(err error) fault.Kind {
	f, ok := fault.As(err)
	if !ok {
		return 0
	}
	return f.Kind
}

// TestManyComeAndGoAtOnce: each call is answered, nobody is there twice, and in the end all have gone.
func TestManyComeAndGoAtOnce(t *testing.T) {
	t.Parallel()
	onEarth(t, nil, func(h *house) {
		c := patient(t)
		h.addGroup("g", 1, program("a", onDemand))
		h.begin()
		var all sync.WaitGroup
		for client := range 4 {
			all.Go(func() {
				for n := range 20 {
					name := fmt.Sprintf("p%d", (client+n)%5)
					err := h.l.AddProcesses(c, "g", []config.Process{program(name, startsecs(0), command("/bin/sleep 300"))})
					if k := faultOf(err); err != nil && k != fault.AlreadyAdded {
						t.Error(err)
					}
					if err == nil {
						if e := h.stop(c, name, true); e != nil {
							t.Error(e)
						}
						if e := h.l.RemoveProcess(c, "g", name); e != nil {
							t.Error(e)
						}
					}
					seen := map[string]bool{}
					for _, p := range h.view().Processes {
						if seen[p.Conf.Name] {
							t.Errorf("%s is there twice", p.Conf.Name)
						}
						seen[p.Conf.Name] = true
					}
				}
			})
		}
		all.Wait()
		if v := h.view(); len(v.Processes) != 1 || !slices.Equal(v.Groups()[0].IDs, h.view().Groups()[0].IDs) {
			t.Errorf("%+v", v.Processes)
		}
	})
}
