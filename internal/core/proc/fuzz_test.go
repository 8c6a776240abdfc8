package proc_test

import (
	"testing"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// Any string of events, with any time between them, keeps the invariants: two bytes an event, what and when.
func FuzzStep(f *testing.F) {
	f.Add(uint16(0), []byte("\x00\x00\x01\x00\x02\x50\x03\x00\x04\x00"))
	f.Add(uint16(200), []byte("\x00\x00\x06\x00\x02\x50\x00\x00\x03\x00\x01\x00\x02\xff"))
	f.Add(uint16(77), []byte("\x00\x00\x01\x00\x08\x40\x05\x00\x07\x00"))
	shapes := policies()
	f.Fuzz(func(t *testing.T, shape uint16, events []byte) {
		w := &walker{t: t, p: shapes[int(shape)%len(shapes)], edges: map[edge]bool{}}
		at, now := world{}, base
		for len(events) >= 2 {
			what, when := events[0], events[1]
			events = events[2:]
			now += proc.Time(int8(when)) * proc.Second / 16
			e := fuzzed(what, &at)
			if e == nil {
				continue
			}
			at, _ = w.check(at, e, now)
		}
		for e := range w.edges {
			if _, published := diagram[e]; !published {
				t.Fatalf("%v -> %v is not in the published diagram", e.from, e.to)
			}
		}
	})
}

// fuzzed is the event that a byte stands for, nil where it cannot happen in that world.
func fuzzed(what byte, at *world) proc.Event {
	switch what % 10 {
	case 0:
		return proc.Start{}
	case 1:
		if !at.asked {
			return proc.Spawned{Pid: stranger}
		}
		at.asked, at.alive = false, true
		return proc.Spawned{Pid: ourPid}
	case 2:
		return proc.Tick{}
	case 3:
		return proc.Stop{}
	case 4:
		if !at.alive {
			return proc.Died{Pid: stranger}
		}
		at.alive = false
		return proc.Died{Pid: ourPid, Code: int(what/10) - 1}
	case 5:
		at.asked = false
		return proc.SpawnFailed{}
	case 6:
		return proc.SignalLost{}
	case 7:
		return proc.GiveUp{}
	case 8:
		return proc.Died{Pid: stranger, Code: -1}
	default:
		at.hold = true
		return proc.Tick{}
	}
}
