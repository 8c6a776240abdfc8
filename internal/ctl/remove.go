package ctl

import (
	"context"
	"strings"
)

var removeCommand = command{
	name:     "remove",
	help:     "remove <name> [...]\tRemoves process/group from active config",
	complete: completeGroups,
	run:      remove,
	json:     listed(remove),
}

// remove deactivates groups that do not run (CTL-044).
func remove(c *controller, ctx context.Context, arg string) error {
	d, err := c.connect()
	if err != nil {
		return err
	}
	for _, name := range strings.Fields(arg) {
		err := d.RemoveProcessGroup(ctx, name)
		switch faultCode(err) {
		case faultStillRunning:
			c.complain(exitGeneric, "ERROR: process/group still running: %s", name)
		case faultBadName:
			c.complain(exitGeneric, "ERROR: no such process/group: %s", name)
		default:
			if err != nil {
				return err
			}
			c.tell(name+": removed process group", change{name, "removed"})
		}
	}
	return nil
}
