package service

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
)

// AddProcesses adds the processes of a program that is in no file to a group that is active, all or none, and answers
// with their names. Its options are read as those of a file are; what is wrong with them is IncorrectParameters, with
// the text that the file would get. A group that is not active is BadName, a name that the group has AlreadyAdded.
// Those with autostart have been tried when it answers. They live until they are removed or the daemon restarts, and
// until then an update sees their group as changed, as with Supervisor's own means of adding a process.
func (s *Service) AddProcesses(ctx context.Context, group, program string, options []config.Var) (added []string, err error) {
	defer s.note(ctx, doAddProcess, group+":"+program, &err)
	v, err := s.enter(ctx, doAddProcess)
	if err != nil {
		return nil, err
	}
	if _, here := groupOf(v, group); !here {
		return nil, fault.New(fault.BadName, "group: "+group)
	}
	list, err := s.Processes(program, group, options)
	if err != nil {
		return nil, err
	}
	return s.join(ctx, group, list)
}

// Processes reads the options of a program that is in no file, for a group; see AddProcesses.
func (s *Service) Processes(program, group string, options []config.Var) ([]config.Process, error) {
	list, warnings, p := s.Config().ProcessesFromSection(s.o.World, program, group, options)
	if p != nil {
		return nil, fault.New(fault.IncorrectParameters, p.Text)
	}
	s.warn(warnings)
	return list, nil
}

// Adopt adds one process to a group that is active; see AddProcesses. It has been read from options or a file before.
func (s *Service) Adopt(ctx context.Context, group string, p config.Process) (err error) {
	defer s.note(ctx, doAddProcess, group+":"+p.Name, &err)
	if err := s.up(ctx, doAddProcess); err != nil {
		return err
	}
	_, err = s.join(ctx, group, []config.Process{p})
	return err
}

// join adds processes to a group, all or none.
func (s *Service) join(ctx context.Context, group string, list []config.Process) ([]string, error) {
	g, err := s.furnish(&s.Config().Daemon, config.Group{Name: group, Processes: list})
	if err == nil {
		err = over(s.o.Loop.AddProcesses(ctx, group, g.Processes))
	}
	if err != nil {
		unfurnish(list, g.Processes)
		return nil, err
	}
	s.altered(group, func(g2 *config.Group) { g2.Processes = slices.Concat(g2.Processes, g.Processes) })
	return names(g.Processes), nil
}

// CheckProgram finds out whether the options of a program could stand in a file, and what its processes would be called
// as members of a group.
func (s *Service) CheckProgram(ctx context.Context, group, program string, options []config.Var) ([]string, error) {
	if err := s.up(ctx, doAddProcess); err != nil {
		return nil, err
	}
	list, _, p := s.Config().ProcessesFromSection(s.o.World, program, group, options)
	if p != nil {
		return nil, fault.New(fault.IncorrectParameters, p.Text)
	}
	return names(list), nil
}

// RemoveProcess takes a stopped process out of its group, which stays, even if nothing is left in it. A group or
// process that is not there is BadName, one that is not stopped StillRunning.
func (s *Service) RemoveProcess(ctx context.Context, group, name string) (err error) {
	defer s.note(ctx, doRemoveProcess, group+":"+name, &err)
	v, err := s.enter(ctx, doRemoveProcess)
	if err != nil {
		return err
	}
	if _, here := groupOf(v, group); !here {
		return fault.New(fault.BadName, "group: "+group)
	}
	err = over(s.o.Loop.RemoveProcess(ctx, group, name))
	if f, ok := fault.As(err); ok {
		return fault.About(f.Kind, name)
	}
	if err != nil {
		return err
	}
	s.altered(group, func(g *config.Group) {
		g.Processes = slices.DeleteFunc(slices.Clone(g.Processes), func(p config.Process) bool { return p.Name == name })
	})
	return nil
}

