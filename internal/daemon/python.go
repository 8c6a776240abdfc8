package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/internal/api/rpc2"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/exthost/listener"
	"github.com/reeve-sh/reeve/internal/exthost/python"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// systemPython is tried when the first interpreter on PATH does not have what a section names: what distributions
// install is there.
const systemPython = "/usr/bin/python3"

// openPython has everything imported that sections name and nobody has compiled in. There is no interpreter while no
// section names anything of that sort.
func (g *generation) openPython() error {
	if err := g.p.oneInterpreter(g.conf); err != nil {
		return err
	}
	g.python = python.New(python.Options{
		Journal: g.journal, Bus: g.news.bus, Launch: g.interpret, Interpreters: g.p.interpreters(g.conf),
		Argv: os.Args, Servers: len(g.conf.Servers), About: g.about(), Compiled: g.p.compiled,
		View: g.loop.View, Loop: g.loop, Service: g.service,
		// The methods that we have built in, also when a section has put its own in their place.
		Call: rpc2.New(g.service, g.journal, []string{"supervisor"}, nil).Call,
	})
	return asUsage(g.python.Resolve(context.Background(), g.p.pythonSpecs(g.conf)))
}

// load reads the configuration again, and has imported what is new in it.
func (g *generation) load() (*config.Config, error) {
	conf, err := g.p.load()
	if err != nil || g.python == nil {
		return conf, err
	}
	return conf, asUsage(g.python.Resolve(context.Background(), g.p.pythonSpecs(conf)))
}

// resultHandler finds the judge of a listener's results. Those that we have not built in are Python's.
func (g *generation) resultHandler(spec string) (listener.Judge, bool) {
	if g.python == nil || !g.p.foreign(spec) {
		return nil, false
	}
	return func(c listener.Case, done func(error)) {
		g.python.Judge(python.Result{
			Handler: spec, Group: c.Pool, Process: c.Process, Event: c.Event.Event, Bytes: c.Result,
		}, func(err error) {
			if errors.Is(err, python.ErrRejected) {
				err = listener.ErrRejected
			}
			done(err)
		})
	}, true
}

// asUsage tells a spec that cannot be resolved in the form of a wrong configuration.
func asUsage(err error) error {
	var u *python.Unresolved
	if errors.As(err, &u) {
		return &usage{text: u.Error(), where: u.Where}
	}
	return err
}

// pythonSpecs are what Python has to resolve.
func (p *program) pythonSpecs(conf *config.Config) []python.Spec {
	var specs []python.Spec
	for i := range conf.Plugins {
		if one := &conf.Plugins[i]; strings.HasPrefix(one.Section, "rpcinterface:") && p.foreign(one.Factory) {
			where := fmt.Sprintf("%s, line %d", one.File, one.Line)
			if near := config.Nearest(one.Factory, slices.Sorted(maps.Keys(p.guests.Factories()))); near != "" {
				where += fmt.Sprintf("; %s is compiled in", near)
			}
			specs = append(specs, python.Spec{Spec: one.Factory, Section: one.Section, Where: where})
		}
	}
	for i := range conf.Groups {
		if one := &conf.Groups[i]; one.Kind == config.Listener && p.foreign(one.ResultHandler) {
			specs = append(specs, python.Spec{Spec: one.ResultHandler, Section: "eventlistener:" + one.Name})
		}
	}
	return specs
}

// foreign tells whether a spec is Python's to resolve.
func (p *program) foreign(spec string) bool {
	return spec != "" && !config.Stock(spec) && (p.compiled == nil || !p.compiled(spec))
}

// named is the interpreter that a section asks for; empty when it asks for none, or for no Python.
func (p *program) named(one *config.Plugin) string {
	for _, o := range one.Options {
		if o.Name == "python" && strings.HasPrefix(one.Section, "rpcinterface:") && p.foreign(one.Factory) {
			return o.Value
		}
	}
	return ""
}

// oneInterpreter refuses sections that ask for different ones.
func (p *program) oneInterpreter(conf *config.Config) error {
	first, section := conf.Daemon.Python, "supervisord"
	for i := range conf.Plugins {
		one := &conf.Plugins[i]
		switch name := p.named(one); {
		case name == "":
		case first == "":
			first, section = name, one.Section
		case name != first:
			return &usage{
				text:  fmt.Sprintf("[%s] python is %s, and [%s] has %s: all plug-ins share one interpreter", one.Section, name, section, first),
				where: fmt.Sprintf("%s, line %d", one.File, one.Lines["python"]),
			}
		}
	}
	return nil
}

