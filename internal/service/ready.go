package service

import (
	"context"
	"slices"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
)

// Readiness is what is told of one process to whoever asks whether the programs are ready.
type Readiness struct {
	Group, Process string
	Phase          proc.Phase
	Ready          bool
}

// Alive tells whether the daemon goes on; while it goes down it is alive and says so. The error is that of ctx: the
// loop has not answered.
func (s *Service) Alive(ctx context.Context) (goingDown bool, err error) {
	v, err := s.o.Loop.View(ctx)
	switch {
	case err == loop.ErrOver:
		return true, nil
	case err != nil:
		return false, err
	}
	return v.Mood < fleet.Running, nil
}

// Ready tells of the processes that are waited for, in the order of their names. Those named by programs ("process",
// "group:process" or "group:*") and groups are; a name that is nobody's is BadName. If none is named, it is every
// process that starts by itself, but for those that an operator has stopped.
//
// A process is ready when it is RUNNING, or has EXITED with a code that its configuration expects. One that is named
// is not ready when it is stopped, by whomever.
func (s *Service) Ready(ctx context.Context, programs, groups []string) ([]Readiness, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	wanted, err := awaited(v, programs, groups)
	if err != nil {
		return nil, err
	}
	var out []Readiness
	for i := range v.Processes {
		if p := &v.Processes[i]; wanted(p) {
			out = append(out, Readiness{p.Group, p.Conf.Name, p.Phase, ready(p)})
		}
	}
	return out, nil
}

// awaited says which processes Ready is about.
func awaited(v *loop.View, programs, groups []string) (func(*loop.Process) bool, error) {
	if len(programs) == 0 && len(groups) == 0 {
		return ownStart, nil
	}
	named := map[fleet.ID]bool{}
	whole := func(group, name string) error {
		g, ok := groupOf(v, group)
		if !ok {
			return fault.About(fault.BadName, name)
		}
		for _, id := range g.IDs {
			named[id] = true
		}
		return nil
	}
	for _, name := range groups {
		if err := whole(name, name); err != nil {
			return nil, err
		}
	}
	for _, name := range programs {
		p, all, err := one(v, name)
		switch {
		case err != nil:
			return nil, err
		case all:
			if err := whole(groupName(name), name); err != nil {
				return nil, err
			}
		default:
			named[p.ID] = true
		}
	}
	return func(p *loop.Process) bool { return named[p.ID] }, nil
}

// ownStart is true for processes that start by themselves and that nobody has stopped since. One that has never been
// started yet is STOPPED too, and waited for.
func ownStart(p *loop.Process) bool {
	stopped := p.Phase == proc.Stopping || p.Phase == proc.Stopped && !p.Started.IsZero()
	return p.Conf.Autostart && !stopped
}

func ready(p *loop.Process) bool {
	switch p.Phase {
	case proc.Running:
		return true
	case proc.Exited:
		return p.End.Ended && p.End.Signal == 0 && slices.Contains(p.Conf.Exitcodes, p.End.Code)
	}
	return false
}
