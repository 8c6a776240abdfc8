package loop_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// hung is a program whose preparation hangs, as on a disk that is gone, until release is called: it is a pipe with a
// name, and whoever looks into it waits for somebody to write.
func hung(t *testing.T, name string) (p config.Process, release func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := syscall.Mkfifo(path, 0o755); err != nil {
		t.Fatal(err)
	}
	free := false
	release = func() {
		if !free {
			free = true
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			// Whoever is reading sees some; O_RDWR does not wait for them.
			f.Write(make([]byte, 16<<10)) // enough for several
			t.Cleanup(func() { f.Close() })
		}
	}
	t.Cleanup(release)
	return program(name, command(path), onDemand), release
}

// patient bounds what should be quick but has no deadline of its own.
func patient(t *testing.T) context.Context {
	c, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	return c
}

// TestStopBeforeForkSignalsNobody: there is no pid yet, and 0 would be our own group. The child is stopped once it is
// born.
func TestStopBeforeForkSignalsNobody(t *testing.T) {
	t.Parallel()
	k := kernel.NewFake()
	k.Obey = obedient
	h := build(t, k, nil)
	defer h.end()
	p, release := hung(t, "a")
	h.add(p)
	h.begin()
	started := make(chan error, 1)
	go func() { started <- h.start(patient(t), "a", true) }()
	for h.see("a").Phase != proc.Starting {
		runtime.Gosched()
	}
	if err := h.stop(patient(t), "a", false); err != nil {
		t.Fatal(err)
	}
	if len(k.Sent()) != 0 || len(k.Born()) != 0 {
		t.Fatal(k.Sent(), k.Born())
	}
	release()
	if err := <-started; err == nil {
		t.Error("the start is told to have gone well")
	}
	for h.see("a").Phase != proc.Stopped {
		runtime.Gosched()
	}
	born := k.Born()
	sent := k.Sent()
	if len(born) != 1 || len(sent) != 1 || sent[0].Pid != born[0].Pid || sent[0].Sig != 15 {
		t.Errorf("born %v, signals %v", born, sent)
	}
}

// TestBirthsAreInTheOrderOfAsking even if what comes first takes longest to prepare.
func TestBirthsAreInTheOrderOfAsking(t *testing.T) {
	t.Parallel()
	// In the bubble time stands still as long as the first preparation hangs in the kernel.
	synctest.Test(t, func(t *testing.T) {
		k := kernel.NewFake()
		k.Obey = obedient
		h := build(t, k, nil)
		defer h.end()
		slow, release := hung(t, "slow")
		h.add(slow)
		var targets []fleet.Target
		targets = append(targets, fleet.Target{ID: h.id("slow")})
		dir := t.TempDir()
		for i := range 20 {
			name := fmt.Sprintf("p%02d", i)
			h.add(program(name, onDemand, logged(filepath.Join(dir, name))))
			targets = append(targets, fleet.Target{ID: h.id(name)})
		}
		h.begin()
		done := make(chan error, 1)
		go func() { done <- second(h.l.StartAll(ctx, targets, false, false)) }()
		prepared(dir, 12) // not all are prepared ahead of their turn
		for range 1000 {  // they are ready, and have every chance
			h.view()
			runtime.Gosched()
		}
		if n := len(k.Born()); n != 0 {
			t.Errorf("%d were born before the first", n)
		}
		release()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		var order []fleet.ID
		for _, b := range k.Born() {
			order = append(order, h.byPid(b.Pid))
		}
		var want []fleet.ID
		for _, t := range targets {
			want = append(want, t.ID)
		}
		if !slices.Equal(order, want) {
			t.Errorf("born %v, asked %v", order, want)
		}
	})
}

// prepared waits until n or more logs have been opened.
func prepared(dir string, n int) {
	for {
		if list, _ := os.ReadDir(dir); len(list) >= n {
			return
		}
		runtime.Gosched()
	}
}

func (h *house) byPid(pid int) fleet.ID {
	for _, p := range h.view().Processes {
		if p.Pid == pid {
			return p.ID
		}
	}
	return 0
}

