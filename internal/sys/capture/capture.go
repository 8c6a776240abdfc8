// Package capture carries the bytes of the children: what they write goes to sinks, what they are to read is kept until
// they take it. A few shards do it all, each one goroutine with one set of descriptors to wait for and one buffer to
// read into, so that a pipe costs no memory of ours and a quiet one no time. A child that floods gets its turn and no
// more; a target that does not take what it is given holds up only the streams that lead to it.
package capture

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Sink takes what one stream brings. It is called from one goroutine at a time, must not keep p, and is not called any
// more once Drain has returned. What goes wrong in it is its own affair: errors are not looked at here.
type Sink interface {
	Write(p []byte) (int, error)
}

// Brake is a Sink that can be full. Wait tells whether it is; if so, it calls resume once, from a goroutine of its own,
// when there is room again. A full sink must take what Write gives it all the same.
type Brake interface {
	Sink
	Wait(resume func()) bool
}

// Func is a sink that is a function: a hook for events and debug copies.
type Func func(p []byte)

// Write calls f.
func (f Func) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}

// Sizes, in bytes.
const (
	chunk      = 128 << 10 // the most one read takes, hence the longest write to a sink (LOG-027)
	widePipe   = 1 << 20   // what the pipe of a child that floods is made
	usualPipe  = 64 << 10  // what a pipe holds when it is made
	InputLimit = 16 << 20  // what an Input keeps for a child that does not read
	queueLimit = 1 << 20   // what a slow target may be behind before its streams pause
	turn       = 8         // reads of one stream before the others of its shard have theirs
)

// flushTime is how long Close waits for slow targets.
const flushTime = time.Second

var (
	// ErrClosed says that the child does not read any more (RPC-045).
	ErrClosed = errors.New("cannot write to the child: it does not read its standard input")
	// ErrFull says that the child is too far behind with reading.
	ErrFull = errors.New("cannot write to the child: 16 MiB are waiting to be read already")
)

// Set is the shards. Its methods may be called from any goroutine.
type Set struct {
	shards []*shard
	next   atomic.Uint32

	drainMu  sync.Mutex // guards drainBuf, which all Drains share
	drainBuf []byte

	lanesMu sync.Mutex // guards what follows
	lanes   map[any]*lane
	closed  bool
	wg      sync.WaitGroup // the goroutines of the lanes
}

// Open starts the given number of shards, two for 0.
func Open(shards int) (*Set, error) {
	if shards <= 0 {
		shards = 2
	}
	s := &Set{lanes: map[any]*lane{}}
	for range shards {
		sh, err := newShard()
		if err != nil {
			_ = s.Close()
			return nil, err
		}
		s.shards = append(s.shards, sh)
		go sh.run()
	}
	return s, nil
}

// Child is the streams of one child. One shard carries them all, so that none of its two outputs overtakes the other.
type Child struct {
	set   *Set
	shard *shard
}

// Child deals the children out to the shards in turn.
func (s *Set) Child() Child {
	return Child{set: s, shard: s.shards[int(s.next.Add(1))%len(s.shards)]}
}

// Close stops the shards, closes every stream that is left, without draining it, and gives slow targets one second to
// take what is queued for them; what they have not taken then is lost, and the error counts it. It returns when all goroutines have ended but
// those that are stuck in a Write which nothing can interrupt. No method may be called after it, except those of
// Outputs and Inputs, which then do nothing.
func (s *Set) Close() error {
	for _, sh := range s.shards {
		sh.stop()
	}
	return s.closeLanes()
}

// To makes a log target fit to be a sink: a regular file is one as it is, anything else gets a queue and a goroutine
// that writes, because it may wait for strangers. The result owns t: close the result instead. Closing it does not
// wait; what is queued is still written.
func (s *Set) To(t Target) io.WriteCloser {
	if t.Regular() {
		return t
	}
	return s.Slow(t)
}

// Target is where a log goes. logfile.File is one.
type Target interface {
	io.WriteCloser
	Regular() bool // a write does not wait for anybody
}
