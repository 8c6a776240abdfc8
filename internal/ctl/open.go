package ctl

import (
	"context"
	"strings"
)

var openCommand = command{
	name: "open",
	help: "open <url>\tConnect to a remote supervisord process.\n" +
		"\t\t(for UNIX domain socket, use unix:///socket/path)",
	run: openURL,
}

// openURL is the command "open": another daemon from now on. The status that
// it shows does not count (CTL-046).
func openURL(c *controller, ctx context.Context, arg string) error {
	url := strings.TrimSpace(arg)
	if scheme, _ := splitScheme(url); scheme != "unix" && scheme != "http" && scheme != "https" {
		c.complain(exitGeneric, "ERROR: url must be http:// or unix://")
		return nil
	}
	c.disconnect()
	c.options.url = url
	before := c.exit
	if err := status(c, ctx, ""); err != nil {
		return err
	}
	c.exit = before
	return nil
}
