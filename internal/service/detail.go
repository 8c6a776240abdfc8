package service

import (
	"context"
	"time"

	"github.com/reeve-sh/reeve/internal/loop"
)

// Detail is an Info with what XML-RPC has no place for.
type Detail struct {
	Info
	Began    time.Time     // of the last start, zero for never
	Ended    time.Time     // of the last stop or end, zero for never
	Up       time.Duration // since the last start while the child lives, whatever was done to the clock
	Restarts int           // starts after the first, since the group came
	Last     loop.End      // how the last child ended
}

// Detail tells of one process.
func (s *Service) Detail(ctx context.Context, name string) (Detail, error) {
	v, err := s.view(ctx)
	if err != nil {
		return Detail{}, err
	}
	if r, is := s.resident(v, name); is {
		return s.now().resident(&r), nil
	}
	p, err := s.only(v, name)
	if err != nil {
		return Detail{}, err
	}
	return s.now().detail(p), nil
}

// Details tells of all processes, by group and name.
func (s *Service) Details(ctx context.Context) ([]Detail, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	now := s.now()
	out := make([]Detail, len(v.Processes))
	for i := range v.Processes {
		out[i] = now.detail(&v.Processes[i])
	}
	return out, nil
}

func (m moment) detail(p *loop.Process) Detail {
	d := Detail{Info: m.info(p), Began: m.started(p), Ended: p.Stopped, Restarts: p.Restarts, Last: p.End}
	if p.Pid != 0 && p.Since != 0 {
		d.Up = max(time.Duration(m.mono-p.Since), 0)
	}
	return d
}

// Group is one active group.
type Group struct {
	Name      string
	Priority  int
	Processes []Detail // by name
}

// Groups are the active groups, in the order in which they came.
func (s *Service) Groups(ctx context.Context) ([]Group, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	now := s.now()
	out := make([]Group, 0, len(v.Groups()))
	at := map[string]int{}
	for i, g := range v.Groups() {
		out = append(out, Group{Name: g.Name, Priority: g.Priority})
		at[g.Name] = i
	}
	for i := range v.Processes {
		g := &out[at[v.Processes[i].Group]]
		g.Processes = append(g.Processes, now.detail(&v.Processes[i]))
	}
	return out, nil
}
