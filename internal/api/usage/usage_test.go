package usage_test

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/api/usage"
)

// machine is a system whose processes and clock the test sets.
type machine struct {
	now   time.Time
	list  []usage.Stat
	reads int
	takes time.Duration // to read
	fails error
}

func (m *machine) sampler() *usage.Sampler {
	m.now = time.Unix(1000, 0)
	return usage.New(usage.Options{Every: 2 * time.Second, Now: func() time.Time { return m.now }, Read: func() ([]usage.Stat, error) {
		m.reads++
		m.now = m.now.Add(m.takes)
		return m.list, m.fails
	}})
}

func roots(pids ...int) func() []int { return func() []int { return pids } }

const mb = 1 << 20

func TestATreeIsTheRootWithAllItsDescendants(t *testing.T) {
	t.Parallel()
	m := &machine{list: []usage.Stat{
		{Pid: 1}, {Pid: 10, Parent: 1, Memory: mb, CPU: time.Second}, {Pid: 11, Parent: 10, Memory: 2 * mb},
		{Pid: 12, Parent: 11, Memory: 3 * mb}, {Pid: 20, Parent: 1, Memory: 5 * mb},
	}}
	s := m.sampler()
	first := s.Look(roots(10, 20, 99))
	if got := first.Of[10]; got.Known || got.Memory != 6*mb || got.Processes != 3 || got.Line != nil {
		t.Errorf("at first: %+v", got)
	}
	if _, here := first.Of[99]; here {
		t.Error("a pid that is nobody's has an entry")
	}
	m.now = m.now.Add(2 * time.Second)
	m.list[1].CPU += time.Second            // 50 %
	m.list[3].CPU += 500 * time.Millisecond // 25 %
	m.list = append(m.list, usage.Stat{Pid: 13, Parent: 10, CPU: 500 * time.Millisecond, Memory: mb})
	got := s.Look(roots(10, 20)).Of
	if x := got[10]; !x.Known || x.CPU != 100 || x.Memory != 7*mb || x.Processes != 4 || len(x.Line) != 1 || x.Line[0].CPU != 100 {
		t.Errorf("two seconds later: %+v", x)
	}
	if x := got[20]; !x.Known || x.CPU != 0 || x.Processes != 1 {
		t.Errorf("the neighbour: %+v", x)
	}
}

func TestASampleIsTakenOnceForAllWhoLook(t *testing.T) {
	t.Parallel()
	m := &machine{list: []usage.Stat{{Pid: 10}}}
	s := m.sampler()
	first := s.Look(roots(10))
	for range 5 {
		if s.Look(roots(10)) != first {
			t.Error("a second one at the same moment")
		}
	}
	m.now = m.now.Add(1790 * time.Millisecond)
	s.Look(roots(10))
	if m.reads != 1 {
		t.Errorf("%d looks at the machine", m.reads)
	}
	m.now = m.now.Add(20 * time.Millisecond) // a tick may come a little early
	if next := s.Look(roots(10)); m.reads != 2 || next.Number != first.Number+1 {
		t.Errorf("%d looks, number %d", m.reads, next.Number)
	}
	m.now = m.now.Add(time.Hour)
	m.fails = errors.New("no")
	if s.Look(roots(10)).Number != 2 {
		t.Error("a failure is a sample")
	}
}

// TestLookingTakesAFiftiethOfTheTimeAtMost: where there are very many processes, samples come less often.
func TestLookingTakesAFiftiethOfTheTimeAtMost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		takes time.Duration
		reads int
	}{{time.Millisecond, 301}, {100 * time.Millisecond, 120}, {5 * time.Second, 12}} {
		m := &machine{list: []usage.Stat{{Pid: 10}}, takes: c.takes}
		s := m.sampler()
		var last *usage.Sample
		for end := m.now.Add(10 * time.Minute); m.now.Before(end); m.now = m.now.Add(2 * time.Second) {
			last = s.Look(roots(10))
		}
		if m.reads > c.reads || m.reads < c.reads*8/10 {
			t.Errorf("%d samples in ten minutes where one takes %v", m.reads, c.takes)
		}
		if n := len(last.Of[10].Line); n != min(m.reads-1, usage.Points) {
			t.Errorf("a line of %d points where a sample takes %v", n, c.takes)
		}
	}
}

