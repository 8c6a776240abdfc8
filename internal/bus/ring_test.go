package bus_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/event"
)

// start is when the rings of the tests begin, so that their IDs are start+1, start+2 ...
const start = 1_000_000

func ring() (*bus.Bus, *bus.Ring) {
	b := bus.New()
	return b, bus.NewRing(b, func() time.Time { return time.UnixMicro(start) })
}

func exited(pid int) event.Event { return event.Event{Type: event.ProcessStateExited, Pid: pid} }

// pops is everything that waits, in words.
func pops(f *bus.Follower) string {
	var out []string
	for {
		n, g, ok := f.Pop()
		switch {
		case !ok:
			return strings.Join(out, " ")
		case g != bus.Gap{}:
			out = append(out, fmt.Sprintf("lost:%d,%t,%t", g.Lost, g.Slow, g.Restarted))
		case n.ID == 0:
			out = append(out, fmt.Sprintf("-:%d", n.Pid))
		default:
			out = append(out, fmt.Sprintf("%d:%d", n.ID-start, n.Pid))
		}
	}
}

func TestReplayBeginsAfterTheLastIDAndSaysWhatIsNotKept(t *testing.T) {
	t.Parallel()
	b, r := ring()
	all := bus.Of("EVENT")
	for i := 1; i <= bus.RingNotes+3; i++ {
		b.Publish(exited(i))
		b.Publish(event.Event{Type: event.ProcessLogStdout, Pid: i}) // nobody wants it: it has no number
	}
	tail := fmt.Sprintf("%d:%[1]d", bus.RingNotes+3)
	for _, c := range []struct {
		name   string
		wish   bus.Wish
		want   string // its beginning
		pieces int
	}{
		{"nothing is asked for", bus.Wish{Filter: all}, "", 0},
		{"the last is known", bus.Wish{Filter: all, Replay: true, After: start + bus.RingNotes + 3}, "", 0},
		{"one is missing", bus.Wish{Filter: all, Replay: true, After: start + bus.RingNotes + 2}, tail, 1},
		{"just kept", bus.Wish{Filter: all, Replay: true, After: start + 3}, "4:4 5:5 ", bus.RingNotes},
		{"one too late", bus.Wish{Filter: all, Replay: true, After: start + 2}, "lost:1,false,false 4:4 ", bus.RingNotes + 1},
		{"from the beginning", bus.Wish{Filter: all, Replay: true}, "lost:3,false,false 4:4 ", bus.RingNotes + 1},
		{"of an earlier run", bus.Wish{Filter: all, Replay: true, After: start - 5}, "lost:3,false,true 4:4 ", bus.RingNotes + 1},
		{"of no run", bus.Wish{Filter: all, Replay: true, After: start + 5000}, "lost:3,false,true 4:4 ", bus.RingNotes + 1},
		{"other types", bus.Wish{Filter: bus.Of("TICK"), Replay: true, After: start + 5}, "", 0},
		{"one that matches", bus.Wish{Filter: all, Replay: true, After: start + 3, Match: func(e *event.Event) bool { return e.Pid == 9 }}, "9:9", 1},
	} {
		f := r.Follow(c.wish, bus.RingNotes)
		got := pops(f)
		if !strings.HasPrefix(got, c.want) || len(strings.Fields(got)) != c.pieces {
			t.Errorf("%s: %d pieces: %.80s", c.name, len(strings.Fields(got)), got)
		}
		f.Close()
	}
}

func TestWhoIsSlowLosesTheOldestAndHearsHowMany(t *testing.T) {
	t.Parallel()
	b, r := ring()
	f := r.Follow(bus.Wish{Filter: bus.Of("PROCESS_STATE")}, 3)
	for i := 1; i <= 5; i++ {
		b.Publish(exited(i))
		b.Publish(event.Event{Type: event.ProcessGroupAdded}) // not wanted, so not lost either
	}
	if got, want := pops(f), "lost:2,true,false 5:3 7:4 9:5"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	select {
	case <-f.Bell():
	default:
		t.Error("the bell has not rung")
	}
	b.Publish(exited(6))
	if got, want := pops(f), "11:6"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	f.Close()
	b.Publish(exited(7))
	if got := pops(f); got != "" {
		t.Errorf("after the end: %s", got)
	}
}

func TestOutputAndTicksAreToldInTheirPlaceAndNotKept(t *testing.T) {
	t.Parallel()
	b, r := ring()
	if b.Wanted(event.ProcessLogStdout) || b.Wanted(event.Tick5) {
		t.Error("a ring without followers wants output or ticks")
	}
	f := r.Follow(bus.Wish{Filter: bus.Of("EVENT")}, 9)
	b.Publish(exited(1))
	b.Publish(event.Event{Type: event.ProcessLogStdout, Pid: 2})
	b.Publish(exited(3))
	b.Publish(event.Event{Type: event.Tick5, Pid: 4})
	if got, want := pops(f), "1:1 -:2 2:3 -:4"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	f.Close()
	if b.Wanted(event.ProcessLogStdout) || b.Wanted(event.Tick5) {
		t.Error("a follower that is gone still wants")
	}
	late := r.Follow(bus.Wish{Filter: bus.Of("EVENT"), Replay: true}, 9)
	if got, want := pops(late), "1:1 2:3"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	r.Close()
	if b.Wanted(event.ProcessStateExited) {
		t.Error("a ring that is closed still wants")
	}
}

func TestMuchDataIsClippedAndPushesOutTheOldest(t *testing.T) {
	t.Parallel()
	b, r := ring()
	big := []byte(strings.Repeat("x", bus.Clip+1))
	const fit = bus.RingBytes / bus.Clip
	for i := range fit + 2 {
		b.Publish(event.Event{Type: event.RemoteCommunication, Data: big, Pid: i})
	}
	f := r.Follow(bus.Wish{Filter: bus.Of("EVENT"), Replay: true}, bus.RingNotes)
	if _, g, _ := f.Pop(); g != (bus.Gap{Lost: 2}) {
		t.Errorf("%+v", g)
	}
	n, _, _ := f.Pop()
	if n.Length != bus.Clip+1 || len(n.Data) != bus.Clip || n.Pid != 2 || n.ID != start+3 {
		t.Errorf("%d of %d bytes, pid %d, id %d", len(n.Data), n.Length, n.Pid, n.ID)
	}
}

func TestNothingIsMissingOrTwiceBetweenReplayAndWhatComes(t *testing.T) {
	t.Parallel()
	b, r := ring()
	const many = 900
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 1; i <= many; i++ {
			b.Publish(exited(i))
		}
	})
	f := r.Follow(bus.Wish{Filter: bus.Of("EVENT"), Replay: true}, many)
	defer f.Close()
	wg.Wait()
	for i := 1; i <= many; i++ {
		if n, g, ok := f.Pop(); !ok || g != (bus.Gap{}) || n.ID != uint64(start+i) || n.Pid != i {
			t.Fatalf("%d: %d of pid %d, %+v, %t", i, n.ID-start, n.Pid, g, ok)
		}
	}
	if got := pops(f); got != "" {
		t.Errorf("and then %s", got)
	}
}