// TestHungPreparationsAreOvertakenAfterHalfASecond and no sooner, by the clock of the kernel.
func TestHungPreparationsAreOvertakenAfterHalfASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := kernel.NewFake()
		k.Obey = obedient
		h := build(t, k, nil)
		defer h.end()
		slow, release := hung(t, "slow")
		dir := t.TempDir()
		h.add(slow)
		h.add(program("quick", onDemand, logged(filepath.Join(dir, "q"))))
		h.begin()
		done := make(chan error, 1)
		go func() {
			done <- second(h.l.StartAll(ctx, []fleet.Target{{ID: h.id("slow")}, {ID: h.id("quick")}}, false, false))
		}()
		prepared(dir, 1)
		k.Advance(499 * time.Millisecond)
		for range 1000 {
			h.view()
			runtime.Gosched()
		}
		if len(k.Born()) != 0 {
			t.Error("overtaken too soon")
		}
		for k.Advance(time.Millisecond); len(k.Born()) == 0; {
			h.view()
			runtime.Gosched()
		}
		release()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestSeveralHungPreparationsAreOvertakenWithoutAnybodyKnocking: the timer alone wakes the loop, in real time.
// fault: 17
func TestSeveralHungPreparationsAreOvertakenWithoutAnybodyKnocking(t *testing.T) {
	t.Parallel()
	k := kernel.NewFake()
	k.Obey = obedient
	h := build(t, k, nil)
	defer h.end()
	const many = 12 // more than prepare at a time
	var release []func()
	for i := range many {
		p, r := hung(t, fmt.Sprint("slow", i))
		release = append(release, r)
		h.add(p)
	}
	h.add(program("quick", onDemand))
	h.begin()
	defer func() {
		for _, r := range release {
			r()
		}
	}()
	for i := range many {
		name := fmt.Sprint("slow", i)
		go h.start(patient(t), name, false)
		for h.see(name).Phase != proc.Starting {
			runtime.Gosched()
		}
	}
	if err := h.start(patient(t), "quick", false); err != nil {
		t.Errorf("quick waits for those that hang: %v", err)
	}
}

// TestWhatHangsBeforeItsBirthCanBeStopped and holds neither a stop nor the end of everything up. Started again, it is
// born once, when the disk is back.
// fault: 17
func TestWhatHangsBeforeItsBirthCanBeStopped(t *testing.T) {
	t.Parallel()
	k := kernel.NewFake()
	k.Obey = obedient
	h := build(t, k, nil)
	a, back := hung(t, "a")
	b, _ := hung(t, "b")
	h.add(a)
	h.add(b)
	h.begin()
	started := make(chan error, 2)
	for _, name := range []string{"a", "b"} {
		go func() { started <- h.start(patient(t), name, true) }()
		for h.see(name).Phase != proc.Starting {
			runtime.Gosched()
		}
	}
	if err := h.stop(patient(t), "a", true); err != nil {
		t.Fatal(err)
	}
	if err := <-started; err == nil {
		t.Error("the start is told to have gone well")
	}
	if p := h.see("a"); p.Phase != proc.Stopped || p.Pid != 0 {
		t.Errorf("%v %d", p.Phase, p.Pid)
	}
	go func() { started <- h.start(patient(t), "a", false) }()
	for h.see("a").Phase != proc.Starting {
		runtime.Gosched()
	}
	back()
	if err := <-started; err != nil {
		t.Error(err)
	}
	if born := len(k.Born()); born != 1 {
		t.Errorf("%d were born", born)
	}
	h.l.Shutdown(false)
	select {
	case <-h.l.Done():
	case <-patient(t).Done():
		t.Error("the end waits for a disk that is gone")
	}
}

