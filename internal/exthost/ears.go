package exthost

import (
	"bytes"
	"sync/atomic"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
)

// backlog is how many events or chunks a guest may be behind.
const backlog = 1024

// ears are how a guest hears.
type ears struct {
	events *bus.Subscription
	heard  chan struct{} // closed when everything that was told has been heard
	tap    *tap
}

// listen starts to tell the guest what it wants to hear, each kind in a goroutine of its own.
func (o *guest) listen() error {
	if sink, ok := o.ext.(ext.EventSink); ok {
		var names []string
		if err := o.fence("Events", func() { names = sink.Events() }); err != nil {
			return err
		}
		if len(names) > 0 {
			o.ears.events = o.house.o.Bus.Subscribe(bus.Of(names...), backlog)
			o.ears.heard = make(chan struct{})
			o.begin(func() { o.hear(sink) })
		}
	}
	if sink, ok := o.ext.(ext.LogSink); ok {
		o.ears.tap = &tap{chunks: make(chan ext.Output, backlog), gone: make(chan struct{})}
		o.house.changeTaps(o.ears.tap, true)
		o.begin(func() { o.drink(sink) })
	}
	return nil
}

// deafen ends that. What has been told already is heard, if the guest does not take too long over it.
func (o *guest) deafen() {
	if o.ears.events != nil {
		o.ears.events.Close()
		late := time.NewTimer(patience)
		defer late.Stop()
		select {
		case <-o.ears.heard:
		case <-late.C:
		}
	}
	if o.ears.tap != nil {
		o.house.changeTaps(o.ears.tap, false)
		close(o.ears.tap.gone)
	}
}

// hear tells event after event until the subscription or the guest ends.
func (o *guest) hear(sink ext.EventSink) {
	defer close(o.ears.heard)
	for {
		f, lost, err := o.ears.events.Next(o.ctx)
		if err != nil {
			return
		}
		if lost > 0 {
			o.house.o.Journal.GuestLost(o.conf.Section, "events", lost)
		}
		e := Event(f)
		e.Lost = lost
		if o.fence("Handle", func() { sink.Handle(o.ctx, e) }) != nil {
			return
		}
	}
}

// Event is a fact as guests are told it.
func Event(f bus.Fact) ext.Event {
	e := ext.Event{
		Type: f.Type.String(), Number: f.Number, Process: f.Process, Group: f.Group, PID: f.Pid,
		Tries: f.Tries, Expected: f.Expected, ExitCode: -1, Kind: f.Kind, Data: f.Data, When: f.When,
		Payload: string(f.Payload()),
	}
	if f.Type <= event.ProcessStateUnknown {
		e.From = f.From.String()
	}
	if m := f.More; m != nil {
		e.To, e.CoreDumped, e.OOM = m.To.String(), m.Core, m.OOM
		e.Uptime, e.Restarts, e.Why = time.Duration(m.Uptime), m.Restarts, m.Why
		if m.Ended {
			e.ExitCode = m.Code
		}
		if m.Signal != "" {
			e.ExitCode = -1
			e.Signal, _ = config.Signal(m.Signal)
		}
	}
	return e
}

// tap is where a guest's chunks of output wait.
type tap struct {
	chunks chan ext.Output
	gone   chan struct{}
	lost   atomic.Uint64
}

// drink tells chunk after chunk.
func (o *guest) drink(sink ext.LogSink) {
	for {
		select {
		case c := <-o.ears.tap.chunks:
			if c.Lost > 0 {
				o.house.o.Journal.GuestLost(o.conf.Section, "chunks of output", c.Lost)
			}
			if o.fence("TakeLog", func() { sink.TakeLog(o.ctx, c) }) != nil {
				return
			}
		case <-o.ears.tap.gone:
			return
		case <-o.ctx.Done():
			return
		}
	}
}

// Output hands a chunk to every guest that wants output. It does not wait.
func (g *Guests) Output(group, process string, pid int, stderr bool, chunk []byte) {
	taps := g.taps.Load()
	if taps == nil || len(*taps) == 0 {
		return
	}
	c := ext.Output{Group: group, Process: process, PID: pid, Stderr: stderr, Data: bytes.Clone(chunk)}
	for _, t := range *taps {
		t.put(c)
	}
}

// Listening is whether any guest wants output.
func (g *Guests) Listening() bool {
	taps := g.taps.Load()
	return taps != nil && len(*taps) > 0
}

func (t *tap) put(c ext.Output) {
	c.Lost = t.lost.Swap(0)
	select {
	case t.chunks <- c:
	default:
		t.lost.Add(c.Lost + 1)
	}
}

func (g *Guests) changeTaps(t *tap, in bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var next []*tap
	if old := g.taps.Load(); old != nil {
		for _, o := range *old {
			if o != t {
				next = append(next, o)
			}
		}
	}
	if in {
		next = append(next, t)
	}
	g.taps.Store(&next)
}
