package service

import (
	"context"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// Reload reads the configuration again and says which groups an update would touch. Nothing is started or stopped; a
// configuration that cannot be read is CantReread and the old one stays (RPC-014).
func (s *Service) Reload(ctx context.Context) (added, changed, removed []string, err error) {
	defer s.note(ctx, doReload, "", &err)
	if err := s.up(ctx, doReload); err != nil {
		return nil, nil, nil, err
	}
	conf, err := s.o.Reread()
	if err != nil {
		return nil, nil, nil, fault.New(fault.CantReread, err.Error())
	}
	s.mu.Lock()
	s.conf = conf
	clear(s.live)
	clear(s.made)
	s.mu.Unlock()
	v, err := s.view(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	added, changed, removed = s.changes(v, conf)
	return added, changed, removed, nil
}

// AddGroup activates a group of the configuration as last read (RPC-019).
func (s *Service) AddGroup(ctx context.Context, name string) (err error) {
	defer s.note(ctx, doAddGroup, name, &err)
	v, err := s.enter(ctx, doAddGroup)
	if err != nil {
		return err
	}
	conf := s.Config()
	at := slices.IndexFunc(conf.Groups, func(g config.Group) bool { return g.Name == name })
	if at < 0 {
		return s.addGuest(ctx, conf, name)
	}
	if _, here := groupOf(v, name); here {
		return fault.About(fault.AlreadyAdded, name)
	}
	g, err := s.furnish(&conf.Daemon, conf.Groups[at])
	if err != nil {
		return err
	}
	if err := s.o.Loop.AddGroup(ctx, &g); err != nil {
		if f, ok := fault.As(err); ok && f.Kind == fault.AlreadyAdded {
			return fault.About(fault.AlreadyAdded, name)
		}
		return over(err)
	}
	s.keep(conf, func(next *config.Config) {
		next.Groups[at] = g
		s.live[name] = true
	})
	return nil
}

// keep changes the groups of the configuration that is told, unless another than conf is told meanwhile (RPC-037).
func (s *Service) keep(conf *config.Config, change func(next *config.Config)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conf == conf {
		s.alter(change)
	}
}

// alter changes the groups of the configuration that is told. The caller holds the mutex.
func (s *Service) alter(change func(next *config.Config)) {
	next := *s.conf
	next.Groups = slices.Clone(next.Groups)
	change(&next)
	s.conf = &next
}

// furnish makes the AUTO logs of a group (LOG-020) and returns the group with their paths.
func (s *Service) furnish(d *config.Daemon, g config.Group) (config.Group, error) {
	g.Processes = slices.Clone(g.Processes)
	for i := range g.Processes {
		p := &g.Processes[i]
		for _, ch := range []struct {
			name string
			log  *config.Log
		}{{"stdout", &p.Stdout.Log}, {"stderr", &p.Stderr.Log}} {
			if ch.log.Kind != config.LogAuto || ch.log.Path != "" {
				continue
			}
			path, err := logfile.CreateAuto(d.Childlogdir, p.Name+"-"+ch.name+"---"+d.Identifier+"-", s.o.Rand)
			if err != nil {
				return g, err
			}
			ch.log.Path = path
		}
	}
	return g, nil
}

// RemoveGroup takes a stopped group out of service (RPC-020).
func (s *Service) RemoveGroup(ctx context.Context, name string) (err error) {
	defer s.note(ctx, doRemoveGroup, name, &err)
	v, err := s.enter(ctx, doRemoveGroup)
	if err != nil {
		return err
	}
	if _, here := groupOf(v, name); !here {
		return s.removeGuest(ctx, name)
	}
	err = over(s.o.Loop.RemoveGroup(ctx, name))
	if f, ok := fault.As(err); ok {
		return fault.About(f.Kind, name)
	}
	if err == nil {
		s.removed(name)
	}
	return err
}

// Program is one configured process and the group it stands in (RPC-036).
type Program struct {
	Group         string
	GroupPriority int
	InUse         bool
	Conf          *config.Process
}

// Programs lists the configuration as last read, by process name (RPC-037).
func (s *Service) Programs(ctx context.Context) ([]Program, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	conf := s.Config()
	var out []Program
	for i := range conf.Groups {
		g := &conf.Groups[i]
		_, inUse := groupOf(v, g.Name)
		for j := range g.Processes {
			out = append(out, Program{Group: g.Name, GroupPriority: g.Priority, InUse: inUse, Conf: &g.Processes[j]})
		}
	}
	slices.SortStableFunc(out, func(a, b Program) int { return strings.Compare(a.Conf.Name, b.Conf.Name) })
	return out, nil
}

// Boot furnishes and adds every group of the configuration, before anything is started.
func (s *Service) Boot(ctx context.Context) error {
	for _, g := range s.Config().Groups {
		if err := s.AddGroup(ctx, g.Name); err != nil {
			return err
		}
	}
	return nil
}
