package bus

import (
	"bytes"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/internal/core/event"
)

// What a ring holds at most, and how much of one event's data in bytes.
const (
	RingNotes = 1024
	RingBytes = 1 << 20
	Clip      = 4 << 10
)

// Note is a fact as it is remembered and told to followers.
type Note struct {
	// ID is one more than that of the note before and greater than any of an earlier ring; 0 for what is not kept.
	ID     uint64
	Time   time.Time
	Length int // bytes of Data and more before it was clipped
	event.Event
}

// Ring remembers the last facts for those who come late or lost their connection, and tells them on to followers.
// Program output and ticks are told to whoever wants them and not kept: they would push out everything else, and
// while nobody listens they must cost nothing.
type Ring struct {
	bus    *Bus
	now    func() time.Time
	detach func()

	mu        sync.Mutex // guards what follows
	base      uint64     // the ID before the first
	last      uint64
	notes     []Note // the last of them is number last
	bytes     int
	followers []*Follower
}

// Kept is what a ring remembers.
var Kept = Of("PROCESS_STATE", "PROCESS_COMMUNICATION", "REMOTE_COMMUNICATION", "PROCESS_GROUP", "SUPERVISOR_STATE_CHANGE")

// NewRing begins to remember what happens on a bus. IDs count from the microseconds that now reads, so that they go on
// growing when supervisord is started anew.
func NewRing(b *Bus, now func() time.Time) *Ring {
	start := uint64(now().UnixMicro())
	r := &Ring{bus: b, now: now, base: start, last: start}
	r.detach = b.Attach(r, Kept)
	return r
}

// Take remembers a fact and tells it on. It is the bus that calls it.
func (r *Ring) Take(f Fact) {
	n := note(f, r.now())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	n.ID = r.last
	r.notes = append(r.notes, n)
	r.bytes += n.size()
	for len(r.notes) > RingNotes || r.bytes > RingBytes {
		r.bytes -= r.notes[0].size()
		r.notes[0] = Note{}
		r.notes = r.notes[1:]
	}
	for _, follower := range r.followers {
		follower.add(n)
	}
}

// note clips what it may be long kept for.
func note(f Fact, at time.Time) Note {
	n := Note{Time: at, Length: len(f.Data), Event: f.Event}
	if len(n.Data) > Clip {
		n.Data = bytes.Clone(n.Data[:Clip])
	}
	if len(n.Kind) > Clip {
		n.Kind = string([]byte(n.Kind[:Clip]))
	}
	return n
}

func (n *Note) size() int { return len(n.Data) + len(n.Kind) }

// Close ends the remembering; followers hear nothing more. It may be called once.
func (r *Ring) Close() { r.detach() }

// Wish is what a follower wants to hear.
type Wish struct {
	Filter Filter
	Match  func(*event.Event) bool // nil for all; called by whoever publishes, so it must not block
	// Replay asks for what is kept and later than After.
	Replay bool
	After  uint64
}

// Gap is what a follower has missed.
type Gap struct {
	Lost uint64
	// Slow says that the follower did not keep up, and Lost counts what it wanted. Otherwise Lost are events of all
	// kinds that were no longer kept.
	Slow bool
	// Restarted says that After belonged to another run of supervisord: what that told since is not known here.
	Restarted bool
}

// Follow tells a new follower what is kept, if it wants that, and then all that comes, with nothing missing between.
// At most limit notes wait for it.
func (r *Ring) Follow(w Wish, limit int) *Follower {
	f := &Follower{ring: r, wish: w, limit: max(limit, 1), bell: make(chan struct{}, 1)}
	r.mu.Lock()
	if w.Replay {
		r.replay(f)
	}
	r.followers = append(r.followers, f)
	r.mu.Unlock()
	loud, some := w.Filter, false
	for t := range loud {
		loud[t] = loud[t] && !Kept[t]
		some = some || loud[t]
	}
	if some {
		f.detach = r.bus.Attach(f, loud)
	}
	return f
}

// replay queues what is kept. It needs the mutex.
func (r *Ring) replay(f *Follower) {
	after := f.wish.After
	if after < r.base || after > r.last {
		f.gap.Restarted = after != 0
		after = r.base
	}
	if first := r.last - uint64(len(r.notes)); after < first {
		f.gap.Lost = first - after
	}
	for _, n := range r.notes {
		if n.ID > after {
			f.add(n)
		}
	}
}
