package service

import (
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/loop"
)

// Plan is what an update would do: the groups that are active, those of the configuration on disk, and the names of
// those that would come, be exchanged or go; sections of extensions are named as they are to clients.
type Plan struct {
	Active                  []*config.Group
	Next                    []config.Group
	Added, Changed, Removed []string
}

func (s *Service) plan(v *loop.View, conf *config.Config) *Plan {
	p := &Plan{Active: v.Active(), Next: conf.Groups}
	p.Added, p.Changed, p.Removed = s.changes(v, conf)
	return p
}

// changes are the groups that an update would touch. Extensions come and go as groups do, with every client that knows
// how to update (RPC-015).
func (s *Service) changes(v *loop.View, conf *config.Config) (added, changed, removed []string) {
	var active []config.Group
	for _, g := range v.Active() {
		active = append(active, *g)
	}
	next := conf.Groups
	if mixed := s.mixedGroups(); len(mixed) > 0 {
		active, next = unordered(active, mixed), unordered(next, mixed)
	}
	added, changed, removed = config.Diff(active, next)
	if s.o.Guests == nil {
		return added, changed, removed
	}
	a, c, r := config.DiffPlugins(s.o.Guests.Active(), conf.Plugins)
	return append(added, a...), append(changed, c...), append(removed, r...)
}
