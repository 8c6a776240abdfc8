// Package service is what an operator can ask, who may ask it, and every reason for no. XML-RPC, the pages and
// whatever else faces the world are translations of its methods and decide nothing. Every refusal is a *fault.Error;
// any other error is internal.
package service

import (
	"context"
	"os"
	"sync"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// APIVersion is the version of the RPC interface that clients compare (VER-009).
const APIVersion = "3.0"

// Version is the version of Supervisor whose behaviour this is.
const Version = "4.4.0"

// Options are what a service stands on.
type Options struct {
	Loop    *loop.Loop
	Kernel  kernel.Kernel
	Journal *journal.Journal
	Config  *config.Config
	// Reread reads the configuration again, with the command line over it.
	Reread func() (*config.Config, error)
	// World is the machine as programs that come without a file may look at it.
	World config.World
	// Path is our own PATH, and Rand the luck that AUTO log names are made from.
	Path string
	Rand func() uint64
	// Guests are the extensions; nil for none.
	Guests Guests
	// Residents are the sections whose code runs in a process that is no member of a group; nil for none.
	Residents func(*loop.View) []Resident
}

// Service answers operators. Its methods may be called from any goroutine.
type Service struct {
	o Options

	// mu guards the fields below. A Config never changes; a reread, an added group or process puts another one here.
	mu   sync.Mutex
	conf *config.Config
	live map[string]bool // groups in conf that are what is active, so that a change of one is one of the other
	made map[string]bool // groups in conf that came without a file
	// mixed are the active groups that processes have joined: their order is that of their coming, and says nothing.
	mixed map[string]bool

	ledger ledger
}

// New returns the service over a running loop.
func New(o Options) *Service {
	return &Service{o: o, conf: o.Config, live: map[string]bool{}, made: map[string]bool{}, mixed: map[string]bool{}}
}

// Config is the configuration as last read.
func (s *Service) Config() *config.Config {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conf
}

// view is what may be looked at: nothing while the daemon goes down (RPC-002).
func (s *Service) view(ctx context.Context) (*loop.View, error) {
	if err := may(ctx, doLook); err != nil {
		return nil, err
	}
	v, err := s.o.Loop.View(ctx)
	if err == loop.ErrOver || (err == nil && v.Mood < fleet.Running) {
		return nil, fault.New(fault.ShutdownState, "")
	}
	return v, err
}

// View is the fleet as it is, for faces that follow it: the same pointer means that nothing has changed since. It is
// refused while the daemon goes down.
func (s *Service) View(ctx context.Context) (*loop.View, error) { return s.view(ctx) }

// Up is nil while requests are taken.
func (s *Service) Up(ctx context.Context) error {
	_, err := s.view(ctx)
	return err
}

// enter is view for somebody who makes that request.
func (s *Service) enter(ctx context.Context, v verb) (*loop.View, error) {
	if err := may(ctx, v); err != nil {
		return nil, err
	}
	return s.view(ctx)
}

// up is nil while requests are taken, from somebody who may make this one.
func (s *Service) up(ctx context.Context, v verb) error {
	if err := may(ctx, v); err != nil {
		return err
	}
	return s.Up(ctx)
}

// Warnings say what an operator should know about how the daemon stands, each in a sentence. Whoever may look may.
func (s *Service) Warnings(ctx context.Context) ([]string, error) {
	var out []string
	for _, section := range s.o.Config.Unguarded() { // as it was started: servers do not change with a reread
		out = append(out, "Server ["+section+"] lets every machine that reaches it start and stop programs: set a password or listen on localhost.")
	}
	return out, may(ctx, doLook)
}

// Identification is the identifier of the configuration as last read (CFG-065).
func (s *Service) Identification(ctx context.Context) (string, error) {
	return s.Config().Daemon.Identifier, s.Up(ctx)
}

// State is the mood: while it can be asked, always running (RPC-008).
func (s *Service) State(ctx context.Context) (code int, name string, err error) {
	return int(fleet.Running), "RUNNING", s.Up(ctx)
}

// PID is the daemon's own.
func (s *Service) PID(ctx context.Context) (int, error) { return os.Getpid(), s.Up(ctx) }

// ReadLog reads the main log (RPC-009).
func (s *Service) ReadLog(ctx context.Context, offset, length int64) ([]byte, error) {
	if err := s.Up(ctx); err != nil {
		return nil, err
	}
	return logfile.Read(s.MainLog(), offset, length)
}

// MainLog is the path of the main log as last configured.
func (s *Service) MainLog() string { return s.Config().Daemon.Logfile }

// ClearLog removes the main log and opens it again (RPC-012, LOG-009).
func (s *Service) ClearLog(ctx context.Context) (err error) {
	defer s.note(ctx, doClearLog, "", &err)
	if err := s.up(ctx, doClearLog); err != nil {
		return err
	}
	return s.o.Journal.Clear()
}

// Shutdown begins to stop everything and then the daemon.
func (s *Service) Shutdown(ctx context.Context) (err error) {
	defer s.note(ctx, doShutdown, "", &err)
	if err := s.up(ctx, doShutdown); err != nil {
		return err
	}
	s.o.Loop.Shutdown(false)
	return nil
}

// Restart stops everything, reads the configuration and starts again. A configuration that cannot be read is
// CantReread, and nothing is stopped.
func (s *Service) Restart(ctx context.Context) (err error) {
	defer s.note(ctx, doRestart, "", &err)
	if err := s.up(ctx, doRestart); err != nil {
		return err
	}
	if _, err := s.o.Reread(); err != nil {
		return fault.New(fault.CantReread, err.Error())
	}
	s.o.Loop.Shutdown(true)
	return nil
}

// RemoteEvent publishes REMOTE_COMMUNICATION; it is the one request that works while the daemon goes down (EVT-036).
func (s *Service) RemoteEvent(ctx context.Context, kind string, data []byte) (err error) {
	defer s.note(ctx, doPublish, kind, &err)
	if err := may(ctx, doPublish); err != nil {
		return err
	}
	return s.o.Loop.Publish(ctx, event.Event{Type: event.RemoteCommunication, Kind: kind, Data: data})
}
