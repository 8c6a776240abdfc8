package capture_test

import (
	"bytes"
	"io"
	"os"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/capture"
)

func input(t *testing.T, s *capture.Set) (*capture.Input, *os.File) {
	t.Helper()
	r, w := pipe(t)
	in, err := s.Child().Input(w)
	if err != nil {
		t.Fatal(err)
	}
	child := os.NewFile(uintptr(r), "stdin")
	t.Cleanup(func() { child.Close() })
	return in, child
}

// holds: RPC-045 RPC-046 PROC-046
func TestInputKeepsWhatTheChildDoesNotReadYet(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	in, child := input(t, s)
	var want bytes.Buffer
	for i := range 40 { // 2 MB: far more than a pipe holds
		p := bytes.Repeat([]byte{byte(i)}, 50_000)
		want.Write(p)
		if err := in.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	got := make([]byte, want.Len())
	if _, err := io.ReadFull(child, got); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Fatalf("not what was sent, %v", err)
	}
	if err := in.Write([]byte("more")); err != nil { // the pipe is still open
		t.Fatal(err)
	}
	if _, err := io.ReadFull(child, got[:4]); err != nil || string(got[:4]) != "more" {
		t.Fatalf("%q, %v", got[:4], err)
	}
	turns := capture.Turns(s)
	if err := in.Write([]byte("quiet")); err != nil {
		t.Fatal(err)
	}
	r, w := pipe(t)
	rec := newRecord()
	o := output(t, s, r, rec)
	for i := range 20 {
		send(t, w, "x")
		rec.wait(i + 1)
	}
	if n := capture.Turns(s) - turns; n > 30 {
		t.Errorf("%d wake-ups for 20 bytes: the shard waits for room that nobody needs", n)
	}
	o.Drain()
	syscall.Close(w)
	in.Close()
	in.Close()
	if rest, err := io.ReadAll(child); err != nil || string(rest) != "quiet" {
		t.Errorf("%q, %v", rest, err)
	}
}

// holds: RPC-045
func TestInputWithoutAReaderIsClosed(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	in, child := input(t, s)
	child.Close()
	if err := in.Write([]byte("x")); err != capture.ErrClosed {
		t.Errorf("first write: %v", err)
	}
	if err := in.Write([]byte("x")); err != capture.ErrClosed {
		t.Errorf("second write: %v", err)
	}
	if n := capture.Streams(s); n != 0 {
		t.Errorf("%d streams are left", n)
	}
}

func TestReaderThatLeavesWhileBytesWaitCausesNoSpin(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	in, child := input(t, s)
	if err := in.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	child.Close()
	until(func() bool { return capture.Streams(s) == 0 })
	if err := in.Write([]byte("x")); err != capture.ErrClosed {
		t.Errorf("%v", err)
	}
}

func TestInputIsBounded(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	in, child := input(t, s)
	if err := in.Write(make([]byte, capture.InputLimit+1)); err != capture.ErrFull {
		t.Errorf("more than the limit at once: %v", err)
	}
	if err := in.Write(bytes.Repeat([]byte("a"), capture.InputLimit)); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
	if err := in.Write(make([]byte, 1<<20)); err != capture.ErrFull {
		t.Errorf("beyond it: %v", err)
	}
	if err := in.Write([]byte("b")); err != nil {
		t.Errorf("a little more fits, since the pipe took some: %v", err)
	}
	got := make([]byte, capture.InputLimit+1)
	if _, err := io.ReadFull(child, got); err != nil || got[0] != 'a' || got[len(got)-2] != 'a' || got[len(got)-1] != 'b' {
		t.Errorf("a refused write left something behind, %v", err)
	}
	in.Close()
}

func TestInputTakesOverItsDescriptorAlsoWhenItFails(t *testing.T) {
	s, err := capture.Open(1)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	r, w := pipe(t)
	if _, err := s.Child().Input(w); err == nil {
		t.Fatal("a closed set took a stream")
	}
	if n, err := syscall.Read(r, make([]byte, 1)); n != 0 || err != nil {
		t.Errorf("the descriptor is still open: %d, %v", n, err)
	}
	syscall.Close(r)
}

// TestInputEndsWhenWhatWasWrittenIsRead, at once when that is nothing.
func TestInputEndsWhenWhatWasWrittenIsRead(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	for _, n := range []int{0, 10, 2 << 20} {
		in, child := input(t, s)
		if err := in.Write(make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		in.End()
		in.End()
		if err := in.Write([]byte("x")); err != capture.ErrClosed {
			t.Errorf("a write after the end: %v", err)
		}
		if got, err := io.ReadAll(child); err != nil || len(got) != n {
			t.Errorf("%d of %d bytes, %v", len(got), n, err)
		}
	}
	until(func() bool { return capture.Streams(s) == 0 })
}
