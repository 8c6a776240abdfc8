package loop_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// shell is a command line as a Command; its output goes to the papers.
func shell(line string, out, errs *paper) loop.Command {
	return loop.Command{Argv: []string{"sh", "-c", line}, UID: -1, Umask: -1, Stdout: out, Stderr: errs}
}

// TestCommandRunsAsItWasDescribed on the real kernel: words, environment, directory, umask, input, output and end.
func TestCommandRunsAsItWasDescribed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	long := strings.Repeat("0123456789abcdef", 100_000)
	for _, c := range []struct {
		name   string
		line   string
		change func(*loop.Command)
		out    string
		errs   string
		st     kernel.Status
	}{
		{name: "both outputs and a code", line: "echo out; echo errs >&2; exit 3", out: "out\n", errs: "errs\n", st: kernel.Status{Code: 3}},
		{name: "our environment when none is given", line: "echo $A $B", out: "ours ours\n"},
		{name: "the environment that is given, the later of two", line: "echo $A$B$C",
			change: func(c *loop.Command) {
				c.Env = []config.Var{{Name: "PATH", Value: "/bin"}, {Name: "A", Value: "1"}, {Name: "C", Value: "2"}, {Name: "A", Value: "3"}}
			}, out: "32\n"},
		{name: "directory and umask", line: "pwd; umask",
			change: func(c *loop.Command) { c.Dir, c.Umask = dir, 0o27 }, out: dir + "\n0027\n"},
		{name: "no input is an input that has ended", line: "cat; echo end", out: "end\n"},
		{name: "more input than a pipe holds", line: "cat", change: func(c *loop.Command) { c.Stdin = []byte(long) }, out: long},
		{name: "input that is not read", line: "echo done", change: func(c *loop.Command) { c.Stdin = []byte(long) }, out: "done\n"},
		{name: "a signal", line: "kill -9 $$", st: kernel.Status{Code: -1, Signal: 9}},
		{name: "a group of its own", line: "test $(ps -o pgid= -p $$) = $$ && echo own", out: "own\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onEarth(t, nil, func(h *house) {
				var out, errs paper
				cmd := shell(c.line, &out, &errs)
				if c.change != nil {
					c.change(&cmd)
				}
				st, err := h.l.Run(patient(t), cmd)
				if err != nil || st != c.st || out.String() != c.out || errs.String() != c.errs {
					t.Errorf("%v %+v %.200q %q", err, st, out.String(), errs.String())
				}
				if log := h.log.String(); strings.Contains(log, "unknown pid") {
					t.Errorf("its end is told as a stranger's: %s", log)
				}
			})
		})
	}
}

// TestCommandThatCannotBeRunSaysWhy and leaves nothing open.
func TestCommandThatCannotBeRunSaysWhy(t *testing.T) {
	t.Parallel()
	h := build(t, kernel.NewFake(), nil)
	defer h.end()
	plain := filepath.Join(t.TempDir(), "plain")
	os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o644)
	for _, c := range []struct {
		argv   []string
		change func(*loop.Command)
		want   string
		why    error
	}{
		{argv: nil, want: "command is empty"},
		{argv: []string{"no-such-command"}, want: "can't find command 'no-such-command'"},
		{argv: []string{plain}, want: "command at '" + plain + "' is not executable"},
		{argv: []string{"sh"}, change: func(c *loop.Command) { c.Dir = plain }, want: `cannot run "sh": there is no directory "` + plain + `"`},
		{argv: []string{"sh"}, change: func(c *loop.Command) { c.UID = 99_999_999 }, want: `cannot run "sh": Can't find uid 99999999`},
		{argv: []string{"sh"}, change: func(c *loop.Command) { c.Stdin = make([]byte, capture.InputLimit+1) },
			want: `cannot run "sh": its standard input is longer than 16 MiB`},
		{argv: []string{"sh"}, change: func(*loop.Command) {
			h.k.Behave(func(k *kernel.Fake) { k.Refuse = func(kernel.Child) error { return syscall.EAGAIN } })
		}, want: `cannot run "sh": there are too many processes`},
	} {
		cmd := loop.Command{Argv: c.argv, UID: -1, Umask: -1}
		if c.change != nil {
			c.change(&cmd)
		}
		if _, err := h.l.Run(patient(t), cmd); err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.argv, err, c.want)
		}
	}
	if born := h.k.Born(); len(born) != 0 {
		t.Errorf("born: %v", born)
	}
}

