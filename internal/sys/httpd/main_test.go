package httpd_test

import (
	"context"
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// doors is a listener whose connections are pipes, so that a bubble's time is theirs too.
type doors struct {
	knock  chan any // net.Conn or error
	closed chan struct{}
	once   sync.Once
	asked  int // Accepts so far; owned by the accepting goroutine
}

func newDoors() *doors { return &doors{knock: make(chan any), closed: make(chan struct{})} }

func (d *doors) Accept() (net.Conn, error) {
	d.asked++
	select {
	case k := <-d.knock:
		if err, bad := k.(error); bad {
			return nil, err
		}
		return k.(net.Conn), nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}

func (d *doors) Close() error {
	d.once.Do(func() { close(d.closed) })
	return nil
}

func (d *doors) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// caller is a client: what it has been told so far, and whether it has been hung up on.
type caller struct {
	net.Conn
	mu     sync.Mutex
	heard  strings.Builder
	closed bool
}

// call connects and listens.
func (d *doors) call() *caller {
	ours, theirs := net.Pipe()
	c := &caller{Conn: ours}
	d.knock <- theirs
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := ours.Read(buf)
			c.mu.Lock()
			c.heard.Write(buf[:n])
			c.closed = err != nil
			c.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return c
}

// say sends what can be sent and waits until nothing more happens by itself.
func (c *caller) say(text string) *caller {
	go io.WriteString(c, text)
	synctest.Wait()
	return c
}

// answer is what was heard since the last answer.
func (c *caller) answer() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.heard.String()
	c.heard.Reset()
	return s
}

func (c *caller) gone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// statusLine is where an answer begins; a body may end right before it.
var statusLine = regexp.MustCompile(`HTTP/\S+ (\d{3}) [A-Z]`)

// statuses are the codes of all answers.
func statuses(answer string) string {
	var out []string
	for _, m := range statusLine.FindAllStringSubmatch(answer, -1) {
		out = append(out, m[1])
	}
	return strings.Join(out, " ")
}

// faces answers by path: what each does is told by its name.
type faces struct {
	release chan struct{}   // ends /wait
	ended   chan error      // why a /wait ended
	watched context.Context // of the last /wait
}

func newFaces() *faces { return &faces{release: make(chan struct{}), ended: make(chan error, 10)} }

func (f *faces) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	switch r.Path {
	case "/ok":
		return httpd.XML([]byte("<ok/>"))
	case "/nil":
		return nil
	case "/close":
		resp := httpd.Refuse(401, httpd.Field{Name: "Connection", Value: "close"})
		resp.Close = true
		return resp
	case "/body":
		body, err := r.Body(100)
		switch {
		case errors.Is(err, httpd.ErrLength):
			return httpd.Refuse(411)
		case errors.Is(err, httpd.ErrTooLarge):
			return httpd.Refuse(413)
		case err != nil:
			return nil
		}
		return httpd.XML([]byte("[" + string(body) + "]"))
	case "/stream":
		return &httpd.Response{Status: 200, Stream: func(w io.Writer) error {
			io.WriteString(w, "one")
			io.WriteString(w, "")
			_, err := io.WriteString(w, strings.Repeat("x", 17))
			return err
		}}
	case "/wait":
		w := r.Watched()
		f.watched = w
		select {
		case <-f.release:
			f.ended <- nil
			return httpd.XML([]byte("done"))
		case <-w.Done():
			f.ended <- w.Err()
			return httpd.Refuse(500)
		}
	case "/deaf": // waits without looking at its client
		select {
		case <-f.release:
			return httpd.XML([]byte("done"))
		case <-ctx.Done():
			f.ended <- ctx.Err()
			return nil
		}
	case "/stubborn": // does not look at anything
		<-f.release
	}
	return httpd.Refuse(404)
}

// serve plays a story with a server in a bubble, where the clock stands at 2000-01-01 00:00:00 UTC.
func serve(t *testing.T, l httpd.Limits, story func(d *doors, f *faces, s *httpd.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d, f := newDoors(), newFaces()
		s := httpd.Serve(d, httpd.Options{Handler: f, Limits: l, Now: time.Now})
		story(d, f, s)
		s.Close(0)
	})
}

func pipe() (ours, theirs net.Conn) { return net.Pipe() }

// pass lets time go by until everything that it brings about is done.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
