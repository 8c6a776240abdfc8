package rpc2

import (
	"context"
	"sync"

	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// watched is the context of a call that may take long: it ends when the client hangs up. It begins to watch only when
// somebody waits for its end, since watching costs a goroutine and most calls are done before. When the call has been
// answered nothing is watched any more, even if somebody kept the context.
type watched struct {
	context.Context // what came with the request: its values, and the end of the server's patience
	r               *httpd.Request

	mu   sync.Mutex // guards what follows
	ctx  context.Context
	over bool
}

func (w *watched) watch() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.over:
		return ended
	case w.ctx == nil:
		w.ctx = w.r.Watched()
	}
	return w.ctx
}

// Done is closed when the client has hung up.
func (w *watched) Done() <-chan struct{} { return w.watch().Done() }

// Err is why it is closed.
func (w *watched) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.over:
		return ended.Err()
	case w.ctx == nil:
		return w.Context.Err()
	}
	return w.ctx.Err()
}

// end comes with the answer.
func (w *watched) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
}

// ended is a context that has ended.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()
