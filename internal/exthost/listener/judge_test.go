package listener_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	core "github.com/reeve-sh/reeve/internal/core/listener"
	"github.com/reeve-sh/reeve/internal/exthost/listener"
)

// judged is a pool whose results judge judges, in a goroutine of its own. The context ends with the test.
func (h *house) judged(name, handler string, judge func(context.Context, listener.Case) error) *guest {
	h.judge = func(c listener.Case, done func(error)) { go func() { done(judge(h.ctx, c)) }() }
	return h.enter(config.Group{Name: name, Events: []string{"REMOTE_COMMUNICATION"}, BufferSize: 10, ResultHandler: handler})
}

func (h *house) remote(text string) {
	h.bus.Publish(event.Event{Type: event.RemoteCommunication, Kind: "k", Data: []byte(text)})
}

func TestAJudgeIsToldWhatLedToTheResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, &core.Serials{})
		var cases []string
		x := h.judged("x", "test:judge", func(_ context.Context, c listener.Case) error {
			cases = append(cases, fmt.Sprintf("%s:%s %d/%d %s %q %q %q", c.Pool, c.Process, c.Event.Serial, c.PoolSerial,
				c.Event.Type, c.Event.Event.Data, c.Event.Payload, c.Result))
			return nil
		})
		h.remote("a")
		h.remote("b")
		x.say("READY\n")
		x.say("RESULT 3\nxyzREADY\n")
		synctest.Wait()
		if got := x.serials(); got != "0/0 1/1" {
			t.Errorf("heard %s", got)
		}
		want := `x:p 0/0 REMOTE_COMMUNICATION "a" "type:k\na" "xyz"`
		if len(cases) != 1 || cases[0] != want {
			t.Errorf("judged %q, want %s", cases, want)
		}
	})
}

func TestWhatAJudgeSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, handler string
		judge         func(context.Context, listener.Case) error
		heard, log    string
	}{
		{"rejected", "test:judge", func(context.Context, listener.Case) error { return fmt.Errorf("x: %w", listener.ErrRejected) },
			"0/0 0/0", "WARN p: event was rejected\n"},
		{"failed", "test:judge", func(context.Context, listener.Case) error { return errors.New("why") },
			"0/0", "WARN p: cannot judge its result by test:judge: why\nWARN p: event caused an error\n"},
		{"unknown", "no:where", nil, "0/0", "WARN p: cannot judge its result by no:where: nobody offers it\nWARN p: event caused an error\n"},
		{"slow", "test:judge", func(ctx context.Context, _ listener.Case) error { <-ctx.Done(); return nil },
			"0/0", "WARN p: cannot judge its result by test:judge: it has not said anything in a minute\nWARN p: event caused an error\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, &core.Serials{})
				x := h.judged("x", c.handler, c.judge)
				h.remote("a")
				x.say("READY\n")
				x.say("RESULT 1\nxREADY\n")
				<-time.After(2 * time.Minute)
				if got := x.serials(); got != c.heard {
					t.Errorf("heard %s, want %s", got, c.heard)
				}
				remark := ""
				if c.heard == "0/0" {
					remark = "listener protocol broken: its result_handler failed"
				}
				if got := x.pool.Remark("p"); got != remark {
					t.Errorf("the remark is %q, want %q", got, remark)
				}
				if got := h.lines(t); !strings.HasPrefix(got, c.log) {
					t.Errorf("the journal says\n%swant\n%s", got, c.log)
				}
			})
		})
	}
}

func TestAJudgeThatPanicsIsOneThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, &core.Serials{})
		x := h.judged("x", "test:judge", nil)
		h.judge = func(listener.Case, func(error)) { panic("oh") }
		h.remote("a")
		x.say("READY\n")
		x.say("RESULT 1\nxREADY\n")
		synctest.Wait()
		want := "WARN p: cannot judge its result by test:judge: panic: oh\nWARN p: event caused an error\n"
		if got := h.lines(t); !strings.HasPrefix(got, want) {
			t.Errorf("the journal says\n%swant\n%s", got, want)
		}
	})
}

func TestOnlyTheFirstVerdictCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, &core.Serials{})
		x := h.judged("x", "test:judge", nil)
		h.judge = func(_ listener.Case, done func(error)) {
			go func() { done(listener.ErrRejected); done(errors.New("oh")) }()
		}
		h.remote("a")
		x.say("READY\n")
		x.say("RESULT 1\nxREADY\n")
		synctest.Wait()
		if got := x.serials(); got != "0/0 0/0" {
			t.Errorf("heard %s", got)
		}
	})
}

func TestAJudgeThatThinksHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, &core.Serials{})
		begun, free := make(chan struct{}), make(chan struct{})
		x := h.judged("x", "test:judge", func(context.Context, listener.Case) error { close(begun); <-free; return nil })
		other := h.enter(config.Group{Name: "y", Events: []string{"EVENT"}, BufferSize: 10})
		h.remote("a")
		x.say("READY\n")
		x.say("RESULT 1\nx")
		<-begun
		x.say("READY\n")
		h.remote("b")
		other.answer(2)
		if got := x.serials(); got != "0/0" {
			t.Errorf("the busy one heard %s", got)
		}
		if got := other.serials(); got != "0/0 1/1" {
			t.Errorf("the other heard %s", got)
		}
		x.pool.Gone("p") // dies while it is judged
		x.live()
		x.say("READY\n")
		close(free)
		synctest.Wait()
		if got := x.serials(); got != "0/0 1/1" {
			t.Errorf("in its next life it heard %s: the first event was judged good", got)
		}
	})
}

func TestTheEndOfAHallIsTheEndOfItsJudges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, &core.Serials{})
		x := h.judged("x", "test:judge", func(ctx context.Context, _ listener.Case) error { <-ctx.Done(); return ctx.Err() })
		h.remote("a")
		x.say("READY\n")
		x.say("RESULT 1\nx")
		synctest.Wait()
		h.Close()
		if got := h.lines(t); got != "" {
			t.Errorf("the journal says %s", got)
		}
	})
}
