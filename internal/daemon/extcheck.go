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

// checked is the section that the guest has meanwhile, and checkFor how long one answer may take, unless call_timeout is
// less.
const (
	checked  = "rpcinterface:check"
	checkFor = 8 * time.Second
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
stderr_logfile=%[1]s/stderr
`

// check is one run of ext-check.
type check struct {
	g      *generation
	dir    string // the main log is there, and what the guest writes to standard error
	out    io.Writer
	failed bool
	within time.Duration   // one answer has to come
	shown  map[string]bool // lines of both that have been told already
}

// checkGuest starts a command as a guest of a daemon that has nothing else, and goes through what is expected of it.
func checkGuest(argv []string, out, errs io.Writer) int {
	section, argv := sectionOf(argv)
	if len(argv) == 0 {
		fmt.Fprintln(errs, "Error: ext-check takes the command of an executable extension and its arguments, and before them options of its section as name=value")
		return 2
	}
	dir, err := os.MkdirTemp("", "ext-check")
	if err != nil {
		fmt.Fprintf(errs, "Error: cannot make a directory to work in: %v\n", err)
		return 1
	}
	defer os.RemoveAll(dir)
	c := &check{dir: dir, out: out, shown: map[string]bool{}}
	err = c.start(section, argv, errs)
	if why, refused := strings.CutPrefix(fmt.Sprint(err), "Could not make check rpc interface: "); refused {
		c.say(false, "it takes its section", why+"\n(options go before the command: supervisord ext-check color=blue COMMAND)")
		return 1
	}
	if err != nil {
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

// sectionOf takes the options of the section from before the command, as env does with variables.
func sectionOf(argv []string) (section string, command []string) {
	for i, word := range argv {
		name, _, is := strings.Cut(word, "=")
		if !is || strings.ContainsAny(name, "/ ") {
			return section, argv[i:]
		}
		section += strings.ReplaceAll(word, "\n", "\n ") + "\n"
	}
	return section, nil
}

// start has a generation live around the guest.
func (c *check) start(section string, argv []string, errs io.Writer) error {
	path := filepath.Join(c.dir, "conf")
	if err := os.WriteFile(path, append(fmt.Appendf(nil, checkConf, c.dir), section...), 0o600); err != nil {
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
		c.within = min(checkFor, time.Duration(conf.Plugins[i].CallTimeout)*time.Second)
	}
	p.patience = c.within
	p.kernel = kernel.Open()
	if c.g, err = p.start(conf, true); err != nil {
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

// say tells the outcome of one step, with what is known of it that has not been told, and whether to go on.
func (c *check) say(good bool, what, why string) bool {
	if good {
		fmt.Fprintf(c.out, "ok    %s\n", what)
		return true
	}
	c.failed = true
	fmt.Fprintf(c.out, "FAIL  %s\n", what)
	for line := range strings.Lines(why) {
		fmt.Fprintf(c.out, "      %s\n", strings.TrimSpace(line))
	}
	c.news(c.why(), "      ")
	c.news(c.cries(), "      stderr: ")
	return false
}

// news tells lines that have not been told.
func (c *check) news(lines []string, before string) {
	for _, line := range lines {
		if !c.shown[line] {
			c.shown[line] = true
			fmt.Fprintf(c.out, "%s%s\n", before, line)
		}
	}
}

// why is what the main log says against the guest.
func (c *check) why() (lines []string) {
	text, _ := os.ReadFile(filepath.Join(c.dir, "log"))
	for line := range strings.Lines(string(text)) {
		for _, mark := range []string{"[" + checked + "] has ", "[" + checked + "] method ", "spawn error", "spawnerr", "exited: " + checked} {
			if at := strings.Index(line, mark); at >= 0 {
				lines = append(lines, strings.TrimSpace(strings.TrimPrefix(line[at:], "["+checked+"] ")))
				break
			}
		}
	}
	return lines
}

// lastWords is how many lines of a guest's standard error are told, and how many bytes of it are looked at.
const (
	lastWords = 8
	lastBytes = 4096
)

// cries are the last lines that the guest has written to its standard error.
func (c *check) cries() (lines []string) {
	text, _ := os.ReadFile(filepath.Join(c.dir, "stderr"))
	for line := range strings.Lines(string(text[max(0, len(text)-lastBytes):])) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-lastWords):]
}

// steps are what an author is told.
func (c *check) steps() {
	i, err := c.g.service.ProcessInfo(context.Background(), checked)
	if !c.say(err == nil && (i.Pid != 0 || i.End.Ended), "it can be started", "") {
		return
	}
	if !c.say(c.answers(i.Pid != 0)) {
		return
	}
	c.say(!c.logged("that nobody knows"), "its handshake has no member that nobody knows", "")
	c.say(!c.logged("is not offered"), "its methods can be offered: "+c.methods(), "")
	why := c.refuses()
	if !c.say(why == "", "it refuses a method that it does not have", "an error was expected as the answer, and "+why) {
		return
	}
	why = c.eight()
	if !c.say(why == "", "it answers eight calls at once, each with its own id", why) {
		return
	}
	c.g.executables.Tell(checked, "cancel", []byte(`{"id":0}`))
	c.g.executables.Tell(checked, checkRole, []byte(`{"of":"an unknown kind"}`))
	why = c.refuses()
	if !c.say(why == "", "it passes over what it does not know", "a notification should be nothing to it, and the next call be answered; "+why) {
		return
	}
	_ = c.g.service.Evict(context.Background(), checked)
	c.say(!c.logged("killing '"+checked), "it ends when it is told to", "SIGTERM was not enough, so SIGKILL came")
}

// logged tells whether the main log has a text.
func (c *check) logged(text string) bool {
	log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
	return strings.Contains(string(log), text)
}

// answers says whether there has been a handshake.
func (c *check) answers(alive bool) (good bool, what, why string) {
	ready, why := c.g.executables.Ready(checked)
	switch {
	case !ready && alive && c.logged("has not shaken hands within"):
		why = "no answer has come; is each line written at once, or kept in a buffer?"
	case len(c.why()) > 0: // which says so, with more
		why = ""
	}
	return ready, "it answers initialize", why
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

// refuses asks for a method that no extension has, and says what is wrong with the answer.
func (c *check) refuses() (wrong string) {
	ctx, cancel := context.WithTimeout(context.Background(), c.within)
	defer cancel()
	err := c.g.executables.Probe(ctx, checked, "call", []byte(`{"method":"extCheckHasNoSuchMethod","params":[]}`))
	var no *jsonrpc.Error
	switch {
	case err == nil:
		return "a result came"
	case errors.As(err, &no):
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("none came within %v", c.within)
	}
	return err.Error()
}

// eight asks eight times at once.
func (c *check) eight() (wrong string) {
	var all sync.WaitGroup
	var mu sync.Mutex
	bad := 0
	for range 8 {
		all.Go(func() {
			if why := c.refuses(); why != "" {
				mu.Lock()
				bad, wrong = bad+1, why
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if bad > 0 {
		wrong = fmt.Sprintf("%d of the answers are missing: %s", bad, wrong)
	}
	return wrong
}
