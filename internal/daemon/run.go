package daemon

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// catch takes the signals that mean something to us. SIGPIPE and SIGUSR1 are taken only so that they do not kill: a
// reader that leaves our stdout, or a stray kill -USR1, must not orphan every program.
func catch() <-chan os.Signal {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGUSR2,
		syscall.SIGUSR1)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return signals
}

// run lives one generation from the moment it stands to the moment nothing of it is alive, and returns why it ended.
func (g *generation) run(signals <-chan os.Signal, first bool) fleet.Mood {
	if g.p.detached && first {
		g.detach()
	}
	g.writePidfile()
	ctx := context.Background()
	_ = g.loop.Begin(ctx)
	g.serve() // not before: whoever called while the boot went on has waited in the socket's queue
	for {
		select {
		case <-g.loop.Done():
			return g.mood()
		case s := <-signals:
			g.signal(ctx, s.(syscall.Signal))
		}
	}
}

// signal does what one signal asks for (SIG-001 ... SIG-005).
func (g *generation) signal(ctx context.Context, s syscall.Signal) {
	switch s {
	case syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT:
		g.journal.ExitRequest(int(s))
		g.loop.Shutdown(false)
	case syscall.SIGHUP:
		g.hup(ctx, int(s))
	case syscall.SIGUSR2:
		g.journal.ReopenRequest(int(s))
		g.service.ReopenLogs(ctx)
	default:
		g.journal.SignalIgnored(int(s))
	}
}

// hup restarts, unless we are going down already, or the file cannot be read: then nothing is stopped (SIG-008).
func (g *generation) hup(ctx context.Context, s int) {
	if v, err := g.loop.View(ctx); err != nil || v.Mood == fleet.ShuttingDown {
		g.journal.RestartIgnored(s)
		return
	}
	g.journal.RestartRequest(s)
	if _, err := g.load(); err != nil {
		g.journal.RestartRefused(err)
		return
	}
	g.loop.Shutdown(true)
}

// detach is the second half of daemonizing: the parent has waited for this moment (CLI-009, CLI-010).
func (g *generation) detach() {
	d := &g.conf.Daemon
	g.journal.Daemonizing()
	g.journal.ParentExiting()
	if d.Directory != "" {
		g.p.flags.file = g.p.world.Abs(g.p.flags.file) // it is read again from another directory
		if err := os.Chdir(d.Directory); err != nil {
			g.journal.CannotChdir(d.Directory, err)
		} else {
			g.journal.CurrentDirectory(d.Directory)
		}
	}
	kernel.SetUmask(d.Umask)
	g.python.Moved(d.Directory, d.Umask)
	kernel.Ready()
}

// writePidfile writes our pid where the configuration says; a failure is told and lived with (CLI-011).
func (g *generation) writePidfile() {
	pid := os.Getpid()
	if err := os.WriteFile(g.conf.Daemon.Pidfile, []byte(fmt.Sprintf("%d\n", pid)), 0o666); err != nil {
		g.journal.CouldNotWritePidfile(g.conf.Daemon.Pidfile)
		return
	}
	g.pidfile = true
	g.journal.Started(pid)
}