// interpreters are what may run plug-ins, the preferred one first. One that is named is the only one.
func (p *program) interpreters(conf *config.Config) []string {
	named := conf.Daemon.Python
	for i := range conf.Plugins {
		if named == "" {
			named = p.named(&conf.Plugins[i])
		}
	}
	if named != "" {
		return []string{named}
	}
	var found []string
	for _, name := range []string{"python3", systemPython} {
		file, err := kernel.Executable(name, kernel.Path(os.Getenv("PATH")))
		if err == nil && (len(found) == 0 || real(file) != real(found[0])) {
			found = append(found, file)
		}
	}
	return found
}

// real is where symbolic links lead.
func real(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// interpret has an interpreter run beside the programs until it is stopped: it is the last one to leave, and is started
// again when it ends before.
func (g *generation) interpret(_ context.Context, argv []string, ears python.Ears) (stop func(), err error) {
	if _, err := kernel.Executable(argv[0], kernel.Path(os.Getenv("PATH"))); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for pause := time.Second; ctx.Err() == nil; pause = min(2*pause, time.Minute) {
			began := time.Now()
			if errors.Is(g.interpretOnce(ctx, argv, ears), loop.ErrOver) {
				return
			}
			if time.Since(began) > time.Minute {
				pause = time.Second
			}
			again := time.NewTimer(pause)
			select {
			case <-again.C:
			case <-ctx.Done():
			case <-g.loop.Done():
				cancel()
			}
			again.Stop()
		}
	}()
	return func() { cancel(); <-ended }, nil
}

// interpretOnce lives one life of an interpreter.
func (g *generation) interpretOnce(ctx context.Context, argv []string, ears python.Ears) error {
	prints := g.prints()
	defer g.interpreter.is(0, 0)
	lines := &lines{hear: ears.Hear}
	born := func(pid int, write func([]byte) error) {
		g.interpreter.is(pid, g.p.kernel.Now())
		ears.Born(write)
	}
	_, err := g.loop.Run(ctx, loop.Command{
		Argv: argv, Name: argv[0] + " for plug-ins", UID: -1, Umask: -1, Grace: 5 * time.Second, Stays: true,
		Talk: born, Farewell: ears.Leave, Stdout: capture.Func(lines.take), Stderr: capture.Func(func(b []byte) { prints.Write(b) }),
	})
	lines.finish()
	ears.Gone()
	prints.Close()
	return err
}

// prints is our standard output, for what plug-ins print. In the background there is none, and whoever has put us there
// must not find that we hold on to theirs.
func (g *generation) prints() io.WriteCloser {
	if g.p.detached {
		return discard{}
	}
	if g.p.stdout == os.Stdout {
		if log, err := logfile.Open("/dev/stdout", logfile.Options{}); err == nil {
			return g.capture.To(log)
		}
	}
	return g.capture.Slow(struct{ io.Writer }{g.p.stdout})
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) Close() error                { return nil }

// about is what does not change about the daemon while it lives, by the names of Supervisor's ServerOptions.
func (g *generation) about() map[string]any {
	d := &g.conf.Daemon
	servers := []any{} // also without any: null is no list
	for i := range g.conf.Servers {
		s := &g.conf.Servers[i]
		one := map[string]any{"section": s.Section, "name": nil, "username": nil, "password": nil}
		if _, name, named := strings.Cut(s.Section, ":"); named {
			one["name"] = name
		}
		if s.HasAuth {
			one["username"], one["password"] = s.Username, s.Password
		}
		if s.Unix {
			one["file"], one["chmod"], one["chown"] = s.Path, s.Chmod, []int{s.UID, s.GID}
		} else {
			one["host"], one["port"] = s.Host, s.Port
		}
		servers = append(servers, one)
	}
	m := map[string]any{
		"pid": os.Getpid(), "identifier": d.Identifier, "configfile": g.conf.File, "here": g.conf.Here,
		"serverurl": nil, "server_configs": servers, "loglevel": int(d.Loglevel), "logfile": d.Logfile,
		"logfile_maxbytes": d.LogfileMaxbytes, "logfile_backups": d.LogfileBackups, "pidfile": d.Pidfile,
		"nodaemon": d.Nodaemon, "silent": d.Silent, "nocleanup": d.Nocleanup, "strip_ansi": d.StripANSI,
		"minfds": d.Minfds, "minprocs": d.Minprocs, "umask": d.Umask, "directory": nil, "childlogdir": d.Childlogdir,
	}
	if d.Directory != "" {
		m["directory"] = d.Directory
	}
	if url := serverURL(g.conf.Servers); url != "" {
		m["serverurl"] = url
	}
	return m
}
