package ctl

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

var pidCommand = command{
	name: "pid",
	help: "pid\t\t\tGet the PID of supervisord.\n" +
		"pid <name>\t\tGet the PID of a single child process by name.\n" +
		"pid all\t\t\tGet the PID of every child process, one per line.",
	complete: completeProcesses,
	run:      pid,
	json:     listed(pid),
}

// process is a pid with --json.
type process struct {
	Name string `json:"name"`
	PID  int    `json:"pid"` // 0 for none
}

// pid prints supervisord's pid or those of processes, 0 for none (CTL-019).
func pid(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	names := strings.Fields(arg)
	switch {
	case len(names) == 0:
		n, err := d.PID(ctx)
		if err != nil {
			return err
		}
		c.tell(strconv.Itoa(n), process{"supervisord", n})
	case slices.Contains(names, "all"):
		all, err := d.AllProcessInfo(ctx)
		if err != nil {
			return err
		}
		for _, info := range all {
			c.tell(strconv.Itoa(info.Pid), process{namespec(info.Group, info.Name), info.Pid})
		}
	default:
		for _, name := range names {
			info, err := d.ProcessInfo(ctx, name)
			switch {
			case faultCode(err) == faultBadName:
				c.complain(exitGeneric, "No such process %s", name)
			case err != nil:
				return err
			default:
				c.tell(strconv.Itoa(info.Pid), process{namespec(info.Group, info.Name), info.Pid})
				if info.Pid == 0 {
					c.exit = exitNotRunning
				}
			}
		}
	}
	return nil
}
