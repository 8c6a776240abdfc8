package loop

import (
	"io/fs"
	"sync"
	"syscall"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/listen"
)

// socket is the one socket that the processes of a FastCGI program share. It is open while one of them lives or is
// about to (PROC-050).
type socket struct {
	conf    *config.Socket
	journal *journal.Journal

	mu  sync.Mutex // guards what follows
	now *opening   // what the next process gets; nil when there is none
}

// opening is one life of a socket. A socket has a second one beside the first when its file is removed, by a cleaner of
// /tmp for instance, and a process is started: those that live keep what they have, which nobody can reach any more.
type opening struct {
	fd   int
	uses int
}

// grip is one process's share of a socket. It is owned by the process's birth, then by its member.
type grip struct {
	s    *socket
	held *opening // nil for none
}

// take opens the socket for its first user, and for the first one after its file has gone, and returns a copy of the
// descriptor, which is the caller's. What it takes is given back by release, also after an error.
func (g *grip) take() (int, error) {
	s := g.s
	s.mu.Lock()
	defer s.mu.Unlock()
	removed := s.now != nil && s.conf.Path != "" && listen.Missing(s.conf.Path)
	if s.now == nil || removed {
		fd, err := openSocket(s.conf, s.journal)
		if err != nil {
			return -1, err
		}
		s.now = &opening{fd: fd}
	}
	if removed {
		s.journal.SharedSocketAgain(s.conf.Path)
	}
	s.now.uses++
	g.held = s.now
	return dup(s.now.fd)
}

// release gives the share back and closes what it was a share of after its last user. A nil grip holds nothing.
func (g *grip) release() {
	if g == nil || g.held == nil {
		return
	}
	s, o := g.s, g.held
	g.held = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.uses--; o.uses > 0 {
		return
	}
	closeSocket(o.fd, s.conf, s.journal)
	if s.now == o {
		s.now = nil
	}
}

func openSocket(c *config.Socket, j *journal.Journal) (int, error) {
	j.CreatingSocket(c.URL)
	return listen.Shared{
		Path: c.Path, Mode: fs.FileMode(c.Mode), UID: c.UID, GID: c.GID, Host: c.Host, Port: c.Port, Backlog: c.Backlog,
	}.Open()
}

func closeSocket(fd int, c *config.Socket, j *journal.Journal) {
	j.ClosingSocket(c.URL)
	syscall.Close(fd)
}

// tryOut opens and closes every socket of a group once, so that one that cannot be had is found before anything is
// started (PROC-049).
func (l *Loop) tryOut(g *config.Group) error {
	var last *config.Socket
	for i := range g.Processes {
		c := g.Processes[i].Socket
		if c == nil || c == last {
			continue
		}
		last = c
		fd, err := openSocket(c, l.o.Journal)
		if err != nil {
			return fault.New(fault.Failed, "Could not create FastCGI socket "+c.URL+": "+err.Error())
		}
		closeSocket(fd, c, l.o.Journal)
	}
	return nil
}

// share is the socket of a process, nil for one that has none. Processes of one group whose sections say the same
// socket share it.
func (l *Loop) share(g *config.Group, p *config.Process) *socket {
	if p.Socket == nil {
		return nil
	}
	for _, m := range l.members {
		if m.group == g.Name && m.socket != nil && m.socket.conf.URL == p.Socket.URL {
			return m.socket
		}
	}
	return &socket{conf: p.Socket, journal: l.o.Journal}
}
