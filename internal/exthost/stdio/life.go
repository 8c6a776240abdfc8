package stdio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/wire/jsonrpc"
)

// life is the dialogue with one process of a guest. What it reads comes through Write, in one goroutine that may wait:
// then the process's pipe is left alone, and nobody else's.
type life struct {
	g     *guest
	close func() error // of the sink before us

	ctx context.Context // ends with the process
	end context.CancelFunc

	// Of whoever reads.
	rest   []byte           // the beginning of a line
	share  <-chan time.Time // when it may write to the main log again as it likes; nil for now
	logged int              // bytes that it has written there since

	mu      sync.Mutex // guards what follows; held while a message is written, so that all are in one order
	write   func([]byte) error
	buf     []byte
	last    uint64                        // id of our last request
	waiting map[uint64]chan<- reply       // nil for who waits no more
	serving map[string]context.CancelFunc // the guest's requests, by id
	broken  bool                          // it has left the protocol, or is gone: nothing more is read
	ended   string                        // why the calls of now fail
}

// reply is the answer to one of our requests.
type reply struct {
	m   jsonrpc.Message
	err error
}

func newLife(g *guest, write func([]byte) error) *life {
	l := &life{g: g, write: write, waiting: map[uint64]chan<- reply{}, serving: map[string]context.CancelFunc{}}
	l.ctx, l.end = context.WithCancel(g.ctx)
	if write == nil {
		l.write = func([]byte) error { return capture.ErrClosed }
	}
	return l
}

// Write takes what the process has written. It never fails.
func (l *life) Write(p []byte) (int, error) {
	n := len(p)
	for !l.over() { // what is said after a breach is not heard
		line, after, whole := bytes.Cut(p, []byte{'\n'})
		if len(l.rest)+len(line) > longestLine {
			l.breach(fmt.Sprintf("a line has more than %d MiB", longestLine>>20), append(l.rest, line[:min(len(line), shownOfBreach)]...))
			break
		}
		if !whole {
			l.rest = append(l.rest, line...)
			return n, nil
		}
		if len(l.rest) > 0 {
			line, l.rest = append(l.rest, line...), nil
		}
		l.hear(line)
		p = after
	}
	l.rest = nil
	return n, nil
}

// Close is the end of everything that the process has written.
func (l *life) Close() error {
	l.finish("its process has ended")
	return nil
}

func (l *life) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.broken
}

// finish fails what is still waited for.
func (l *life) finish(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended == "" {
		l.ended = why
	}
	l.broken = true
	for id, to := range l.waiting {
		if to != nil {
			to <- reply{err: l.down()}
		}
		delete(l.waiting, id)
	}
	l.end()
}

// down is the error of calls that come too late. The caller holds the mutex.
func (l *life) down() error { return fmt.Errorf("extension %s is down: %s", l.g.conf.Name, l.ended) }

// breach says that the process has left the protocol, and has it killed.
func (l *life) breach(why string, what []byte) {
	l.mu.Lock()
	again := l.broken
	l.broken = true
	l.ended = why
	l.mu.Unlock()
	if again {
		return
	}
	shown := ""
	if what != nil {
		shown = fmt.Sprintf(": got %q", what[:min(len(what), shownOfBreach)])
	}
	l.g.host.Log(ext.Error, "has left the protocol, %s%s (killing it)", why, shown)
	l.finish(why)
	l.g.work.Go(func() {
		l.g.mu.Lock()
		mine := l.g.life == l
		if mine {
			l.g.ready, l.g.why = false, why
		}
		l.g.mu.Unlock()
		if mine {
			_ = l.g.h.o.Keeper().Strike(l.g.ctx, l.g.conf.Section)
		}
	})
}

// hear takes one line.
func (l *life) hear(line []byte) {
	if len(bytes.TrimSpace(line)) == 0 {
		return
	}
	m, err := jsonrpc.Parse(line)
	switch {
	case err != nil:
		l.breach("a line is no message, "+err.Error(), line)
	case m.Kind == jsonrpc.Request:
		l.asked(m)
	case m.Kind == jsonrpc.Notification:
		l.told(m)
	default:
		l.answered(m, line)
	}
}

// answered takes an answer to where it is waited for.
func (l *life) answered(m jsonrpc.Message, line []byte) {
	id, err := strconv.ParseUint(m.ID, 10, 64)
	l.mu.Lock()
	to, known := l.waiting[id]
	delete(l.waiting, id)
	l.mu.Unlock()
	switch {
	case err != nil:
		l.breach("an answer has an id that is not the request's as it came, a number", line)
	case !known:
		l.breach("an answer has an id that nobody waits for", line)
	case to != nil:
		to <- reply{m: m}
	}
}

// errBusy is that the process has too much to answer.
var errBusy = fmt.Errorf("it has %d calls to answer already", mostCalls)

// request asks and waits for the answer, a failure being a *jsonrpc.Error. When ctx ends the process is told that nobody waits any more.
func (l *life) request(ctx context.Context, method string, params []byte) (jsonrpc.Message, error) {
	answer := make(chan reply, 1)
	id, err := l.ask(method, params, answer)
	if err != nil {
		return jsonrpc.Message{}, err
	}
	select {
	case r := <-answer:
		if r.err == nil && r.m.Error != nil {
			r.err = r.m.Error
		}
		return r.m, r.err
	case <-ctx.Done():
	}
	l.mu.Lock()
	if _, still := l.waiting[id]; still {
		l.waiting[id] = nil
	}
	l.mu.Unlock()
	_ = l.notify("cancel", fmt.Appendf(nil, `{"id":%d}`, id))
	return jsonrpc.Message{}, ctx.Err()
}

func (l *life) ask(method string, params []byte, answer chan<- reply) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.broken:
		return 0, l.down()
	case len(l.waiting) >= mostCalls:
		return 0, errBusy
	}
	l.last++
	l.buf = jsonrpc.AppendRequest(l.buf[:0], strconv.FormatUint(l.last, 10), method, params)
	if err := l.send(); err != nil {
		return 0, err
	}
	l.waiting[l.last] = answer
	return l.last, nil
}

// notify tells the process something.
func (l *life) notify(method string, params []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken {
		return l.down()
	}
	l.buf = jsonrpc.AppendRequest(l.buf[:0], "", method, params)
	return l.send()
}

// send writes what is in buf. The caller holds the mutex.
func (l *life) send() error {
	err := l.write(l.buf)
	if cap(l.buf) > 1<<20 {
		l.buf = nil
	}
	switch {
	case errors.Is(err, capture.ErrFull):
		return errors.New("it does not read what it is told")
	case err != nil:
		return errors.New("it has closed its standard input")
	}
	return nil
}
