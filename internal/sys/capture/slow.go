package capture

import (
	"io"
	"sync"
)

// Slow is a sink for a target that may keep its writer waiting. It takes everything at once; a goroutine does the
// writing. Sinks of one target share it.
type Slow struct {
	lane *lane
	w    io.Writer
}

// Slow makes a sink of w, which belongs to it from now on. When w has a method Key() any, sinks with an equal key share
// one queue and one goroutine, and their chunks arrive in the order in which they were written.
func (s *Set) Slow(w io.Writer) *Slow {
	var key any = w
	if k, ok := w.(interface{ Key() any }); ok {
		key = k.Key()
	}
	s.lanesMu.Lock()
	defer s.lanesMu.Unlock()
	l := s.lanes[key]
	if l == nil {
		l = &lane{bell: make(chan struct{}, 1), cut: make(chan struct{})}
		l.idle = func() bool { return s.retire(key, l) }
		if !s.closed {
			s.lanes[key] = l
			s.wg.Add(1)
			go func() {
				defer s.wg.Done()
				l.run()
			}()
		}
	}
	l.users++
	return &Slow{lane: l, w: w}
}

// Write queues p. It never waits, and takes p also beyond the limit at which Wait says that the sink is full.
func (s *Slow) Write(p []byte) (int, error) {
	s.lane.push(item{w: s.w, n: len(p)}, p)
	return len(p), nil
}

// Wait tells whether the target is a mebibyte behind or more; see Brake.
func (s *Slow) Wait(resume func()) bool { return s.lane.wait(resume) }

// Close lets what is queued be written and closes w, if it can be closed, after that. It does not wait.
func (s *Slow) Close() error {
	s.lane.push(item{w: s.w, n: -1}, nil)
	return nil
}

// item is n bytes for w, or the closing of w when n is negative.
type item struct {
	w io.Writer
	n int
}

// lane is the queue to one slow target. users is guarded by the set's lanesMu.
type lane struct {
	bell  chan struct{} // something was queued
	cut   chan struct{} // closed when the set is: end when the queue is empty
	idle  func() bool   // nobody uses the lane any more: may its goroutine end?
	users int

	mu      sync.Mutex // guards what follows
	items   []item
	bytes   []byte
	behind  int // bytes queued or being written
	resumes []func()
	writing io.Writer // in whose Write the goroutine may be waiting
	given   bool      // up: nothing more is written
}

func (l *lane) push(it item, p []byte) {
	l.mu.Lock()
	if l.given && it.n >= 0 {
		l.mu.Unlock()
		return
	}
	if last := len(l.items) - 1; it.n > 0 && last >= 0 && l.items[last].w == it.w && l.items[last].n > 0 {
		l.items[last].n += it.n
	} else {
		l.items = append(l.items, it)
	}
	l.bytes = append(l.bytes, p...)
	l.behind += len(p)
	l.mu.Unlock()
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

func (l *lane) wait(resume func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.given || l.behind < queueLimit {
		return false
	}
	l.resumes = append(l.resumes, resume)
	return true
}

// run writes until nobody uses the lane, or until the queue is empty after the cut.
func (l *lane) run() {
	var items []item
	var bytes []byte
	for {
		items, bytes = l.take(items, bytes)
		if len(items) == 0 {
			select {
			case <-l.bell:
				continue
			case <-l.cut:
			}
			if items, bytes = l.take(items, bytes); len(items) == 0 {
				return
			}
		}
		closed := l.write(items, bytes)
		if closed > 0 && l.leave(closed) {
			return
		}
	}
}
