package fleet_test

import (
	"fmt"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

const many = 10000

// crowd is a fleet of ten thousand in a hundred groups, not begun.
func crowd() *fleet.Fleet {
	f := fleet.New()
	p := proc.Policy{StartSecs: proc.Second, StopWait: 10 * proc.Second, StopSignal: 15}
	for g := range 100 {
		group := fleet.Group{Name: fmt.Sprint("g", g), Priority: g}
		for m := range many / 100 {
			group.Members = append(group.Members, fleet.Member{Name: fmt.Sprint("p", m), Autostart: true, Policy: p})
		}
		f.Step(1, fleet.AddGroup{Group: group})
	}
	return f
}

// bear begins f and lets every child be born, a millisecond apart; it returns when the last one was.
func bear(f *fleet.Fleet) proc.Time {
	now := proc.Second
	for _, a := range append([]fleet.Action(nil), f.Step(now, fleet.Begin{})...) {
		if spawn, is := a.(fleet.Spawn); is {
			now += proc.Second / 1000
			f.Step(now, fleet.Spawned{ID: spawn.ID, Pid: 100 + int(spawn.ID)})
		}
	}
	return now
}

func TestTenThousandAreNoSpecialCase(t *testing.T) {
	t.Parallel()
	f := crowd()
	now := bear(f)
	if f.Next() != 2*proc.Second+proc.Second/1000 {
		t.Fatalf("the first is due at %v", f.Next())
	}
	announced := 0
	for due := f.Next(); due != 0; due = f.Next() {
		now = max(now, due)
		announced += len(f.Step(now, fleet.Tick{}))
	}
	if announced != many {
		t.Fatalf("%d are RUNNING", announced)
	}
	f.Step(now, fleet.Shutdown{})
	for pid := 100 + many; pid > 100; pid-- {
		id, ok := f.ByPid(pid)
		if !ok {
			t.Fatalf("nobody has pid %d", pid)
		}
		actions := f.Step(now, fleet.Died{ID: id, Pid: pid, Code: -1})
		if _, over := actions[len(actions)-1].(fleet.Over); over != (pid == 101) {
			t.Fatalf("over is %v with %d left", over, pid-101)
		}
	}
}

func TestATickWithNothingDueAllocatesNothing(t *testing.T) {
	f := crowd()
	now := bear(f)
	f.Step(now, fleet.Tick{})
	if n := testing.AllocsPerRun(1000, func() { f.Step(now, fleet.Tick{}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkIdleTick(b *testing.B) {
	f := crowd()
	now := bear(f)
	f.Step(now, fleet.Tick{})
	b.ReportAllocs()
	for b.Loop() {
		f.Step(now, fleet.Tick{})
	}
}

func BenchmarkTenThousandStart(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		f := crowd()
		b.StartTimer()
		now := bear(f)
		f.Step(now+proc.Second, fleet.Tick{})
	}
}
