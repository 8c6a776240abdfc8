package loop_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// TestTenThousandProcessesEndWhereTheyWereSent plays a random day: starts, stops, signals and deaths, and forks that
// are refused. REEVE_SEED plays one day again; -short plays a small one.
func TestTenThousandProcessesEndWhereTheyWereSent(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("REEVE_SEED"), 10, 64); err == nil {
		seed = s
	}
	defer func() {
		if t.Failed() {
			t.Logf("play it again with REEVE_SEED=%d", seed)
		}
	}()
	processes, alive := 10000, 2000
	if testing.Short() {
		processes, alive = 500, 200
	}
	rnd := rand.New(rand.NewPCG(seed, 1))
	var luck sync.Mutex
	roll := func(n int) int {
		luck.Lock()
		defer luck.Unlock()
		return rnd.IntN(n)
	}
	prepare := func(k *kernel.Fake) {
		k.Refuse = func(kernel.Child) error {
			if roll(50) == 0 {
				return syscall.EAGAIN
			}
			return nil
		}
		k.Obey = func(f *kernel.Fake, pid, sig int) {
			switch {
			case sig == 9 || roll(2) == 0:
				f.End(pid, kernel.Status{Code: -1, Signal: sig})
			case sig == 15 && roll(3) > 0:
				time.AfterFunc(time.Duration(roll(12000))*time.Millisecond, func() {
					if slices.Contains(f.Alive(), pid) {
						f.Exit(pid, 0)
					}
				})
			}
		}
	}
	bubble(t, prepare, nil, func(h *house) {
		ids := h.crowd(processes)
		h.begin()
		wanted := map[fleet.ID]bool{}
		for range 40 {
			for range alive / 10 {
				id := ids[roll(min(processes, alive))*(processes/alive)%processes]
				if wanted[id] = roll(2) == 0; wanted[id] {
					second(h.l.StartAll(ctx, []fleet.Target{{ID: id}}, false, true))
				} else {
					second(h.l.StopAll(ctx, []fleet.ID{id}, false, true))
				}
			}
			if pids := h.k.Alive(); len(pids) > 0 {
				for range roll(20) {
					if pid := pids[roll(len(pids))]; slices.Contains(h.k.Alive(), pid) {
						h.k.Exit(pid, roll(3))
					}
				}
			}
			pass(time.Duration(roll(3000)) * time.Millisecond)
			h.sane()
		}
		h.k.Behave(func(k *kernel.Fake) { k.Refuse, k.Obey = nil, obedient })
		pass(time.Minute)
		h.sane()
		for _, p := range h.view().Processes {
			switch {
			case !wanted[p.ID] && !p.Phase.IsStopped():
				t.Errorf("%s is %v and was stopped, or never started", p.Conf.Name, p.Phase)
			case p.Phase == proc.Starting || p.Phase == proc.Stopping || p.Phase == proc.Backoff:
				t.Errorf("%s is still %v", p.Conf.Name, p.Phase)
			}
		}
	})
}

// crowd adds n processes in groups of a hundred, none of which starts by itself.
func (h *house) crowd(n int) []fleet.ID {
	for g := range n / 100 {
		var procs []config.Process
		for i := range 100 {
			p := program(fmt.Sprintf("p%03d", i), onDemand, startsecs(i%4))
			p.Redirect = true
			procs = append(procs, p)
		}
		h.addGroup(fmt.Sprintf("g%04d", g), g%7, procs...)
	}
	var ids []fleet.ID
	for _, p := range h.view().Processes {
		ids = append(ids, p.ID)
	}
	return ids
}

// sane compares what is seen with who lives: nobody twice, nobody forgotten, no pid that is not one's own.
func (h *house) sane() {
	h.t.Helper()
	synctest.Wait()
	alive := h.k.Alive()
	seen := 0
	for _, p := range h.view().Processes {
		if p.Pid == 0 {
			continue
		}
		seen++
		if _, ok := slices.BinarySearch(alive, p.Pid); !ok {
			h.t.Errorf("%s:%s is %v with pid %d, which is nobody's", p.Group, p.Conf.Name, p.Phase, p.Pid)
		}
	}
	if seen != len(alive) {
		h.t.Errorf("%d live and %d are seen", len(alive), seen)
	}
}
