package python

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
)

// Result is what a listener has answered, for a result handler to judge.
type Result struct {
	Handler        string // module:function
	Group, Process string // the listener
	Event          event.Event
	Bytes          []byte
}

// ErrRejected is a handler's RejectEvent.
var ErrRejected = errors.New("the event was rejected")

// Judge asks a result handler. Nil is that it has returned; any error but ErrRejected is an exception of its, or an
// interpreter that does not answer.
func (b *Bridge) Judge(ctx context.Context, r Result) error {
	l := b.running()
	if l == nil {
		return errGone
	}
	text, err := json.Marshal(map[string]any{
		"spec": r.Handler, "group": r.Group, "process": r.Process, "event": eventFields(bus.Fact{Event: r.Event}),
		"result": bytesText(r.Bytes),
	})
	if err != nil {
		return err
	}
	got := l.send(ctx, 0, "result", func(dst []byte, _ int64) []byte { return append(dst, text...) })
	if got.err != nil {
		return got.err
	}
	var told struct{ Verdict, Crash, Text string }
	if err := json.Unmarshal(got.raw, &told); err != nil {
		return err
	}
	switch told.Verdict {
	case "ok":
		return nil
	case "reject":
		return ErrRejected
	case "error":
		b.o.Journal.Python(config.Debug, told.Crash)
		return errors.New(told.Text)
	}
	return fmt.Errorf("the interpreter's verdict %q means nothing", told.Verdict)
}
