package difftest_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// The neighbour ends several times a second; what is told to stop still gets all the time it was promised.
//
// fault: 2
// holds: PROC-012 PROC-013
func TestANeighboursDeathDoesNotTurnAStopIntoAKill(t *testing.T) {
	t.Parallel()
	d := daemon(t, `
[program:database]
command=/bin/sh -c "trap 'sleep 2; echo saved >saved; exit 0' TERM; echo up >up; while :; do sleep 0.1; done"
stopwaitsecs=10
[program:neighbour]
command=/bin/sleep 0.1
startsecs=0
autorestart=true
`)
	untilState(t, d, "database", "RUNNING")
	eventually(t, "the trap", func() bool { return d.ReadFile("up") != "" })
	call(t, d, "supervisor.stopProcess", "database")
	if d.ReadFile("saved") == "" {
		t.Error("the program was not given the time to save")
	}
	log := d.ReadFile("main.log")
	if strings.Contains(log, "SIGKILL") || !strings.Contains(log, "stopped: database (exit status 0)") {
		t.Errorf("the stop was no stop:\n%s", log)
	}
}

// fault: 2
// holds: PROC-012
func TestTheClockOfOneStopDoesNotKillTheNextLife(t *testing.T) {
	t.Parallel()
	d := daemon(t, `
[program:p]
command=/bin/sh -c "trap 'test -e slow && sleep 1.5; exit 0' TERM; echo up >>up; while :; do sleep 0.05; done"
stopwaitsecs=2
startsecs=0
`)
	life := 1
	alive := func() {
		eventually(t, "life", func() bool { return strings.Count(d.ReadFile("up"), "up") == life })
		life++
	}
	alive()
	call(t, d, "supervisor.stopProcess", "p")
	call(t, d, "supervisor.startProcess", "p")
	alive()
	d.WriteFile("slow", "")
	call(t, d, "supervisor.stopProcess", "p")
	if log := d.ReadFile("main.log"); strings.Contains(log, "SIGKILL") {
		t.Errorf("somebody was killed:\n%s", log)
	}
}

// All byte values, escape sequences and a character cut in two: the file holds them as they are, and every reader of
// the API gets well-formed XML.
//
// fault: 6
// holds: RPC-010 RPC-011 LOG-019
func TestOddBytesInALogHurtNoReader(t *testing.T) {
	t.Parallel()
	d := daemon(t, `
[program:odd]
command=/bin/sh -c "cat bytes; sleep 0.2; printf '\\303'; sleep 0.2; printf '\\251 later'; exec cat"
stdout_logfile=${DIR}/odd.log
autostart=false
`)
	var all []byte
	for b := range 256 {
		all = append(all, byte(b))
	}
	all = append(all, "\x1b[31mred\x1b[0m\n"...)
	if err := os.WriteFile(filepath.Join(d.Dir, "bytes"), all, 0o644); err != nil {
		t.Fatal(err)
	}
	call(t, d, "supervisor.startProcess", "odd")
	eventually(t, "the end of the output", func() bool { return strings.HasSuffix(d.ReadFile("odd.log"), "later") })
	if got, want := d.ReadFile("odd.log"), string(all)+"é later"; got != want {
		t.Errorf("the log holds %q, want %q", got, want)
	}
	for offset := range len(all) {
		n := strconv.Itoa(offset)
		for _, c := range []struct {
			method string
			args   []any
		}{
			{"supervisor.readProcessStdoutLog", []any{"odd", difftest.Number(n), difftest.Number("5")}},
			{"supervisor.readProcessStdoutLog", []any{"odd", difftest.Number("-" + strconv.Itoa(offset+1)), difftest.Number("0")}},
			{"supervisor.tailProcessStdoutLog", []any{"odd", difftest.Number(n), difftest.Number("7")}},
		} {
			if offset%16 != 0 && offset < 240 && offset != 127 {
				continue
			}
			if err := wellFormed(call(t, d, c.method, c.args...)); err != nil {
				t.Errorf("%s%v: %v", c.method, c.args, err)
			}
		}
	}
}

func wellFormed(body string) error {
	for dec := xml.NewDecoder(strings.NewReader(body)); ; {
		if _, err := dec.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// A grandchild keeps the pipe open for ever; its parent's end is seen at once all the same, and it starts again.
//
// fault: 8
// holds: PROC-045
func TestAPipeThatOutlivesItsProgramHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	d := daemon(t, `
[program:leaver]
command=/bin/sh -c "sleep 300 & exit 0"
startsecs=0
autorestart=false
autostart=false
[program:writer]
command=/bin/sh -c "trap 'head -c 1000000 /dev/zero; exit 0' TERM; echo up >up; while :; do sleep 0.05; done"
stdout_logfile=${DIR}/writer.log
`)
	for range 3 {
		begin := time.Now()
		call(t, d, "supervisor.startProcess", "leaver", false)
		untilState(t, d, "leaver", "EXITED")
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("its end was seen after %v", took)
		}
	}
	eventually(t, "the writer", func() bool { return d.ReadFile("up") != "" })
	untilState(t, d, "writer", "RUNNING")
	call(t, d, "supervisor.stopProcess", "writer")
	if n := len(d.ReadFile("writer.log")); n != 1000000 {
		t.Errorf("%d bytes of the last words, want 1000000", n)
	}
}

