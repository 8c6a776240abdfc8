package ctl

import (
	"context"
	"strings"

	"github.com/reeve-sh/reeve/client"
)

var stopCommand = command{
	name: "stop",
	help: "stop <name>\t\tStop a process\n" +
		"stop <gname>:*\t\tStop all processes in a group\n" +
		"stop <name> <name>\tStop multiple processes or groups\n" +
		"stop all\t\tStop all processes",
	complete: completeProcesses,
	run:      stop,
	json:     listed(stop),
}

var stopping = deed{
	success: "stopped",
	refusal: map[int]string{
		faultBadName: "no such process", faultBadSignal: "bad signal name", faultNotRunning: "not running",
	},
	verbose: map[int]bool{faultFailed: true},
	ignored: faultNotRunning,
	noGroup: exitGeneric,
	one: func(ctx context.Context, d *client.Client, name string) error {
		return d.StopProcess(ctx, name, true)
	},
	group: func(ctx context.Context, d *client.Client, group string) ([]client.ProcessStatus, error) {
		return d.StopProcessGroup(ctx, group, true)
	},
	all: func(ctx context.Context, d *client.Client) ([]client.ProcessStatus, error) {
		return d.StopAllProcesses(ctx, true)
	},
}

// stop stops and waits until it is gone (CTL-026).
func stop(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	names := strings.Fields(arg)
	if len(names) == 0 {
		c.complain(exitGeneric, "Error: stop requires a process name")
		c.explainUsage("stop")
		return nil
	}
	return c.do(ctx, d, &stopping, names)
}
