// Package listener runs event listeners: the pools of one generation, each the dialogue of core/listener with wires to
// the processes that the loop has started for it. Nothing of it waits, so it needs no goroutine: an event is queued and,
// when a listener is ready for it, written in the goroutine that publishes it; what a listener answers is heard, and the
// next event written, in the goroutine that reads it; a verdict of somebody else's is taken in the one that brings it. A
// listener that does not read costs memory up to its buffer and no time of anybody else's.
package listener

import (
	"context"
	"slices"
	"sync"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/listener"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

// Options are what the pools of one generation share.
type Options struct {
	Bus     *bus.Bus
	Journal *journal.Journal
	Server  string // the identifier that headers tell
	// Serials goes on from one generation to the next (EVT-005).
	Serials *listener.Serials
	Now     func() proc.Time
	// Restart stops and starts a listener, if it runs; it may wait, until ctx ends.
	Restart func(ctx context.Context, group, process string)
	// Handlers finds the Judge that a result_handler names, when a pool first needs it. Nil knows none.
	Handlers func(spec string) (Judge, bool)
}

// Hall is where the pools of one generation meet: it gives an event one serial, whichever pools take it.
type Hall struct {
	o Options

	mu     sync.Mutex // guards what follows
	number uint64     // of the bus's fact that was last taken
	last   *listener.Fact
	pools  []*pool

	ctx  context.Context // of the restarts that are to come and of the judges; it ends with Close
	end  context.CancelFunc
	work sync.WaitGroup
}

// New is a hall without pools.
func New(o Options) *Hall {
	h := &Hall{o: o}
	h.ctx, h.end = context.WithCancel(context.Background())
	return h
}

// Close forgets the restarts that are to come and waits for those that are under way, and for judges. It comes after the end of the
// loop, so that no pool is used any more.
func (h *Hall) Close() {
	h.end()
	h.work.Wait()
}

// fact is what pools share of one event. A serial is spent when the first of them takes it (EVT-004).
func (h *Hall) fact(f bus.Fact) *listener.Fact {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.last == nil || h.number != f.Number {
		h.number = f.Number
		h.last = &listener.Fact{Serial: h.o.Serials.Next(), Type: f.Type, Payload: f.Payload(), Event: f.Event}
	}
	return h.last
}

// Open makes the pool of an [eventlistener:x] and lets it take events from now on (EVT-010).
func (h *Hall) Open(g *config.Group) loop.Pool {
	p := &pool{hall: h, conf: g, at: map[string]int{}}
	for i := range g.Processes {
		name := g.Processes[i].Name
		if _, twice := p.at[name]; !twice {
			p.at[name] = len(p.members)
			p.members = append(p.members, member{name: name})
		}
	}
	p.core = listener.NewPool(listener.Options{
		Events: g.Events, Limit: g.BufferSize, Members: len(p.members), Asks: p.asks(), Host: host{p},
	})
	h.mu.Lock()
	h.pools = append(h.pools, p)
	h.mu.Unlock()
	p.detach = h.o.Bus.Attach(p, bus.Of(g.Events...))
	return p
}

// Stat is what waits for one pool.
type Stat struct {
	Pool   string
	Queued int
	Limit  int
	Lost   uint64 // events that were discarded, since the pool came
}

// Stats tells of every pool, in the order in which they came.
func (h *Hall) Stats() []Stat {
	h.mu.Lock()
	pools := slices.Clone(h.pools)
	h.mu.Unlock()
	out := make([]Stat, len(pools))
	for i, p := range pools {
		p.mu.Lock()
		out[i] = Stat{Pool: p.conf.Name, Queued: p.core.Queued(), Limit: p.conf.BufferSize, Lost: p.lost}
		p.mu.Unlock()
	}
	return out
}

// forget is for a pool that has gone.
func (h *Hall) forget(p *pool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pools = slices.DeleteFunc(h.pools, func(q *pool) bool { return p == q })
}
