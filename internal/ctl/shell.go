package ctl

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
)

// shell reads commands and performs them until the end of input, quit or
// Ctrl-C. It starts with the status, and its exit status is always 0 (CTL-048).
func (c *controller) shell() {
	c.openEditor()
	defer c.saveHistory()
	defer c.closeEditor()
	line, first := "status", true
	for {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		var err error
		if !first {
			line, err = c.ask(ctx, c.options.prompt+"> ")
			c.remember(line)
		}
		first = false
		if errors.Is(err, errInterrupted) {
			stop()
			if c.editor == nil { // which shows it itself
				c.say("")
			}
			return
		}
		if err != nil {
			line = endCommand.name
		}
		quit := c.perform(ctx, line)
		stop()
		if quit {
			return
		}
	}
}

// ask prints a prompt and reads a line. The error is errNoInput or
// errInterrupted.
func (c *controller) ask(ctx context.Context, prompt string) (string, error) {
	if c.editor != nil {
		return c.edit(prompt)
	}
	c.print(prompt)
	return c.in.read(ctx)
}

// confirm asks before something drastic, if there is somebody to ask.
func (c *controller) confirm(ctx context.Context, question string) (bool, error) {
	if !c.options.interactive {
		return true, nil
	}
	c.completing = false
	defer func() { c.completing = true }()
	answer, err := c.ask(ctx, question)
	return strings.HasPrefix(strings.ToLower(answer), "y"), err
}

// authenticate asks who the user is (CTL-011).
func (c *controller) authenticate(ctx context.Context) error {
	c.completing = false
	defer func() { c.completing = true }()
	username, err := c.ask(ctx, "Username:")
	if err != nil {
		return err
	}
	password, err := c.askPassword(ctx, "Password:")
	if err != nil {
		return err
	}
	c.say("")
	c.options.username, c.options.password = username, password
	c.disconnect()
	return nil
}
