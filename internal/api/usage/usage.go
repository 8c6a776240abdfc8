// Package usage tells how much processor and memory processes take, each with everything below it. It samples when it
// is asked and the last sample has become old, and has no goroutine: while nobody looks, nothing happens.
package usage

import (
	"sync"
	"time"
)

// Points is how many samples a line has at most.
const Points = 40

// Stat is what the system tells of one process.
type Stat struct {
	Pid, Parent int
	Born        uint64        // start time in the system's own units: a pid with another one is another process
	CPU         time.Duration // used so far
	Memory      uint64        // resident, in bytes
}

// Options are what a Sampler needs.
type Options struct {
	Every time.Duration // a sample that is younger is told again; one that took long may be told for longer
	Now   func() time.Time
	// Read lists all processes of the machine; nil is the system's own way. Where there is none, nothing is known.
	Read func() ([]Stat, error)
}

// Sampler keeps the last sample. Its methods may be called from any goroutine.
type Sampler struct {
	o Options

	// taking has room for one who takes a sample. Who asks meanwhile is told of the last one, if it is not much too old.
	taking chan struct{}

	mu   sync.Mutex // guards the fields below
	busy bool       // a sample is being taken
	last *Sample
	rest time.Duration         // how long last stays true
	seen map[key]time.Duration // CPU used by every process at the time of last
}

// share bounds what looking costs: a sample stays true for so many times as long as it took, so that many thousands of
// processes take at most that part of a processor.
const share, mostRest = 50, time.Minute

// gapped is after how many times its rest a sample is of another time.
const gapped = 4

type key struct {
	pid  int
	born uint64
}

// Sample is what was seen at one moment. It never changes.
type Sample struct {
	Number uint64 // one more with each
	At     time.Time
	Of     map[int]Tree // by the pid at the root
}

// Tree is one process with all its descendants.
type Tree struct {
	Known     bool    // CPU means something: the root was there at an earlier sample
	CPU       float64 // percent of one processor since the sample before
	Memory    uint64  // bytes; what is shared counts for each
	Processes int
	Line      []Point // the last samples, the newest last
	born      uint64
}

// Point is one sample of a line.
type Point struct {
	CPU    float32
	Memory uint64
}

// New returns a Sampler that has not looked yet.
func New(o Options) *Sampler {
	if o.Every == 0 {
		o.Every = 3 * time.Second
	}
	if o.Read == nil {
		o.Read = read
	}
	return &Sampler{o: o, last: &Sample{}, rest: o.Every, taking: make(chan struct{}, 1)}
}

// Every is how long a sample stays true at least.
func (s *Sampler) Every() time.Duration { return s.o.Every }

// Look tells of the trees below some pids, which it asks for if it takes a sample. A root that is not in the sample has
// no entry.
func (s *Sampler) Look(roots func() []int) *Sample {
	if last, good := s.known(); good {
		return last
	}
	s.taking <- struct{}{}
	defer func() { <-s.taking }()
	last, good := s.known()
	if good {
		return last
	}
	s.begin(true)
	defer s.begin(false)
	now := s.o.Now()
	stats, err := s.o.Read()
	if err != nil {
		return last
	}
	pids := roots()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = s.sample(now, now.Sub(last.At), stats, pids)
	s.rest = max(s.o.Every, min(share*s.o.Now().Sub(now), mostRest))
	return s.last
}

// known is the last sample, and whether it will do.
func (s *Sampler) known() (last *Sample, good bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.o.Now().Sub(s.last.At)
	return s.last, s.last.Number > 0 && old >= 0 && (old < s.rest*9/10 || s.busy && old < gapped*s.rest)
}

func (s *Sampler) begin(busy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = busy
}

// sample makes the next sample of what is there now; old is the age of the one before.
func (s *Sampler) sample(now time.Time, old time.Duration, stats []Stat, roots []int) *Sample {
	below := make(map[int][]int, len(stats)) // places in stats, by parent
	at := make(map[int]int, len(stats))
	seen := make(map[key]time.Duration, len(stats))
	for i, st := range stats {
		below[st.Parent] = append(below[st.Parent], i)
		at[st.Pid] = i
		seen[key{st.Pid, st.Born}] = st.CPU
	}
	next := &Sample{Number: s.last.Number + 1, At: now, Of: make(map[int]Tree, len(roots))}
	gap := old > gapped*s.rest || old < 0
	for _, pid := range roots {
		i, here := at[pid]
		if !here {
			continue
		}
		t := Tree{born: stats[i].Born}
		_, t.Known = s.seen[key{pid, t.born}]
		spent := s.gather(&t, stats, below, i)
		if t.Known = t.Known && old > 0; t.Known {
			t.CPU = 100 * spent.Seconds() / old.Seconds()
			t.Line = line(s.last.Of[pid], t, gap)
		}
		next.Of[pid] = t
	}
	s.seen = seen
	return next
}

// gather adds the process at place i and all below it to t, and returns what they have used since the last sample.
func (s *Sampler) gather(t *Tree, stats []Stat, below map[int][]int, i int) time.Duration {
	var spent time.Duration
	for todo := []int{i}; len(todo) > 0; {
		st := &stats[todo[len(todo)-1]]
		todo = append(todo[:len(todo)-1], below[st.Pid]...)
		t.Processes++
		t.Memory += st.Memory
		spent += max(0, st.CPU-s.seen[key{st.Pid, st.Born}])
		if t.Processes > len(stats) {
			break // a circle cannot be, and would be endless
		}
	}
	return spent
}

// line appends to the line of the same process. After a gap it begins again: it would tell of a time that nobody saw.
func line(was, is Tree, gap bool) []Point {
	p := Point{float32(is.CPU), is.Memory}
	if gap || was.born != is.born {
		return []Point{p}
	}
	keep := was.Line[max(0, len(was.Line)-Points+1):]
	return append(append(make([]Point, 0, len(keep)+1), keep...), p)
}
