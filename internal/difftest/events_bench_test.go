package difftest_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// benchEvents is how many events of 200 bytes a listener gets in one measurement.
const benchEvents = 50_000

// BenchmarkEvents measures how fast captured texts reach a listener: with ours, with Debian's, and as a bare ping-pong
// over two pipes, which is the limit. Run it with -benchtime 1x.
func BenchmarkEvents(b *testing.B) {
	exe := filepath.Join(b.TempDir(), "listener")
	if out, err := exec.Command("go", "build", "-o", exe, "./testdata/listener").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	b.Run("ours", func(b *testing.B) { benchDaemon(b, built, exe) })
	b.Run("debian", func(b *testing.B) {
		debian, err := difftest.Debian()
		if err != nil {
			b.Skip(err)
		}
		benchDaemon(b, debian, exe)
	})
	b.Run("pipes", func(b *testing.B) { benchPipes(b, exe) })
}

func benchDaemon(b *testing.B, programs difftest.Programs, exe string) {
	for b.Loop() {
		d := run(b, programs, fmt.Sprintf(`
[eventlistener:l]
command=%s %d ${DIR}/took
events=PROCESS_COMMUNICATION
buffer_size=1000000
stdout_logfile=NONE
startsecs=0

[program:e]
command=/usr/bin/python3 -c "import os,time; b=(b'<!--XSUPERVISOR:BEGIN-->'+b'x'*200+b'<!--XSUPERVISOR:END-->')*100; [os.write(1,b) for i in range(%d)]; os.write(1,b'z'*64); time.sleep(1000)"
stdout_capture_maxbytes=1KB
stdout_logfile=NONE
`, exe, benchEvents, benchEvents/100))
		ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
		if err := difftest.Poll(ctx, func() bool { return d.ReadFile("took") != "" }); err != nil {
			b.Fatalf("the events did not come:\n%s", d.ReadFile("main.log"))
		}
		cancel()
		report(b, d.ReadFile("took"), ticks(d.Pid))
		d.Close()
	}
}

// ticks is the processor time that a process has used, in seconds.
func ticks(pid int) float64 {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	fields := strings.Fields(string(rest))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100
}

func report(b *testing.B, took string, cpu float64) {
	ns, err := strconv.ParseFloat(took, 64)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(benchEvents/ns*1e9, "events/s")
	b.ReportMetric(cpu/benchEvents*1e6, "cpu-µs/event")
}

func benchPipes(b *testing.B, exe string) {
	for b.Loop() {
		file := filepath.Join(b.TempDir(), "took")
		cmd := exec.Command(exe, strconv.Itoa(benchEvents), file)
		in, err := cmd.StdinPipe()
		if err != nil {
			b.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		envelope := []byte("ver:3.0 server:supervisor serial:10000 pool:l poolserial:10000 eventname:PROCESS_COMMUNICATION_STDOUT len:237\n" +
			strings.Repeat("x", 237))
		buf := make([]byte, 64)
		for range benchEvents {
			if _, err := out.Read(buf); err != nil {
				b.Fatal(err)
			}
			if _, err := in.Write(envelope); err != nil {
				b.Fatal(err)
			}
		}
		_, _ = out.Read(buf)
		in.Close()
		_ = cmd.Wait()
		took, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		report(b, string(took), 0)
	}
}
