package capture_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// gate is a target whose Write waits until it is let go.
type gate struct {
	record
	open   chan struct{}
	closed chan struct{}
	cut    chan struct{}
}

func newGate() *gate {
	g := &gate{open: make(chan struct{}), closed: make(chan struct{}), cut: make(chan struct{})}
	g.cond = sync.NewCond(&g.mu)
	return g
}

func (g *gate) Write(p []byte) (int, error) {
	select {
	case <-g.open:
	case <-g.cut:
		return 0, os.ErrClosed
	}
	return g.record.Write(p)
}

func (g *gate) Close() error  { close(g.closed); return nil }
func (g *gate) Regular() bool { return false }
func (g *gate) Interrupt()    { close(g.cut) }

func TestSlowTargetHoldsUpOnlyItsOwnStream(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	g := newGate()
	sink := s.To(g)
	r, w := pipe(t)
	var seen atomic.Int64
	o := output(t, s, r, capture.StripANSI(capture.Tee(capture.Func(func(p []byte) { seen.Add(int64(len(p))) }), sink)))
	const size = 4 << 20
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		p := bytes.Repeat([]byte("0123456789abcde\n"), 256)
		for range size / len(p) {
			send(t, w, string(p))
		}
	}()
	// The other stream of the shard goes on while that one stands.
	r2, w2 := pipe(t)
	rec := newRecord()
	quick := output(t, s, r2, rec)
	until(func() bool { return seen.Load() >= capture.QueueLimit })
	for i := range 500 {
		send(t, w2, "x")
		rec.wait(i + 1)
	}
	if n := seen.Load(); n > capture.QueueLimit+capture.Chunk {
		t.Errorf("the writer was not held up: %d bytes were taken from it", n)
	}
	close(g.open)
	<-sent
	o.Drain()
	sink.Close()
	<-g.closed
	if got := g.String(); got != strings.Repeat("0123456789abcde\n", size/16) {
		t.Errorf("got %d bytes of %d", len(got), size)
	}
	quick.Drain()
	syscall.Close(w)
	syscall.Close(w2)
	until(func() bool { return capture.Lanes(s) == 0 })
}

func TestDrainDoesNotWaitForASlowTarget(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	g := newGate()
	sink := s.To(g)
	r, w := pipe(t)
	o := output(t, s, r, sink)
	// Fill the queue from outside, so that the stream is paused at its first byte.
	filler := strings.Repeat("f", capture.QueueLimit)
	_, _ = sink.Write([]byte(filler))
	send(t, w, "last words")
	o.Drain()
	sink.Close()
	close(g.open)
	<-g.closed
	if got := g.String(); got != filler+"last words" {
		t.Errorf("got %d bytes", len(got))
	}
	syscall.Close(w)
}

func TestClosingTheSetIsBoundedWhateverTheTargetDoes(t *testing.T) {
	t.Parallel()
	s, err := capture.Open(1)
	if err != nil {
		t.Fatal(err)
	}
	stuck, fine := newGate(), newGate()
	close(fine.open)
	a, b := s.To(stuck), s.To(fine)
	_, _ = a.Write(make([]byte, capture.QueueLimit))
	_, _ = b.Write([]byte("read"))
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "1048576 bytes") {
		t.Errorf("Close: %v", err)
	}
	if got := fine.String(); got != "read" {
		t.Errorf("the other target got %q", got)
	}
	<-stuck.cut
	_, _ = a.Write(make([]byte, 100)) // goes nowhere, keeps nothing
	if b, ok := a.(capture.Brake); !ok || b.Wait(func() {}) {
		t.Error("a sink of a closed set asks for a pause")
	}
}

func TestFIFOWithoutReaderIsALogLikeAnyOther(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	s := set(t, 1)
	var sinks []io.WriteCloser
	for range 3 { // three programs, one target: one goroutine
		f, err := logfile.Open(path, logfile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sinks = append(sinks, s.To(f))
	}
	if n := capture.Lanes(s); n != 1 {
		t.Errorf("%d goroutines for one target", n)
	}
	r, w := pipe(t)
	o := output(t, s, r, sinks[0])
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for i := range 100_000 {
			send(t, w, fmt.Sprintf("line %6d\n", i))
		}
	}()
	reader, err := os.Open(path) // somebody comes to read
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	buf := make([]byte, 12)
	for i := range 100_000 {
		if _, err := io.ReadFull(reader, buf); err != nil || string(buf) != fmt.Sprintf("line %6d\n", i) {
			t.Fatalf("line %d: %q, %v", i, buf, err)
		}
	}
	<-sent
	o.Drain()
	for _, sink := range sinks {
		sink.Close()
	}
	until(func() bool { return capture.Lanes(s) == 0 })
	syscall.Close(w)
}

func TestRegularTargetIsItsOwnSink(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	f, err := logfile.Open(filepath.Join(t.TempDir(), "x.log"), logfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if sink := s.To(f); sink != io.WriteCloser(f) {
		t.Error("a regular file needs no queue")
	}
	if n := capture.Lanes(s); n != 0 {
		t.Errorf("%d goroutines", n)
	}
}
