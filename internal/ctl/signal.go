package ctl

import (
	"context"
	"strings"

	"github.com/reeve-sh/reeve/client"
)

var signalCommand = command{
	name: "signal",
	help: "signal <signal name> <name>\t\tSignal a process\n" +
		"signal <signal name> <gname>:*\t\tSignal all processes in a group\n" +
		"signal <signal name> <name> <name>\tSignal multiple processes or groups\n" +
		"signal <signal name> all\t\tSignal all processes",
	complete: completeProcesses,
	run:      sendSignal,
	json:     listed(sendSignal),
}

func signalling(sig string) *deed {
	return &deed{
		success: "signalled",
		refusal: stopping.refusal,
		verbose: stopping.verbose,
		ignored: faultSuccess,
		noGroup: exitGeneric,
		one: func(ctx context.Context, d *client.Client, name string) error {
			return d.SignalProcess(ctx, name, sig)
		},
		group: func(ctx context.Context, d *client.Client, group string) ([]client.ProcessStatus, error) {
			return d.SignalProcessGroup(ctx, group, sig)
		},
		all: func(ctx context.Context, d *client.Client) ([]client.ProcessStatus, error) {
			return d.SignalAllProcesses(ctx, sig)
		},
	}
}

// sendSignal is the command "signal" (CTL-029).
func sendSignal(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	args := strings.Fields(arg)
	if len(args) < 2 {
		c.complain(exitGeneric, "Error: signal requires a signal name and a process name")
		c.explainUsage("signal")
		return nil
	}
	return c.do(ctx, d, signalling(args[0]), args[1:])
}
