package ctl

import "context"

var versionCommand = command{
	name: "version",
	help: "version\t\t\tShow the version of the remote supervisord process",
	run:  version,
	json: version,
}

// version tells the version of the daemon.
func version(c *controller, ctx context.Context, arg string) error {
	if !c.noArguments("version", arg) {
		return nil
	}
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	version, err := d.SupervisorVersion(ctx)
	switch {
	case err != nil:
		return err
	case c.options.json:
		c.printJSON(map[string]string{"version": version, "api_version": apiVersion})
	default:
		c.say("%s", version)
	}
	return nil
}
