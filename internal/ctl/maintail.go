package ctl

import (
	"context"
	"strings"
)

var maintailCommand = command{
	name: "maintail",
	help: "maintail -f \tContinuous tail of supervisor main log file (Ctrl-C to exit)\n" +
		"maintail -100\tlast 100 *bytes* of supervisord main log file\n" +
		"maintail\tlast 1600 *bytes* of supervisor main log file\n",
	run:  maintail,
	json: plainText(maintail),
}

// maintail is tail for supervisord's own log (CTL-036).
func maintail(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	args := strings.Fields(arg)
	option := ""
	switch {
	case len(args) > 1:
		c.complain(exitGeneric, "Error: too many arguments")
		c.explainUsage("maintail")
		return nil
	case len(args) == 1 && !strings.HasPrefix(args[0], "-"):
		c.complain(exitGeneric, "Error: bad argument %s", args[0])
		return nil
	case len(args) == 1:
		option = args[0]
	}
	if option == "-f" {
		return c.follow(ctx, "/mainlogtail", d.FollowMainLog)
	}
	offset, ok := c.tailOffset(option)
	if !ok {
		return nil
	}
	text, err := d.ReadLog(ctx, offset, 0)
	if faultCode(err) == faultBadName {
		return err
	}
	return c.showLog("supervisord", text, err)
}
