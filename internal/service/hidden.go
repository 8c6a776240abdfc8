package service

import (
	"context"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/loop"
)

// Host brings in the process of an executable guest, which is started at once, even before the boot is over. It is a group
// of its own that no list shows: it can be asked about, started, stopped and signalled by its whole name alone.
func (s *Service) Host(ctx context.Context, g config.Group) error {
	g, err := s.furnish(&s.Config().Daemon, g)
	if err != nil {
		return err
	}
	return over(s.o.Loop.AddGroup(ctx, &g))
}

// Evict stops the process of an executable guest and takes it out.
func (s *Service) Evict(ctx context.Context, name string) error {
	p, err := s.hidden(ctx, name)
	if p == nil {
		return err
	}
	if _, err := s.o.Loop.StopAll(ctx, []fleet.ID{p.ID}, true, true); err != nil {
		return over(err)
	}
	return over(s.o.Loop.RemoveGroup(ctx, name))
}

// Strike kills the process of an executable guest that has broken its protocol; its policy says what becomes of it.
func (s *Service) Strike(ctx context.Context, name string) error {
	p, err := s.hidden(ctx, name)
	if p == nil {
		return err
	}
	_, err = s.o.Loop.SignalAll(ctx, []fleet.ID{p.ID}, sigkill, true)
	return over(err)
}

const sigkill = 9

// hidden finds a guest's process; nil when there is none.
func (s *Service) hidden(ctx context.Context, name string) (*loop.Process, error) {
	v, err := s.o.Loop.View(ctx)
	if err != nil {
		return nil, over(err)
	}
	for i := range v.Hidden {
		if v.Hidden[i].Conf.Name == name {
			return &v.Hidden[i], nil
		}
	}
	return nil, nil
}

// Everything tells of all processes, those of guests after the others, and of the residents.
func (s *Service) Everything(ctx context.Context) ([]Detail, error) {
	out, err := s.Details(ctx)
	if err != nil {
		return nil, err
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	now := s.now()
	for i := range v.Hidden {
		out = append(out, now.detail(&v.Hidden[i]))
	}
	for _, r := range s.residents(v) {
		out = append(out, now.resident(&r))
	}
	return out, nil
}
