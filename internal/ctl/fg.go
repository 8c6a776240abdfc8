package ctl

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"

	"github.com/reeve-sh/reeve/client"
)

var fgCommand = command{
	name: "fg",
	help: "fg <process>\tConnect to a process in foreground mode\n" +
		"\t\tCtrl-C to exit",
	complete: completeProcesses,
	run:      foreground,
}

// foreground is the command "fg": a process's output is shown and every line
// typed is sent to it, until Ctrl-C or the end of input (CTL-037).
func foreground(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	names := strings.Fields(arg)
	switch {
	case len(names) == 0:
		c.complain(exitGeneric, "ERROR: no process name supplied")
		c.explainUsage("fg")
		return nil
	case len(names) > 1:
		c.complain(exitGeneric, "ERROR: too many process names supplied")
		return nil
	}
	info, err := d.ProcessInfo(ctx, names[0])
	var fault *client.Fault
	switch {
	case faultCode(err) == faultBadName:
		c.complain(exitGeneric, "ERROR: bad process name supplied")
	case errors.As(err, &fault):
		c.say("ERROR: %s", spellFault(fault))
	case err != nil:
		return err
	case info.State != client.Running:
		c.complain(exitGeneric, "ERROR: process not running")
	default:
		c.say("==> Press Ctrl-C to exit <==")
		return c.attach(ctx, d, names[0])
	}
	return nil
}

// attach copies both channels and sends what is typed. The line editor is
// put away meanwhile: what is typed belongs to the process.
func (c *controller) attach(ctx context.Context, d *client.Client, name string) error {
	defer c.withoutEditor()()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	var streams sync.WaitGroup
	for _, channel := range []string{"stdout", "stderr"} {
		streams.Add(1)
		go func() {
			defer streams.Done()
			c.stream(ctx, "/logtail/"+name+"/"+channel, func(ctx context.Context) (io.ReadCloser, error) {
				return d.FollowLog(ctx, name, channel)
			})
		}()
	}
	err := c.converse(ctx, d, name)
	stop()
	streams.Wait()
	return err
}

// converse sends lines until there are no more or the process is gone.
func (c *controller) converse(ctx context.Context, d *client.Client, name string) error {
	for {
		line, err := c.in.read(ctx)
		if err != nil {
			break
		}
		err = d.SendProcessStdin(ctx, name, line+"\n")
		var fault *client.Fault
		switch {
		case ctx.Err() != nil:
		case faultCode(err) == faultNotRunning:
			c.say("Process got killed")
		case errors.As(err, &fault):
			c.say("ERROR: %s", spellFault(fault))
		case err != nil:
			return err
		}
		if err != nil {
			break
		}
		info, err := d.ProcessInfo(ctx, name)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		if info.State != client.Running {
			c.say("Process got killed")
			break
		}
	}
	c.say("Exiting foreground")
	return nil
}
