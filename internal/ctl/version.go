package ctl

import "context"

var versionCommand = command{
	name: "version",
	help: "version\t\t\tShow the version of the remote supervisord process",
	run: func(c *controller, ctx context.Context, arg string) error {
		if !c.noArguments("version", arg) {
			return nil
		}
		d, err := c.check(ctx)
		if d == nil || err != nil {
			return err
		}
		version, err := d.SupervisorVersion(ctx)
		if err == nil {
			c.say("%s", version)
		}
		return err
	},
}
