package daemon

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/api/logtail"
	"github.com/reeve-sh/reeve/internal/api/rpc2"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/sys/listen"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// grace is how long requests that are being answered hold up the end of a generation.
const grace = 2 * time.Second

// generation is everything that lives from one reading of the configuration to the next.
type generation struct {
	p       *program
	conf    *config.Config
	journal *journal.Journal
	capture *capture.Set
	loop    *loop.Loop
	service *service.Service
	news    *news
	servers []*httpd.Server
	pidfile bool // we have written it, so we remove it
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
	g.openNews()
	g.loop = loop.Start(loop.Options{
		Kernel: p.kernel, Capture: g.capture, Journal: g.journal,
		Publish: g.news.bus.Publish, Wanted: g.news.bus.Wanted, Pools: g.news.listeners,
		Environ: p.world.Environ(), ServerURL: serverURL(conf.Servers),
		StripANSI: func() bool { return g.service.Config().Daemon.StripANSI },
	})
	g.service = service.New(service.Options{
		Loop: g.loop, Kernel: p.kernel, Journal: g.journal, Config: conf, Reread: p.load,
		Path: os.Getenv("PATH"), Rand: luck,
	})
	if err := g.service.Boot(context.Background()); err != nil {
		return g, err
	}
	return g, g.serve()
}

// privileges becomes the configured user and raises the limits, and returns what the journal is to say of it.
func (p *program) privileges(conf *config.Config, first bool) (func(*journal.Journal), error) {
	d := &conf.Daemon
	var lines []func(*journal.Journal)
	root := d.User == "" && os.Getuid() == 0
	if d.User != "" {
		if refused := kernel.Drop(d.UID); refused != "" {
			return nil, refuse("%s", refused)
		}
		lines = append(lines, func(j *journal.Journal) { j.UIDSet(d.UID) })
	}
	if first {
		for _, l := range []limit{{kernel.Files, "RLIMIT_NOFILE", d.Minfds}, {kernel.Processes, "RLIMIT_NPROC", d.Minprocs}} {
			raised, hard, err := kernel.Raise(l.resource, l.min)
			if err != nil {
				return nil, refuse("%s", l.refusal(hard))
			}
			if raised {
				lines = append(lines, func(j *journal.Journal) { j.LimitIncreased(l.name, l.min) })
			}
		}
	}
	return func(j *journal.Journal) {
		if root {
			j.RunningAsRoot()
		}
		for _, w := range conf.Criticals {
			j.Notice(config.Critical, w)
		}
		for _, w := range conf.Warnings {
			j.Notice(config.Warn, w)
		}
		for _, w := range conf.Infos {
			j.Notice(config.Info, w)
		}
		for _, line := range lines {
			line(j)
		}
	}, nil
}

// limit is one of the two resource limits that the configuration asks for.
type limit struct {
	resource kernel.Resource
	name     string
	min      int
}

// refusal is Supervisor's sentence for a limit that cannot be had (CFG-064).
func (l limit) refusal(hard uint64) string {
	if l.resource == kernel.Files {
		return fmt.Sprintf("The minimum number of file descriptors required to run this process is %d as per the "+
			`"minfds" command-line argument or config file setting. The current environment will only allow you to open `+
			"%d file descriptors.  Either raise the number of usable file descriptors in your environment (see "+
			"README.rst) or lower the minfds setting in the config file to allow the process to start.", l.min, hard)
	}
	return fmt.Sprintf("The minimum number of available processes required to run this program is %d as per the "+
		`"minprocs" command-line argument or config file setting. The current environment will only allow you to open `+
		"%d processes.  Either raise the number of usable processes in your environment (see README.rst) or lower the "+
		"minprocs setting in the config file to allow the program to start.", l.min, hard)
}

