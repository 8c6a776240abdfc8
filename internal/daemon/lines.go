package daemon

import (
	"bytes"
	"sync"
)

// lines makes lines of chunks and has them heard, one after the other. It is told chunks by whoever reads them, who
// must get on: a line that takes long to understand, for its length, is heard in a goroutine of its own, and so are
// those that come meanwhile.
type lines struct {
	hear func([]byte)
	work sync.WaitGroup

	mu    sync.Mutex // guards what follows
	rest  []byte     // the beginning of a line
	queue [][]byte
	held  int // bytes in the queue
	busy  bool
	room  *sync.Cond // of the queue
}

const (
	longLine  = 256 << 10 // bytes of a line that is not heard in passing
	lineLimit = 64 << 20  // of one that is kept; a longer one is heard in pieces, which are no messages
	heldLimit = 128 << 20 // of a queue; whoever fills it waits after all
)

// take takes a chunk.
func (l *lines) take(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		line, after, whole := bytes.Cut(b, []byte{'\n'})
		if !whole {
			break
		}
		if len(l.rest) > 0 {
			line = append(l.rest, line...)
			l.rest = nil
		} else {
			line = bytes.Clone(line)
		}
		l.whole(line)
		b = after
	}
	if l.rest = append(l.rest, b...); len(l.rest) > lineLimit {
		l.whole(l.rest)
		l.rest = nil
	}
}

func (l *lines) whole(line []byte) {
	if !l.busy && len(line) < longLine {
		l.hear(line)
		return
	}
	if l.room == nil {
		l.room = sync.NewCond(&l.mu)
	}
	for l.held > heldLimit {
		l.room.Wait()
	}
	l.queue, l.held = append(l.queue, line), l.held+len(line)
	if !l.busy {
		l.busy = true
		l.work.Go(l.drain)
	}
}

// drain hears what is in the queue.
func (l *lines) drain() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.queue) > 0 {
		line := l.queue[0]
		l.queue, l.held = l.queue[1:], l.held-len(line)
		l.mu.Unlock()
		l.hear(line)
		l.mu.Lock()
		l.room.Broadcast()
	}
	l.busy = false
}

// finish waits until everything has been heard.
func (l *lines) finish() { l.work.Wait() }
