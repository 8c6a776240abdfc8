package service_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/world"
)

// outputs lives outside of all bubbles, since its goroutines wait in the kernel.
var outputs *capture.Set

func TestMain(m *testing.M) {
	var err error
	if outputs, err = capture.Open(0); err != nil {
		panic(err)
	}
	code := m.Run()
	outputs.Close()
	os.Exit(code)
}

var ctx = context.Background()

// desk is a service with a whole daemon's inside behind it, on a fake kernel and in a bubble's time.
type desk struct {
	*service.Service
	t *testing.T
	k *kernel.Fake
	l *loop.Loop

	mu     sync.Mutex
	events []event.Event
	conf   *config.Config
	broken error
}

// withDesk plays a story at a desk over these groups, the autostart ones among them running.
func withDesk(t *testing.T, groups []config.Group, story func(*desk)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := &desk{t: t, k: kernel.NewFake()}
		d.k.Obey, d.k.Talk = obedient, true
		d.conf = &config.Config{Groups: groups, Daemon: config.Daemon{Identifier: "desk", Childlogdir: dir, Logfile: dir + "/main.log"}}
		j, err := journal.Open(journal.Options{Path: d.conf.Daemon.Logfile, Level: config.Info, Stdout: io.Discard, Now: d.k.Wall})
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		d.l = loop.Start(loop.Options{
			Kernel: d.k, Capture: outputs, Journal: j, StripANSI: func() bool { return false },
			Publish: func(e event.Event) {
				d.mu.Lock()
				defer d.mu.Unlock()
				d.events = append(d.events, e)
			},
		})
		luck := uint64(0)
		d.Service = service.New(service.Options{
			Loop: d.l, Kernel: d.k, Journal: j, Config: d.conf, Reread: d.reread, Path: "/usr/bin:/bin", World: world.New(nil),
			Rand: func() uint64 { luck += 0x9e3779b97f4a7c15; return luck },
		})
		if err := d.Boot(ctx); err != nil {
			t.Fatal(err)
		}
		if err := d.l.Begin(ctx); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		story(d)
		d.k.Behave(func(k *kernel.Fake) { k.Obey, k.Lose, k.Refuse = obedient, nil, nil })
		for _, pid := range d.k.Alive() {
			d.k.Exit(pid, 0)
		}
		synctest.Wait()
		d.l.Shutdown(false)
		<-d.l.Done()
		d.k.Close()
	})
}

func (d *desk) reread() (*config.Config, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conf, d.broken
}

func obedient(f *kernel.Fake, pid, sig int) { f.End(pid, kernel.Status{Code: -1, Signal: sig}) }

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// program is a process as the configuration's defaults have it, but for autostart.
func program(name string, change ...func(*config.Process)) config.Process {
	p := config.Process{
		Name: name, Command: "/bin/cat", Umask: -1, UID: -1, Priority: 999, Startsecs: 1, Startretries: 3,
		Stopsignal: 15, Stopwaitsecs: 10, Exitcodes: []int{0},
		Stdout: config.Channel{Log: config.Log{Kind: config.LogNone}}, Stderr: config.Channel{Log: config.Log{Kind: config.LogNone}},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func group(name string, priority int, procs ...config.Process) config.Group {
	return config.Group{Name: name, Priority: priority, Processes: procs}
}

func priority(n int) func(*config.Process) { return func(p *config.Process) { p.Priority = n } }

// put brings process "a" of group "g" into a phase.
func (d *desk) put(phase string) {
	d.t.Helper()
	start := func() { _, _, err := d.Start(ctx, "g:a", false); d.ignore(err) }
	stop := func() { _, _, err := d.Stop(ctx, "g:a", false); d.ignore(err) }
	refuse := func(k *kernel.Fake) { k.Refuse = func(kernel.Child) error { return syscall.EAGAIN } }
	switch phase {
	case "STOPPED":
	case "STARTING":
		start()
	case "RUNNING":
		start()
		pass(2 * time.Second)
	case "BACKOFF":
		d.k.Behave(refuse)
		start()
		d.k.Behave(func(k *kernel.Fake) { k.Refuse = nil })
	case "STOPPING":
		start()
		pass(2 * time.Second)
		d.k.Behave(func(k *kernel.Fake) { k.Obey = func(*kernel.Fake, int, int) {} })
		stop()
	case "EXITED":
		start()
		pass(2 * time.Second)
		d.k.Exit(d.k.Alive()[0], 0)
	case "FATAL":
		d.k.Behave(refuse)
		start()
		pass(time.Minute)
		d.k.Behave(func(k *kernel.Fake) { k.Refuse = nil })
	case "UNKNOWN":
		start()
		pass(2 * time.Second)
		d.k.Behave(func(k *kernel.Fake) { k.Lose = func(int, int) error { return syscall.EPERM } })
		stop()
		d.k.Behave(func(k *kernel.Fake) { k.Lose = nil })
	}
	synctest.Wait()
	i, err := d.ProcessInfo(ctx, "g:a")
	if err != nil || i.Phase.String() != phase {
		d.t.Fatalf("wanted %s, got %v %v", phase, i.Phase, err)
	}
}

func (d *desk) ignore(err error) {
	if _, ok := fault.As(err); err != nil && !ok {
		d.t.Error(err)
	}
}

// kind is what an error is called in the tables below: "ok", the name of a fault with its text, or "internal".
func kind(err error) string {
	f, ok := fault.As(err)
	switch {
	case err == nil:
		return "ok"
	case ok:
		return f.Error()
	}
	return "internal: " + err.Error()
}

var errBroken = errors.New("the file is broken")

func read(path string) string {
	b, _ := os.ReadFile(path)
	return string(bytes.TrimSpace(b))
}
