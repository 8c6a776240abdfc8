package daemon

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/internal/api/metrics"
	used "github.com/reeve-sh/reeve/internal/api/usage"
	"github.com/reeve-sh/reeve/internal/api/web"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/exthost"
	"github.com/reeve-sh/reeve/internal/exthost/python"
	"github.com/reeve-sh/reeve/internal/exthost/stdio"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
	"github.com/reeve-sh/reeve/internal/sys/oom"
	"github.com/reeve-sh/reeve/internal/sys/syslog"
)

// grace is how long requests that are being answered hold up the end of a generation.
const grace = 2 * time.Second

// generation is everything that lives from one reading of the configuration to the next.
type generation struct {
	p           *program
	conf        *config.Config
	journal     *journal.Journal
	syslog      *syslog.Logs
	capture     *capture.Set
	echo        io.WriteCloser // to our standard output; nil when that needs no closing
	loop        *loop.Loop
	service     *service.Service
	guests      *exthost.Guests
	python      *python.Bridge
	interpreter interpreter
	// executables are the guests that are processes of their own.
	executables *stdio.House
	news        *news
	page        *web.Face     // one for all servers: its rows are rendered once
	usage       *used.Sampler // for whoever shows what processes take
	requests    metrics.Requests
	memory      *oom.Watch
	bound       []net.Listener // not served yet
	servers     []*httpd.Server
	keeper      *keeper // of the unix sockets' files; nil without
	pidfile     bool    // we have written it, so we remove it
}

// start takes the steps of CLI-009 up to the point where the daemon may be told to stand. An error has been cleaned up
// after.
func (p *program) start(conf *config.Config, first bool) (g *generation, err error) {
	g = &generation{p: p, conf: conf}
	defer func() {
		if err != nil {
			g.close()
		}
	}()
	notices, err := p.privileges(conf, first)
	if err != nil {
		return g, err
	}
	if g.capture, err = capture.Open(0); err != nil {
		return g, fmt.Errorf("cannot watch the programs' output: %w", err)
	}
	if err := g.openJournal(notices); err != nil {
		return g, err
	}
	if err := g.bind(); err != nil {
		return g, err
	}
	g.cleanUp()
	g.openNews()
	g.thinkOfGuests()
	g.memory = oom.Open("/")
	g.loop = loop.Start(loop.Options{
		Kernel: p.kernel, Capture: g.capture, Journal: g.journal,
		Publish: g.news.bus.Publish, Wanted: g.news.bus.Wanted, Pools: talkers{g}, Syslog: g.syslog,
		Tap: g.guests.Output, Memory: g.memory,
		Environ: p.world.Environ(), ServerURL: serverURL(conf.Servers),
		StripANSI: func() bool { return g.service.Config().Daemon.StripANSI },
	})
	g.service = service.New(service.Options{
		Loop: g.loop, Kernel: p.kernel, Journal: g.journal, Config: conf, Reread: g.load,
		World: p.world, Path: os.Getenv("PATH"), Rand: luck, Guests: g.guests, Residents: g.residents,
	})
	if err := g.service.Boot(context.Background()); err != nil {
		return g, err
	}
	if err := g.openPython(); err != nil {
		return g, err
	}
	return g, g.openGuests()
}

// openJournal opens the main log and says what was learnt before it was open.
func (g *generation) openJournal(notices func(*journal.Journal)) error {
	d := &g.conf.Daemon
	o := journal.Options{
		Path: d.Logfile, MaxBytes: d.LogfileMaxbytes, Backups: d.LogfileBackups, Level: d.Loglevel, Now: time.Now,
		Queue: func(f *logfile.File) io.WriteCloser { return g.capture.To(f) },
	}
	host, _ := os.Hostname()
	g.syslog = syslog.New(syslog.Options{Ident: "supervisord", Host: host, Now: time.Now})
	if d.LogHost != "" {
		o.Remote = g.capture.Slow(g.syslog.Daemon(d.LogHost, "supervisord", os.Getpid()))
	}
	if d.Nodaemon && !d.Silent {
		o.Stdout = g.console()
	}
	j, err := journal.Open(o)
	if err != nil {
		return fmt.Errorf("cannot open the main log: %w", err)
	}
	g.journal = j
	notices(j)
	if need, have := descriptors(g.conf), kernel.FileLimit(); uint64(need) > have {
		j.TooFewDescriptors(need, have)
	}
	return nil
}

// cleanUp removes the AUTO logs of earlier runs (LOG-021).
func (g *generation) cleanUp() {
	d := &g.conf.Daemon
	if d.Nocleanup {
		return
	}
	failed, err := logfile.CleanAuto(d.Childlogdir, d.Identifier)
	if err != nil {
		g.journal.CannotClearChildlogs()
	}
	for _, path := range failed {
		g.journal.CannotCleanUp(path)
	}
}

// descriptors is how many we hold when every program runs: three pipes and its logs each, and some of our own.
func descriptors(c *config.Config) int {
	n := 64
	for i := range c.Groups {
		for j := range c.Groups[i].Processes {
			p := &c.Groups[i].Processes[j]
			n += 3
			for _, ch := range []*config.Channel{&p.Stdout, &p.Stderr} {
				n += len(ch.Also)
				if ch.Log.Kind != config.LogNone {
					n++
				}
			}
		}
	}
	return n
}

// console is our standard output as a place for lines. A terminal or a pipe gets a queue: somebody who stops reading it
// must not stop the loop.
func (g *generation) console() io.Writer {
	f, ok := g.p.stdout.(*os.File)
	if !ok {
		return g.p.stdout
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		return f
	}
	if f == os.Stdout {
		// In one queue with the programs that log to /dev/stdout, so that no line of theirs comes into one of ours.
		if log, err := logfile.Open("/dev/stdout", logfile.Options{}); err == nil {
			g.echo = g.capture.To(log)
			return g.echo
		}
	}
	return g.capture.Slow(struct{ io.Writer }{f})
}

// close ends what start began, in reverse.
func (g *generation) close() {
	for _, l := range g.bound {
		l.Close()
	}
	g.keeper.close()
	var open sync.WaitGroup
	for _, s := range g.servers { // together: each may take its grace
		open.Go(func() {
			if n := s.Close(grace); n > 0 {
				g.journal.RequestsLeft(n)
			}
		})
	}
	open.Wait()
	if g.loop != nil {
		g.loop.Shutdown(false)
		<-g.loop.Done()
	}
	if g.guests != nil {
		g.guests.Close()
	}
	if g.python != nil {
		g.python.Close()
	}
	g.closeNews()
	g.memory.Close()
	if g.pidfile {
		os.Remove(g.conf.Daemon.Pidfile)
	}
	if g.echo != nil {
		g.echo.Close()
	}
	if g.capture != nil {
		g.capture.Close()
	}
	if g.syslog != nil {
		g.syslog.Close() // after everything that may still have lines to write
	}
	if g.journal != nil {
		g.journal.Close()
	}
}

// luck is one random number; names of AUTO logs are made of it.
func luck() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

// mood is why the loop has ended.
func (g *generation) mood() fleet.Mood { return g.loop.Mood() }
