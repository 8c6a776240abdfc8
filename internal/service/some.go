package service

import (
	"context"
	"slices"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/loop"
)

// some picks the processes and whole groups of these names, each process once and in the order of everyone. One name
// that is nobody's refuses them all.
func some(names []string) pick {
	return func(v *loop.View) ([]*loop.Process, error) {
		wanted := map[fleet.ID]bool{}
		for _, name := range names {
			p, whole, err := one(v, name)
			switch {
			case err != nil:
				return nil, err
			case whole:
				g, _ := groupOf(v, groupName(name))
				for _, id := range g.IDs {
					wanted[id] = true
				}
			default:
				wanted[p.ID] = true
			}
		}
		all, err := everyone(v)
		return slices.DeleteFunc(all, func(p *loop.Process) bool { return !wanted[p.ID] }), err
	}
}

// Count is how many processes these names mean.
func (s *Service) Count(ctx context.Context, names []string) (int, error) {
	v, err := s.view(ctx)
	if err != nil {
		return 0, err
	}
	list, err := some(names)(v)
	return len(list), err
}

// StartSome starts those of these processes that do not run. A name may be a group's, as in Start.
func (s *Service) StartSome(ctx context.Context, names []string, wait bool) ([]Result, error) {
	return s.start(ctx, some(names), wait)
}

// StopSome stops those of these processes that run.
func (s *Service) StopSome(ctx context.Context, names []string, wait bool) ([]Result, error) {
	return s.stop(ctx, some(names), wait)
}

// SignalSome signals those of these processes that can be.
func (s *Service) SignalSome(ctx context.Context, names []string, signal string) ([]Result, error) {
	return s.signal(ctx, some(names), signal)
}

// ClearSomeLogs empties the logs of these processes; of one that is not alive they stay as they are.
func (s *Service) ClearSomeLogs(ctx context.Context, names []string) ([]Result, error) {
	return s.several(ctx, doClearLogs, some(names), func(list []*loop.Process) ([]fleet.Outcome, error) {
		var out []fleet.Outcome
		for _, p := range list {
			if p.Pid == 0 {
				continue
			}
			o := fleet.Outcome{ID: p.ID}
			o.Fault, _ = fault.As(s.clear(ctx, p.ID, Namespec(p.Group, p.Conf.Name)))
			out = append(out, o)
		}
		return out, nil
	})
}

// Preview reads the configuration again and tells it without taking it over; a configuration that cannot be read is
// CantReread.
func (s *Service) Preview(ctx context.Context) (*Plan, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	conf, err := s.o.Reread()
	if err != nil {
		return nil, fault.New(fault.CantReread, err.Error())
	}
	return s.plan(v, conf), nil
}
