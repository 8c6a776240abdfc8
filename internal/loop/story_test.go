package loop_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// bubble plays a story in a time of its own.
func bubble(t *testing.T, prepare func(*kernel.Fake), onEvent func(event.Event), story func(*house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		k := kernel.NewFake()
		if prepare != nil {
			prepare(k)
		}
		h := build(t, k, onEvent)
		story(h)
		h.end()
		if alive := k.Alive(); len(alive) > 0 {
			t.Errorf("the end left %v alive", alive)
		}
	})
}

// pass lets time go by until everything that it brings about is done.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func equal(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("it went\n%s\nand should have gone\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestKilledChildIsRestartedAndItsLastWordsAreInItsLogBeforeAnybodyHearsOfIt writes to the pipe and dies at once.
// holds: PROC-023
func TestKilledChildIsRestartedAndItsLastWordsAreInItsLogBeforeAnybodyHearsOfIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.log")
	heard := ""
	onEvent := func(e event.Event) {
		if e.Type == event.ProcessStateExited {
			text, _ := os.ReadFile(path)
			heard = string(text)
		}
	}
	bubble(t, func(k *kernel.Fake) { k.Talk = true }, onEvent, func(h *house) {
		h.add(program("a", logged(path)))
		h.begin()
		pass(2 * time.Second)
		pid := h.see("a").Pid
		words := strings.Repeat("last words\n", 1000)
		if err := h.k.Say(pid, 1, words); err != nil {
			t.Fatal(err)
		}
		h.k.End(pid, kernel.Status{Code: -1, Signal: 9})
		synctest.Wait()
		if heard != words {
			t.Errorf("when its end was told, %d of %d bytes were in the log", len(heard), len(words))
		}
		equal(t, h.story("a"), "a STARTING 0s", "a RUNNING 1s", "a EXITED 2s", "a STARTING 2s")
		if p := h.see("a"); p.Pid == pid || p.Pid == 0 {
			t.Errorf("its pid is %d", p.Pid)
		}
		log := h.log.String()
		for _, line := range []string{
			fmt.Sprintf("INFO spawned: 'a' with pid %d\n", pid),
			"INFO success: a entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)\n",
			"WARN exited: a (terminated by SIGKILL; not expected)\n",
			fmt.Sprintf("INFO spawned: 'a' with pid %d\n", pid+1),
		} {
			at := strings.Index(log, line)
			if at < 0 {
				t.Fatalf("%q is missing, or too early, in\n%s", line, h.log)
			}
			log = log[at:]
		}
		h.obey(obedient)
	})
}

// TestNeighboursDeathTouchesNobodysGrace: a program with a long cleanup beside one that ends every second, and the
// first stop's grace does not reach into the second life.
// fault: 2
func TestNeighboursDeathTouchesNobodysGrace(t *testing.T) {
	t.Parallel()
	bubble(t, nil, nil, func(h *house) {
		h.add(program("a"))
		h.add(program("b", startsecs(0), restart(config.RestartAlways)))
		h.begin()
		pass(2 * time.Second)
		neighbour := func() { h.k.Exit(h.see("b").Pid, 0); synctest.Wait() }
		if err := h.stop(ctx, "a", false); err != nil {
			t.Fatal(err)
		}
		a := h.see("a").Pid
		for range 3 {
			neighbour()
			pass(time.Second)
		}
		h.k.Exit(a, 0)
		synctest.Wait()
		if err := h.start(ctx, "a", false); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Second)
		if err := h.stop(ctx, "a", false); err != nil {
			t.Fatal(err)
		}
		for range 12 {
			neighbour()
			pass(time.Second)
		}
		equal(t, h.story("a"), "a STARTING 0s", "a RUNNING 1s", "a STOPPING 2s", "a STOPPED 5s", "a STARTING 5s", "a RUNNING 6s",
			"a STOPPING 7s", "a STOPPED 17s")
		var got []string
		for _, s := range h.k.Sent() {
			got = append(got, fmt.Sprintf("%d %v", s.Sig, time.Duration(s.At)-time.Hour))
		}
		equal(t, got, "15 2s", "15 7s", "9 17s")
		h.obey(obedient)
	})
}

