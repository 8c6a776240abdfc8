package capture_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// child starts a shell whose standard output is a pipe that s reads into sink.
func child(t testing.TB, s *capture.Set, sink capture.Sink, script string) (*exec.Cmd, *capture.Output) {
	t.Helper()
	r, w := pipe(t)
	cmd := exec.Command("/bin/sh", "-c", script)
	out := os.NewFile(uintptr(w), "stdout")
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.Close()
	return cmd, output(t, s, r, sink)
}

// holds: PROC-023 PROC-045
func TestGrandchildThatKeepsThePipeKeepsNobody(t *testing.T) {
	t.Parallel()
	s := set(t, 2)
	for range 20 {
		rec := newRecord()
		cmd, o := child(t, s, rec, "sleep 60 & echo $!; echo last words; exit 3")
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 3 {
			t.Fatal(err)
		}
		o.Drain()
		pid, rest, _ := strings.Cut(rec.String(), "\n")
		if rest != "last words\n" {
			t.Errorf("got %q", rest)
		}
		var n int
		if _, err := fmt.Sscan(pid, &n); err == nil && n > 1 {
			_ = syscall.Kill(n, syscall.SIGKILL)
		}
	}
}

// holds: PROC-023
func TestAMegabyteWrittenAtTheEndIsInTheLog(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	path := filepath.Join(t.TempDir(), "x.log")
	f, err := logfile.Open(path, logfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cmd, o := child(t, s, f, "dd if=/dev/zero bs=1024 count=1024 2>/dev/null | tr '\\0' x; echo end")
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	o.Drain()
	data, err := os.ReadFile(path)
	if err != nil || string(data) != strings.Repeat("x", 1<<20)+"end\n" {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

// Fault 14: numbered lines at full speed, while the log is rotated by size, moved and reopened. Nothing may be missing,
// twice or out of order in the files put together; clearing is told from loss by what is left of the sequence.
//
// holds: LOG-010 LOG-013 LOG-019
func TestNumberedLinesSurviveRotationAndReopening(t *testing.T) {
	t.Parallel()
	const lines = 200_000
	s := set(t, 2)
	dir := t.TempDir()
	path := filepath.Join(dir, "x.log")
	f, err := logfile.Open(path, logfile.Options{MaxBytes: 256 << 10, Backups: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var ended atomic.Bool
	var mover sync.WaitGroup
	mover.Go(func() {
		for i := 0; !ended.Load(); i++ {
			_ = os.Rename(path, fmt.Sprintf("%s/moved.%06d", dir, i))
			if err := f.Reopen(); err != nil {
				t.Error(err)
			}
		}
	})
	cmd, o := child(t, s, f, fmt.Sprintf("seq 1 %d", lines))
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	o.Drain()
	ended.Store(true)
	mover.Wait()
	// A chunk may end within a line, so the pieces are put in order by the numbers at their beginnings: each file is one
	// run of the stream, and the runs must fit together without a gap.
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for i := 1; i <= lines; i++ {
		fmt.Fprintf(&want, "%d\n", i)
	}
	stream := want.String()
	total := 0
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(stream, string(data)) {
			t.Errorf("%s is no piece of what was written", e.Name())
		}
		total += len(data)
	}
	if total != len(stream) || f.Lost() != 0 {
		t.Errorf("%d bytes of %d are in the files, %d counted as lost", total, len(stream), f.Lost())
	}
}

// Clearing takes lines away, but only from the past: what is left is one run without a gap, to the last line.
func TestClearingTakesOnlyThePast(t *testing.T) {
	t.Parallel()
	const lines = 100_000
	s := set(t, 1)
	path := filepath.Join(t.TempDir(), "x.log")
	f, err := logfile.Open(path, logfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var ended atomic.Bool
	var clearer sync.WaitGroup
	var clears int
	clearer.Go(func() {
		for !ended.Load() {
			if err := f.Clear(); err != nil {
				t.Error(err)
			}
			clears++
		}
	})
	cmd, o := child(t, s, f, fmt.Sprintf("seq 1 %d", lines-1))
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	ended.Store(true)
	clearer.Wait()
	o.Drain()
	_, _ = fmt.Fprintf(f, "%d\n", lines)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for i := 1; i <= lines; i++ {
		fmt.Fprintf(&want, "%d\n", i)
	}
	if !strings.HasSuffix(want.String(), string(data)) {
		t.Errorf("after %d clears %d bytes are left that are not the end of the stream", clears, len(data))
	}
}

// A shard each would now and then be faster with the one than with the other, and who listens to both would be told so.
func TestNoOutputOfAChildOvertakesItsOther(t *testing.T) {
	t.Parallel()
	s := set(t, 2)
	all := newRecord()
	child := s.Child()
	r0, w0 := pipe(t)
	r1, w1 := pipe(t)
	r2, w2 := pipe(t)
	stand, goOn := make(chan struct{}), make(chan struct{})
	for fd, sink := range map[int]capture.Sink{
		r0: capture.Func(func([]byte) { stand <- struct{}{}; <-goOn }), min(r1, r2): all, max(r1, r2): all,
	} {
		if _, err := child.Output(fd, sink); err != nil {
			t.Fatal(err)
		}
	}
	if r1 > r2 {
		w1, w2 = w2, w1
	}
	const rounds = 50
	for i := range rounds {
		send(t, w0, "x")
		<-stand
		send(t, w2, "b") // both while the shard is elsewhere
		send(t, w1, "a")
		goOn <- struct{}{}
		all.wait(2 * (i + 1))
	}
	if got := all.String(); got != strings.Repeat("ab", rounds) {
		t.Errorf("%s", got)
	}
}
