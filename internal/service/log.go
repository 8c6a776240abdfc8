package service

import (
	"context"
	"os"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// Stream is one of a process's two outputs.
type Stream int

// The streams.
const (
	Stdout Stream = 1
	Stderr Stream = 2
)

// LogPath is the file of a process's stream, empty when it has none. A group's name is BadName.
func (s *Service) LogPath(ctx context.Context, name string, stream Stream) (string, error) {
	v, err := s.view(ctx)
	if err != nil {
		return "", err
	}
	p, err := s.only(v, name)
	if err != nil {
		return "", err
	}
	if stream == Stderr {
		return p.Conf.Stderr.Log.Path, nil
	}
	return p.Conf.Stdout.Log.Path, nil
}

// FollowPath is LogPath for those who follow a log, which goes on working while the daemon goes down (WEB-013).
func (s *Service) FollowPath(ctx context.Context, name string, stream Stream) (string, error) {
	if err := may(ctx, doLook); err != nil {
		return "", err
	}
	v, err := s.o.Loop.View(ctx)
	if err != nil {
		return "", over(err)
	}
	p, err := s.only(v, name)
	if err != nil {
		return "", err
	}
	path := p.Conf.Stdout.Log.Path
	if stream == Stderr {
		path = p.Conf.Stderr.Log.Path
	}
	if path == "" {
		return "", fault.New(fault.NoFile, "")
	}
	return path, nil
}

// ReadProcessLog reads a stream's log (RPC-038).
func (s *Service) ReadProcessLog(ctx context.Context, name string, stream Stream, offset, length int64) ([]byte, error) {
	path, err := s.LogPath(ctx, name, stream)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, fault.New(fault.NoFile, "")
	}
	return logfile.Read(path, offset, length)
}

// TailProcessLog reads the end of a stream's log (RPC-039). A missing log is empty and no fault.
func (s *Service) TailProcessLog(ctx context.Context, name string, stream Stream, offset, length int64) ([]byte, int64, bool, error) {
	path, err := s.LogPath(ctx, name, stream)
	if err != nil || path == "" {
		return nil, 0, false, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, 0, false, nil
	}
	data, size, more := logfile.Tail(path, offset, length)
	return data, size, more, nil
}

// ClearProcessLogs empties the logs of a process that is alive; for another there is nothing to do (RPC-042, RPC-043).
func (s *Service) ClearProcessLogs(ctx context.Context, name string) (err error) {
	defer s.note(ctx, doClearLogs, name, &err)
	v, err := s.enter(ctx, doClearLogs)
	if err != nil {
		return err
	}
	p, err := s.only(v, name)
	if err != nil {
		return err
	}
	if err := mayTouch(ctx, doClearLogs, p.Group); err != nil {
		return err
	}
	return s.clear(ctx, p.ID, name)
}

func (s *Service) clear(ctx context.Context, id fleet.ID, name string) error {
	logs, err := s.o.Loop.Logs(ctx, id)
	if err != nil {
		return over(err)
	}
	for _, f := range logs {
		if f.Clear() != nil {
			return fault.New(fault.Failed, name)
		}
	}
	return nil
}

// ClearAllProcessLogs empties everybody's logs, in priority order (RPC-044).
func (s *Service) ClearAllProcessLogs(ctx context.Context) ([]Result, error) {
	return s.several(ctx, doClearLogs, everyone, func(list []*loop.Process) ([]fleet.Outcome, error) {
		return s.clearEach(ctx, list), nil
	})
}

// ReopenLogs closes and opens every log again by its path, the main log first (LOG-010).
func (s *Service) ReopenLogs(ctx context.Context) {
	s.o.Journal.LogReopen()
	if err := s.o.Journal.Reopen(); err != nil {
		s.o.Journal.CannotReopen(s.o.Journal.Path(), err)
	}
	logs, err := s.o.Loop.Logs(ctx, 0)
	if err != nil {
		return
	}
	for _, f := range logs {
		if err := f.Reopen(); err != nil {
			s.o.Journal.CannotReopen(f.Path(), err)
		}
	}
}
