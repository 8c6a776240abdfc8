package ctl

import "context"

var reloadCommand = command{
	name: "reload",
	help: "reload \t\tRestart the remote supervisord.",
	run:  reload,
}

// reload restarts the daemon; in the shell it asks first (CTL-045).
func reload(c *controller, ctx context.Context, arg string) error {
	if !c.noArguments("reload", arg) {
		return nil
	}
	if sure, err := c.confirm(ctx, "Really restart the remote supervisord process y/N? "); !sure || err != nil {
		return err
	}
	d, err := c.connect()
	if err != nil {
		return err
	}
	err = d.Restart(ctx)
	if faultCode(err) == faultShutdown {
		c.complain(exitGeneric, "ERROR: already shutting down")
		return nil
	}
	if err == nil {
		c.say("Restarted supervisord")
	}
	return err
}