// TestNobodyWaitsForASampleThatSomebodyElseTakes, unless the last one is of another time.
func TestNobodyWaitsForASampleThatSomebodyElseTakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := usage.New(usage.Options{Every: time.Second, Now: time.Now, Read: func() ([]usage.Stat, error) {
			<-time.After(100 * time.Millisecond)
			return []usage.Stat{{Pid: 10}}, nil
		}})
		s.Look(roots(10))
		for _, c := range []struct {
			old, wait time.Duration
			number    uint64
		}{{10 * time.Second, 0, 1}, {time.Hour, 100 * time.Millisecond, 3}} {
			<-time.After(c.old)
			go s.Look(roots(10))
			synctest.Wait()
			at := time.Now()
			if n := s.Look(roots(10)).Number; n != c.number || time.Since(at) != c.wait {
				t.Errorf("after %v: number %d, after %v", c.old, n, time.Since(at))
			}
			<-time.After(time.Second)
		}
	})
}

func TestALineIsTheLastSamplesAndBeginsAgainAfterAGapAndForAnotherProcess(t *testing.T) {
	t.Parallel()
	m := &machine{list: []usage.Stat{{Pid: 10, Born: 5}}}
	s := m.sampler()
	look := func(after time.Duration) usage.Tree {
		m.now = m.now.Add(after)
		m.list[0].Memory++
		return s.Look(roots(10)).Of[10]
	}
	look(0)
	for range usage.Points + 5 {
		look(2 * time.Second)
	}
	x := look(2 * time.Second)
	if n := len(x.Line); n != usage.Points || x.Line[n-1].Memory != x.Memory || x.Line[0].Memory != x.Memory-usage.Points+1 {
		t.Errorf("%d points, %+v", n, x)
	}
	if x = look(time.Minute); len(x.Line) != 1 || !x.Known {
		t.Errorf("after a gap: %+v", x)
	}
	look(2 * time.Second)
	m.list[0].Born = 6
	if x = look(2 * time.Second); x.Known || x.Line != nil {
		t.Errorf("another process of the same pid: %+v", x)
	}
	if x = look(-time.Hour); x.Known {
		t.Errorf("the clock went back: %+v", x)
	}
}

func TestWhoHasEndedIsForgotten(t *testing.T) {
	t.Parallel()
	m := &machine{}
	s := m.sampler()
	for pid := range 1000 {
		m.list = []usage.Stat{{Pid: 1}, {Pid: 10 + pid, Parent: 1}}
		if n := len(s.Look(roots(10+pid, 9+pid)).Of); n != 1 || s.Remembered() != 2 {
			t.Fatalf("%d trees, %d remembered", n, s.Remembered())
		}
		m.now = m.now.Add(2 * time.Second)
	}
}

// TestTheRealMachine: ourselves with a child.
func TestTheRealMachine(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells how much processes use")
	}
	child := exec.Command("/bin/cat")
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	defer in.Close()
	now := time.Now()
	s := usage.New(usage.Options{Now: func() time.Time { return now }})
	family := roots(os.Getpid(), child.Process.Pid)
	s.Look(family)
	now = now.Add(5 * time.Second)
	got := s.Look(family).Of
	me, it := got[os.Getpid()], got[child.Process.Pid]
	if !me.Known || me.Processes < 2 || me.Memory <= it.Memory || it.Memory == 0 || it.Processes != 1 || it.CPU > 100 {
		t.Errorf("we are %+v, the child is %+v", me, it)
	}
}
