package listener

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reeve-sh/reeve/internal/core/listener"
)

// Judge begins to decide what a listener's result means, in place of supervisor.dispatchers:default_handler, and tells
// done: nil is a success, ErrRejected has the event told again, and any other error leaves the listener deaf, as an
// exception of a result_handler does. It is called by whoever reads the listener, so it must not wait, and done must not
// be called before it has returned, but from any other goroutine; only the first call counts.
type Judge func(c Case, done func(error))

// Case is a result with what led to it.
type Case struct {
	Pool, Process string
	Event         *listener.Fact
	PoolSerial    uint64
	Result        []byte
}

// ErrRejected says that the event is to be told again.
var ErrRejected = errors.New("event rejected")

// judgeLimit is how long a Judge may take. Supervisor, which stands still meanwhile, has no limit.
const judgeLimit = time.Minute

var errLate = errors.New("it has not said anything in a minute")

// stock is the handler that needs nobody to be asked.
const stock = "supervisor.dispatchers:default_handler"

// asks is whether results of this pool are for somebody else to judge.
func (p *pool) asks() bool { return p.conf.ResultHandler != "" && p.conf.ResultHandler != stock }

// Judge begins to judge a result; see listener.Host. The listener stays busy meanwhile and nobody else waits: neither
// does a goroutine, so that a verdict costs no more than the two messages that it takes.
func (h host) Judge(t listener.Ticket, member int, e listener.Entry, result []byte) {
	p := h.pool
	c := Case{
		Pool: p.conf.Name, Process: p.members[member].name,
		Event: e.Fact, PoolSerial: e.PoolSerial, Result: bytes.Clone(result),
	}
	ctx, cancel := context.WithTimeout(h.hall.ctx, judgeLimit)
	stop := context.AfterFunc(ctx, func() { p.judged(t, c, errLate) })
	done := func(err error) {
		stop()
		cancel()
		p.judged(t, c, err)
	}
	if err := p.ask(c, done); err != nil {
		h.hall.work.Go(func() { done(err) })
	}
}

// ask finds the Judge and has it begin. A panic is an error of its.
func (p *pool) ask(c Case, done func(error)) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	if p.judge == nil && p.hall.o.Handlers != nil {
		if judge, ok := p.hall.o.Handlers(p.conf.ResultHandler); ok {
			p.judge = judge
		}
	}
	if p.judge == nil {
		return errors.New("nobody offers it")
	}
	p.judge(c, done)
	return nil
}

// judged takes a verdict; the first one on a ticket counts.
func (p *pool) judged(t listener.Ticket, c Case, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.hall.ctx.Err() != nil || !p.core.Awaits(t) {
		return
	}
	switch {
	case err == nil:
		p.core.Judged(t, listener.Processed)
	case errors.Is(err, ErrRejected):
		p.core.Judged(t, listener.Rejected)
	default:
		p.hall.o.Journal.HandlerFailed(c.Process, p.conf.ResultHandler, err)
		p.core.Judged(t, listener.Failed)
	}
}
