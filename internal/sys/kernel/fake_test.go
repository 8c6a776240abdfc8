package kernel_test

import (
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// TestFakeLivesByTheRulesOfTheRealOne: births, signals, deaths and strangers.
func TestFakeLivesByTheRulesOfTheRealOne(t *testing.T) {
	t.Parallel()
	f := kernel.NewFake()
	a, _ := f.Spawn(kernel.Child{Path: "a"})
	b, _ := f.Spawn(kernel.Child{Path: "b"})
	if _, _, ok := f.Wait(); ok || a == b {
		t.Fatal("somebody died")
	}
	if f.Kill(a, 15, true) != nil || f.Kill(b, 9, false) != nil || f.Kill(4711, 15, false) != syscall.ESRCH {
		t.Error("signals go astray")
	}
	f.End(4712, kernel.Status{Code: 3})
	<-f.Bell()
	for _, want := range []struct {
		pid int
		st  kernel.Status
	}{{b, kernel.Status{Code: -1, Signal: 9}}, {4712, kernel.Status{Code: 3}}} {
		if pid, st, ok := f.Wait(); !ok || pid != want.pid || st != want.st {
			t.Error(pid, st, ok)
		}
	}
	if alive := f.Alive(); len(alive) != 1 || alive[0] != a {
		t.Error(alive)
	}
	if sent := f.Sent(); len(sent) != 2 || !sent[0].Group || sent[1].Group {
		t.Error(sent)
	}
	f.Refuse = func(kernel.Child) error { return syscall.EAGAIN }
	if _, err := f.Spawn(kernel.Child{}); !errors.Is(err, syscall.EAGAIN) || len(f.Born()) != 2 {
		t.Error(err)
	}
}

// TestFakeClocksFollowTheBubbleAndTheHand: a jump moves the wall clock alone.
func TestFakeClocksFollowTheBubbleAndTheHand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := kernel.NewFake()
		mono, wall := f.Now(), f.Wall()
		<-time.After(time.Hour)
		f.Jump(-24 * time.Hour)
		f.Advance(time.Minute)
		<-f.Bell()
		if d := f.Now() - mono; d != proc.Time(61*time.Minute) {
			t.Error(time.Duration(d))
		}
		if d := f.Wall().Sub(wall); d != 61*time.Minute-24*time.Hour {
			t.Error(d)
		}
	})
}
