package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/reeve-sh/reeve/client"
	extcommand "github.com/reeve-sh/reeve/ext/command"
)

// controller performs commands one after the other. It is owned by the
// goroutine of Main.
type controller struct {
	options  *options
	in       *lines
	out, err *locked
	editor   *editor // on a terminal only
	commands []command
	plugins  *plugins
	ended    bool // exit is the status of the session, whatever it did otherwise
	exit     int  // of the action, the worst or the last as each command says

	daemon    *client.Client       // for the command that runs, nil before it asks
	processes []client.ProcessInfo // for completion, until the next command
	known     bool                 // processes has been asked for

	told []any // with --json, what the command has to tell so far

	completing bool // false while a question is being answered
}

// locked is a writer that several streams may share.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

// file is the file below, if it is one: what a plug-in's process writes to.
func (l *locked) file() io.Writer {
	if f, ok := l.w.(*os.File); ok {
		return f
	}
	return l
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func newController(o *options, stdin io.Reader, stdout, stderr io.Writer) *controller {
	return &controller{
		plugins: newPlugins(o, extcommand.Default.Factories()),
		options: o, in: newLines(stdin), out: &locked{w: stdout}, err: &locked{w: stderr}, commands: builtin(), completing: true,
	}
}

// say prints one line for people. With --json, what is on stdout is for programs alone.
func (c *controller) say(format string, args ...any) {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	if c.options.json {
		io.WriteString(c.err, format+"\n")
		return
	}
	c.print(format + "\n")
}

func (c *controller) print(text string) { io.WriteString(c.out, text) }

// complain prints an error and sets the exit status.
func (c *controller) complain(status int, format string, args ...any) {
	c.exit = status
	c.say(format, args...)
}

// errInterrupted says that the user pressed Ctrl-C.
var errInterrupted = errors.New("interrupted")

// perform does what one line says. quit is true when the shell is to end.
func (c *controller) perform(ctx context.Context, line string) (quit bool) {
	err := c.obey(ctx, line)
	var end exitError
	switch {
	case errors.As(err, &end):
		c.exit, c.ended = int(end), true
	case errors.Is(err, errInterrupted):
		if len(c.options.action) == 0 {
			c.say("")
		}
		c.exit = exitInterrupted
	}
	return err != nil
}

// obey does what one line says. What goes wrong is said here; the error ends the session: errQuit,
// errInterrupted or an exitError.
func (c *controller) obey(ctx context.Context, line string) error {
	name, arg, line := parseLine(line)
	if line == "" {
		return nil
	}
	run := c.resolve(ctx, name, arg, line)
	if run == nil {
		return nil
	}
	c.processes, c.known = nil, false
	defer c.disconnect()
	err := run(c, ctx, arg)
	var refused *client.HTTPError
	if errors.As(err, &refused) && refused.Status == 401 {
		c.say("Server requires authentication")
		if c.options.interactive {
			if err = c.authenticate(ctx); err == nil {
				return c.obey(ctx, line)
			}
		}
	}
	return c.settle(err)
}

// settle says what went wrong, and answers what ends the session.
func (c *controller) settle(err error) error {
	var end exitError
	var broken *unloadable
	switch {
	case err == nil, errors.Is(err, errSaid):
	case errors.Is(err, errQuit), errors.As(err, &end):
		return err
	case errors.Is(err, errInterrupted), errors.Is(err, context.Canceled):
		return errInterrupted
	case errors.As(err, &broken):
		c.complain(broken.status, "%s", broken.text)
	default:
		c.complain(exitGeneric, "%s", explain(err, c.options.url))
	}
	return nil
}

// parseLine cuts a line into the command and its argument, the way Python's
// cmd module does: the command's name is as long as there are letters, digits
// and underscores, and ? is help.
func parseLine(line string) (name, arg, rest string) {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "?") {
		line = "help " + line[1:]
	}
	end := strings.IndexFunc(line, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_'
	})
	if end < 0 {
		end = len(line)
	}
	return line[:end], strings.TrimSpace(line[end:]), line
}

// find returns the command of that name, or nil.
func (c *controller) find(name string) *command {
	for i := range c.commands {
		if c.commands[i].name == name {
			return &c.commands[i]
		}
	}
	return nil
}

// resolve finds who does a line: Supervisor's own command, a plug-in's, an extension's of the daemon, or one that
// only we have, in that order. When there is nobody it says so and answers nil.
func (c *controller) resolve(ctx context.Context, name, arg, line string) func(*controller, context.Context, string) error {
	cmd := c.find(name)
	if cmd != nil && !cmd.ours {
		return c.form(cmd)
	}
	var p plugin
	var why []error
	if name != "" {
		p, why = c.plugins.find(c, name)
	}
	switch {
	case p != nil && c.options.json:
		return noJSON(name)
	case p != nil:
		return func(c *controller, ctx context.Context, arg string) error {
			defer c.withoutEditor()()
			return p.run(c, ctx, order{name, arg, line})
		}
	case c.isMethod(ctx, name, line):
		return func(c *controller, ctx context.Context, _ string) error { return callLine(c, ctx, line) }
	case cmd != nil:
		return c.form(cmd)
	case len(why) > 0:
		for _, err := range why {
			c.settle(err)
		}
		return nil
	}
	c.complain(exitGeneric, "*** Unknown syntax: %s", line)
	return nil
}

// sub is a controller for a command within another's, or beside it, with options of its own.
func (c *controller) sub(o *options) *controller {
	own := *o
	return &controller{options: &own, in: c.in, out: c.out, err: c.err, commands: c.commands, plugins: c.plugins}
}

// connect returns the daemon's client for the running command. Every command
// has a connection of its own (CTL-013), so that a restart of the daemon
// between two of them does no harm.
func (c *controller) connect() (*client.Client, error) {
	if c.daemon != nil {
		return c.daemon, nil
	}
	o := c.options
	d, err := client.Dial(client.Options{
		URL: o.url, Username: o.username, Password: o.password, Token: o.token,
		CAFile: o.tls.CA, CertFile: o.tls.Cert, KeyFile: o.tls.Key,
	})
	c.daemon = d
	return d, err
}

func (c *controller) disconnect() {
	if c.daemon != nil {
		c.daemon.Close()
		c.daemon = nil
	}
}

// apiVersion is the interface that we speak.
const apiVersion = "3.0"

// check connects and makes sure that there is a daemon that speaks our
// language. It says itself what is wrong and answers nil then (CTL-006,
// CTL-010); an error is anything it has no words for.
func (c *controller) check(ctx context.Context) (*client.Client, error) {
	d, err := c.connect()
	if err != nil {
		return nil, err
	}
	version, err := d.APIVersion(ctx)
	switch {
	case err == nil && version == apiVersion:
		return d, nil
	case err == nil:
		c.complain(exitOtherAPI, "Sorry, this version of supervisorctl expects to talk to a server with API version %s, but the remote version is %s.", apiVersion, version)
	case faultCode(err) == faultUnknownMethod:
		c.complain(exitNoNamespace, "%s", noNamespace)
	case client.Refused(err):
		c.complain(exitRefused, "%s refused connection", c.options.url)
	case client.Missing(err):
		c.complain(exitNotRunning, "%s no such file", c.options.url)
	default:
		return nil, err
	}
	return nil, nil
}

const noNamespace = "Sorry, supervisord responded but did not recognize the supervisor namespace commands that " +
	"supervisorctl uses to control it.  Please check that the [rpcinterface:supervisor] section is enabled in " +
	"the configuration file (see sample.conf)."
