package ctl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/extensions/python"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/wire/jsonrpc"
)

// pythonHost is a process that runs plug-ins in Python. Its stdin, stdout and stderr are ours.
type pythonHost struct {
	*helper
	c       *controller // for what it asks
	loading atomic.Bool // it makes its plug-ins, which are not to be asked for commands meanwhile
}

func startPython(c *controller, interpreter string) (*pythonHost, error) {
	h := &pythonHost{c: c.sub(c.options)}
	argv, err := config.SplitCommand(interpreter)
	if err != nil || len(argv) == 0 {
		return nil, fmt.Errorf("cannot read python=%s: %v", interpreter, err)
	}
	cmd := exec.Command(argv[0], append(argv[1:], "-u", "-c", python.Boot, "3", "4")...)
	cmd.Stdout, cmd.Stderr = c.out.file(), c.err.file()
	if c.in.file != nil {
		cmd.Stdin = c.in.file
	}
	h.helper, err = startHelper(cmd, func(cmd *exec.Cmd, read, write *os.File) {
		cmd.ExtraFiles = []*os.File{read, write}
	}, h.answer)
	return h, err
}

// load sends the interpreter our modules, and has it load plug-ins.
func (h *pythonHost) load(c *controller, list []plugin, wanted []*scripted, answers *[]loaded) error {
	more := map[string]any{"lines": c.options.interactive && !c.in.onTerminal()}
	first, err := python.First("_reeve.ctlhost", c.options.argv, more)
	if err != nil {
		return err
	}
	if _, err := h.w.Write(first); err != nil {
		return h.wait()
	}
	told := make([]map[string]any, len(list))
	for i := range told {
		told[i] = map[string]any{}
	}
	for _, p := range wanted {
		extra := [][2]string{} // in the order of the file
		for _, o := range p.conf.Options {
			extra = append(extra, [2]string{o.Name, o.Value})
		}
		told[p.index] = map[string]any{"name": p.conf.Name, "spec": p.conf.Factory, "options": extra}
	}
	own := map[string]string{}
	for _, cmd := range c.commands {
		if !cmd.ours && cmd.name != helpCommand.name && cmd.name != endCommand.name {
			own[cmd.name] = cmd.help
		}
	}
	h.loading.Store(true)
	defer h.loading.Store(false)
	o := c.options
	return h.call("load", map[string]any{"plugins": told, "own": own, "options": map[string]any{
		"interactive": o.interactive, "prompt": o.prompt, "configfile": o.file, "here": o.here, "history_file": o.history,
		"relayed": o.token != "" || strings.HasPrefix(o.url, "https:"),
		"args":    append([]string{}, o.action...), "progname": o.progname, "server": serverOf(o),
	}}, answers)
}

// close lets the interpreter end, which waits for threads of plug-ins.
func (h *pythonHost) close() {
	h.tell("bye", map[string]any{})
	h.wait()
}

// answer serves what the host asks while it runs a plug-in.
func (h *pythonHost) answer(method string, params json.RawMessage) (any, error) {
	var asked struct {
		Line   string
		Server server
		Plugin int
		Topic  string
		Body   string
	}
	if len(params) > 0 {
		if err := json.Unmarshal(params, &asked); err != nil {
			return nil, err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	sub := h.c.sub(h.c.options)
	if h.loading.Load() {
		sub.plugins = &plugins{}
	}
	switch method {
	case "onecmd":
		asked.Server.into(sub.options)
		return answered(sub, sub.obey(ctx, asked.Line)), nil
	case "post":
		asked.Server.into(sub.options)
		return sub.post(ctx, asked.Body), nil
	case "help":
		return nil, sub.helpOf(ctx, asked.Plugin, asked.Topic)
	case "commands":
		return h.commandsOf(asked.Plugin)
	case "authenticate":
		if err := sub.authenticate(ctx); err != nil {
			return nil, nil
		}
		return []string{sub.options.username, sub.options.password}, nil
	case "readline":
		line, err := sub.in.read(ctx)
		if err != nil {
			return nil, nil
		}
		return line + "\n", nil
	}
	return nil, &jsonrpc.Error{Code: jsonrpc.MethodNotFound, Text: "no such method"}
}

// commandsOf lists the commands of a plug-in that is none of the host's.
func (h *pythonHost) commandsOf(index int) ([]string, error) {
	names := []string{}
	if index >= 0 && index < len(h.c.plugins.list) {
		some, _ := h.c.plugins.list[index].commands(h.c)
		names = append(names, some...)
	}
	return names, nil
}

// answered tells a host what became of a line.
func answered(sub *controller, err error) outcome {
	did := outcome{ExitStatus: sub.exit, Server: serverOf(sub.options)}
	var end exitError
	switch {
	case errors.As(err, &end):
		n := int(end)
		did.Exit = &n
	case errors.Is(err, errQuit):
		did.Stop = true
	case errors.Is(err, errInterrupted):
		did.Interrupted = true
	}
	return did
}

// relayed is the answer to a call that a plug-in had us make: XML, the refusal of an HTTP server, or an error.
type relayed struct {
	Body   *string `json:"body,omitempty"`
	Status int     `json:"status,omitempty"`
	Reason string  `json:"reason,omitempty"`
	Errno  int     `json:"errno,omitempty"`
	Err    string  `json:"error,omitempty"`
}

func (c *controller) post(ctx context.Context, body string) relayed {
	defer c.disconnect()
	d, err := c.connect()
	var answer []byte
	if err == nil {
		answer, err = d.Post(ctx, []byte(body))
	}
	var refused *client.HTTPError
	var errno syscall.Errno
	switch {
	case errors.As(err, &refused):
		return relayed{Status: refused.Status, Reason: refused.Reason}
	case errors.As(err, &errno):
		return relayed{Errno: int(errno), Err: capital(errno.Error())}
	case err != nil:
		return relayed{Err: err.Error()}
	}
	text := string(answer)
	return relayed{Body: &text}
}
