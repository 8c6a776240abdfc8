package ctl

import (
	"context"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/client"
)

var updateCommand = command{
	name: "update",
	help: "update\t\t\tReload config and add/remove as necessary, and will restart affected programs\n" +
		"update all\t\tReload config and add/remove as necessary, and will restart affected programs\n" +
		"update <gname> [...]\tUpdate specific groups",
	complete: completeGroups,
	run:      update,
	json:     listed(update),
}

// update makes what is active what the files say: it removes, replaces and
// adds groups, in that order (CTL-039 to CTL-042).
func update(c *controller, ctx context.Context, arg string) error {
	d, err := c.connect()
	if err != nil {
		return err
	}
	changes, err := d.ReloadConfig(ctx)
	if faultCode(err) == faultShutdown {
		c.complain(exitGeneric, "ERROR: already shutting down")
		return nil
	}
	if err != nil {
		return err
	}
	wanted := strings.Fields(arg)
	if slices.Contains(wanted, "all") {
		wanted = nil
	}
	if err := c.checkGroups(ctx, d, wanted, changes.Added); err != nil {
		return err
	}
	chosen := func(groups []string) []string {
		return slices.DeleteFunc(groups, func(g string) bool { return len(wanted) > 0 && !slices.Contains(wanted, g) })
	}
	for _, group := range chosen(changes.Removed) {
		if err := c.removeGroup(ctx, d, group); err != nil {
			return err
		}
	}
	for _, group := range chosen(changes.Changed) {
		if err := c.replaceGroup(ctx, d, group); err != nil {
			return err
		}
	}
	for _, group := range chosen(changes.Added) {
		if err := d.AddProcessGroup(ctx, group); err != nil {
			return err
		}
		c.tell(group+": added process group", change{group, "added"})
	}
	return nil
}

// checkGroups complains about names that are no group, active or new.
func (c *controller) checkGroups(ctx context.Context, d *client.Client, wanted, added []string) error {
	if len(wanted) == 0 {
		return nil
	}
	known, err := d.AllProcessInfo(ctx)
	if err != nil {
		return err
	}
	for i, name := range wanted {
		isNamed := func(info client.ProcessInfo) bool { return info.Group == name }
		if slices.Contains(wanted[:i], name) || slices.Contains(added, name) || slices.ContainsFunc(known, isNamed) {
			continue
		}
		c.complain(exitGeneric, "ERROR: no such group: %s", name)
	}
	return nil
}

func (c *controller) removeGroup(ctx context.Context, d *client.Client, group string) error {
	results, err := d.StopProcessGroup(ctx, group, true)
	if err != nil {
		return err
	}
	c.tell(group+": stopped", nil)
	if slices.ContainsFunc(results, func(r client.ProcessStatus) bool { return r.Status == faultFailed }) {
		c.complain(exitGeneric, "%s: has problems; not removing", group)
		return nil
	}
	if err := d.RemoveProcessGroup(ctx, group); err != nil {
		return err
	}
	c.tell(group+": removed process group", change{group, "removed"})
	return nil
}

func (c *controller) replaceGroup(ctx context.Context, d *client.Client, group string) error {
	if _, err := d.StopProcessGroup(ctx, group, true); err != nil {
		return err
	}
	c.tell(group+": stopped", nil)
	if err := d.RemoveProcessGroup(ctx, group); err != nil {
		return err
	}
	if err := d.AddProcessGroup(ctx, group); err != nil {
		return err
	}
	c.tell(group+": updated process group", change{group, "changed"})
	return nil
}