// TestViewIsNeverOlderThanWhatWasAnswered, however many look at it meanwhile.
func TestViewIsNeverOlderThanWhatWasAnswered(t *testing.T) {
	t.Parallel()
	k := kernel.NewFake()
	k.Obey = obedient
	h := build(t, k, nil)
	h.add(program("a", onDemand, startsecs(0)))
	h.add(program("b", onDemand))
	h.begin()
	over := make(chan struct{})
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		for {
			select {
			case <-over:
				return
			default:
				h.view()
			}
		}
	}()
	for range 300 {
		for _, name := range []string{"a", "b"} {
			if err := h.start(ctx, name, name == "a"); err != nil {
				t.Fatal(err)
			}
			if p := h.see(name); !p.Phase.IsRunning() || !slices.Contains(k.Alive(), p.Pid) {
				t.Fatalf("started, and seen as %v with pid %d", p.Phase, p.Pid)
			}
			if err := h.stop(ctx, name, true); err != nil {
				t.Fatal(err)
			}
			if p := h.see(name); p.Phase != proc.Stopped || p.Pid != 0 {
				t.Fatalf("stopped, and seen as %v with pid %d", p.Phase, p.Pid)
			}
		}
	}
	close(over)
	<-watching
	h.end()
}

// TestViewShowsThePidAsSoonAsThereIsOne also to those who looked a moment before, while it was being prepared.
func TestViewShowsThePidAsSoonAsThereIsOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := kernel.NewFake()
		k.Obey = obedient
		var h *house
		looked := make(chan int, 1)
		k.Refuse = func(kernel.Child) error {
			select {
			case <-looked:
			default:
			}
			return nil
		}
		h = build(t, k, func(e event.Event) {})
		p, release := hung(t, "a")
		p.Autostart = true
		h.add(p)
		h.begin()
		if p := h.see("a"); p.Phase != proc.Starting || p.Pid != 0 {
			t.Errorf("%v %d", p.Phase, p.Pid)
		}
		release()
		synctest.Wait()
		if p := h.see("a"); p.Phase != proc.Starting || len(k.Alive()) != 1 || p.Pid != k.Alive()[0] {
			t.Errorf("there is a child, and %v with pid %d is seen", p.Phase, p.Pid)
		}
		h.end()
	})
}

// TestChildGetsWhatItsConfigurationSays: words, environment over ours, directory, umask.
// holds: PROC-031 PROC-034 PROC-042
func TestChildGetsWhatItsConfigurationSays(t *testing.T) {
	t.Parallel()
	bubble(t, func(k *kernel.Fake) { k.Obey = obedient }, nil, func(h *house) {
		h.addGroup("g", 1, program("a", command(`cat "x y"`), func(p *config.Process) {
			p.Directory, p.Umask = "/nowhere", 0o27
			p.Environment = []config.Var{{Name: "B", Value: "mine"}, {Name: "C", Value: "mine"}, {Name: "SUPERVISOR_ENABLED", Value: "2"}}
		}), program("b", func(p *config.Process) { p.ServerURL = "http://x:1" }))
		h.begin()
		pass(time.Second)
		born := h.k.Born()
		a, b := born[0], born[1]
		if !slices.Equal(a.Argv, []string{"cat", "x y"}) || a.Dir != "/nowhere" || a.Umask != 0o27 || a.Cred != nil || a.Refused != "" {
			t.Errorf("%+v", a)
		}
		if a.Path != "/usr/bin/cat" && a.Path != "/bin/cat" {
			t.Error(a.Path)
		}
		slices.Sort(a.Env)
		equal(t, a.Env, "A=ours", "B=mine", "C=mine", "PATH=/usr/bin:/bin", "SUPERVISOR_ENABLED=2", "SUPERVISOR_GROUP_NAME=g",
			"SUPERVISOR_PROCESS_NAME=a", "SUPERVISOR_SERVER_URL=unix:///run/s.sock")
		if !slices.Contains(b.Env, "SUPERVISOR_SERVER_URL=http://x:1") {
			t.Error(b.Env)
		}
	})
}

// TestLogThatCannotBeOpenedIsAReasonNotToStart, in Supervisor's words.
// holds: PROC-041
func TestLogThatCannotBeOpenedIsAReasonNotToStart(t *testing.T) {
	t.Parallel()
	bubble(t, nil, nil, func(h *house) {
		h.add(program("a", logged("/no/such/dir/a.log")))
		h.begin()
		pass(0)
		if p := h.see("a"); p.SpawnErr != "unknown error making dispatchers for 'a': ENOENT" || p.Phase != proc.Backoff {
			t.Errorf("%+v", p)
		}
		if err := h.stop(ctx, "a", true); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