// AddProgram adds a program that is in no file as a group of its own; see AddProcesses. A name that is a group's, active
// or not, is AlreadyAdded.
func (s *Service) AddProgram(ctx context.Context, program string, options []config.Var) (added []string, err error) {
	defer s.note(ctx, doAddProcess, program, &err)
	if err := s.up(ctx, doAddProcess); err != nil {
		return nil, err
	}
	g, warnings, p := s.Config().GroupFromSection(s.o.World, program, options)
	if p != nil {
		return nil, fault.New(fault.IncorrectParameters, p.Text)
	}
	s.warn(warnings)
	list, err := s.found(ctx, g, true)
	return names(list), err
}

// NewGroup adds a group of that name without any process, for processes to be added to.
func (s *Service) NewGroup(ctx context.Context, name string, priority int) (err error) {
	defer s.note(ctx, doAddGroup, name, &err)
	if err := s.up(ctx, doAddGroup); err != nil {
		return err
	}
	name, p := config.GroupName(name)
	if p != nil {
		return fault.New(fault.IncorrectParameters, p.Text)
	}
	_, err = s.found(ctx, config.Group{Name: name, Priority: priority}, false)
	return err
}

// found makes a group active that is none of the configuration as it was read, or, to replace it, that is not active.
func (s *Service) found(ctx context.Context, g config.Group, replace bool) ([]config.Process, error) {
	conf := s.Config()
	same := func(other config.Group) bool { return other.Name == g.Name }
	if !replace && slices.ContainsFunc(conf.Groups, same) {
		return nil, fault.About(fault.AlreadyAdded, g.Name)
	}
	full, err := s.furnish(&conf.Daemon, g)
	if err == nil {
		err = over(s.o.Loop.AddGroup(ctx, &full))
	}
	if err != nil {
		unfurnish(g.Processes, full.Processes)
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alter(func(next *config.Config) { next.Groups = append(slices.DeleteFunc(next.Groups, same), full) })
	s.live[g.Name], s.made[g.Name] = true, true
	return full.Processes, nil
}

// mixedGroups are the names of the groups that processes have joined.
func (s *Service) mixedGroups() map[string]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.mixed)
}

// unordered has the processes of some groups by name.
func unordered(groups []config.Group, which map[string]bool) []config.Group {
	out := slices.Clone(groups)
	for i := range out {
		if which[out[i].Name] {
			out[i].Processes = slices.SortedStableFunc(slices.Values(out[i].Processes), func(a, b config.Process) int {
				return strings.Compare(a.Name, b.Name)
			})
		}
	}
	return out
}

// altered makes a change of an active group one of the configuration that is told, if that is the same group.
func (s *Service) altered(group string, change func(*config.Group)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mixed[group] = true
	at := slices.IndexFunc(s.conf.Groups, func(g config.Group) bool { return g.Name == group })
	if at >= 0 && s.live[group] {
		s.alter(func(next *config.Config) { change(&next.Groups[at]) })
	}
}

// removed forgets a group that came without a file; one of the file stays to be added again.
func (s *Service) removed(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.made[name] {
		s.alter(func(next *config.Config) {
			next.Groups = slices.DeleteFunc(next.Groups, func(g config.Group) bool { return g.Name == name })
		})
	}
	delete(s.made, name)
	delete(s.live, name)
	delete(s.mixed, name)
}

func (s *Service) warn(warnings []string) {
	for _, w := range warnings {
		s.o.Journal.Notice(config.Warn, w)
	}
}

// unfurnish removes the AUTO logs that were made for nothing.
func unfurnish(before, after []config.Process) {
	for i := range after {
		for _, log := range [][2]config.Log{{before[i].Stdout.Log, after[i].Stdout.Log}, {before[i].Stderr.Log, after[i].Stderr.Log}} {
			if log[0].Path == "" && log[1].Path != "" {
				_ = os.Remove(log[1].Path)
			}
		}
	}
}

func names(list []config.Process) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Name
	}
	return out
}
