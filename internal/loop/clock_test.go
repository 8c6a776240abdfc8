package loop_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// TestClockThatJumpsMovesNoDelay: the wall clock is set by an hour, a day and beyond 2038, forth and back, in every
// phase that waits for a moment; the story is the same to the nanosecond.
// fault: 15
func TestClockThatJumpsMovesNoDelay(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{0, time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour, 50 * 365 * 24 * time.Hour} {
		t.Run(fmt.Sprint(jump), func(t *testing.T) {
			t.Parallel()
			bubble(t, nil, nil, func(h *house) {
				h.add(program("a", startsecs(10), restart(config.RestartAlways)))
				h.begin()
				shift := func(from proc.Phase) {
					pass(500 * time.Millisecond)
					if p := h.see("a"); p.Phase != from {
						t.Errorf("%v, and should be %v", p.Phase, from)
					}
					h.k.Jump(jump)
				}
				die := func() { h.k.Exit(h.see("a").Pid, 3) }
				shift(proc.Starting) // at 0.5
				pass(2 * time.Second)
				die() // at 2.5, too soon
				shift(proc.Backoff)
				pass(20 * time.Second) // born again at 3.5, up at 13.5
				h.k.Jump(jump)
				pass(time.Second)
				h.k.Jump(-2 * jump)
				shift(proc.Running) // at 24.5
				if err := h.stop(ctx, "a", false); err != nil {
					t.Error(err)
				}
				shift(proc.Stopping)
				pass(20 * time.Second)
				equal(t, h.story("a"), "a STARTING 0s", "a BACKOFF 2.5s", "a STARTING 3.5s", "a RUNNING 13.5s", "a STOPPING 24.5s", "a STOPPED 34.5s")
				h.obey(obedient)
			})
		})
	}
}

// TestWeekOfTroubleIsPlayedInAMoment: a program that dies every hour is there at the end of the week.
func TestWeekOfTroubleIsPlayedInAMoment(t *testing.T) {
	t.Parallel()
	bubble(t, func(k *kernel.Fake) { k.Obey = obedient }, nil, func(h *house) {
		h.add(program("a"))
		h.begin()
		for range 7 * 24 {
			pass(time.Hour)
			h.k.Exit(h.see("a").Pid, 1)
		}
		pass(time.Minute)
		if p := h.see("a"); p.Phase != proc.Running || len(h.k.Born()) != 7*24+1 {
			t.Errorf("%v after %d births", p.Phase, len(h.k.Born()))
		}
	})
}