// TestCommandThatIsNotThereIsTriedAgainAndGivenUp after as many retries as the configuration has.
// holds: PROC-041
func TestCommandThatIsNotThereIsTriedAgainAndGivenUp(t *testing.T) {
	t.Parallel()
	bubble(t, nil, nil, func(h *house) {
		h.add(program("a", command("/no/such x")))
		h.begin()
		pass(time.Minute)
		equal(t, h.story("a"), "a STARTING 0s", "a BACKOFF 0s", "a STARTING 1s", "a BACKOFF 1s", "a STARTING 3s", "a BACKOFF 3s",
			"a STARTING 6s", "a BACKOFF 6s", "a FATAL 6s")
		p := h.see("a")
		if p.SpawnErr != "can't find command '/no/such'" || p.Pid != 0 || p.Phase != proc.Fatal {
			t.Errorf("%+v", p)
		}
		if n := strings.Count(h.log.String(), "INFO spawnerr: can't find command '/no/such'\n"); n != 4 {
			t.Errorf("%d lines in\n%s", n, h.log)
		}
	})
}

// TestProgramsOwnPathIsSearchedEvenWhenItIsEmpty, which is our own directory and no fallback.
// holds: PROC-039
func TestProgramsOwnPathIsSearchedEvenWhenItIsEmpty(t *testing.T) {
	t.Parallel()
	bubble(t, func(k *kernel.Fake) { k.Obey = obedient }, nil, func(h *house) {
		for name, path := range map[string]string{"empty": "", "other": "/no/such:/usr/sbin/nowhere", "same": "/usr/bin:/bin"} {
			h.add(program(name, command("cat"), func(p *config.Process) { p.Environment = []config.Var{{Name: "PATH", Value: path}} }))
		}
		h.begin()
		pass(2 * time.Second)
		for name, want := range map[string]string{"empty": "can't find command 'cat'", "other": "can't find command 'cat'", "same": ""} {
			if p := h.see(name); p.SpawnErr != want {
				t.Errorf("%s: %q", name, p.SpawnErr)
			}
		}
	})
}

// TestForkThatIsRefusedHasSupervisorsWords for a full process table and for any other reason.
// holds: PROC-041
func TestForkThatIsRefusedHasSupervisorsWords(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		syscall.EAGAIN: "Too many processes in process table to spawn 'a'",
		syscall.ENOMEM: "unknown error during fork for 'a': ENOMEM",
	} {
		var full atomic.Bool
		full.Store(true)
		refuse := func(kernel.Child) error {
			if full.Load() {
				return err
			}
			return nil
		}
		bubble(t, func(k *kernel.Fake) { k.Refuse, k.Obey = refuse, obedient }, nil, func(h *house) {
			h.add(program("a"))
			h.begin()
			pass(0)
			if p := h.see("a"); p.SpawnErr != want || p.Phase != proc.Backoff {
				t.Errorf("%+v", p)
			}
			full.Store(false)
			pass(3 * time.Second)
			if p := h.see("a"); p.SpawnErr != "" || p.Phase != proc.Running {
				t.Errorf("%+v", p)
			}
		})
	}
}

// TestClientThatGivesUpEndsItsWaitAndNothingElse: what was asked for goes on.
// holds: RPC-054
func TestClientThatGivesUpEndsItsWaitAndNothingElse(t *testing.T) {
	t.Parallel()
	bubble(t, nil, nil, func(h *house) {
		h.add(program("a", onDemand))
		h.begin()
		soon, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		if err := h.start(soon, "a", true); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		pass(2 * time.Second)
		if p := h.see("a"); p.Phase != proc.Running {
			t.Errorf("%v", p.Phase)
		}
		if err := h.stop(soon, "a", true); err == nil {
			t.Error("a context that is over is no reason to wait")
		}
		h.obey(obedient)
	})
}

// TestStrangersAreBuriedAndNamed: orphans that were given to us, and a pid that was a child's long ago.
// holds: LOG-003
func TestStrangersAreBuriedAndNamed(t *testing.T) {
	t.Parallel()
	bubble(t, func(k *kernel.Fake) { k.Obey = obedient }, nil, func(h *house) {
		h.add(program("a"))
		h.begin()
		pass(2 * time.Second)
		pid := h.see("a").Pid
		h.k.End(77, kernel.Status{Code: 3})
		h.k.End(78, kernel.Status{Code: -1, Signal: 11, Core: true})
		synctest.Wait()
		for _, line := range []string{"reaped unknown pid 77 (exit status 3)", "reaped unknown pid 78 (terminated by SIGSEGV (core dumped))"} {
			if !strings.Contains(h.log.String(), line) {
				t.Errorf("no %q in\n%s", line, h.log)
			}
		}
		if p := h.see("a"); p.Pid != pid || p.Phase != proc.Running {
			t.Errorf("%+v", p)
		}
	})
}

