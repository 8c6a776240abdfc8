package ctl

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/client"
)

var statusCommand = command{
	name: "status",
	help: "status <name>\t\tGet status for a single process\n" +
		"status <gname>:*\tGet status for all processes in a group\n" +
		"status <name> <name>\tGet status for multiple named processes\n" +
		"status\t\t\tGet all process status info",
	complete: completeProcesses,
	run:      status,
	json:     statusJSON,
}

// status shows the processes that were named, or all (CTL-014 to CTL-018).
func status(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if err != nil {
		return err
	}
	if d == nil {
		c.exit = exitStatusUnknown
		return nil
	}
	if strings.TrimSpace(arg) == everything {
		return c.showEverything(ctx, d)
	}
	all, err := d.AllProcessInfo(ctx)
	if err != nil {
		return err
	}
	shown := all
	if names := strings.Fields(arg); len(names) > 0 && !slices.Contains(names, "all") {
		shown = nil
		for _, name := range names {
			shown = append(shown, c.named(withExtension(ctx, d, all, name), name)...)
		}
	}
	c.showStatuses(shown)
	for _, info := range shown {
		c.judge(info.StateName)
	}
	c.warn(ctx, d)
	return nil
}

// everything is what status takes to show the processes of executable extensions, too.
const everything = "--all"

// showEverything shows all processes. The original does not know of any that it would not show otherwise.
func (c *controller) showEverything(ctx context.Context, d *client.Client) error {
	all, err := d.Everything(ctx)
	if err != nil {
		return err
	}
	shown := make([]client.ProcessInfo, len(all))
	for i := range all {
		shown[i] = client.ProcessInfo{
			Group: all[i].Group, Name: all[i].Process, StateName: all[i].State, Description: all[i].Description,
		}
	}
	c.showStatuses(shown)
	for _, info := range shown {
		c.judge(info.StateName)
	}
	c.warn(ctx, d)
	return nil
}

// warn says on stderr what the daemon warns of. Supervisor's own has nothing to say, and what goes wrong here is no
// failure of the command.
func (c *controller) warn(ctx context.Context, d *client.Client) {
	var daemon client.Daemon
	if d.JSON(ctx, "/api/v1/daemon", nil, &daemon) != nil {
		return
	}
	for _, w := range daemon.Warnings {
		fmt.Fprintf(c.err, "Warning: %s\n", w)
	}
}

// judge sets the exit status for a process that is down.
func (c *controller) judge(state string) {
	switch state {
	case "STOPPED", "EXITED", "FATAL", "UNKNOWN":
		c.exit = exitStatusStopped
	}
}

// named picks what a name means, and complains when that is nothing.
func (c *controller) named(all []client.ProcessInfo, name string) []client.ProcessInfo {
	group, process, whole := splitNamespec(name)
	var found []client.ProcessInfo
	for _, info := range all {
		if info.Group == group && (whole || info.Name == process) || info.Group == name && info.Name == name {
			found = append(found, info)
		}
	}
	switch {
	case found != nil:
	case whole:
		c.complain(exitStatusUnknown, "%s: ERROR (no such group)", group)
	default:
		c.complain(exitStatusUnknown, "%s: ERROR (no such process)", name)
	}
	return found
}

// withExtension adds what is called by the title of an extension's section, which no list of all has.
func withExtension(ctx context.Context, d *client.Client, all []client.ProcessInfo, name string) []client.ProcessInfo {
	if ofExtension(name) {
		if info, err := d.ProcessInfo(ctx, name); err == nil {
			return append(slices.Clip(all), info)
		}
	}
	return all
}

// ofExtension tells whether a name may be the title of an extension's section.
func ofExtension(name string) bool {
	return strings.HasPrefix(name, "rpcinterface:") || strings.HasPrefix(name, "eventlistener:")
}

func (c *controller) showStatuses(infos []client.ProcessInfo) {
	width := 30
	for _, info := range infos {
		width = max(width, len([]rune(namespec(info.Group, info.Name))))
	}
	for _, info := range infos {
		c.say("%-*s%-10s%s", width+3, namespec(info.Group, info.Name), info.StateName, info.Description)
	}
}
