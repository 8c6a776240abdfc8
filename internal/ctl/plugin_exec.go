package ctl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/client"
	extcommand "github.com/reeve-sh/reeve/ext/command"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/wire/jsonrpc"
)

// executable is a plug-in that is a program. A process of its own is started for each use and ends after it.
type executable struct {
	conf *config.CtlPlugin
	once once[[]described]

	greeting time.Duration // within which it must say what it offers
	parting  time.Duration // within which it must end when its input does
}

// newExecutable is a plug-in with the usual patience.
func newExecutable(conf *config.CtlPlugin) *executable {
	return &executable{conf: conf, greeting: 10 * time.Second, parting: 5 * time.Second}
}

// described is a command as the program describes it.
type described struct {
	Name string `json:"name"`
	Help string `json:"help"`
}

// protocol is the version of what is spoken with such a program.
const protocol = 1

// table asks the program what it offers.
func (p *executable) table(c *controller) ([]described, error) {
	return p.once.do(func() ([]described, error) {
		u, err := p.start(c)
		if err != nil {
			return nil, useless(p.conf, err)
		}
		u.end()
		for _, d := range u.offers {
			if !isWord(d.Name) {
				return nil, useless(p.conf, fmt.Sprintf("it offers a command %q; a name is letters, digits and underscores", d.Name))
			}
		}
		return u.offers, nil
	})
}

// isWord tells whether a command can be typed.
func isWord(s string) bool {
	name, _, rest := parseLine(s)
	return s != "" && name == rest
}

func (p *executable) commands(c *controller) ([]string, error) {
	table, err := p.table(c)
	var names []string
	for _, d := range table {
		names = append(names, d.Name)
	}
	return names, err
}

func (p *executable) run(c *controller, ctx context.Context, o order) error {
	u, err := p.start(c)
	if err != nil {
		return useless(p.conf, err)
	}
	defer u.end()
	words, err := c.wordsOf(o.line)
	if err != nil {
		words = strings.Fields(o.line)
	}
	// Ctrl-C is for the program too, which hears it as we do.
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	var did outcome
	err = u.call("run", map[string]any{"command": o.name, "args": append([]string{}, words[1:]...), "arg": o.arg, "line": o.line}, &did)
	var ended *endedError
	switch {
	case err != nil && ctx.Err() != nil:
		return errInterrupted
	case errors.As(err, &ended) && !ended.state.Success():
		c.complain(exitGeneric, "Error: [%s]: %v", p.conf.Section, err)
	case errors.As(err, &ended):
	case err != nil:
		c.complain(exitGeneric, "error: %v", err)
	case did.ExitStatus != 0:
		c.exit = did.ExitStatus
	}
	if did.Stop {
		return errQuit
	}
	return nil
}

func (p *executable) help(c *controller, _ context.Context, topic string) error {
	table, err := p.table(c)
	if err != nil {
		return err
	}
	if topic == "" {
		var names []string
		for _, d := range table {
			if d.Help != "" {
				names = append(names, d.Name)
			}
		}
		slices.Sort(names)
		c.printTopics(p.conf.Name, names)
		return nil
	}
	for _, d := range table {
		if d.Name == topic && d.Help != "" {
			c.say("%s", d.Help)
			return nil
		}
	}
	c.say("*** No help on %s", topic)
	return nil
}

func (p *executable) complete(c *controller, o order, w extcommand.Word) []string {
	u, err := p.start(c)
	if err != nil {
		return nil
	}
	defer u.end()
	var did struct {
		Words []string `json:"words"`
	}
	if err := u.call("complete", map[string]any{"command": o.name, "line": w.Line, "word": w.Text}, &did); err != nil {
		return nil
	}
	return did.Words
}

func (p *executable) close(*controller) {}

// use is one process of the program.
type use struct {
	*helper
	c       *controller
	offers  []described
	parting time.Duration
}

// start starts the program and has it say what it offers.
func (p *executable) start(c *controller) (*use, error) {
	argv, err := config.SplitCommand(p.conf.Command)
	if err != nil {
		return nil, err
	}
	if len(argv) == 0 {
		return nil, errors.New("command is empty")
	}
	u := &use{c: c, parting: p.parting}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stderr = c.err.file()
	u.helper, err = startHelper(cmd, func(cmd *exec.Cmd, read, write *os.File) {
		cmd.Stdin, cmd.Stdout = read, write
	}, u.answer)
	if err != nil {
		return nil, err
	}
	intime := u.killAfter(p.greeting)
	extra := map[string]string{}
	for _, o := range p.conf.Options {
		extra[o.Name] = o.Value
	}
	var greeting struct {
		Commands []described `json:"commands"`
	}
	err = u.call("initialize", map[string]any{
		"protocol": protocol, "kind": "ctlplugin", "name": p.conf.Name, "options": extra,
		"serverurl": c.options.url, "interactive": c.options.interactive,
	}, &greeting)
	if !intime() {
		err = fmt.Errorf("it has not said within %v what it offers", p.greeting)
	}
	if err != nil {
		u.end()
		return nil, err
	}
	u.offers = greeting.Commands
	return u, nil
}

// end closes the program's input, and waits for its end.
func (u *use) end() {
	u.w.Close()
	intime := u.killAfter(u.parting)
	u.wait()
	intime()
}

// killAfter kills the program when the time is over before the result is called, which tells whether it was not.
func (u *use) killAfter(d time.Duration) (intime func() bool) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	spare := context.AfterFunc(ctx, func() { u.cmd.Process.Kill() })
	return func() bool {
		defer cancel()
		return spare()
	}
}

// answer serves what the program asks.
func (u *use) answer(method string, params json.RawMessage) (any, error) {
	var asked struct {
		Text, Stream, Method, Line string
		Params                     []json.RawMessage
	}
	if err := json.Unmarshal(params, &asked); err != nil {
		return nil, &jsonrpc.Error{Code: jsonrpc.InvalidParams, Text: err.Error()}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	sub := u.c.sub(u.c.options)
	switch method {
	case "output":
		into := io.Writer(u.c.out)
		if asked.Stream == "stderr" {
			into = u.c.err
		}
		_, err := io.WriteString(into, asked.Text)
		return nil, err
	case "call":
		return u.callFor(ctx, sub, asked.Method, asked.Params)
	case "command":
		err := sub.obey(ctx, asked.Line)
		return map[string]any{"exitstatus": sub.exit, "stop": err != nil}, nil
	}
	return nil, &jsonrpc.Error{Code: jsonrpc.MethodNotFound, Text: "no such method: " + method}
}

// callFor calls a method of the daemon's for the program.
func (u *use) callFor(ctx context.Context, sub *controller, method string, params []json.RawMessage) (any, error) {
	defer sub.disconnect()
	args := make([]any, len(params))
	for i, raw := range params {
		v, err := jsonValue(raw)
		if err != nil {
			return nil, &jsonrpc.Error{Code: jsonrpc.InvalidParams, Text: err.Error()}
		}
		args[i] = v
	}
	v, err := sub.call(ctx, method, args)
	var fault *client.Fault
	if errors.As(err, &fault) {
		return nil, &jsonrpc.Error{Code: fault.Code, Text: fault.String}
	}
	return v, err
}
