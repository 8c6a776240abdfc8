package service

import (
	"context"
	"errors"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// Result is what became of one process of a request for several. Status is fault.Success or the kind of refusal, and
// Description OK or the fault string (RPC-025).
type Result struct {
	Name, Group string
	Status      fault.Kind
	Description string
}

// results names the outcomes. A process that was removed meanwhile is named as it was.
func results(v *loop.View, out []fleet.Outcome) []Result {
	list := make([]Result, 0, len(out))
	for _, o := range out {
		p, ok := v.ByID(o.ID)
		if !ok {
			continue
		}
		r := Result{Name: p.Conf.Name, Group: p.Group, Status: fault.Success, Description: "OK"}
		if o.Fault != nil {
			r.Status, r.Description = o.Fault.Kind, o.Fault.Error()
		}
		list = append(list, r)
	}
	return list
}

// settle turns the outcome of a request for one process into an error that echoes the name as it was given (RPC-005).
func settle(name string, out []fleet.Outcome, err error) error {
	if err != nil {
		return over(err)
	}
	if len(out) == 0 || out[0].Fault == nil {
		return nil
	}
	f := *out[0].Fault
	switch f.Kind {
	case fault.AlreadyStarted, fault.NotRunning, fault.SpawnError, fault.AbnormalTermination:
		f.Detail, f.About = name, true
	}
	return &f
}

func over(err error) error {
	if errors.Is(err, loop.ErrOver) {
		return fault.New(fault.ShutdownState, "")
	}
	return err
}

// named finds who a request by name is for, if it may be made: one process, or a whole group.
func (s *Service) named(ctx context.Context, do verb, name string) (p *loop.Process, whole bool, err error) {
	if err := may(ctx, do); err != nil {
		return nil, false, err
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, false, err
	}
	p, whole, err = one(v, name)
	if p != nil {
		err = mayTouch(ctx, do, p.Group)
	}
	return p, whole, s.astray(v, name, err)
}

// Start starts one process. When the name means a whole group, whole is true and list tells what became of each.
func (s *Service) Start(ctx context.Context, name string, wait bool) (list []Result, whole bool, err error) {
	defer s.noteOne(ctx, doStart, name, &whole, &err)
	p, whole, err := s.named(ctx, doStart, name)
	if whole {
		list, err = s.StartGroup(ctx, groupName(name), wait)
	}
	if whole || err != nil {
		return list, whole, err
	}
	if f := s.refusal(ctx, p); f != nil {
		return nil, false, f // before the state is looked at (RPC-021)
	}
	out, err := s.o.Loop.StartAll(ctx, []fleet.Target{{ID: p.ID}}, wait, false)
	return nil, false, settle(name, out, err)
}

// StartGroup starts the processes of a group that do not run.
func (s *Service) StartGroup(ctx context.Context, group string, wait bool) ([]Result, error) {
	return s.start(ctx, ofGroup(group), wait)
}

// StartAll starts all processes that do not run.
func (s *Service) StartAll(ctx context.Context, wait bool) ([]Result, error) {
	return s.start(ctx, everyone, wait)
}

func (s *Service) start(ctx context.Context, whom pick, wait bool) ([]Result, error) {
	return s.several(ctx, doStart, whom, func(list []*loop.Process) ([]fleet.Outcome, error) {
		return s.o.Loop.StartAll(ctx, s.targets(ctx, list), wait, true)
	})
}

// several does something to those of the processes that are picked whom the asker may touch.
func (s *Service) several(ctx context.Context, what verb, whom pick, do func([]*loop.Process) ([]fleet.Outcome, error)) (all []Result, err error) {
	var list []*loop.Process
	defer func() { s.noteSeveral(ctx, what, whom, list, all, err) }()
	if err := may(ctx, what); err != nil {
		return nil, err
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	list, err = whom(v)
	if err == nil {
		list, err = mine(ctx, what, list)
	}
	if err != nil || len(list) == 0 {
		return nil, err
	}
	out, err := do(list)
	return results(v, out), over(err)
}

// targets looks the commands up on disk, so that the loop need not.
func (s *Service) targets(ctx context.Context, list []*loop.Process) []fleet.Target {
	out := make([]fleet.Target, len(list))
	for i, p := range list {
		out[i].ID = p.ID
		if !p.Phase.IsRunning() {
			out[i].Refused = s.refusal(ctx, p)
		}
	}
	return out
}

// refusal is why a process's command cannot be run, or nil (RPC-021); a guest may have a reason too.
func (s *Service) refusal(ctx context.Context, p *loop.Process) *fault.Error {
	_, _, err := kernel.Command(p.Conf.Command, loop.SearchPath(p.Conf, s.o.Path))
	var c *kernel.CommandError
	if !errors.As(err, &c) {
		return s.allowed(ctx, p)
	}
	if c.Missing {
		return fault.New(fault.NoFile, c.Text)
	}
	return fault.New(fault.NotExecutable, c.Text)
}

// Stop stops one process; whole and list as in Start.
func (s *Service) Stop(ctx context.Context, name string, wait bool) (list []Result, whole bool, err error) {
	defer s.noteOne(ctx, doStop, name, &whole, &err)
	p, whole, err := s.named(ctx, doStop, name)
	if whole {
		list, err = s.StopGroup(ctx, groupName(name), wait)
	}
	if whole || err != nil {
		return list, whole, err
	}
	out, err := s.o.Loop.StopAll(ctx, []fleet.ID{p.ID}, wait, false)
	return nil, false, settle(name, out, err)
}

// StopGroup stops the running processes of a group.
func (s *Service) StopGroup(ctx context.Context, group string, wait bool) ([]Result, error) {
	if s.guest(group) { // an update stops before it removes; removing a guest ends it
		return nil, s.up(ctx, doStop)
	}
	return s.stop(ctx, ofGroup(group), wait)
}

// StopAll stops all running processes.
func (s *Service) StopAll(ctx context.Context, wait bool) ([]Result, error) {
	return s.stop(ctx, everyone, wait)
}

func (s *Service) stop(ctx context.Context, whom pick, wait bool) ([]Result, error) {
	return s.several(ctx, doStop, whom, func(list []*loop.Process) ([]fleet.Outcome, error) {
		return s.o.Loop.StopAll(ctx, ids(list), wait, true)
	})
}

func ids(list []*loop.Process) []fleet.ID {
	out := make([]fleet.ID, len(list))
	for i, p := range list {
		out[i] = p.ID
	}
	return out
}

// Signal sends a signal, given by name or number, to one process; whole and list as in Start. The name is checked
// before the signal, and that before the state (RPC-029).
func (s *Service) Signal(ctx context.Context, name, signal string) (list []Result, whole bool, err error) {
	ctx = saying(ctx, signal)
	defer s.noteOne(ctx, doSignal, name, &whole, &err)
	p, whole, err := s.named(ctx, doSignal, name)
	if whole {
		list, err = s.SignalGroup(ctx, groupName(name), signal)
	}
	if whole || err != nil {
		return list, whole, err
	}
	sig, err := config.Signal(signal)
	if err != nil {
		return nil, false, fault.About(fault.BadSignal, signal)
	}
	out, err := s.o.Loop.SignalAll(ctx, []fleet.ID{p.ID}, sig, false)
	return nil, false, settle(name, out, err)
}

// SignalGroup signals the processes of a group that can be.
func (s *Service) SignalGroup(ctx context.Context, group, signal string) ([]Result, error) {
	return s.signal(ctx, ofGroup(group), signal)
}

// SignalAll signals all processes that can be.
func (s *Service) SignalAll(ctx context.Context, signal string) ([]Result, error) {
	return s.signal(ctx, everyone, signal)
}

// signal tells of a bad signal per process (RPC-030).
func (s *Service) signal(ctx context.Context, whom pick, signal string) ([]Result, error) {
	return s.several(saying(ctx, signal), doSignal, whom, func(list []*loop.Process) ([]fleet.Outcome, error) {
		sig, err := config.Signal(signal)
		if err == nil {
			return s.o.Loop.SignalAll(ctx, ids(list), sig, true)
		}
		var out []fleet.Outcome
		for _, p := range list {
			if p.Phase.IsSignallable() {
				out = append(out, fleet.Outcome{ID: p.ID, Fault: fault.About(fault.BadSignal, signal)})
			}
		}
		return out, nil
	})
}

// Write sends data to a process's stdin (RPC-045).
func (s *Service) Write(ctx context.Context, name string, data []byte) (err error) {
	defer s.note(ctx, doWrite, name, &err)
	v, err := s.enter(ctx, doWrite)
	if err != nil {
		return err
	}
	p, err := s.only(v, name)
	if err != nil {
		return err
	}
	if err := mayTouch(ctx, doWrite, p.Group); err != nil {
		return err
	}
	err = over(s.o.Loop.Write(ctx, p.ID, data))
	if f, ok := fault.As(err); ok && f.Detail == "" {
		return fault.About(f.Kind, name)
	}
	return err
}
