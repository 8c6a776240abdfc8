package httpd

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// conn is one connection, owned by its goroutine but for the atomic field and cancel.
type conn struct {
	s         *Server
	nc        net.Conn
	br        *bufio.Reader
	out       []byte
	page      bytes.Buffer // the body of the request that is being answered
	proved    string       // credentials that the handler has found right
	bounded   bool         // reads have a deadline
	dated     int64        // the second that datum spells
	datum     []byte
	idleSince atomic.Int64 // unix nanoseconds since when no request is being answered; 0 while one is
	ctx       context.Context
	cancel    context.CancelFunc
}

func newConn(s *Server, nc net.Conn) *conn {
	c := &conn{s: s, nc: nc, br: bufio.NewReaderSize(nc, 4096)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.idleSince.Store(s.o.Now().UnixNano())
	return c
}

// run answers requests in their order until one side is done.
func (c *conn) run() {
	defer c.s.all.Done()
	defer c.s.forget(c)
	defer c.nc.Close()
	defer c.cancel()
	for c.s.stop.Err() == nil && c.one() {
		c.idleSince.Store(c.s.o.Now().UnixNano())
	}
}

// one reads and answers one request; false ends the connection.
func (c *conn) one() bool {
	if _, err := c.br.Peek(1); err != nil {
		return false
	}
	now := c.s.o.Now()
	if ahead, _ := c.br.Peek(c.br.Buffered()); !bytes.Contains(ahead, headEnd) {
		c.patience(now.Add(c.s.o.Limits.HeadFor))
	}
	r, err := readHead(c.br, c.s.o.Limits.Head)
	c.idleSince.Store(0) // only now: whoever sends its head byte by byte has to make room for others
	if status := unreadable[err]; status != 0 {
		c.write(r, Refuse(status), true)
		c.linger()
		return false
	}
	if err != nil {
		return false // what is no HTTP gets no answer (HTTP-015)
	}
	if r.left > int64(c.br.Buffered()) {
		c.patience(now.Add(c.s.o.Limits.BodyFor))
	}
	if c.page.Cap() > mostKept {
		c.page = bytes.Buffer{}
	}
	c.page.Reset()
	r.Conn, r.body, r.page, r.stop, r.most = c.nc, c.br, &c.page, c.s.stop.Done(), c.s.o.Limits.Body
	w := &watcher{c: c}
	r.watch, r.proved = w.start, &c.proved
	resp := c.serve(r)
	stays := resp != nil && c.write(r, resp, resp.Close || r.coded || !wantsOpen(r, resp))
	w.end()
	if !stays || !c.skip(r) {
		if resp != nil && (resp.Close || r.left > mostSkipped) {
			c.linger()
		}
		return false
	}
	c.patience(time.Time{})
	return true
}

// mostKept bounds in bytes what an idle connection keeps for its next body.
const mostKept = 64 << 10

// headEnd ends a request head.
var headEnd = []byte("\r\n\r\n")

// patience bounds the reads to come; the zero time takes the bound off. A request that came in one piece needs none.
func (c *conn) patience(until time.Time) {
	if until.IsZero() && !c.bounded {
		return
	}
	c.bounded = !until.IsZero()
	c.nc.SetReadDeadline(until)
}

// serve calls the handler. A bug in it costs one answer and not the daemon.
func (c *conn) serve(r *Request) (resp *Response) {
	defer func() {
		if what := recover(); what != nil {
			if c.s.o.Panicked != nil {
				c.s.o.Panicked(r, what)
			}
			resp = Refuse(500)
			resp.Close = true
		}
	}()
	return c.s.o.Handler.Serve(c.ctx, r)
}

// pour lets the answer write itself, with the same fence around it.
func (c *conn) pour(r *Request, resp *Response, s *stream) (err error) {
	defer func() {
		if what := recover(); what != nil {
			if c.s.o.Panicked != nil {
				c.s.o.Panicked(r, what)
			}
			err = errBug
		}
	}()
	return resp.Stream(s)
}

// wantsOpen applies HTTP-011: 1.1 stays open unless the client says close, 1.0 closes unless it says keep-alive.
func wantsOpen(r *Request, resp *Response) bool {
	connection := strings.ToLower(r.Get("Connection"))
	if r.Version == "1.0" {
		return connection == "keep-alive" && resp.Stream == nil
	}
	return connection != "close"
}

// mostSkipped bounds in bytes what is read only to be thrown away.
const mostSkipped = 256 << 10

// skip throws away what is left of a body, so that the next request starts where it should.
func (c *conn) skip(r *Request) bool {
	if r.left == 0 {
		return true
	}
	if r.left > mostSkipped {
		return false
	}
	_, err := io.CopyN(io.Discard, c.br, r.left)
	return err == nil
}

// unreadable are the statuses of requests whose length cannot be believed: Supervisor fails on what is no number
// (HTTP-002), and two lengths are an attack.
var unreadable = map[error]int{ErrBadLength: 400, errNoNumber: 500}

// linger reads on for a while without looking, before the connection is closed: a client that is still sending would
// otherwise be told of a broken connection and never see the answer.
func (c *conn) linger() {
	now := c.s.o.Now()
	c.idleSince.Store(now.UnixNano())
	c.nc.SetReadDeadline(now.Add(c.s.o.Limits.Linger))
	_, _ = io.CopyN(io.Discard, c.br, mostSkipped)
}

// write sends resp and says whether the connection may stay open.
func (c *conn) write(r *Request, resp *Response, last bool) bool {
	now := c.s.o.Now()
	chunked := resp.Stream != nil && r.Version != "1.0"
	b := append(c.out[:0], "HTTP/"...)
	b = append(append(b, r.Version...), ' ')
	b = append(strconv.AppendInt(b, int64(resp.Status), 10), ' ')
	reason := resp.Reason
	if reason == "" {
		reason = reasons[resp.Status]
	}
	b = append(append(b, reason...), "\r\nServer: Medusa/1.12\r\nDate: "...)
	b = append(b, c.date(now)...)
	for _, f := range resp.Header {
		b = append(append(append(append(b, "\r\n"...), f.Name...), ": "...), f.Value...)
	}
	if r.Version == "1.0" && !last {
		b = append(b, "\r\nConnection: Keep-Alive"...)
	}
	if chunked {
		b = append(b, "\r\nTransfer-Encoding: chunked"...)
	}
	b = append(b, "\r\n\r\n"...)
	c.nc.SetWriteDeadline(now.Add(c.s.o.Limits.BodyFor))
	body, pours := resp.Body, resp.Stream != nil
	if r.Method == "HEAD" { // the client would take what follows the head for the next answer
		body, pours = nil, false
	}
	size, err := c.send(b, body)
	if resp.Release != nil {
		resp.Release()
	}
	if err == nil && pours {
		c.nc.SetWriteDeadline(time.Time{}) // a reader may pause for as long as it likes
		s := &stream{w: c.nc, chunked: chunked}
		err = c.pour(r, resp, s)
		size += s.n
		if err == nil && chunked {
			_, err = c.nc.Write([]byte("0\r\n\r\n"))
		}
		last = last || !chunked
	}
	if c.s.o.Access != nil {
		c.s.o.Access(r, resp.Status, size)
	}
	return err == nil && !last
}

// date spells a time as the Date header does; a connection that is busy asks for the same second again and again.
func (c *conn) date(now time.Time) []byte {
	if at := now.Unix(); at != c.dated || len(c.datum) == 0 {
		c.dated = at
		c.datum = now.UTC().AppendFormat(c.datum[:0], "Mon, 02 Jan 2006 15:04:05 GMT")
	}
	return c.datum
}

// send writes head and body in one go: a small body is copied behind the head, a large one is not.
func (c *conn) send(head, body []byte) (int64, error) {
	const small = 16 << 10
	if len(body) > small {
		c.out = head
		return (&net.Buffers{head, body}).WriteTo(c.nc)
	}
	c.out = append(head, body...)
	n, err := c.nc.Write(c.out)
	return int64(n), err
}

// stream writes each piece as a chunk, or as it is.
type stream struct {
	w       io.Writer
	chunked bool
	n       int64
	buf     []byte
}

func (s *stream) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	b := p
	if s.chunked {
		s.buf = append(strconv.AppendInt(s.buf[:0], int64(len(p)), 16), "\r\n"...)
		s.buf = append(append(s.buf, p...), "\r\n"...)
		b = s.buf
	}
	n, err := s.w.Write(b)
	s.n += int64(n)
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// watcher notices that the client hangs up while its answer is awaited. It looks at the next byte without taking it;
// when a further request is there already, nothing can be known and it ends.
type watcher struct {
	c      *conn
	ctx    context.Context
	cancel context.CancelFunc
	done   chan struct{}
}

func (w *watcher) start() context.Context {
	if w.ctx != nil {
		return w.ctx
	}
	ctx, cancel := context.WithCancel(w.c.ctx)
	w.ctx, w.cancel, w.done = ctx, cancel, make(chan struct{})
	w.c.nc.SetReadDeadline(time.Time{})
	w.c.s.all.Add(1)
	go func() {
		defer w.c.s.all.Done()
		defer close(w.done)
		if _, err := w.c.br.Peek(1); err != nil {
			cancel()
		}
	}()
	return w.ctx
}

// end stops the watcher by an expired deadline and takes that deadline off again.
func (w *watcher) end() {
	if w.ctx == nil {
		return
	}
	w.c.nc.SetReadDeadline(time.Unix(1, 0))
	<-w.done
	w.cancel()
	w.c.nc.SetReadDeadline(time.Time{})
}
