package loop_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// mores is what was told beyond Supervisor's payloads about a process's changes.
func (h *house) mores() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, f := range h.facts {
		if m := f.More; m != nil {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%v restarts %d up %v ended %t code %d %s core %t %s",
				m.To, m.Restarts, time.Duration(m.Uptime), m.Ended, m.Code, m.Signal, m.Core, m.Why)))
		}
	}
	return out
}

func TestAChangeTellsHowAChildEndedAndHowLongItLived(t *testing.T) {
	t.Parallel()
	bubble(t, nil, nil, func(h *house) {
		h.add(program("a"))
		h.begin()
		pass(3 * time.Second)
		h.k.End(h.see("a").Pid, kernel.Status{Code: 3})
		pass(time.Second / 2)
		h.k.End(h.see("a").Pid, kernel.Status{Code: -1, Signal: 11, Core: true})
		pass(time.Second / 2)
		if err := h.stop(ctx, "a", true); err != nil {
			t.Error(err)
		}
		equal(t, h.mores(),
			"STARTING restarts 0 up 0s ended false code 0  core false",
			"RUNNING restarts 0 up 1s ended false code 0  core false",
			"EXITED restarts 0 up 3s ended true code 3  core false",
			"STARTING restarts 1 up 0s ended false code 0  core false",
			"BACKOFF restarts 1 up 500ms ended true code 0 SIGSEGV core true Exited too quickly (process log may have details)",
			"STOPPED restarts 1 up 0s ended false code 0  core false", // there was no child any more
		)
	})
}

func TestGivingUpTellsHowLongTheLastChildLived(t *testing.T) {
	t.Parallel()
	bubble(t, nil, nil, func(h *house) {
		p := program("a")
		p.Startretries = 0
		h.add(p)
		h.begin()
		pass(time.Second / 2)
		h.k.End(h.see("a").Pid, kernel.Status{Code: 3})
		pass(time.Second)
		equal(t, h.mores(),
			"STARTING restarts 0 up 0s ended false code 0  core false",
			"BACKOFF restarts 0 up 500ms ended true code 3  core false Exited too quickly (process log may have details)",
			"FATAL restarts 0 up 500ms ended true code 3  core false Exited too quickly (process log may have details)",
		)
	})
}

func TestAChangeTellsWhyThereIsNoChild(t *testing.T) {
	t.Parallel()
	bubble(t, nil, nil, func(h *house) {
		p := program("a", command("/nonexistent/program"))
		p.Startretries = 0
		h.add(p)
		h.begin()
		pass(time.Second)
		equal(t, h.mores(),
			"STARTING restarts 0 up 0s ended false code 0  core false",
			"BACKOFF restarts 0 up 0s ended false code 0  core false can't find command '/nonexistent/program'",
			"FATAL restarts 0 up 0s ended false code 0  core false can't find command '/nonexistent/program'",
		)
	})
}

// TestTheLineComesBeforeWhatSomebodyDoesAboutIt: a listener that ends the daemon when a process is FATAL is answered
// after the line that says so.
func TestTheLineComesBeforeWhatSomebodyDoesAboutIt(t *testing.T) {
	t.Parallel()
	var h *house
	var early []string
	lines := map[event.Type]string{
		event.ProcessStateRunning: "success: a entered", event.ProcessStateExited: "exited: a", event.ProcessStateFatal: "gave up: b",
	}
	bubble(t, nil, func(e event.Event) {
		if want := lines[e.Type]; want != "" && e.Process != "" && !strings.Contains(h.log.String(), want) {
			early = append(early, e.Type.String())
		}
	}, func(it *house) {
		h = it
		a, b := program("a"), program("b", command("/nonexistent/program"))
		b.Startretries = 0
		h.add(a, b)
		h.begin()
		pass(2 * time.Second)
		h.k.End(h.see("a").Pid, kernel.Status{Code: 3})
		pass(time.Second)
		if len(early) > 0 || h.see("b").Phase != proc.Fatal {
			t.Errorf("before their lines: %v; b is %v", early, h.see("b").Phase)
		}
	})
}
