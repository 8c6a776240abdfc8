package ctl

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/reeve-sh/reeve/client"
)

var rereadCommand = command{
	name: "reread",
	help: "reread \t\t\tReload the daemon's configuration files without add/remove",
	run:  reread,
	json: reread,
}

// reread lets the daemon read its files and says which groups differ (CTL-038).
func reread(c *controller, ctx context.Context, arg string) error {
	if !c.noArguments("reread", arg) {
		return nil
	}
	d, err := c.connect()
	if err != nil {
		return err
	}
	changes, err := d.ReloadConfig(ctx)
	var fault *client.Fault
	switch {
	case faultCode(err) == faultShutdown:
		c.complain(exitGeneric, "ERROR: supervisor shutting down")
		return nil
	case faultCode(err) == faultCantReread && errors.As(err, &fault):
		c.complain(exitGeneric, "ERROR: %s", fault.String)
		return nil
	case err != nil:
		return err
	}
	if c.options.json {
		c.printJSON(changes)
		return nil
	}
	became := map[string]string{}
	for _, name := range changes.Added {
		became[name] = "available"
	}
	for _, name := range changes.Changed {
		became[name] = "changed"
	}
	for _, name := range changes.Removed {
		became[name] = "disappeared"
	}
	for _, name := range slices.Sorted(maps.Keys(became)) {
		c.say("%s: %s", name, became[name])
	}
	if len(became) == 0 {
		c.say("No config updates to processes")
	}
	return nil
}
