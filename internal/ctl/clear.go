package ctl

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/client"
)

var clearCommand = command{
	name: "clear",
	help: "clear <name>\t\tClear a process' log files.\n" +
		"clear <name> <name>\tClear multiple process' log files\n" +
		"clear all\t\tClear all process' log files",
	complete: completeProcesses,
	run:      clearLogs,
	json:     listed(clearLogs),
}

var clearing = deed{
	success: "cleared",
	refusal: map[int]string{faultBadName: "no such process", faultFailed: "failed"},
	ignored: faultSuccess,
}

// clearLogs is the command "clear". It knows no groups: "m:*" is refused by
// the daemon and named "m:None" in the answer, as ever (CTL-030).
func clearLogs(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	names := strings.Fields(arg)
	switch {
	case len(names) == 0:
		c.complain(exitGeneric, "Error: clear requires a process name")
		c.explainUsage("clear")
		return nil
	case slices.Contains(names, "all"):
		results, err := d.ClearAllProcessLogs(ctx)
		if err != nil {
			return err
		}
		return c.reportAll(&clearing, results)
	}
	for _, name := range names {
		group, process, whole := splitNamespec(name)
		if whole {
			process = "None"
		}
		code, fault := faultSuccess, new(client.Fault)
		if err := d.ClearProcessLogs(ctx, name); errors.As(err, &fault) {
			code = fault.Code
		} else if err != nil {
			return err
		}
		if err := c.report(&clearing, namespec(group, process), code, fault.String); err != nil {
			return err
		}
	}
	return nil
}
