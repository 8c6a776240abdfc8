package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/client"
)

// eventsCommand is ours alone: it is left out of what "help" lists, which is
// compared with Supervisor's.
var eventsCommand = command{
	name: "events",
	help: "events [-f] [--json] [--program=<name>] [type...]\n" +
		"events\t\t\tThe last events that supervisord remembers\n" +
		"events -f\t\tThe same, and then what happens (Ctrl-C to exit)\n" +
		"events --json\t\tOne JSON object on a line for each\n" +
		"events --program=<name>\tThose of a process, a group:process or a group:*\n" +
		"events PROCESS_STATE\tThose of a type or a family; PROCESS_LOG and TICK\n" +
		"\t\t\tmust be asked for, and are not remembered",
	complete: completeEvents,
	run:      events,
	json:     byItself(events),
	ours:     true,
}

// eventArgs are what a line asks for.
type eventArgs struct {
	client.EventsOptions
	json bool
}

// parseEvents reads the arguments; complaint is empty when they are fine.
func parseEvents(arg string) (a eventArgs, complaint string) {
	a.Replay = true
	for _, word := range strings.Fields(arg) {
		name, isProgram := strings.CutPrefix(word, "--program=")
		switch {
		case word == "-f":
			a.Follow = true
		case word == "--json":
			a.json = true
		case isProgram && name != "":
			a.Programs = append(a.Programs, name)
		case strings.HasPrefix(word, "-"):
			return a, "Error: bad argument " + word
		case !slices.Contains(client.EventTypes(), strings.ToUpper(word)):
			return a, "Error: unknown event type " + word
		default:
			a.Types = append(a.Types, strings.ToUpper(word))
		}
	}
	return a, ""
}

// events prints what has happened, and with -f what happens.
func events(c *controller, ctx context.Context, arg string) error {
	a, complaint := parseEvents(arg)
	if complaint != "" {
		c.complain(exitGeneric, "%s", complaint)
		c.explainUsage("events")
		return nil
	}
	d, err := c.check(ctx)
	if d == nil || err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	if a.Follow && !a.json {
		c.say("==> Press Ctrl-C to exit <==")
	}
	err = c.showEvents(ctx, d, &a)
	var refused *client.HTTPError
	switch {
	case ctx.Err() != nil:
		if !a.json {
			c.say("")
		}
		return nil
	case errors.As(err, &refused) && refused.Status == 404:
		c.complain(exitGeneric, "Error: this supervisord does not tell events")
		return nil
	}
	return err
}

// showEvents prints events until there are no more.
func (c *controller) showEvents(ctx context.Context, d *client.Client, a *eventArgs) error {
	s, err := d.Events(ctx, a.EventsOptions)
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		e, raw, err := s.Next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case a.json:
			c.print(string(raw) + "\n")
		default:
			c.print(eventLine(&e) + "\n")
		}
	}
}

// eventLine words an event: when, what, who, and what else there is to say.
func eventLine(e *client.Event) string {
	if e.Type == client.Lost {
		return lostLine(e)
	}
	line := e.Time.Local().Format("2006-01-02 15:04:05.000 ") + e.Type
	switch {
	case e.Process != "":
		line += " " + namespec(e.Group, e.Process)
	case e.Group != "":
		line += " " + e.Group
	}
	if more := eventDetails(e); len(more) > 0 {
		line += " " + strings.Join(more, ", ")
	}
	return line
}

func lostLine(e *client.Event) string {
	switch {
	case e.Restarted:
		return "(supervisord has been started anew; what it told before that is lost)"
	case e.Slow:
		return fmt.Sprintf("(%d events lost: they could not be sent fast enough)", e.Lost)
	}
	return fmt.Sprintf("(%d earlier events are not remembered any more)", e.Lost)
}

// eventDetails are the parts of a line that only some events have.
func eventDetails(e *client.Event) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if e.From != "" {
		add("from %s", e.From)
	}
	if e.PID != 0 {
		add("pid %d", e.PID)
	}
	if end := e.Ending(); end != "" {
		add("%s", end)
	}
	if e.Expected != nil && !*e.Expected {
		add("not expected")
	}
	if e.Uptime != nil && *e.Uptime > 0 {
		add("uptime %v", time.Duration(*e.Uptime*float64(time.Second)).Round(time.Millisecond))
	}
	if e.Tries != nil && *e.Tries > 0 {
		add("tries %d", *e.Tries)
	}
	if e.Restarts != nil && *e.Restarts > 0 {
		add("restarts %d", *e.Restarts)
	}
	if e.Why != "" {
		add("%s", e.Why)
	}
	if e.Kind != "" {
		add("type %s", strconv.Quote(e.Kind))
	}
	if e.When != 0 {
		add("when %d", e.When)
	}
	return append(out, eventData(e)...)
}

// eventData quotes the data, and says when it is not all there was.
func eventData(e *client.Event) []string {
	data := e.Data
	if len(e.Bytes) > 0 {
		data = string(e.Bytes)
	}
	switch {
	case e.Length == nil:
		return nil
	case len(data) < *e.Length:
		return []string{strconv.Quote(data) + fmt.Sprintf("... (%d bytes)", *e.Length)}
	}
	return []string{strconv.Quote(data)}
}