// TestCommandIsToldToEndWithItsGroupWhenNobodyWaits: SIGTERM, SIGKILL after its grace, each once; the answer is how it
// ended. Nothing is left armed.
func TestCommandIsToldToEndWithItsGroupWhenNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := kernel.NewFake()
		h := build(t, k, nil)
		defer h.end()
		c, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		begun := time.Now()
		st, err := h.l.Run(c, loop.Command{Argv: []string{"/bin/cat"}, UID: -1, Umask: -1, Grace: 3 * time.Second})
		if err != nil || st != (kernel.Status{Code: -1, Signal: 9}) || time.Since(begun) != 8*time.Second {
			t.Errorf("%+v %v after %v", st, err, time.Since(begun))
		}
		sent := k.Sent()
		if len(sent) != 2 || sent[0].Sig != 15 || sent[1].Sig != 9 || !sent[0].Group || !sent[1].Group ||
			sent[1].At-sent[0].At != 3*proc.Second {
			t.Errorf("signals %+v", sent)
		}
	})
}

// TestShutdownEndsCommandsAndWaitsForThem, and whoever comes late is refused.
func TestShutdownEndsCommandsAndWaitsForThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := kernel.NewFake()
		h := build(t, k, nil)
		defer k.Close()
		h.begin()
		begun := time.Now()
		var all sync.WaitGroup
		for i := range 3 {
			all.Go(func() {
				st, err := h.l.Run(ctx, loop.Command{Argv: []string{"/bin/cat"}, UID: -1, Umask: -1, Grace: time.Duration(i+1) * time.Second})
				if err != nil || st.Signal != 9 || time.Since(begun) != time.Duration(i+1)*time.Second {
					t.Errorf("%d: %+v %v after %v", i, st, err, time.Since(begun))
				}
			})
		}
		for len(k.Born()) < 3 {
			synctest.Wait()
			h.view()
		}
		h.l.Shutdown(false)
		if _, err := h.l.Run(ctx, loop.Command{Argv: []string{"/bin/cat"}, UID: -1, Umask: -1}); !errors.Is(err, loop.ErrOver) {
			t.Errorf("on the way down: %v", err)
		}
		<-h.l.Done()
		if len(k.Alive()) != 0 || time.Since(begun) != 3*time.Second {
			t.Errorf("the loop has ended after %v, and %v are alive", time.Since(begun), k.Alive())
		}
		all.Wait()
		if _, err := h.l.Run(ctx, loop.Command{Argv: []string{"/bin/cat"}, UID: -1, Umask: -1}); !errors.Is(err, loop.ErrOver) {
			t.Errorf("after the end: %v", err)
		}
	})
}

// TestCommandsOwnChildHoldsItsAnswerUpOnlyWithWhatItHasWritten: the pipe stays open, the answer comes.
func TestCommandsOwnChildHoldsItsAnswerUpOnlyWithWhatItHasWritten(t *testing.T) {
	t.Parallel()
	onEarth(t, nil, func(h *house) {
		var out paper
		st, err := h.l.Run(patient(t), shell("sleep 300 & echo $!; seq 100000 120000; exit 4", &out, nil))
		var want bytes.Buffer
		for i := 100000; i <= 120000; i++ {
			fmt.Fprintln(&want, i)
		}
		pid, rest, _ := strings.Cut(out.String(), "\n")
		if err != nil || st.Code != 4 || rest != want.String() {
			t.Errorf("%v %+v, %d bytes of %d", err, st, len(rest), want.Len())
		}
		var grandchild int
		fmt.Sscan(pid, &grandchild)
		if err := (&kernel.System{}).Kill(grandchild, 9, false); err != nil {
			t.Errorf("its child %q did not live on: %v", pid, err)
		}
	})
}

// TestWhatIsLeftOfACommandThatWasToldToEndGoesWithIt: its own child does not heed SIGTERM.
func TestWhatIsLeftOfACommandThatWasToldToEndGoesWithIt(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	onEarth(t, nil, func(h *house) {
		c, cancel := context.WithCancel(patient(t))
		ended := make(chan kernel.Status, 1)
		go func() {
			st, err := h.l.Run(c, shell(`sh -c "trap '' TERM; exec 5>`+fifo+`; while :; do sleep 1; done" & wait`, &paper{}, &paper{}))
			if err != nil {
				t.Error(err)
			}
			ended <- st
		}()
		f, err := os.Open(fifo) // waits until its child is there
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cancel()
		if st := <-ended; st.Signal != 15 {
			t.Errorf("%+v", st)
		}
		f.Read(make([]byte, 1)) // ends when the last of its group has
	})
}

// TestHungPreparationOfACommandHoldsUpOnlyWhoAskedForIt, and that one may leave.
func TestHungPreparationOfACommandHoldsUpOnlyWhoAskedForIt(t *testing.T) {
	t.Parallel()
	h := build(t, kernel.NewFake(), nil)
	defer h.end()
	p, release := hung(t, "x")
	defer release()
	c, cancel := context.WithCancel(ctx)
	left := make(chan error, 1)
	go func() {
		_, err := h.l.Run(c, loop.Command{Argv: []string{p.Command}, UID: -1, Umask: -1})
		left <- err
	}()
	h.view()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
