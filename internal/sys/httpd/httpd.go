// Package httpd speaks HTTP/1.x over any net.Listener with the words and the header order that Supervisor's clients
// have met for twenty years (HTTP-004, HTTP-010, HTTP-011), which net/http does not let us choose. It knows no route
// and no password: it reads one bounded request, hands it to the Handler, and writes the Response. Every connection
// has one goroutine, and Close joins them all.
package httpd

import (
	"context"
	"net"
	"sync"
	"time"
)

// Limits bound what one client can make the server hold. Zero values take the defaults of Serve.
type Limits struct {
	Head    int           // bytes of request line and headers
	Body    int64         // bytes of a body, where a handler would take more
	Conns   int           // connections at a time; past it the one that was idle longest is closed, or the new one
	HeadFor time.Duration // from a request's first byte to the end of its headers
	Linger  time.Duration // from a refusal that ends a connection to its end
	BodyFor time.Duration // for a whole body, and for a whole answer with a known length
}

// Handler answers one request. It is called from the connection's goroutine; a nil Response closes the connection.
type Handler interface {
	Serve(ctx context.Context, r *Request) *Response
}

// Options are what a server needs besides its listener.
type Options struct {
	Handler Handler
	Limits  Limits
	Now     func() time.Time
	// Access is told every finished answer; size counts headers and body in bytes. It may be nil.
	Access func(r *Request, status int, size int64)
	// Panicked is told what a handler panicked with; the client gets 500 and everybody else goes on. It may be nil.
	Panicked func(r *Request, what any)
}

// Server serves one listener. It is owned by whoever called Serve.
type Server struct {
	o    Options
	stop context.Context
	halt context.CancelFunc
	all  sync.WaitGroup

	// mu guards the fields below.
	mu      sync.Mutex
	l       net.Listener
	conns   map[*conn]struct{}
	closing bool
}

// Serve starts to accept on l at once.
func Serve(l net.Listener, o Options) *Server {
	fill(&o.Limits)
	s := &Server{l: l, o: o, conns: map[*conn]struct{}{}}
	s.stop, s.halt = context.WithCancel(context.Background())
	s.all.Add(1)
	go s.accept()
	return s
}

func fill(l *Limits) {
	if l.Head == 0 {
		l.Head = 64 << 10
	}
	if l.Body == 0 {
		l.Body = 1 << 62 // what the handlers say
	}
	if l.Conns == 0 {
		l.Conns = 1024
	}
	if l.HeadFor == 0 {
		l.HeadFor = 30 * time.Second
	}
	if l.Linger == 0 {
		l.Linger = 2 * time.Second
	}
	if l.BodyFor == 0 {
		l.BodyFor = 60 * time.Second
	}
}

// accept takes connections until the listener is closed. When descriptors are used up it waits for one to come back
// instead of spinning.
func (s *Server) accept() {
	defer s.all.Done()
	pause := 5 * time.Millisecond
	for {
		l := s.listener()
		nc, err := l.Accept()
		if err == nil {
			pause = 5 * time.Millisecond
			s.admit(nc)
			continue
		}
		if s.listener() != l {
			continue
		}
		if s.stop.Err() != nil {
			return
		}
		s.dropIdle()
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-s.stop.Done():
			t.Stop()
			return
		}
		pause = min(2*pause, time.Second)
	}
}

func (s *Server) listener() net.Listener {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.l
}

// Move goes on with another listener in place of the one so far, which is closed. Connections stay as they are.
func (s *Server) Move(l net.Listener) {
	s.mu.Lock()
	old := s.l
	if s.closing {
		old = l
	} else {
		s.l = l
	}
	s.mu.Unlock()
	old.Close()
}

func (s *Server) admit(nc net.Conn) {
	c := newConn(s, nc)
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		nc.Close()
		return
	}
	full := len(s.conns) >= s.o.Limits.Conns
	s.mu.Unlock()
	if full && !s.dropIdle() {
		nc.Close() // everybody else is being answered
		return
	}
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		nc.Close()
		return
	}
	s.conns[c] = struct{}{}
	s.all.Add(1)
	s.mu.Unlock()
	go c.run()
}

// dropIdle closes the connection that has waited longest for a request, to make room; false means that none waits.
func (s *Server) dropIdle() bool {
	var oldest *conn
	var since int64
	s.mu.Lock()
	for c := range s.conns {
		if at := c.idleSince.Load(); at != 0 && (oldest == nil || at < since) {
			oldest, since = c, at
		}
	}
	s.mu.Unlock()
	if oldest == nil {
		return false
	}
	oldest.idleSince.CompareAndSwap(since, 0) // it is on its way out and no candidate for the next one
	oldest.nc.Close()
	return true
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

// deafness is how long a request may go on after its context has ended.
const deafness = time.Second

// Close stops accepting, closes idle connections at once, and gives requests that are being answered until grace has
// passed; then their contexts end. It returns when every goroutine of the server has ended, or a second after that: a
// guest that does not look at its context must not keep the daemon from ending. How many such requests it left behind is
// the answer; nobody hears what comes of them.
func (s *Server) Close(grace time.Duration) (left int) {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.halt()
	s.listener().Close()
	s.each(func(c *conn) {
		if c.idleSince.Load() != 0 {
			c.nc.Close()
		}
	})
	done := make(chan struct{})
	go func() { s.all.Wait(); close(done) }()
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-done:
		return 0
	case <-t.C:
		s.each(func(c *conn) { c.cancel(); c.nc.Close() })
	}
	t.Reset(deafness)
	select {
	case <-done:
		return 0
	case <-t.C:
		s.each(func(*conn) { left++ })
		return left
	}
}

func (s *Server) each(do func(*conn)) {
	s.mu.Lock()
	list := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		list = append(list, c)
	}
	s.mu.Unlock()
	for _, c := range list {
		do(c)
	}
}
