// Package bus tells what has happened to everybody who wants to know: every fact once, in one order that is the same
// for all. Whoever publishes never waits: a fact is handed to takers, which keep their own queues, and appended to the
// bounded queues of subscriptions, which lose their oldest facts when nobody reads them and can say how many.
package bus

import (
	"sync"
	"sync/atomic"

	"github.com/reeve-sh/reeve/internal/core/event"
)

// Fact is one event with its place in the order of all: 1, 2, 3 ..., whoever wanted it. The numbers that listeners see
// are others (EVT-004).
type Fact struct {
	Number uint64
	event.Event
}

// Taker is told facts one after the other, in the goroutine that publishes. It must not block and must not call the
// bus.
type Taker interface{ Take(Fact) }

// Filter is the types that are wanted.
type Filter [event.Types]bool

// Of is the filter of these names: types and families, in upper case.
func Of(names ...string) Filter {
	var f Filter
	for t := range event.Types {
		for _, name := range names {
			f[t] = f[t] || t.Is(name)
		}
	}
	return f
}

// Bus is safe for use from several goroutines.
type Bus struct {
	wanted [event.Types]atomic.Int32

	mu     sync.Mutex // guards what follows, and is held while takers take
	number uint64
	takers []*taking
	closed bool
	change func() // told after every change of what is wanted
}

type taking struct {
	to     Taker
	filter Filter
}

// New is a bus that nobody listens to.
func New() *Bus { return &Bus{} }

// Wanted is whether anybody takes events of that type: whoever would have to copy much to publish asks first.
func (b *Bus) Wanted(t event.Type) bool { return b.wanted[t].Load() > 0 }

// Publish tells a fact to all who want it. What its Data holds must not change afterwards. After Close it does nothing.
func (b *Bus) Publish(e event.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return
	}
	b.number++
	if !b.Wanted(e.Type) {
		return
	}
	f := Fact{Number: b.number, Event: e}
	for _, t := range b.takers {
		if t.filter[e.Type] {
			t.to.Take(f)
		}
	}
}

// Published is how many facts there have been, whether anybody wanted them or not.
func (b *Bus) Published() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.number
}

// Attach lets t take what passes the filter, after those who were attached before. The result ends that; it returns
// when t is not called any more.
func (b *Bus) Attach(t Taker, f Filter) (detach func()) {
	me := &taking{t, f}
	b.mu.Lock()
	b.takers = append(b.takers, me)
	b.count(f, 1)
	tell := b.change
	b.mu.Unlock()
	if tell != nil {
		tell()
	}
	return sync.OnceFunc(func() {
		b.mu.Lock()
		for i, other := range b.takers {
			if other == me {
				b.takers = append(b.takers[:i:i], b.takers[i+1:]...)
				break
			}
		}
		b.count(f, -1)
		tell := b.change
		b.mu.Unlock()
		if tell != nil {
			tell()
		}
	})
}

func (b *Bus) count(f Filter, by int32) {
	for t, yes := range f {
		if yes {
			b.wanted[t].Add(by)
		}
	}
}

// Close ends the telling: nothing is taken any more when it returns.
func (b *Bus) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
}
