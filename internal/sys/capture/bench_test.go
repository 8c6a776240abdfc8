package capture_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// perRound is how much the writing child writes in one round of a benchmark.
const perRound = 256 << 20

// spew starts a child that writes perRound bytes to a pipe and returns the reading end.
func spew(b *testing.B) (*exec.Cmd, int) {
	b.Helper()
	r, w := pipe(b)
	cmd := exec.Command("dd", "if=/dev/zero", "bs=64k", "count=4096", "status=none")
	out := os.NewFile(uintptr(w), "stdout")
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	out.Close()
	return cmd, r
}

// measure runs rounds and reports our own CPU time, which is what a daemon costs, beside the speed.
func measure(b *testing.B, round func()) {
	b.SetBytes(perRound)
	before := cpu(b)
	for b.Loop() {
		round()
	}
	used := cpu(b) - before
	b.ReportMetric(used/float64(b.N)/perRound*(1<<30), "cpu-s/GB")
}

func cpu(b *testing.B) float64 {
	var ru syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &ru); err != nil {
		b.Fatal(err)
	}
	return float64(ru.Utime.Nano()+ru.Stime.Nano()) / 1e9
}

// BenchmarkBareLoop is the limit: read and write, nothing else, in the same sizes.
func BenchmarkBareLoop(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.log")
	buf := make([]byte, capture.Chunk)
	measure(b, func() {
		cmd, fd := spew(b)
		_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), 1031, capture.WidePipe)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
		if err != nil {
			b.Fatal(err)
		}
		for {
			n, err := syscall.Read(fd, buf)
			if err == syscall.EINTR {
				continue
			}
			if n <= 0 {
				break
			}
			if _, err := syscall.Write(int(f.Fd()), buf[:n]); err != nil {
				b.Fatal(err)
			}
		}
		f.Close()
		syscall.Close(fd)
		if err := cmd.Wait(); err != nil {
			b.Fatal(err)
		}
		os.Remove(path)
	})
}

// BenchmarkFlood is the same through a shard to a rotating log. It must reach 0.9 of the limit's speed for 1.2 of its
// CPU.
func BenchmarkFlood(b *testing.B) {
	s := set(b, 2)
	path := filepath.Join(b.TempDir(), "x.log")
	measure(b, func() {
		cmd, fd := spew(b)
		f, err := logfile.Open(path, logfile.Options{MaxBytes: perRound * 2, Backups: 1})
		if err != nil {
			b.Fatal(err)
		}
		o := output(b, s, fd, f)
		if err := cmd.Wait(); err != nil {
			b.Fatal(err)
		}
		o.Drain()
		f.Close()
		if st, err := os.Stat(path); err != nil || st.Size() != perRound {
			b.Fatalf("%v, %v", st.Size(), err)
		}
		os.Remove(path)
	})
}
