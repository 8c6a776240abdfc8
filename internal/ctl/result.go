package ctl

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/client"
)

// A deed is what start, stop and signal have in common: something done to
// processes one by one, to groups, or to all, with a line about each.
type deed struct {
	success string         // "started"
	refusal map[int]string // what a fault's code means
	verbose map[int]bool   // codes whose own text is the whole line
	ignored int            // the code that is no failure
	noGroup int            // exit status when there is no such group

	one   func(ctx context.Context, d *client.Client, name string) error
	group func(ctx context.Context, d *client.Client, group string) ([]client.ProcessStatus, error)
	all   func(ctx context.Context, d *client.Client) ([]client.ProcessStatus, error)
}

// line words the result of one process.
func (w *deed) line(name string, code int, description string) (string, error) {
	switch {
	case code == faultSuccess:
		return name + ": " + w.success, nil
	case w.verbose[code]:
		return description, nil
	case code == faultForbidden:
		return name + ": ERROR (" + strings.TrimPrefix(description, "FORBIDDEN: ") + ")", nil
	case w.refusal[code] != "":
		return name + ": ERROR (" + w.refusal[code] + ")", nil
	}
	if why, failed := strings.CutPrefix(description, "FAILED: "); failed && code == faultFailed && why != name {
		return name + ": ERROR (" + why + ")", nil
	}
	return "", unknownResult{code, name}
}

// report prints the result of one process and sets the exit status.
func (c *controller) report(w *deed, name string, code int, description string) error {
	text, err := w.line(name, code, description)
	if err != nil {
		return err
	}
	c.tell(text, result(name, code, description))
	c.outcome(code, w.ignored)
	return nil
}

func (c *controller) reportAll(w *deed, results []client.ProcessStatus) error {
	for _, r := range results {
		if err := c.report(w, namespec(r.Group, r.Name), r.Status, r.Description); err != nil {
			return err
		}
	}
	return nil
}

// do does the deed to everything that was named, in that order.
func (c *controller) do(ctx context.Context, d *client.Client, w *deed, names []string) error {
	if slices.Contains(names, "all") {
		results, err := w.all(ctx, d)
		if err != nil {
			return err
		}
		return c.reportAll(w, results)
	}
	for _, name := range names {
		group, process, whole := splitNamespec(name)
		var err error
		if whole {
			err = c.doGroup(ctx, d, w, group)
		} else {
			err = c.doOne(ctx, d, w, name, namespec(group, process))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *controller) doGroup(ctx context.Context, d *client.Client, w *deed, group string) error {
	results, err := w.group(ctx, d, group)
	if faultCode(err) == faultBadName {
		c.complain(w.noGroup, "%s: ERROR (no such group)", group)
		return nil
	}
	if err != nil {
		return err
	}
	return c.reportAll(w, results)
}

func (c *controller) doOne(ctx context.Context, d *client.Client, w *deed, name, shown string) error {
	err := w.one(ctx, d, name)
	var fault *client.Fault
	switch {
	case errors.As(err, &fault):
		return c.report(w, shown, fault.Code, fault.String)
	case err != nil:
		return err
	}
	return c.report(w, shown, faultSuccess, "")
}
