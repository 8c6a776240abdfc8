package capture_test

import (
	"bytes"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/capture"
)

// pipe makes a pipe of raw descriptors, which nothing closes but whoever owns them.
func pipe(t testing.TB) (r, w int) {
	t.Helper()
	var p [2]int
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := syscall.Pipe(p[:]); err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(p[0])
	syscall.CloseOnExec(p[1])
	return p[0], p[1]
}

func set(t testing.TB, shards int) *capture.Set {
	t.Helper()
	s, err := capture.Open(shards)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// record is a sink that remembers, and lets a test wait for what it wants to see.
type record struct {
	mu    sync.Mutex
	cond  *sync.Cond
	data  bytes.Buffer
	calls int
	most  int
}

func newRecord() *record {
	r := &record{}
	r.cond = sync.NewCond(&r.mu)
	return r
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	r.most = max(r.most, len(p))
	r.data.Write(p)
	r.cond.Broadcast()
	return len(p), nil
}

// wait waits until n bytes are there and returns all.
func (r *record) wait(n int) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.data.Len() < n {
		r.cond.Wait()
	}
	return r.data.String()
}

func (r *record) String() string { return r.wait(0) }

func output(t testing.TB, s *capture.Set, fd int, sink capture.Sink) *capture.Output {
	t.Helper()
	o, err := s.Child().Output(fd, sink)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// send writes all of p to a descriptor that may block.
func send(t testing.TB, fd int, p string) {
	t.Helper()
	for len(p) > 0 {
		n, err := syscall.Write(fd, []byte(p))
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			t.Error(err)
			return
		}
		p = p[n:]
	}
}

// until yields to the other goroutines until what is wanted is so.
func until(so func() bool) {
	for !so() {
		runtime.Gosched()
	}
}

// holds: LOG-019
func TestEveryByteArrivesAsItIs(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	r, w := pipe(t)
	rec := newRecord()
	o := output(t, s, r, rec)
	var every [256]byte
	for i := range every {
		every[i] = byte(i)
	}
	want := string(every[:]) + "h\xc3"
	send(t, w, want)
	rec.wait(len(want)) // the character is cut in two by the time of its writing
	send(t, w, "\xa9\n")
	want += "\xa9\n"
	if got := rec.wait(len(want)); got != want {
		t.Errorf("got %q", got)
	}
	o.Drain()
	syscall.Close(w)
}

// holds: PROC-023 PROC-045
func TestDrainTakesWhatIsThereAndWaitsForNobody(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	r, w := pipe(t)
	gate := make(chan struct{})
	rec := newRecord()
	var o *capture.Output
	once := sync.OnceFunc(func() { <-gate })
	o = output(t, s, r, capture.Func(func(p []byte) { rec.Write(p); once() }))
	send(t, w, "first")
	rec.wait(5) // the shard is held in its sink; what comes now stays in the pipe
	last := strings.Repeat("last words\n", 5000)
	send(t, w, last)
	close(gate)
	o.Drain()
	if got := rec.String(); got != "first"+last {
		t.Errorf("got %d bytes of %d", len(got), len("first"+last))
	}
	// A grandchild still has the pipe; nobody listens to it any more.
	if _, err := syscall.Write(w, []byte("x")); err != syscall.EPIPE {
		t.Errorf("the pipe is still read: %v", err)
	}
	o.Drain()
	syscall.Close(w)
	if n := capture.Streams(s); n != 0 {
		t.Errorf("%d streams are left", n)
	}
}

// holds: PROC-045
func TestDrainEndsHoweverMuchAGrandchildWrites(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	r, w := pipe(t)
	o := output(t, s, r, capture.Func(func([]byte) {}))
	flood := make(chan struct{})
	go func() {
		defer close(flood)
		p := bytes.Repeat([]byte("y\n"), 32<<10)
		for {
			if _, err := syscall.Write(w, p); err == syscall.EPIPE {
				return
			}
		}
	}()
	o.Drain()
	<-flood
	syscall.Close(w)
}

func TestNoSinkIsCalledAfterDrain(t *testing.T) {
	t.Parallel()
	s := set(t, 2)
	for range 200 {
		r, w := pipe(t)
		drained := false // guarded by nothing: the race detector is the judge
		o := output(t, s, r, capture.Func(func([]byte) {
			if drained {
				t.Error("a sink was called after Drain")
			}
		}))
		writer := make(chan struct{})
		go func() {
			defer close(writer)
			for range 3 {
				if _, err := syscall.Write(w, []byte("noise")); err != nil {
					return
				}
			}
		}()
		o.Drain()
		drained = true
		<-writer
		syscall.Close(w)
	}
}

// holds: PROC-047
func TestChildThatClosesItsOutputCausesNoSpin(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	r, w := pipe(t)
	rec := newRecord()
	o := output(t, s, r, rec)
	send(t, w, "bye")
	syscall.Close(w)
	until(func() bool { return capture.Streams(s) == 0 })
	if got := rec.String(); got != "bye" {
		t.Errorf("got %q", got)
	}
	turns := capture.Turns(s)
	// Something else happens in the shard; the closed stream takes no part.
	r2, w2 := pipe(t)
	rec2 := newRecord()
	o2 := output(t, s, r2, rec2)
	send(t, w2, "x")
	rec2.wait(1)
	if n := capture.Turns(s) - turns; n > 2 {
		t.Errorf("%d wake-ups for one byte", n)
	}
	o.Drain()
	o2.Drain()
	syscall.Close(w2)
}

