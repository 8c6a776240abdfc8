package bus_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/event"
)

// taker keeps what it takes.
type taker struct {
	mu   sync.Mutex // guards what follows
	kept []bus.Fact
}

func (t *taker) Take(f bus.Fact) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, f)
}

func (t *taker) facts() []bus.Fact {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.kept)
}

func TestAllTakersSeeTheSameOrderWhoeverPublishes(t *testing.T) {
	t.Parallel()
	b := bus.New()
	var all, ticks taker
	b.Attach(&all, bus.Of("EVENT"))
	b.Attach(&ticks, bus.Of("TICK"))
	var publishers sync.WaitGroup
	for p := range 4 {
		publishers.Go(func() {
			for i := range 200 {
				b.Publish(event.Event{Type: event.Tick5, When: int64(i), Pid: p})
				b.Publish(event.Event{Type: event.ProcessStateExited})
			}
		})
	}
	publishers.Wait()
	if len(all.facts()) != 1600 || len(ticks.facts()) != 800 {
		t.Fatalf("%d and %d facts", len(all.facts()), len(ticks.facts()))
	}
	next := map[int]int64{}
	for i, f := range all.facts() {
		if f.Number != uint64(i+1) {
			t.Fatalf("fact %d has number %d", i, f.Number)
		}
		if f.Type == event.Tick5 {
			if f.When != next[f.Pid] {
				t.Fatalf("publisher %d: %d after %d", f.Pid, f.When, next[f.Pid]-1)
			}
			next[f.Pid]++
		}
	}
	some := slices.DeleteFunc(slices.Clone(all.facts()), func(f bus.Fact) bool { return f.Type != event.Tick5 })
	if !slices.EqualFunc(some, ticks.facts(), func(a, b bus.Fact) bool { return a.Number == b.Number }) {
		t.Error("the two saw different orders")
	}
}

func TestNothingIsTakenAfterDetachOrClose(t *testing.T) {
	t.Parallel()
	b := bus.New()
	var x, y taker
	leave := b.Attach(&x, bus.Of("TICK_5"))
	b.Attach(&y, bus.Of("TICK"))
	b.Publish(event.Event{Type: event.Tick5})
	if !b.Wanted(event.Tick5) || !b.Wanted(event.Tick60) || b.Wanted(event.RemoteCommunication) {
		t.Error("Wanted does not know what is wanted")
	}
	leave()
	leave()
	if !b.Wanted(event.Tick5) || b.Wanted(event.RemoteCommunication) {
		t.Error("with one of two gone, Wanted does not know what is wanted")
	}
	b.Publish(event.Event{Type: event.Tick5})
	only := b.Attach(&x, bus.Of("REMOTE_COMMUNICATION"))
	only()
	if b.Wanted(event.RemoteCommunication) {
		t.Error("what nobody takes any more is still wanted")
	}
	b.Close()
	b.Publish(event.Event{Type: event.Tick5})
	if len(x.facts()) != 1 || len(y.facts()) != 2 {
		t.Errorf("%d and %d facts", len(x.facts()), len(y.facts()))
	}
}

func TestASlowReaderLosesTheOldestAndIsToldHowMany(t *testing.T) {
	t.Parallel()
	b := bus.New()
	s := b.Subscribe(bus.Of("EVENT"), 3)
	for range 10 {
		b.Publish(event.Event{Type: event.Tick5})
	}
	ctx := context.Background()
	for i, want := range []struct{ number, lost uint64 }{{8, 7}, {9, 0}, {10, 0}} {
		if f, lost, err := s.Next(ctx); err != nil || f.Number != want.number || lost != want.lost {
			t.Errorf("%d: number %d, %d lost, %v", i, f.Number, lost, err)
		}
	}
	short, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := s.Next(short); !errors.Is(err, context.Canceled) {
		t.Errorf("an empty subscription says %v", err)
	}
	s.Close()
	if _, _, err := s.Next(ctx); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("a closed subscription says %v", err)
	}
}

// holds: EVT-012
func TestTicksComeAtTheFullPeriodAndOnlyWhileSomebodyWantsThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := bus.New()
		var asked atomic.Int32
		ticks := b.Tick(func() time.Time { asked.Add(1); return time.Now() })
		defer ticks.Close()
		pass := func(d time.Duration) { <-time.After(d); synctest.Wait() }
		pass(time.Hour)
		if asked.Load() > 1 {
			t.Errorf("the clock was read %d times while nobody wanted to know", asked.Load())
		}
		pass(3*time.Second + time.Millisecond)
		start := time.Now().Unix()
		var x taker
		leave := b.Attach(&x, bus.Of("TICK"))
		pass(2 * time.Minute)
		leave()
		pass(time.Hour)
		var fives, sixties []int64
		for _, f := range x.facts() {
			if f.Type == event.Tick5 {
				fives = append(fives, f.When-start)
			} else {
				sixties = append(sixties, f.When-start)
			}
		}
		if len(fives) != 24 || fives[0] != 2 || fives[23] != 117 {
			t.Errorf("TICK_5 at %v", fives)
		}
		if !slices.Equal(sixties, []int64{57, 117}) {
			t.Errorf("TICK_60 and TICK_3600 at %v", sixties)
		}
		var late taker
		b.Attach(&late, bus.Of("TICK"))
		synctest.Wait()
		if len(late.facts()) > 0 {
			t.Errorf("whoever comes late is told %v", late.facts())
		}
	})
}

func TestAClockThatIsSetMakesOneTickOfWhatItSkips(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := bus.New()
		var ahead atomic.Int64
		clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load()) * time.Hour) }
		ticks := b.Tick(clock)
		defer ticks.Close()
		var x taker
		b.Attach(&x, bus.Of("TICK_3600"))
		synctest.Wait()
		ahead.Store(5)
		<-time.After(61 * time.Second)
		synctest.Wait()
		if len(x.facts()) != 1 || x.facts()[0].When%3600 != 0 || x.facts()[0].When != clock().Unix()/3600*3600 {
			t.Errorf("facts %v", x.facts())
		}
		ahead.Store(-5)
		<-time.After(61 * time.Second)
		synctest.Wait()
		if len(x.facts()) != 2 {
			t.Errorf("facts %v", x.facts())
		}
	})
}
