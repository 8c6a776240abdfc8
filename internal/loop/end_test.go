package loop_test

import (
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
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
