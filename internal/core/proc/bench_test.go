package proc_test

import (
	"testing"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

func running() (proc.Policy, proc.State) {
	p := proc.Policy{StartSecs: proc.Second, StopWait: proc.Second, StopSignal: 15}
	s, _ := proc.Step(p, proc.State{}, proc.Start{}, base)
	s, _ = proc.Step(p, s, proc.Spawned{Pid: ourPid}, base)
	return p, s
}

func TestATickThatIsNotDueAllocatesNothing(t *testing.T) {
	p, s := running()
	if n := testing.AllocsPerRun(1000, func() { s, _ = proc.Step(p, s, proc.Tick{}, base) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkIdleTick(b *testing.B) {
	p, s := running()
	b.ReportAllocs()
	for b.Loop() {
		s, _ = proc.Step(p, s, proc.Tick{}, base)
	}
}

func BenchmarkLife(b *testing.B) {
	p, _ := running()
	b.ReportAllocs()
	for b.Loop() {
		var s proc.State
		s, _ = proc.Step(p, s, proc.Start{}, base)
		s, _ = proc.Step(p, s, proc.Spawned{Pid: ourPid}, base)
		s, _ = proc.Step(p, s, proc.Tick{}, base+proc.Second)
		s, _ = proc.Step(p, s, proc.Stop{}, base+proc.Second)
		_, _ = proc.Step(p, s, proc.Died{Pid: ourPid, Code: 0}, base+proc.Second)
	}
}
