package python

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/loop"
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

// Judge asks a result handler and tells done what it says, later and in another goroutine: nil is that it has returned;
// any error but ErrRejected is an exception of its, or an interpreter that does not answer. Judge itself does not wait.
func (b *Bridge) Judge(r Result, done func(error)) {
	params := appendResult(nil, &r)
	l := b.running()
	if l == nil {
		b.aside(func() { done(errGone) })
		return
	}
	take := func(got reply) {
		if got.err != nil {
			done(got.err)
			return
		}
		done(b.verdict(got.raw))
	}
	ask := func(view *loop.View) error {
		return l.request(view, "result", func(dst []byte, _ int64) []byte { return append(dst, params...) }, take)
	}
	if view := b.o.Loop.Glance(); view != nil {
		if err := ask(view); err != nil {
			b.aside(func() { done(err) })
		}
		return
	}
	b.aside(func() { // to make a view is the loop's, which may just now be waiting for whoever has called us
		view, err := b.o.View(context.Background())
		if err == nil || errors.Is(err, loop.ErrOver) {
			err = ask(view)
		}
		if err != nil {
			done(err)
		}
	})
}

// aside does something that may wait in a goroutine of its own.
func (b *Bridge) aside(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.work.Go(do)
	}
}

func appendResult(dst []byte, r *Result) []byte {
	dst = appendString(append(dst, `{"spec":`...), r.Handler)
	dst = appendString(append(dst, `,"group":`...), r.Group)
	dst = appendString(append(dst, `,"process":`...), r.Process)
	dst = appendBytes(append(dst, `,"result":`...), r.Bytes)
	return append(appendEvent(append(dst, `,"event":`...), &r.Event), '}')
}

// good is how our host writes that a handler has returned.
const good = `{"verdict":"ok"}`

// verdict is what a handler has said.
func (b *Bridge) verdict(text []byte) error {
	if string(text) == good {
		return nil
	}
	var told struct{ Verdict, Crash, Text string }
	if err := json.Unmarshal(text, &told); err != nil {
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
