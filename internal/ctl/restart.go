package ctl

import (
	"context"
	"strings"
)

var restartCommand = command{
	name: "restart",
	help: "restart <name>\t\tRestart a process\n" +
		"restart <gname>:*\tRestart all processes in a group\n" +
		"restart <name> <name>\tRestart multiple processes or groups\n" +
		"restart all\t\tRestart all processes\n" +
		"Note: restart does not reread config files. For that, see reread and update.",
	complete: completeProcesses,
	run:      restart,
	json:     listed(restart),
}

// restart is stop and then start with the same names (CTL-027, CTL-028).
func restart(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	if len(strings.Fields(arg)) == 0 {
		c.complain(exitGeneric, "Error: restart requires a process name")
		c.explainUsage("restart")
		return nil
	}
	if err := stop(c, ctx, arg); err != nil {
		return err
	}
	if c.options.json {
		c.told = []any{} // what became of the start is what became of it
	}
	return start(c, ctx, arg)
}
