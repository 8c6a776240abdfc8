package service_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

func TestMain(m *testing.M) { standin.Main(m) }

var ctx = context.Background()

// desk is a service with a whole daemon's inside behind it, on a fake kernel and in a bubble's time.
type desk struct {
	*service.Service
	*standin.Daemon
	t *testing.T

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
		d := &desk{t: t}
		d.conf = &config.Config{Groups: groups, Daemon: config.Daemon{Identifier: "desk", Childlogdir: dir, Logfile: dir + "/main.log"}}
		d.Daemon = standin.New(t, standin.Options{Config: d.conf, Reread: d.reread, Publish: func(e event.Event) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.events = append(d.events, e)
		}})
		d.Service = d.Daemon.Service
		d.Begin()
		story(d)
	})
}

func (d *desk) reread() (*config.Config, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conf, d.broken
}

// program is a process as the configuration's defaults have it, but for autostart.
func program(name string, change ...func(*config.Process)) config.Process {
	return standin.Program(name, change...)
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
		standin.Pass(2 * time.Second)
	case "BACKOFF":
		d.Kernel.Behave(refuse)
		start()
		d.Kernel.Behave(func(k *kernel.Fake) { k.Refuse = nil })
	case "STOPPING":
		start()
		standin.Pass(2 * time.Second)
		d.Kernel.Behave(func(k *kernel.Fake) { k.Obey = func(*kernel.Fake, int, int) {} })
		stop()
	case "EXITED":
		start()
		standin.Pass(2 * time.Second)
		d.Kernel.Exit(d.Kernel.Alive()[0], 0)
	case "FATAL":
		d.Kernel.Behave(refuse)
		start()
		standin.Pass(time.Minute)
		d.Kernel.Behave(func(k *kernel.Fake) { k.Refuse = nil })
	case "UNKNOWN":
		start()
		standin.Pass(2 * time.Second)
		d.Kernel.Behave(func(k *kernel.Fake) { k.Lose = func(int, int) error { return syscall.EPERM } })
		stop()
		d.Kernel.Behave(func(k *kernel.Fake) { k.Lose = nil })
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
