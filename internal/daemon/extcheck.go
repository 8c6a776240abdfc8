package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/wire/jsonrpc"
	"github.com/reeve-sh/reeve/internal/world"
)

// checkRole is the first argument of supervisord that tells authors of executable guests what is wrong with theirs.
// Supervisor's takes no arguments but options.
const checkRole = "ext-check"

// checked is the section that the guest has meanwhile, and checkFor how long one answer may take.
const (
	checked  = "rpcinterface:check"
	checkFor = 5 * time.Second
)

const checkConf = `[supervisord]
logfile=%[1]s/log
pidfile=%[1]s/pid
childlogdir=%[1]s
nodaemon=true
silent=true
[unix_http_server]
file=%[1]s/sock
[rpcinterface:check]
command=true
autorestart=false
startretries=0
startsecs=0
stderr_logfile=NONE
`

// check is one run of ext-check.
type check struct {
	g      *generation
	log    string // the main log's path
	out    io.Writer
	failed bool
}

// checkGuest starts a command as a guest of a daemon that has nothing else, and goes through what is expected of it.
func checkGuest(argv []string, out, errs io.Writer) int {
	if len(argv) == 0 {
		fmt.Fprintln(errs, "Error: ext-check takes the command of an executable extension, and its arguments")
		return 2
	}
	dir, err := os.MkdirTemp("", "ext-check")
	if err != nil {
		fmt.Fprintf(errs, "Error: cannot make a directory to work in: %v\n", err)
		return 1
	}
	defer os.RemoveAll(dir)
	c := &check{log: filepath.Join(dir, "log"), out: out}
	if err := c.start(dir, argv, errs); err != nil {
		fmt.Fprintf(errs, "Error: %v\n", err)
		return 1
	}
	c.steps()
	c.g.close()
	c.g.p.kernel.Close()
	if c.failed {
		return 1
	}
	return 0
}

// start has a generation live around the guest.
func (c *check) start(dir string, argv []string, errs io.Writer) error {
	path := filepath.Join(dir, "conf")
	if err := os.WriteFile(path, fmt.Appendf(nil, checkConf, dir), 0o600); err != nil {
		return err
	}
	p := &program{name: "supervisord", stdout: io.Discard, stderr: errs, world: world.New(os.Environ())}
	p.flags.file = path
	p.knowGuests(&ext.Registry{})
	conf, err := p.load()
	if err != nil {
		return err
	}
	for i := range conf.Plugins {
		conf.Plugins[i].Process.Command = words(argv)
	}
	p.kernel = kernel.Open()
	if c.g, err = p.start(conf, true); err != nil {
		if why := c.why(); why != "" {
			return errors.New(why)
		}
		return err
	}
	return c.g.loop.Begin(context.Background())
}

// words is a command that is split into argv again.
func words(argv []string) string {
	out := make([]string, len(argv))
	for i, a := range argv {
		out[i] = "'" + strings.ReplaceAll(a, "'", `'"'"'`) + "'"
	}
	return strings.Join(out, " ")
}

// say tells the outcome of one step, with what the main log knows of it, and whether to go on.
func (c *check) say(good bool, what, why string) bool {
	if good {
		fmt.Fprintf(c.out, "ok    %s\n", what)
		return true
	}
	c.failed = true
	fmt.Fprintf(c.out, "FAIL  %s\n", what)
	for _, line := range []string{why, c.why()} {
		if line != "" {
			fmt.Fprintf(c.out, "      %s\n", line)
		}
	}
	return false
}

// why is what the main log says against the guest.
func (c *check) why() string {
	text, _ := os.ReadFile(c.log)
	var lines []string
	for line := range strings.Lines(string(text)) {
		for _, mark := range []string{"[" + checked + "] has ", "[" + checked + "] method ", "spawn error", "spawnerr"} {
			if at := strings.Index(line, mark); at >= 0 {
				lines = append(lines, strings.TrimSpace(strings.TrimPrefix(line[at:], "["+checked+"] ")))
				break
			}
		}
	}
	return strings.Join(lines, "\n      ")
}

// steps are what an author is told.
func (c *check) steps() {
	i, err := c.g.service.ProcessInfo(context.Background(), checked)
	if !c.say(err == nil && (i.Pid != 0 || i.End.Ended), "it can be started", i.SpawnErr) {
		return
	}
	ready, why := c.g.executables.Ready(checked)
	if !c.say(ready, "it answers initialize", why) {
		return
	}
	c.say(!strings.Contains(c.why(), "is not offered"), "its methods can be offered: "+c.methods(), "")
	if !c.say(c.refuses(), "it refuses a method that it does not have", "an error was expected as the answer") {
		return
	}
	c.say(c.eight(), "it answers eight calls at once, each with its own id", "not every answer has come")
	c.g.executables.Tell(checked, "cancel", []byte(`{"id":0}`))
	c.g.executables.Tell(checked, checkRole, []byte(`{"of":"an unknown kind"}`))
	c.say(c.refuses(), "it passes over what it does not know", "a notification should be nothing to it, and the next call be answered")
	_ = c.g.service.Evict(context.Background(), checked)
	text, _ := os.ReadFile(c.log)
	c.say(!strings.Contains(string(text), "killing '"+checked), "it ends when it is told to", "SIGTERM was not enough, so SIGKILL came")
}

// methods is the table in words.
func (c *check) methods() string {
	t := c.g.guests.Methods(0)
	var all []string
	for _, name := range t.MethodNames() {
		m, ok := t.Method(name)
		if !ok {
			continue
		}
		var params []string
		for _, p := range m.Params {
			params = append(params, strings.TrimSpace(p.Kind+" "+p.Name))
		}
		_, short, _ := strings.Cut(name, ".")
		all = append(all, fmt.Sprintf("%s(%s) %s", short, strings.Join(params, ", "), m.Signature[0]))
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}

// refuses asks for a method that no extension has.
func (c *check) refuses() bool {
	ctx, cancel := context.WithTimeout(context.Background(), checkFor)
	defer cancel()
	err := c.g.executables.Probe(ctx, checked, "call", []byte(`{"method":"extCheckHasNoSuchMethod","params":[]}`))
	var no *jsonrpc.Error
	return errors.As(err, &no)
}

func (c *check) eight() bool {
	var all sync.WaitGroup
	var mu sync.Mutex
	good := 0
	for range 8 {
		all.Go(func() {
			if c.refuses() {
				mu.Lock()
				good++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return good == 8
}