// Start, stop, restart, signal from eight sides, on programs that end when they like: never two lives at once, every
// answer comes, and at the end everything is as it was last wished.
//
// fault: 12
// holds: PROC-048
func TestManyHandsOnTheSameProgramsLeaveOneLifeEach(t *testing.T) {
	t.Parallel()
	const programs = 6
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var conf strings.Builder
	for i := range programs {
		fmt.Fprintf(&conf, "[program:p%d]\ncommand=%s\nenvironment=%s=\"%d\"\ndirectory=${DIR}\nstartsecs=0\nstopwaitsecs=1\nautorestart=%s\n",
			i, self, lifeRole, i, []string{"true", "unexpected", "false"}[i%3])
	}
	d := daemon(t, conf.String())
	var wg sync.WaitGroup
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	for seed := range uint64(8) {
		wg.Go(func() {
			luck := rand.New(rand.NewPCG(seed, 7))
			for ctx.Err() == nil {
				name := fmt.Sprintf("p%d", luck.IntN(programs))
				wait := luck.IntN(2) == 0
				var err error
				switch luck.IntN(5) {
				case 0, 1:
					_, _, err = d.Call("supervisor.startProcess", name, wait)
				case 2, 3:
					_, _, err = d.Call("supervisor.stopProcess", name, wait)
				case 4:
					_, _, err = d.Call("supervisor.signalProcess", name, "KILL")
				}
				if err != nil {
					t.Errorf("a call got no answer: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	call(t, d, "supervisor.stopAllProcesses")
	for i := range programs {
		name := fmt.Sprintf("p%d", i)
		eventually(t, name, func() bool { s := d.State(name); return s == "STOPPED" || s == "EXITED" || s == "FATAL" })
	}
	if text := d.ReadFile("twice"); text != "" {
		t.Errorf("two lives at once: %s", text)
	}
	for i := 3; i < programs; i++ {
		call(t, d, "supervisor.startProcess", fmt.Sprintf("p%d", i))
	}
	eventually(t, "the daemon and three programs alone in the session", func() bool {
		return len(difftest.Session(d.Pid)) == 1+programs-3
	})
}

// Numbered lines at full speed while the log rotates, is reopened and moved away: each line is there once, in order.
//
// fault: 14
// holds: LOG-010 LOG-013 SIG-004
func TestRotationAndReopeningLoseNoLine(t *testing.T) {
	t.Parallel()
	const lines = 300000
	d := daemon(t, fmt.Sprintf(`
[program:counter]
command=/bin/sh -c "seq 1 %d; echo done >done; exec cat"
stdout_logfile=${DIR}/counter.log
stdout_logfile_maxbytes=200KB
stdout_logfile_backups=100
autostart=false
`, lines))
	call(t, d, "supervisor.startProcess", "counter", false)
	moved := 0
	eventually(t, "the last number", func() bool {
		if moved < 5 {
			if os.Rename(filepath.Join(d.Dir, "counter.log"), filepath.Join(d.Dir, fmt.Sprintf("moved.%d", moved))) == nil {
				moved++
			}
		}
		d.Signal(syscall.SIGUSR2)
		return d.ReadFile("done") != ""
	})
	var next []int
	eventually(t, "every line in its place", func() bool {
		next = next[:0]
		paths, _ := filepath.Glob(filepath.Join(d.Dir, "counter.log*"))
		old, _ := filepath.Glob(filepath.Join(d.Dir, "moved.*"))
		whole := joined(append(paths, old...))
		for s := range strings.FieldsSeq(whole) {
			n, _ := strconv.Atoi(s)
			next = append(next, n)
		}
		return len(next) >= lines
	})
	for i, n := range next {
		if n != i+1 {
			t.Fatalf("line %d says %d: something is lost, doubled or out of order", i+1, n)
		}
	}
	if len(next) != lines {
		t.Errorf("%d lines, want %d", len(next), lines)
	}
}

// joined puts the pieces of a log together by the number that each begins with; a line may be cut between two.
func joined(paths []string) string {
	type piece struct {
		text string
		at   int
	}
	var pieces []piece
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil || len(data) == 0 {
			continue
		}
		// The first whole line of a piece is its second word: the first may be the end of a cut one.
		_, rest, _ := strings.Cut(string(data), "\n")
		first, _, _ := strings.Cut(rest, "\n")
		n, _ := strconv.Atoi(first)
		if n == 0 {
			n = 1 << 30
		}
		pieces = append(pieces, piece{string(data), n})
	}
	slices.SortFunc(pieces, func(a, b piece) int { return a.at - b.at })
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

// While one call waits for a program that will not stop, everybody else is answered at once.
//
// fault: 17
// holds: RPC-053
func TestASlowStopKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	d := daemon(t, `
[program:stubborn]
command=/bin/sh -c "trap '' TERM; while :; do sleep 0.1; done"
stopwaitsecs=600
[program:other]
command=/bin/cat
autostart=false
startsecs=0
`)
	untilState(t, d, "stubborn", "RUNNING")
	done := make(chan struct{})
	go func() { d.Call("supervisor.stopProcess", "stubborn"); close(done) }()
	untilState(t, d, "stubborn", "STOPPING")
	for range 20 {
		call(t, d, "supervisor.getAllProcessInfo")
		call(t, d, "supervisor.startProcess", "other", false)
		call(t, d, "supervisor.stopProcess", "other")
	}
	select {
	case <-done:
		t.Error("the slow stop was not slow: nothing was seen")
	default: // all that was done in the ten minutes that the stop may take
	}
	call(t, d, "supervisor.signalProcess", "stubborn", "KILL")
	<-done
}

var stamp = regexp.MustCompile(`(?m)^\S+ (\d\d:\d\d:\d\d,\d{3}) INFO (supervisord started|spawned)`)

// Nobody connects: a connection would wake Supervisor's loop, too.
//
// holds: PROC-025 VER-001
func TestTheFirstProgramStartsWithTheDaemon(t *testing.T) {
	t.Parallel()
	d := daemon(t, "[program:cat]\ncommand=/bin/cat\n")
	d.Signal(syscall.SIGTERM)
	if _, err := d.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(d.Dir, "main.log"))
	if err := d.Launch("-n", "-c", filepath.Join(d.Dir, "conf")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the start", func() bool { return len(stamp.FindAllString(d.ReadFile("main.log"), -1)) == 2 })
	m := stamp.FindAllStringSubmatch(d.ReadFile("main.log"), -1)
	began, err1 := time.Parse("15:04:05,000", m[0][1])
	spawned, err2 := time.Parse("15:04:05,000", m[1][1])
	if err1 != nil || err2 != nil || spawned.Sub(began) > 500*time.Millisecond {
		t.Errorf("started %s, spawned %s", m[0][1], m[1][1])
	}
}

// A signal to a child that has hardly been born reaches it: no stop costs the whole of stopwaitsecs.
//
// holds: PROC-048
func TestAStopRightAfterTheForkIsNotLost(t *testing.T) {
	t.Parallel()
	d := daemon(t, "[program:p]\ncommand=/bin/sleep 1000\nautostart=false\nstopwaitsecs=20\n")
	for range 30 {
		call(t, d, "supervisor.startProcess", "p", false)
		call(t, d, "supervisor.stopProcess", "p")
	}
	if log := d.ReadFile("main.log"); strings.Contains(log, "SIGKILL") {
		t.Errorf("a signal was lost:\n%s", log)
	}
}

// holds: SEC-001 HTTP-023
func TestAClientThatSendsHalfARequestHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	d := daemon(t, "")
	var held []net.Conn
	defer func() {
		for _, c := range held {
			c.Close()
		}
	}()
	for range 50 {
		c, err := d.Dial(false)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
		io.WriteString(c, "POST /RPC2 HTTP/1.1\r\nContent-Length: 1000\r\n\r\nhalf")
	}
	call(t, d, "supervisor.getState")
}

// Whoever gets through to the socket is served: nobody is told to come back when the daemon is up.
//
// holds: RPC-021
func TestTheFirstCallerIsServed(t *testing.T) {
	t.Parallel()
	for range 10 {
		d := daemon(t, "[program:p]\ncommand=/bin/cat\nautostart=false\nstartsecs=0\n")
		d.Signal(syscall.SIGTERM)
		if _, err := d.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.Launch("-n", "-c", filepath.Join(d.Dir, "conf")); err != nil {
			t.Fatal(err)
		}
		var body string
		for body == "" && !d.Exited() {
			_, body, _ = d.Call("supervisor.startProcess", "p")
		}
		if !strings.Contains(body, "<boolean>1</boolean>") {
			t.Fatalf("the first caller was told\n%s", body)
		}
	}
}
