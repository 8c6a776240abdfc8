package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/client"
)

const execName = "exec"

// execCommand is ours alone.
var execCommand = command{
	name: execName,
	help: "exec [options] [--] <command> <arg>\tRun a command where supervisord is, with its exit status;\n" +
		"\t\t\t\tthe extension reeve.exec must be configured and allow it. Ctrl-C ends it.\n" +
		"exec --in=<namespace>\tThe extension's section, when there are several\n" +
		"exec --user=<name> --directory=<path> --env=<name>=<value> --timeout=<seconds>\n" +
		"exec --stdin\t\tHand on what is read here until its end\n" +
		"exec --shell <line>\tHave a shell read the line\n" +
		"Status 124: it took too long; 125: it could not be asked for; 126: not allowed; 127: not found.",
	run:  execute,
	ours: true,
}

// The exit statuses of exec that are not the command's own, as other programs that run programs have them.
const (
	exitTimeout    = 124
	exitNoExec     = 125
	exitNotAllowed = 126
	exitNotFound   = 127
	exitSignalBase = 128
)

// execArgs are what a line asks for.
type execArgs struct {
	client.ExecOptions
	namespace string
	stdin     bool
	command   []string
}

// parseExec reads the words after "exec".
func parseExec(words []string) (*execArgs, error) {
	a := &execArgs{ExecOptions: client.ExecOptions{Environment: map[string]string{}}}
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		word := words[0]
		words = words[1:]
		if word == "--" {
			break
		}
		name, value, has := strings.Cut(word, "=")
		var err error
		switch {
		case word == "--stdin":
			a.stdin = true
		case word == "--shell":
			a.Shell = true
		case !has:
			return nil, fmt.Errorf("bad argument %s", word)
		default:
			err = a.set(name, value)
		}
		if err != nil {
			return nil, err
		}
	}
	if len(words) == 0 {
		return nil, errors.New("exec requires a command")
	}
	a.command = words
	if a.Shell {
		a.command = []string{strings.Join(words, " ")}
	}
	return a, nil
}

func (a *execArgs) set(name, value string) (err error) {
	switch name {
	case "--in":
		a.namespace = value
	case "--user":
		a.User = value
	case "--directory":
		a.Directory = value
	case "--env":
		variable, content, has := strings.Cut(value, "=")
		if !has {
			return fmt.Errorf("bad argument --env=%s: a variable is name=value", value)
		}
		a.Environment[variable] = content
	case "--timeout":
		if a.Timeout, err = strconv.ParseFloat(value, 64); err != nil || !(a.Timeout > 0) {
			return fmt.Errorf("bad argument --timeout=%s: a number of seconds is wanted", value)
		}
	default:
		return fmt.Errorf("bad argument %s=%s", name, value)
	}
	return nil
}

// execute runs a command where the daemon is. Stdout is the command's, so everything else goes to stderr.
func execute(c *controller, ctx context.Context, arg string) error {
	words, err := c.wordsOf(strings.TrimSpace(execName + " " + arg))
	var a *execArgs
	if err == nil {
		a, err = parseExec(words[1:])
	}
	if err != nil {
		c.complain(exitGeneric, "Error: %v", err)
		c.explainUsage(execName)
		return nil
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	if a.stdin {
		defer c.withoutEditor()()
		a.Stdin, err = c.in.rest(ctx)
	}
	if err == nil {
		err = c.runThere(ctx, a)
	}
	var refused *client.HTTPError
	switch {
	case err == nil:
	case errors.As(err, &refused) && refused.Status == 401:
		return err
	case ctx.Err() != nil:
		c.exit = exitInterrupted
	default:
		c.cannotExec(err)
	}
	return nil
}

// runThere prints both outputs of a command as they come.
func (c *controller) runThere(ctx context.Context, a *execArgs) error {
	d, err := c.connect()
	if err != nil {
		return err
	}
	if a.namespace == "" {
		if a.namespace, err = execNamespace(ctx, d); err != nil {
			return err
		}
	}
	s, err := d.Exec(ctx, a.namespace, a.command, a.ExecOptions)
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		data, stderr, end, err := s.Next()
		switch {
		case err != nil:
			return err
		case end != nil:
			c.exit = statusOf(end)
			if end.TimedOut {
				fmt.Fprintf(c.err, "Error: the command took too long and was killed after %.1f s\n", end.Seconds)
			}
			return nil
		case stderr:
			c.err.Write(data)
		default:
			c.out.Write(data)
		}
	}
}

// statusOf is the exit status that tells how a command ended, as a shell has it.
func statusOf(end *client.ExecExit) int {
	switch {
	case end.TimedOut:
		return exitTimeout
	case end.Signal != 0:
		return exitSignalBase + end.Signal
	}
	return end.Code
}

// execNamespace finds the extension that runs commands: the one that has run and allowed.
func execNamespace(ctx context.Context, d *client.Client) (string, error) {
	all, err := d.ListMethods(ctx)
	if err != nil {
		return "", err
	}
	var found []string
	for _, method := range all {
		namespace, name, _ := strings.Cut(method, ".")
		if name == "run" && slices.Contains(all, namespace+".allowed") {
			found = append(found, namespace)
		}
	}
	switch len(found) {
	case 0:
		return "", errors.New("this supervisord has no extension reeve.exec")
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("there are several extensions that run commands, say which: --in=%s", strings.Join(found, " or --in="))
}

// cannotExec says why a command was not run to its end.
func (c *controller) cannotExec(err error) {
	var fault *client.Fault
	var refused *client.HTTPError
	c.exit = exitNoExec
	text := err.Error()
	switch {
	case errors.As(err, &fault):
		text = fault.String
		switch fault.Code {
		case faultNotExecutable:
			c.exit = exitNotAllowed
		case faultNoFile:
			c.exit = exitNotFound
		}
	case errors.As(err, &refused) && refused.Status == 404:
		text = "this supervisord has no such extension"
	case errors.Is(err, io.ErrUnexpectedEOF):
		text = "the connection ended before the command did"
	case client.Refused(err):
		text = c.options.url + " refused connection"
	case client.Missing(err):
		text = c.options.url + " no such file"
	}
	fmt.Fprintf(c.err, "Error: %s\n", text)
}
