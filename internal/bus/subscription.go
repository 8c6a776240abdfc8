package bus

import (
	"context"
	"errors"
	"sync"
)

// ErrClosed answers whoever reads a subscription that has been closed.
var ErrClosed = errors.New("the subscription is closed")

// Subscription is a bounded queue of facts for a reader in its own time.
type Subscription struct {
	detach func()
	bell   chan struct{}
	gone   chan struct{}

	mu   sync.Mutex // guards what follows
	ring []Fact     // as long as the queue may get
	head int
	n    int
	lost uint64
}

// Subscribe queues up to limit facts that pass the filter, from now on.
func (b *Bus) Subscribe(f Filter, limit int) *Subscription {
	s := &Subscription{bell: make(chan struct{}, 1), gone: make(chan struct{}), ring: make([]Fact, max(limit, 1))}
	s.detach = b.Attach(s, f)
	return s
}

// Take queues a fact, over the oldest one when there is no room. It is the bus that calls it.
func (s *Subscription) Take(f Fact) {
	s.mu.Lock()
	if s.n == len(s.ring) {
		s.head = (s.head + 1) % len(s.ring)
		s.n--
		s.lost++
	}
	s.ring[(s.head+s.n)%len(s.ring)] = f
	s.n++
	s.mu.Unlock()
	select {
	case s.bell <- struct{}{}:
	default:
	}
}

// Next waits for the next fact. lost is how many were dropped right before it because nobody read them. One goroutine
// at a time may call it.
func (s *Subscription) Next(ctx context.Context) (f Fact, lost uint64, err error) {
	for {
		if f, lost, ok := s.pop(); ok {
			return f, lost, nil
		}
		select {
		case <-s.bell:
		case <-s.gone:
			return Fact{}, 0, ErrClosed
		case <-ctx.Done():
			return Fact{}, 0, ctx.Err()
		}
	}
}

func (s *Subscription) pop() (f Fact, lost uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.n == 0 {
		return Fact{}, 0, false
	}
	f, lost = s.ring[s.head], s.lost
	s.ring[s.head] = Fact{}
	s.head = (s.head + 1) % len(s.ring)
	s.n--
	s.lost = 0
	return f, lost, true
}

// Close ends the subscription and wakes its reader. It may be called once, from any goroutine.
func (s *Subscription) Close() {
	s.detach()
	close(s.gone)
}
