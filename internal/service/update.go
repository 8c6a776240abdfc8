package service

import (
	"context"
	"errors"
	"slices"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// Updated is what an update did to one group. Change is added, changed or removed.
type Updated struct {
	Group, Change string
	Fault         *fault.Error // why it was not done to its end; nil when it was
}

// Update reads the configuration again and makes what is active what it says: it removes, exchanges and adds groups, in
// that order, as supervisorctl's update does. With names it does so to those groups only; a name that is neither active
// nor new is BadName, and nothing is done. Once begun it goes on, even if nobody waits any more.
func (s *Service) Update(ctx context.Context, names []string) ([]Updated, error) {
	added, changed, removed, err := s.Reload(ctx)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, here := groupOf(v, name); !here && !s.guest(name) && !slices.Contains(added, name) {
			return nil, fault.About(fault.BadName, name)
		}
	}
	ctx = context.WithoutCancel(ctx)
	var out []Updated
	each := func(groups []string, change string, do ...func(context.Context, string) error) {
		for _, group := range groups {
			if len(names) > 0 && !slices.Contains(names, group) {
				continue
			}
			u := Updated{Group: group, Change: change}
			for _, step := range do {
				if err := step(ctx, group); err != nil {
					u.Fault = refusalOf(err)
					break
				}
			}
			out = append(out, u)
		}
	}
	each(removed, "removed", s.halt, s.RemoveGroup)
	each(changed, "changed", s.halt, s.RemoveGroup, s.AddGroup)
	each(added, "added", s.AddGroup)
	return out, nil
}

// halt stops a group and waits.
func (s *Service) halt(ctx context.Context, group string) error {
	_, err := s.StopGroup(ctx, group, true)
	return err
}

// refusalOf is an error as a refusal.
func refusalOf(err error) *fault.Error {
	if f, ok := fault.As(err); ok {
		return f
	}
	return fault.New(fault.Failed, err.Error())
}

// QueryLog looks for part of a stream's log. A log whose lines have no time cannot be asked since when: BadArguments.
func (s *Service) QueryLog(ctx context.Context, name string, stream Stream, q logfile.Query) (logfile.Selection, error) {
	path, err := s.LogPath(ctx, name, stream)
	if err != nil {
		return logfile.Selection{}, err
	}
	if path == "" {
		return logfile.Selection{}, fault.New(fault.NoFile, "the log of "+name)
	}
	return query(ctx, path, q)
}

// QueryMainLog looks for part of the main log.
func (s *Service) QueryMainLog(ctx context.Context, q logfile.Query) (logfile.Selection, error) {
	if err := s.Up(ctx); err != nil {
		return logfile.Selection{}, err
	}
	return query(ctx, s.MainLog(), q)
}

func query(ctx context.Context, path string, q logfile.Query) (logfile.Selection, error) {
	sel, err := logfile.Select(ctx, path, q)
	switch {
	case err == logfile.ErrNoTimes:
		return sel, fault.New(fault.BadArguments, err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return sel, fault.New(fault.Failed, "looking through the log takes too long")
	}
	return sel, err
}
