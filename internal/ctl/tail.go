package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/config"
)

var tailCommand = command{
	name: "tail",
	help: "tail [-f] <name> [stdout|stderr] (default stdout)\n" +
		"Ex:\n" +
		"tail -f <name>\t\tContinuous tail of named process stdout\n" +
		"\t\t\tCtrl-C to exit.\n" +
		"tail -100 <name>\tlast 100 *bytes* of process stdout\n" +
		"tail <name> stderr\tlast 1600 *bytes* of process stderr",
	complete: completeProcesses,
	run:      tail,
	json:     plainText(tail),
}

// tailBytes is how much of a log is shown unless told.
const tailBytes = 1600

// tail shows the end of a process's log, or follows it (CTL-032 to CTL-035).
func tail(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	args := strings.Fields(arg)
	switch {
	case len(args) < 1:
		c.complain(exitGeneric, "Error: too few arguments")
		c.explainUsage("tail")
		return nil
	case len(args) > 3:
		c.complain(exitGeneric, "Error: too many arguments")
		c.explainUsage("tail")
		return nil
	}
	option := ""
	if strings.HasPrefix(args[0], "-") {
		option, args = args[0], args[1:]
	}
	if len(args) == 0 {
		c.complain(exitGeneric, "Error: tail requires process name")
		return nil
	}
	name, channel := args[0], "stdout"
	if len(args) > 1 {
		channel = strings.ToLower(args[len(args)-1])
	}
	if channel != "stdout" && channel != "stderr" {
		c.complain(exitGeneric, "Error: bad channel %s", config.Quote(channel))
		return nil
	}
	if option == "-f" {
		return c.follow(ctx, "/logtail/"+name+"/"+channel, func(ctx context.Context) (io.ReadCloser, error) {
			return d.FollowLog(ctx, name, channel)
		})
	}
	offset, ok := c.tailOffset(option)
	if !ok {
		return nil
	}
	read := d.ReadProcessStdoutLog
	if channel == "stderr" {
		read = d.ReadProcessStderrLog
	}
	text, err := read(ctx, name, offset, 0)
	return c.showLog(name, text, err)
}

// tailOffset reads -N. What follows the dash is any integer, a negative one
// too, which then counts from the log's start (CTL-034).
func (c *controller) tailOffset(option string) (offset int, ok bool) {
	if option == "" {
		return -tailBytes, true
	}
	n, err := config.Integer(option[1:])
	if err != nil {
		c.complain(exitGeneric, "Error: bad argument %s", option)
		return 0, false
	}
	return -n, true
}

// showLog prints the text of a log and a newline, or why there is none.
func (c *controller) showLog(name, text string, err error) error {
	switch faultCode(err) {
	case faultNoFile:
		c.complain(exitGeneric, "%s: ERROR (no log file)", name)
	case faultFailed:
		c.complain(exitGeneric, "%s: ERROR (unknown error reading log)", name)
	case faultBadName:
		c.complain(exitGeneric, "%s: ERROR (no such process name)", name)
	default:
		if err != nil {
			return err
		}
		if c.options.json {
			c.printJSON(map[string]string{"text": text})
			return nil
		}
		c.say("%s", text)
	}
	return nil
}

// plainText is the JSON form of what shows part of a log. A log that is followed is text and nothing else.
func plainText(run func(*controller, context.Context, string) error) jsonForm {
	return func(c *controller, ctx context.Context, arg string) error {
		if slices.Contains(strings.Fields(arg), "-f") {
			c.complain(exitUsage, "Error: -f has no --json form")
			return nil
		}
		return run(c, ctx, arg)
	}
}

// follow copies a log as it grows until Ctrl-C. What goes wrong with the
// stream goes to stderr and is no failure (CTL-035).
func (c *controller) follow(ctx context.Context, path string, open func(context.Context) (io.ReadCloser, error)) error {
	c.say("==> Press Ctrl-C to exit <==")
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	c.stream(ctx, path, open)
	if ctx.Err() != nil {
		c.say("")
	}
	return nil
}

// stream copies to stdout until the stream or ctx ends.
func (c *controller) stream(ctx context.Context, path string, open func(context.Context) (io.ReadCloser, error)) {
	body, err := open(ctx)
	var refused *client.HTTPError
	switch {
	case ctx.Err() != nil:
		if err == nil {
			body.Close()
		}
	case errors.As(err, &refused):
		fmt.Fprintf(c.err, "%s%s Cannot read, status code %d\n", c.options.url, path, refused.Status)
	case err != nil:
		class, text := pythonError(err)
		fmt.Fprintf(c.err, "%s%s Cannot connect, error: <class '%s'> (%s)\n", c.options.url, path, class, text)
	default:
		defer body.Close()
		io.Copy(c.out, body)
	}
}