// TestWayDownIsOneGroupAfterTheOther, the highest priority first, and says whom it waits for.
// holds: PROC-026 PROC-028
func TestWayDownIsOneGroupAfterTheOther(t *testing.T) {
	t.Parallel()
	bubble(t, nil, nil, func(h *house) {
		h.addGroup("low", 1, program("l"))
		h.addGroup("high", 10, program("x"), program("y"))
		h.begin()
		pass(2 * time.Second)
		h.obey(func(f *kernel.Fake, pid, sig int) {
			time.AfterFunc(time.Second-time.Duration(pid), func() { obedient(f, pid, sig) })
		})
		h.l.Shutdown(true)
		pass(500 * time.Millisecond)
		if v := h.view(); v.Mood != fleet.Restarting {
			t.Error(v.Mood)
		}
		if err := h.start(ctx, "l", false); err == nil {
			t.Error("a start while everything is stopped")
		}
		<-h.l.Done()
		equal(t, h.story("l", "x", "y")[6:], "y STOPPING 2s", "x STOPPING 2s", "y STOPPED 2.999998997s",
			"x STOPPED 2.999998998s", "l STOPPING 2.999998998s", "l STOPPED 3.999997997s")
		if h.l.Mood() != fleet.Restarting {
			t.Error(h.l.Mood())
		}
		if !strings.Contains(h.log.String(), "waiting for l, x, y to die\n") {
			t.Error(h.log)
		}
		for name, err := range map[string]error{
			"Begin": h.l.Begin(ctx), "AddGroup": h.l.AddGroup(ctx, &config.Group{Name: "new"}), "RemoveGroup": h.l.RemoveGroup(ctx, "low"),
			"Publish": h.l.Publish(ctx, event.Event{}), "Write": h.l.Write(ctx, 1, nil),
			"StartAll": second(h.l.StartAll(ctx, nil, true, true)), "StopAll": second(h.l.StopAll(ctx, nil, true, true)),
			"SignalAll": second(h.l.SignalAll(ctx, nil, 1, true)), "Logs": second(h.l.Logs(ctx, 0)),
		} {
			if err != loop.ErrOver {
				t.Errorf("%s after the end: %v", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestTwoProcessesOfOneNameInAGroupAreOneProcess, the later one: the configuration can say so.
// holds: CFG-088
func TestTwoProcessesOfOneNameInAGroupAreOneProcess(t *testing.T) {
	t.Parallel()
	bubble(t, func(k *kernel.Fake) { k.Obey = obedient }, nil, func(h *house) {
		h.add(program("x", command("/bin/true")), program("x", command("/bin/echo")), program("y"))
		h.begin()
		pass(2 * time.Second)
		if v := h.view(); len(v.Processes) != 2 || v.Processes[0].Conf.Command != "/bin/echo" || v.Processes[0].Pid == 0 {
			t.Errorf("%+v", v.Processes)
		}
		if n := len(h.k.Born()); n != 2 {
			t.Errorf("%d children", n)
		}
	})
}

// TestSignalThatCannotBeSentIsARefusalAndTheStateIsUnknown, unless the child was gone anyway.
// holds: PROC-019
func TestSignalThatCannotBeSentIsARefusalAndTheStateIsUnknown(t *testing.T) {
	t.Parallel()
	var lost atomic.Value
	say := func(err error) { lost.Store(&err) }
	say(nil)
	bubble(t, func(k *kernel.Fake) {
		k.Lose = func(int, int) error { return *lost.Load().(*error) }
		k.Obey = obedient
	}, nil, func(h *house) {
		h.add(program("a"))
		h.add(program("b"))
		h.begin()
		pass(2 * time.Second)
		say(syscall.ESRCH)
		if err := first(h.l.SignalAll(ctx, []fleet.ID{h.id("a")}, 1, false)); err != nil {
			t.Error(err)
		}
		say(syscall.EPERM)
		err := h.stop(ctx, "b", true)
		if f, ok := fault.As(err); !ok || f.Kind != fault.Failed {
			t.Error(err)
		}
		if p := h.see("b"); p.Phase != proc.Unknown {
			t.Error(p.Phase)
		}
		say(nil)
		for _, pid := range h.k.Alive() {
			h.k.Exit(pid, 0)
		}
		synctest.Wait()
	})
}
