package ctl

import (
	"context"
	"strings"

	"github.com/reeve-sh/reeve/client"
)

var startCommand = command{
	name: "start",
	help: "start <name>\t\tStart a process\n" +
		"start <gname>:*\t\tStart all processes in a group\n" +
		"start <name> <name>\tStart multiple processes or groups\n" +
		"start all\t\tStart all processes",
	complete: completeProcesses,
	run:      start,
	json:     listed(start),
}

var starting = deed{
	success: "started",
	refusal: map[int]string{
		faultBadName: "no such process", faultNoFile: "no such file", faultNotExecutable: "file is not executable",
		faultAlreadyStarted: "already started", faultSpawnError: "spawn error", faultAbnormal: "abnormal termination",
	},
	ignored: faultAlreadyStarted,
	noGroup: exitUsage,
	one: func(ctx context.Context, d *client.Client, name string) error {
		return d.StartProcess(ctx, name, true)
	},
	group: func(ctx context.Context, d *client.Client, group string) ([]client.ProcessStatus, error) {
		return d.StartProcessGroup(ctx, group, true)
	},
	all: func(ctx context.Context, d *client.Client) ([]client.ProcessStatus, error) {
		return d.StartAllProcesses(ctx, true)
	},
}

// start starts and waits until it is known what came of it (CTL-022 to CTL-025).
func start(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	names := strings.Fields(arg)
	if len(names) == 0 {
		c.complain(exitUsage, "Error: start requires a process name")
		c.explainUsage("start")
		return nil
	}
	return c.do(ctx, d, &starting, names)
}
