package ctl

import (
	"context"
	"strings"
)

var addCommand = command{
	name:     "add",
	help:     "add <name> [...]\tActivates any updates in config for process/group",
	complete: completeGroups,
	run:      add,
	json:     listed(add),
}

// add activates groups that the daemon has read (CTL-043).
func add(c *controller, ctx context.Context, arg string) error {
	d, err := c.connect()
	if err != nil {
		return err
	}
	for _, name := range strings.Fields(arg) {
		err := d.AddProcessGroup(ctx, name)
		switch faultCode(err) {
		case faultShutdown:
			c.complain(exitGeneric, "ERROR: shutting down")
		case faultAlreadyAdded:
			c.say("ERROR: process group already active")
		case faultBadName:
			c.complain(exitGeneric, "ERROR: no such process/group: %s", name)
		default:
			if err != nil {
				return err
			}
			c.tell(name+": added process group", change{name, "added"})
		}
	}
	return nil
}
