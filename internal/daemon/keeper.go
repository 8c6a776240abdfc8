package daemon

import (
	"net"
	"sync"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/listen"
)

// keeper makes a unix socket again whose file somebody has removed, a cleaner of /tmp for instance: without its name
// nobody could reach us any more. It sleeps until something happens to one of the files. A nil keeper keeps nothing.
type keeper struct {
	watch   *listen.Watch
	journal *journal.Journal
	sockets []*kept
	done    sync.WaitGroup
}

// kept is one socket. Once the keeper has begun it is owned by its goroutine.
type kept struct {
	path   string
	l      net.Listener
	server *httpd.Server
	again  func() (net.Listener, error)
	failed string // why it could not be made again, which is told once
}

// keep gives the keeper one more socket, if it has a file.
func (g *generation) keep(s *config.Server, l net.Listener, server *httpd.Server) {
	if !s.Unix {
		return
	}
	if g.keeper == nil {
		w, err := listen.NewWatch()
		if err != nil {
			g.journal.SocketsUnwatched(err)
			return
		}
		g.keeper = &keeper{watch: w, journal: g.journal}
	}
	again := func() (net.Listener, error) { return g.listen(s) }
	g.keeper.sockets = append(g.keeper.sockets, &kept{path: s.Path, l: l, server: server, again: again})
}

// begin begins to keep.
func (k *keeper) begin() {
	if k == nil {
		return
	}
	k.done.Go(func() {
		for {
			for _, s := range k.sockets {
				k.look(s)
			}
			if k.watch.Wait() != nil {
				return
			}
		}
	})
}

// look makes a socket again that is gone. It watches first, so that nothing can happen unseen.
func (k *keeper) look(s *kept) {
	for {
		if err := k.watch.Add(s.path); err != nil {
			k.journal.SocketsUnwatched(err)
		}
		if !listen.Gone(s.l) {
			s.failed = ""
			return
		}
		l, err := s.again()
		if err != nil {
			if s.failed != err.Error() {
				s.failed = err.Error()
				k.journal.SocketLost(s.path, err)
			}
			return
		}
		s.l = l
		s.server.Move(l)
		k.journal.SocketAgain(s.path)
	}
}

// close ends it. It comes before the servers end, whose sockets' files go with them.
func (k *keeper) close() {
	if k != nil {
		k.watch.Close()
		k.done.Wait()
	}
}
