package capture

import (
	"fmt"
	"io"
	"time"
)

// take swaps the queue for the buffers that were just written, and drops big ones that are not needed now.
func (l *lane) take(items []item, bytes []byte) ([]item, []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.items) == 0 && cap(bytes) > chunk {
		bytes = nil
	}
	taken, data := l.items, l.bytes
	l.items, l.bytes = items[:0], bytes[:0]
	return taken, data
}

// write writes one batch and returns how many users closed their end in it.
func (l *lane) write(items []item, bytes []byte) (closed int) {
	for _, it := range items {
		if it.n < 0 {
			closed++
			if c, ok := it.w.(io.Closer); ok {
				_ = c.Close()
			}
			continue
		}
		l.mu.Lock()
		l.writing = it.w
		given := l.given
		l.mu.Unlock()
		if !given {
			_, _ = it.w.Write(bytes[:it.n])
		}
		bytes = bytes[it.n:]
		l.wrote(it.n)
	}
	return closed
}

// wrote counts what is off the queue and lets the streams go on when half of it is empty.
func (l *lane) wrote(n int) {
	l.mu.Lock()
	l.writing = nil
	l.behind -= n
	var resumes []func()
	if l.behind <= queueLimit/2 {
		resumes, l.resumes = l.resumes, nil
	}
	l.mu.Unlock()
	for _, resume := range resumes {
		resume()
	}
}

// leave counts users that are gone; true when the goroutine is to end.
func (l *lane) leave(closed int) bool {
	for range closed {
		if l.idle() {
			return true
		}
	}
	return false
}

// retire takes one user off a lane and forgets the lane after the last.
func (s *Set) retire(key any, l *lane) bool {
	s.lanesMu.Lock()
	defer s.lanesMu.Unlock()
	if l.users--; l.users > 0 {
		return false
	}
	if s.lanes[key] == l {
		delete(s.lanes, key)
	}
	return true
}

// closeLanes ends the lanes: a second to write what is queued, then whoever waits is interrupted, then they are left.
func (s *Set) closeLanes() error {
	s.lanesMu.Lock()
	s.closed = true
	lanes := make([]*lane, 0, len(s.lanes))
	for _, l := range s.lanes {
		lanes = append(lanes, l)
	}
	s.lanesMu.Unlock()
	for _, l := range lanes {
		close(l.cut)
	}
	gone := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(gone)
	}()
	lost := 0
	if !within(gone, flushTime) {
		for _, l := range lanes {
			lost += l.giveUp()
		}
		within(gone, flushTime/4)
	}
	for _, l := range lanes {
		l.giveUp() // nobody is there to write what comes now
	}
	if lost > 0 {
		return fmt.Errorf("cannot write the last %d bytes of output: their readers do not read", lost)
	}
	return nil
}

// within waits for done, but no longer than d.
func within(done <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// giveUp drops what is queued, interrupts a target that can be interrupted, and returns how much was left.
func (l *lane) giveUp() int {
	l.mu.Lock()
	l.given = true
	w, left := l.writing, l.behind
	l.mu.Unlock()
	if i, ok := w.(interface{ Interrupt() }); ok {
		i.Interrupt()
	}
	return left
}
