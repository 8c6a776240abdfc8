package ctl

import (
	"context"
	"errors"
)

// errQuit ends the shell.
var errQuit = errors.New("quit")

func quit(c *controller, _ context.Context, _ string) error {
	c.say("")
	return errQuit
}

var (
	quitCommand = command{name: "quit", help: "quit\tExit the supervisor shell.", run: quit}
	exitCommand = command{name: "exit", help: "exit\tExit the supervisor shell.", run: quit}
	// endCommand is what the end of input counts as; it can be typed, and no help speaks of it.
	endCommand = command{name: "EOF", run: quit}
)
