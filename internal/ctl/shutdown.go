package ctl

import (
	"context"

	"github.com/reeve-sh/reeve/client"
)

var shutdownCommand = command{
	name: "shutdown",
	help: "shutdown \tShut the remote supervisord down.",
	run:  shutdown,
}

// shutdown ends the daemon; in the shell it asks first (CTL-045). One that is
// already on its way down is no failure (CTL-012), one that is gone is (CTL-008).
func shutdown(c *controller, ctx context.Context, arg string) error {
	if !c.noArguments("shutdown", arg) {
		return nil
	}
	if sure, err := c.confirm(ctx, "Really shut the remote supervisord process down y/N? "); !sure || err != nil {
		return err
	}
	d, err := c.connect()
	if err != nil {
		return err
	}
	err = d.Shutdown(ctx)
	switch {
	case err == nil:
		c.say("Shut down")
	case faultCode(err) == faultShutdown:
		c.say("ERROR: already shutting down")
	case client.Refused(err):
		c.complain(exitGeneric, "ERROR: %s refused connection (already shut down?)", c.options.url)
	case client.Missing(err):
		c.complain(exitGeneric, "ERROR: %s no such file (already shut down?)", c.options.url)
	default:
		return err
	}
	return nil
}
