package service

import (
	"context"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/loop"
)

// RestartProcess stops one process, if it runs, and starts it; whole and list as in Start. One whose command cannot be
// run is refused before it is stopped. Once the stop has begun the start will follow, even if nobody waits any more:
// wait is only for the start.
func (s *Service) RestartProcess(ctx context.Context, name string, wait bool) (list []Result, whole bool, err error) {
	begun := false // what has begun is noted as a stop and a start
	defer func() {
		if !begun {
			s.noteOne(ctx, doStart, name, &whole, &err)
		}
	}()
	p, whole, err := s.named(ctx, doStart, name)
	if whole {
		list, err = s.RestartGroup(ctx, groupName(name), wait)
	}
	if whole || err != nil {
		return list, whole, err
	}
	if f := s.refusal(ctx, p); f != nil {
		return nil, false, f
	}
	begun = true
	if _, _, err := s.Stop(context.WithoutCancel(ctx), name, true); err != nil && !notRunning(err) {
		return nil, false, err
	}
	return s.Start(ctx, name, wait)
}

func notRunning(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Kind == fault.NotRunning
}

// RestartGroup stops the running processes of a group and then starts the group; the results are those of the start.
func (s *Service) RestartGroup(ctx context.Context, group string, wait bool) ([]Result, error) {
	if _, err := s.StopGroup(context.WithoutCancel(ctx), group, true); err != nil {
		return nil, err
	}
	return s.StartGroup(ctx, group, wait)
}

// RestartAll stops all running processes and then starts all.
func (s *Service) RestartAll(ctx context.Context, wait bool) ([]Result, error) {
	if _, err := s.StopAll(context.WithoutCancel(ctx), true); err != nil {
		return nil, err
	}
	return s.StartAll(ctx, wait)
}

// ClearGroupLogs empties the logs of a group's processes, in priority order.
func (s *Service) ClearGroupLogs(ctx context.Context, group string) ([]Result, error) {
	return s.several(ctx, doClearLogs, ofGroup(group), func(list []*loop.Process) ([]fleet.Outcome, error) {
		return s.clearEach(ctx, list), nil
	})
}

func (s *Service) clearEach(ctx context.Context, list []*loop.Process) []fleet.Outcome {
	var out []fleet.Outcome
	for _, p := range list {
		o := fleet.Outcome{ID: p.ID}
		o.Fault, _ = fault.As(s.clear(ctx, p.ID, Namespec(p.Group, p.Conf.Name)))
		out = append(out, o)
	}
	return out
}

// WriteGroup sends data to the stdin of every process of a group that is alive.
func (s *Service) WriteGroup(ctx context.Context, group string, data []byte) ([]Result, error) {
	return s.write(ctx, ofGroup(group), data)
}

// WriteAll sends data to the stdin of every process that is alive.
func (s *Service) WriteAll(ctx context.Context, data []byte) ([]Result, error) {
	return s.write(ctx, everyone, data)
}

func (s *Service) write(ctx context.Context, whom pick, data []byte) ([]Result, error) {
	return s.several(ctx, doWrite, whom, func(list []*loop.Process) ([]fleet.Outcome, error) {
		var out []fleet.Outcome
		for _, p := range list {
			if p.Pid == 0 {
				continue
			}
			name := Namespec(p.Group, p.Conf.Name)
			o := fleet.Outcome{ID: p.ID}
			if f, ok := fault.As(over(s.o.Loop.Write(ctx, p.ID, data))); ok {
				o.Fault = fault.About(f.Kind, name)
			}
			out = append(out, o)
		}
		return out, nil
	})
}
