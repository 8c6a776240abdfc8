package ctl

import (
	"context"
	"fmt"
)

var availCommand = command{
	name: "avail",
	help: "avail\t\t\tDisplay all configured processes",
	run:  avail,
}

// avail lists what is configured, active or not (CTL-020).
func avail(c *controller, ctx context.Context, arg string) error {
	if !c.noArguments("avail", arg) {
		return nil
	}
	d, err := c.connect()
	if err != nil {
		return err
	}
	infos, err := d.AllConfigInfo(ctx)
	if faultCode(err) == faultShutdown {
		c.complain(exitGeneric, "ERROR: supervisor shutting down")
		return nil
	}
	if err != nil {
		return err
	}
	for _, info := range infos {
		use, auto := "avail", "manual"
		if info.InUse {
			use = "in use"
		}
		if info.Autostart {
			auto = "auto"
		}
		priority := fmt.Sprintf("%d:%d", info.GroupPriority, info.Priority)
		c.say("%-32s %-9s %-9s %s", namespec(info.Group, info.Name), use, auto, priority)
	}
	return nil
}
