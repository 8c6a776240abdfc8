package bus

import (
	"time"

	"github.com/reeve-sh/reeve/internal/core/event"
)

// periods are the TICK_* types by their seconds, the shortest first.
var periods = []struct {
	of      event.Type
	seconds int64
}{{event.Tick5, 5}, {event.Tick60, 60}, {event.Tick3600, 3600}}

// look is how long a ticker sleeps at most, in seconds: a wall clock that was set meanwhile is noticed within it.
const look = 60

// Ticks publishes TICK_* events on the wall clock that now reads (EVT-012). It sleeps without a timer while nobody
// wants any. A bus has one Ticks at most.
type Ticks struct {
	bus    *Bus
	now    func() time.Time
	retune chan struct{}
	stop   chan struct{}
	done   chan struct{}
}

// Tick starts the ticks of a bus.
func (b *Bus) Tick(now func() time.Time) *Ticks {
	t := &Ticks{b, now, make(chan struct{}, 1), make(chan struct{}), make(chan struct{})}
	b.mu.Lock()
	b.change = t.changed
	b.mu.Unlock()
	go t.run()
	return t
}

// changed looks at what is wanted again.
func (t *Ticks) changed() {
	select {
	case t.retune <- struct{}{}:
	default:
	}
}

// Close ends the ticks and waits for the end. It may be called once.
func (t *Ticks) Close() {
	close(t.stop)
	<-t.done
}

func (t *Ticks) run() {
	defer close(t.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	last := make([]int64, len(periods)) // the slice of time each wanted period was in; 0 while it is not wanted
	for {
		if wait, some := t.turn(last); some {
			timer.Reset(wait)
		} else {
			timer.Stop()
		}
		select {
		case <-timer.C:
		case <-t.retune:
		case <-t.stop:
			return
		}
	}
}

// turn publishes the periods that have rolled over and says how long nothing else will; some is false when no ticks
// are wanted.
func (t *Ticks) turn(last []int64) (wait time.Duration, some bool) {
	now := t.now()
	wait = look * time.Second
	for i, p := range periods {
		if !t.bus.Wanted(p.of) {
			last[i] = 0
			continue
		}
		some = true
		slice := now.Unix() - now.Unix()%p.seconds
		if last[i] != 0 && last[i] != slice {
			t.bus.Publish(event.Event{Type: p.of, When: slice})
		}
		last[i] = slice
		wait = min(wait, time.Unix(slice+p.seconds, 0).Sub(now))
	}
	return max(wait, time.Millisecond), some
}
