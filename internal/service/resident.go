package service

import (
	"time"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
)

// Resident is a section whose code runs in a process that it shares with others: it can be looked at, and nothing else.
type Resident struct {
	Section string
	Where   string     // what runs it, in a few words
	Phase   proc.Phase // Running, Starting or Backoff
	Pid     int        // 0 in Backoff
	Since   proc.Time  // when that process was started
	Why     string     // of Backoff
}

// residents are all of them at the moment, in the order in which they are told.
func (s *Service) residents(v *loop.View) []Resident {
	if s.o.Residents == nil {
		return nil
	}
	return s.o.Residents(v)
}

// resident finds one by the title of its section.
func (s *Service) resident(v *loop.View, name string) (Resident, bool) {
	for _, r := range s.residents(v) {
		if r.Section == name {
			return r, true
		}
	}
	return Resident{}, false
}

// only is the process of that name, for requests that take no group.
func (s *Service) only(v *loop.View, name string) (*loop.Process, error) {
	p, whole, err := one(v, name)
	if whole {
		err = fault.About(fault.BadName, name)
	}
	return p, s.astray(v, name, err)
}

// astray is why a request for that name cannot be obeyed; err is why there is no such process.
func (s *Service) astray(v *loop.View, name string, err error) error {
	if err == nil {
		return nil
	}
	if r, is := s.resident(v, name); is {
		return fault.New(fault.Failed, name+" is run by "+r.Where+", which it shares with others, and can only be looked at")
	}
	return err
}

// resident words one as a process.
func (m moment) resident(r *Resident) Detail {
	d := Detail{Info: Info{
		Name: r.Section, Group: r.Section, Now: seconds(m.wall), Phase: r.Phase, Pid: r.Pid, SpawnErr: r.Why, Hidden: true,
	}}
	if r.Pid != 0 {
		d.Up = max(time.Duration(m.mono-r.Since), 0)
		d.Began = m.wall.Add(-d.Up)
		d.Start = seconds(d.Began)
	}
	d.Description = describe(&d.Info, int(d.Up/time.Second))
	if r.Phase == proc.Running {
		d.Description += " (" + r.Where + ")"
	}
	return d
}