// openJournal opens the main log, says what was learnt before it was open, and clears old AUTO logs away.
func (g *generation) openJournal(notices func(*journal.Journal)) error {
	d := &g.conf.Daemon
	o := journal.Options{
		Path: d.Logfile, MaxBytes: d.LogfileMaxbytes, Backups: d.LogfileBackups, Level: d.Loglevel, Now: time.Now,
		Queue: func(f *logfile.File) io.WriteCloser { return g.capture.To(f) },
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
	if d.Nocleanup {
		return nil
	}
	failed, err := logfile.CleanAuto(d.Childlogdir, d.Identifier)
	if err != nil {
		j.CannotClearChildlogs()
	}
	for _, path := range failed {
		j.CannotCleanUp(path)
	}
	return nil
}

// descriptors is how many we hold when every program runs: three pipes and its logs each, and some of our own.
func descriptors(c *config.Config) int {
	n := 64
	for i := range c.Groups {
		for j := range c.Groups[i].Processes {
			p := &c.Groups[i].Processes[j]
			n += 3
			for _, log := range []config.Log{p.Stdout.Log, p.Stderr.Log} {
				if log.Kind != config.LogNone {
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
	return g.capture.Slow(struct{ io.Writer }{f})
}

// serve opens the HTTP servers. The listeners are all opened before the first is served, so that a busy port leaves
// nothing behind.
func (g *generation) serve() error {
	var open []net.Listener
	for i := range g.conf.Servers {
		l, err := g.listen(&g.conf.Servers[i])
		if err != nil {
			for _, l := range open {
				l.Close()
			}
			var e *listen.Error
			if errors.As(err, &e) {
				return refuse("%s", e.Message())
			}
			return err
		}
		open = append(open, l)
	}
	for i, l := range open {
		s := &g.conf.Servers[i]
		g.servers = append(g.servers, httpd.Serve(l, httpd.Options{
			Handler: g.gate(s), Now: time.Now, Access: g.access,
			Panicked: func(r *httpd.Request, what any) { g.journal.Internal("answer "+r.Line, fmt.Errorf("%v", what)) },
		}))
	}
	return nil
}

func (g *generation) listen(s *config.Server) (net.Listener, error) {
	if !s.Unix {
		return listen.TCP(s.Host, s.Port)
	}
	return listen.Unix(s.Path, listen.UnixOptions{Mode: os.FileMode(s.Chmod), UID: s.UID, GID: s.GID, Stderr: g.p.stderr})
}

// gate builds the faces of one server and says so in the journal (LOG-002).
func (g *generation) gate(s *config.Server) httpd.Handler {
	var namespaces []string
	for _, p := range g.conf.Plugins {
		namespaces = append(namespaces, p.Name)
		g.journal.RPCInterface(p.Name)
	}
	gate := &api.Gate{Routes: []api.Route{
		{Prefix: "/RPC2", Face: rpc2.New(g.service, g.journal, namespaces)},
		{Prefix: "/logtail", Face: logtail.Process{Service: g.service}},
		{Prefix: "/mainlogtail", Face: logtail.Main{Service: g.service}},
	}}
	if s.Username == "" {
		g.journal.NoAuth(s.Section)
	} else {
		gate.Username, gate.Password = s.Username, s.Password
	}
	return gate
}

// access writes the line of one answered request.
func (g *generation) access(r *httpd.Request, status int, size int64) {
	if !g.journal.Enabled(config.Trace) {
		return
	}
	host, port := "localhost", 0
	if a, ok := r.Conn.RemoteAddr().(*net.TCPAddr); ok {
		host, port = a.IP.String(), a.Port
	}
	g.journal.Access(host, port, time.Now(), r.Line, status, int(size))
}

// close ends what start began, in reverse.
func (g *generation) close() {
	for _, s := range g.servers {
		s.Close(grace)
	}
	if g.loop != nil {
		g.loop.Shutdown(false)
		<-g.loop.Done()
	}
	g.closeNews()
	if g.pidfile {
		os.Remove(g.conf.Daemon.Pidfile)
	}
	if g.capture != nil {
		g.capture.Close()
	}
	if g.journal != nil {
		g.journal.Close()
	}
}

// serverURL is where a child finds us: the first unix socket, else the last port (PROC-034).
func serverURL(servers []config.Server) string {
	url := ""
	for _, s := range servers {
		if s.Unix {
			return "unix://" + s.Path
		}
		host := s.Host
		if host == "" {
			host = "localhost"
		}
		url = fmt.Sprintf("http://%s:%d", host, s.Port)
	}
	return url
}

// luck is one random number; names of AUTO logs are made of it.
func luck() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:])
}

// mood is why the loop has ended.
func (g *generation) mood() fleet.Mood { return g.loop.Mood() }
