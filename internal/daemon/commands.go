package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// runCommand runs a command for a guest. What the guest takes the output with may wait, so a goroutine of its own stands
// between it and the shards; both have ended when it returns, unless a guest does not come back out of a Write.
func (g *generation) runCommand(ctx context.Context, c ext.Command) (ext.Exit, error) {
	l := loop.Command{Argv: c.Argv, Dir: c.Directory, UID: -1, Umask: -1, Stdin: c.Stdin, Grace: c.Grace}
	if c.Umask > 0 {
		l.Umask = c.Umask
	}
	l.Env = variables(c.Env)
	if c.Env == nil {
		l.Env = slices.Concat(g.p.world.Environ(), g.conf.Daemon.Environment)
	}
	l.Env = append(l.Env, variables(c.AddEnv)...)
	if c.User != "" {
		uid, _, found := g.p.world.User(c.User)
		if !found {
			return ext.Exit{}, fmt.Errorf("cannot run %q: there is no user %q", c.Argv, c.User)
		}
		l.UID = uid
	}
	var ends []*outlet
	tap := func(w io.Writer) capture.Sink {
		if w == nil {
			return nil
		}
		o := &outlet{w: w, flushed: make(chan struct{})}
		o.queue = g.capture.Slow(o)
		ends = append(ends, o)
		return o.queue
	}
	l.Stdout, l.Stderr = tap(c.Stdout), tap(c.Stderr)
	begun := time.Now()
	st, err := g.loop.Run(ctx, l)
	for _, o := range ends {
		o.finish(ctx)
	}
	return ext.Exit{Code: st.Code, Signal: st.Signal, Core: st.Core, Took: time.Since(begun)}, refusal(err)
}

// variables takes NAME=value pairs apart.
func variables(pairs []string) []config.Var {
	out := make([]config.Var, len(pairs))
	for i, pair := range pairs {
		out[i].Name, out[i].Value, _ = strings.Cut(pair, "=")
	}
	return out
}

// refusal is why there was no command, as guests and their callers are told.
func refusal(err error) error {
	var cannot *kernel.CommandError
	switch {
	case errors.Is(err, loop.ErrOver):
		return ext.Refuse(ext.ShutdownState, "")
	case !errors.As(err, &cannot):
		return err
	case cannot.Missing:
		return ext.Refuse(ext.NoFile, "%s", cannot.Text)
	}
	return ext.Refuse(ext.NotExecutable, "%s", cannot.Text)
}

// outlet is where one output of a command ends. After an error of its writer the rest is dropped.
type outlet struct {
	w       io.Writer
	failed  bool // owned by the queue's goroutine
	queue   *capture.Slow
	flushed chan struct{}
}

func (o *outlet) Write(p []byte) (int, error) {
	if !o.failed {
		_, err := o.w.Write(p)
		o.failed = err != nil
	}
	return len(p), nil
}

// Close is called after the last Write.
func (o *outlet) Close() error {
	close(o.flushed)
	return nil
}

// finish waits until everything is written; when nobody waits for the command any more, no longer than a grace.
func (o *outlet) finish(ctx context.Context) {
	_ = o.queue.Close()
	select {
	case <-o.flushed:
		return
	case <-ctx.Done():
	}
	patience := time.NewTimer(grace)
	defer patience.Stop()
	select {
	case <-o.flushed:
	case <-patience.C:
	}
}
