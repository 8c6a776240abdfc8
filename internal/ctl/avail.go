package ctl

import (
	"context"
	"fmt"
)

var availCommand = command{
	name: "avail",
	help: "avail\t\t\tDisplay all configured processes",
	run:  avail,
	json: listed(avail),
}

// available is a configured process with --json.
type available struct {
	Name          string `json:"name"`
	Group         string `json:"group"`
	Process       string `json:"process"`
	InUse         bool   `json:"in_use"`
	Autostart     bool   `json:"autostart"`
	GroupPriority int    `json:"group_priority"`
	Priority      int    `json:"priority"`
	Command       string `json:"command"`
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
		name := namespec(info.Group, info.Name)
		c.tell(fmt.Sprintf("%-32s %-9s %-9s %d:%d", name, use, auto, info.GroupPriority, info.Priority), available{
			Name: name, Group: info.Group, Process: info.Name, InUse: info.InUse, Autostart: info.Autostart,
			GroupPriority: info.GroupPriority, Priority: info.Priority, Command: info.Command,
		})
	}
	return nil
}
