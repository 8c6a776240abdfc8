package proc_test

import (
	"testing"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// holds: PROC-001
func TestThePhasesAreSupervisors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phase                        proc.Phase
		name                         string
		code                         int
		stopped, running, signalable bool
	}{
		{proc.Stopped, "STOPPED", 0, true, false, false},
		{proc.Starting, "STARTING", 10, false, true, true},
		{proc.Running, "RUNNING", 20, false, true, true},
		{proc.Backoff, "BACKOFF", 30, false, true, false},
		{proc.Stopping, "STOPPING", 40, false, false, true},
		{proc.Exited, "EXITED", 100, true, false, false},
		{proc.Fatal, "FATAL", 200, true, false, false},
		{proc.Unknown, "UNKNOWN", 1000, true, false, false},
	} {
		if c.phase.String() != c.name || c.phase.Code() != c.code {
			t.Errorf("%v is %d", c.phase, c.phase.Code())
		}
		if c.phase.IsStopped() != c.stopped || c.phase.IsRunning() != c.running || c.phase.IsSignallable() != c.signalable {
			t.Errorf("%v counts as stopped %t, running %t, signallable %t",
				c.phase, c.phase.IsStopped(), c.phase.IsRunning(), c.phase.IsSignallable())
		}
	}
}

func TestASetOfCodesHasWhatWasPutIn(t *testing.T) {
	t.Parallel()
	codes := proc.Codes{}.With(0).With(63).With(64).With(255).With(-1).With(256)
	for code := -2; code < 300; code++ {
		want := code == 0 || code == 63 || code == 64 || code == 255
		if codes.Has(code) != want {
			t.Errorf("%d: %t", code, codes.Has(code))
		}
	}
}
