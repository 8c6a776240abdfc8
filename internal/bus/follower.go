package bus

import (
	"slices"
	"sync"
)

// Follower is a bounded queue of notes for a reader in its own time. What does not fit pushes out the oldest.
type Follower struct {
	ring   *Ring
	wish   Wish
	limit  int
	detach func() // from what the ring does not take; may be nil
	bell   chan struct{}

	mu    sync.Mutex // guards what follows
	queue []Note
	gap   Gap    // what replay could not give
	lost  uint64 // since the last note that was read
}

// Take queues a fact that the ring does not keep. It is the bus that calls it.
func (f *Follower) Take(fact Fact) {
	f.add(note(fact, f.ring.now()))
}

// add queues a note if it is wanted.
func (f *Follower) add(n Note) {
	if !f.wish.Filter[n.Type] || f.wish.Match != nil && !f.wish.Match(&n.Event) {
		return
	}
	f.mu.Lock()
	if len(f.queue) == f.limit {
		f.queue[0] = Note{}
		f.queue = f.queue[1:]
		f.lost++
	}
	f.queue = append(f.queue, n)
	f.mu.Unlock()
	select {
	case f.bell <- struct{}{}:
	default:
	}
}

// Bell rings when there may be something to Pop again after there was nothing.
func (f *Follower) Bell() <-chan struct{} { return f.bell }

// Pop takes the next note without waiting. A gap that is not zero comes first, alone, where notes are missing; ok is
// false when there is neither.
func (f *Follower) Pop() (n Note, g Gap, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.gap != Gap{}:
		g, f.gap = f.gap, Gap{}
		return Note{}, g, true
	case f.lost > 0:
		g, f.lost = Gap{Lost: f.lost, Slow: true}, 0
		return Note{}, g, true
	case len(f.queue) == 0:
		return Note{}, Gap{}, false
	}
	n = f.queue[0]
	f.queue[0] = Note{}
	f.queue = f.queue[1:]
	return n, Gap{}, true
}

// Close ends the following. It may be called once.
func (f *Follower) Close() {
	if f.detach != nil {
		f.detach()
	}
	f.ring.mu.Lock()
	defer f.ring.mu.Unlock()
	if at := slices.Index(f.ring.followers, f); at >= 0 {
		f.ring.followers = slices.Delete(f.ring.followers, at, at+1)
	}
}
