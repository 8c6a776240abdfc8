package loop_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// TestThreeHundredDeathsBehindOneBellAreAllNoticed: the bell rings once for many, and a turn buries only some.
func TestThreeHundredDeathsBehindOneBellAreAllNoticed(t *testing.T) {
	t.Parallel()
	const many = 300
	var armed atomic.Bool
	busy, goOn := make(chan bool, 1), make(chan bool, 1)
	onEvent := func(e event.Event) {
		if e.Type == event.ProcessStateExited && armed.CompareAndSwap(true, false) {
			busy <- true
			<-goOn
		}
	}
	bubble(t, func(k *kernel.Fake) { k.Obey = obedient }, onEvent, func(h *house) {
		var procs []config.Process
		for i := range many {
			procs = append(procs, program(fmt.Sprint("p", i), startsecs(0)))
		}
		h.add(procs...)
		h.begin()
		pass(time.Second)
		pids := h.k.Alive()
		if len(pids) != many {
			t.Fatalf("%d were born", len(pids))
		}
		armed.Store(true)
		h.k.Exit(pids[0], 0)
		<-busy
		for _, pid := range pids[1:] {
			h.k.Exit(pid, 0)
		}
		goOn <- true
		synctest.Wait()
		for _, p := range h.view().Processes {
			if p.Phase != proc.Exited {
				t.Fatalf("%s is %v", p.Conf.Name, p.Phase)
			}
		}
	})
}

// census counts how often the kernel is asked for the dead.
type census struct {
	kernel.Kernel
	asked atomic.Int32
}

func (c *census) Wait() (int, kernel.Status, bool) {
	c.asked.Add(1)
	return c.Kernel.Wait()
}

// TestNobodyLooksForTheDeadUnlessTheBellHasRung: each look goes over all children.
func TestNobodyLooksForTheDeadUnlessTheBellHasRung(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &house{t: t, k: kernel.NewFake(), log: &paper{}}
		c := &census{Kernel: h.k}
		h.l = h.loop(c)
		h.add(program("a"), program("b", onDemand))
		h.begin()
		pass(2 * time.Second)
		before := c.asked.Load()
		for range 100 {
			h.start(ctx, "b", false)
			h.view()
			pass(2 * time.Second)
			if err := first(h.l.SignalAll(ctx, []fleet.ID{h.id("b")}, 10, false)); err != nil {
				t.Fatal(err)
			}
		}
		if n := c.asked.Load() - before; n != 0 {
			t.Errorf("asked %d times while nobody died", n)
		}
		h.k.Exit(h.see("a").Pid, 0)
		pass(time.Second)
		h.obey(obedient)
		if n := c.asked.Load() - before; n != 2 {
			t.Errorf("asked %d times for one", n)
		}
		h.end()
	})
}

// TestLivesLeaveNoDescriptorBehind: births, deaths, refused forks and commands that are not there. It runs while no
// other test does.
// fault: 11
func TestLivesLeaveNoDescriptorBehind(t *testing.T) {
	open := func() int {
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("no /proc to look at: ", err)
		}
		return len(list)
	}
	dir := t.TempDir()
	before := open()
	var refuse atomic.Bool
	bubble(t, func(k *kernel.Fake) {
		k.Obey, k.Talk = obedient, true
		k.Refuse = func(kernel.Child) error {
			if refuse.Load() {
				return os.ErrInvalid
			}
			return nil
		}
	}, nil, func(h *house) {
		h.add(program("a", onDemand, startsecs(0), logged(filepath.Join(dir, "a"))))
		h.add(program("b", onDemand, startsecs(0), func(p *config.Process) { p.Redirect = true }))
		h.add(program("c", onDemand, startsecs(0), command("/no/such")))
		h.add(program("d", onDemand, startsecs(0), logged("/no/such/dir")))
		h.begin()
		for i := range 100 {
			refuse.Store(i%5 == 0)
			for _, name := range []string{"a", "b", "c", "d"} {
				h.start(ctx, name, true)
			}
			synctest.Wait()
			for _, name := range []string{"a", "b", "c", "d"} {
				h.stop(ctx, name, true)
			}
		}
	})
	if after := open(); after != before {
		t.Errorf("%d descriptors were open, now %d", before, after)
	}
	// One that is given up while its preparation hangs, which then goes on to open everything.
	h := build(t, kernel.NewFake(), nil)
	p, back := hung(t, "hung")
	logged(filepath.Join(dir, "hung"))(&p)
	h.add(p)
	h.begin()
	go h.start(patient(t), "hung", false)
	for h.see("hung").Phase != proc.Starting {
		runtime.Gosched()
	}
	if err := h.stop(patient(t), "hung", true); err != nil {
		t.Fatal(err)
	}
	back() // keeps one descriptor itself
	prepared(dir, 2)
	late := time.After(10 * time.Second)
	for open() != before+1 {
		select {
		case <-late:
			t.Fatalf("%d descriptors were open, now %d", before, open()-1)
		default:
			h.view()
			runtime.Gosched()
		}
	}
	h.end()
}