// holds: LOG-027
func TestNoChunkIsLongerThan128KiB(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	r, w := pipe(t)
	rec := newRecord()
	o := output(t, s, r, rec)
	want := strings.Repeat("0123456789abcdef", 1<<18) // 4 MiB: the pipe is widened on the way
	send(t, w, want)
	if got := rec.wait(len(want)); got != want {
		t.Error("not what was sent")
	}
	rec.mu.Lock()
	if rec.most > capture.Chunk {
		t.Errorf("a chunk of %d", rec.most)
	}
	rec.mu.Unlock()
	o.Drain()
	syscall.Close(w)
}

// holds: LOG-023
func TestTwoWritersOfOnePipeInterleave(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	r, w := pipe(t)
	rec := newRecord()
	o := output(t, s, r, rec)
	w2, err := syscall.Dup(w) // redirect_stderr gives the child one pipe twice
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		send(t, w, "out ")
		send(t, w2, "err ")
	}
	if got := rec.wait(80); got != strings.Repeat("out err ", 10) {
		t.Errorf("got %q", got)
	}
	o.Drain()
	syscall.Close(w)
	syscall.Close(w2)
}

// The flood is fed by its own sink, so its pipe is never empty: only the bound on a turn lets anybody else in.
func TestOneFloodDoesNotStarveItsShard(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	r, w := pipe(t)
	if err := syscall.SetNonblock(w, true); err != nil {
		t.Fatal(err)
	}
	more := make([]byte, 4*capture.Chunk)
	var ended atomic.Bool
	flood := output(t, s, r, capture.Func(func([]byte) {
		if !ended.Load() {
			_, _ = syscall.Write(w, more)
		}
	}))
	_, _ = syscall.Write(w, more)
	r2, w2 := pipe(t)
	rec := newRecord()
	quiet := output(t, s, r2, rec)
	for i := range 200 { // each answered before the next is sent
		send(t, w2, "x")
		rec.wait(i + 1)
	}
	ended.Store(true)
	flood.Drain()
	quiet.Drain()
	syscall.Close(w)
	syscall.Close(w2)
}

func TestSecondDrainLeavesTheNumberToItsNewOwner(t *testing.T) {
	// Not parallel: it counts on getting the same number again.
	s := set(t, 1)
	r, w := pipe(t)
	o := output(t, s, r, capture.Func(func([]byte) {}))
	o.Drain()
	syscall.Close(w)
	for {
		r2, w2 := pipe(t)
		if r2 > r && w2 > r {
			t.Skip("somebody else has the number")
		}
		defer syscall.Close(r2)
		defer syscall.Close(w2)
		if r2 != r {
			continue
		}
		send(t, w2, "mine")
		o.Drain()
		var buf [8]byte
		if n, err := syscall.Read(r2, buf[:]); err != nil || string(buf[:n]) != "mine" {
			t.Errorf("%q, %v", buf[:max(n, 0)], err)
		}
		return
	}
}

func TestThousandsOfQuietPipesCauseNoWakeUp(t *testing.T) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < 6000 {
		t.Skipf("only %d descriptors here", limit.Cur)
	}
	s := set(t, 2)
	const pipes = 2000
	outputs := make([]*capture.Output, 0, pipes)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var writers []int
	for range pipes {
		r, w := pipe(t)
		outputs = append(outputs, output(t, s, r, capture.Func(func([]byte) {})))
		writers = append(writers, w)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > pipes*1024 {
		t.Errorf("%d bytes a pipe", grown/pipes)
	}
	turns := capture.Turns(s)
	r, w := pipe(t)
	rec := newRecord()
	one := output(t, s, r, rec)
	for i := range 10 { // time passes in which the shards could have done something
		send(t, w, "tick")
		rec.wait(4 * (i + 1))
	}
	if n := capture.Turns(s) - turns; n > 20 {
		t.Errorf("%d wake-ups for ten writes", n)
	}
	one.Drain()
	syscall.Close(w)
	for i, o := range outputs {
		o.Drain()
		syscall.Close(writers[i])
	}
}

func TestClosingTheSetClosesEveryDescriptorOnce(t *testing.T) {
	before := descriptors(t)
	for range 20 {
		s, err := capture.Open(2)
		if err != nil {
			t.Fatal(err)
		}
		r, w := pipe(t)
		o := output(t, s, r, capture.Func(func([]byte) {}))
		r2, w2 := pipe(t)
		in, err := s.Child().Input(w2)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if _, err := syscall.Write(w, []byte("x")); err != syscall.EPIPE {
			t.Errorf("the output is still open: %v", err)
		}
		if n, err := syscall.Read(r2, make([]byte, 1)); n != 0 || err != nil {
			t.Errorf("the input is still open: %d, %v", n, err)
		}
		// The numbers are free now: whoever closed them again would hit these.
		r3, w3 := pipe(t)
		o.Drain()
		in.Close()
		if err := in.Write([]byte("x")); err != capture.ErrClosed {
			t.Errorf("write after close: %v", err)
		}
		if _, err := s.Child().Output(dup(t, r3), capture.Func(func([]byte) {})); err == nil {
			t.Error("a closed set took a stream")
		}
		send(t, w3, "x")
		for _, fd := range []int{w, r2, r3, w3} {
			if err := syscall.Close(fd); err != nil {
				t.Errorf("descriptor %d was closed twice: %v", fd, err)
			}
		}
	}
	if after := descriptors(t); after > before+4 {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func dup(t *testing.T, fd int) int {
	t.Helper()
	n, err := syscall.Dup(fd)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(entries)
}
