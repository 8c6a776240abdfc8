// Package pages is the face behind which extensions answer HTTP themselves: /ext/NAME/ and everything below. It gives
// their handlers, which are those of net/http, the requests and connections of our own server.
package pages

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// Prefix is where the face is mounted.
const Prefix = "/ext/"

// MaxBody bounds a request's body in bytes.
const MaxBody = 16 << 20

// buffered is how many bytes of an answer are kept back so that it can be sent whole, with its length.
const buffered = 64 << 10

// Find is the page of the extension whose section has that name.
type Find func(name string) (*service.Page, bool)

// Face answers for all extensions.
type Face struct {
	Service *service.Service
	Find    Find
}

// Serve hands a request on.
func (f Face) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	name, rest, slash := strings.Cut(strings.TrimPrefix(r.Path, Prefix), "/")
	page, ok := f.Find(name)
	switch {
	case !ok:
		return httpd.Refuse(404)
	case !slash:
		return httpd.Refuse(404) // links of the page would lead beside it
	}
	if f.Service != nil && f.Service.MayVisit(ctx, page) != nil {
		return httpd.Refuse(403)
	}
	req, refused := request(ctx, r, "/"+rest)
	if refused != nil {
		return refused
	}
	return answer(req, page.Handler)
}

// request translates a request. Its path begins where the page does.
func request(ctx context.Context, r *httpd.Request, path string) (*http.Request, *httpd.Response) {
	var body []byte
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		var err error
		body, err = r.Body(MaxBody)
		switch {
		case errors.Is(err, httpd.ErrLength):
			return nil, httpd.Refuse(411)
		case errors.Is(err, httpd.ErrTooLarge):
			refused := httpd.Refuse(413)
			refused.Close = true
			return nil, refused
		case err != nil:
			return nil, nil
		}
	}
	req := &http.Request{
		Method: r.Method, URL: &url.URL{Path: path, RawQuery: r.Query}, Proto: "HTTP/" + r.Version, ProtoMajor: 1,
		Header: http.Header{}, Host: r.Get("Host"), RequestURI: path, ContentLength: int64(len(body)),
		// The bytes go back to the connection with the answer, and a handler may keep its request.
		Body: io.NopCloser(bytes.NewReader(bytes.Clone(body))),
	}
	if r.Version == "1.1" {
		req.ProtoMinor = 1
	}
	if r.Conn != nil && r.Conn.RemoteAddr() != nil {
		req.RemoteAddr = r.Conn.RemoteAddr().String()
	}
	for _, h := range r.Header {
		// Who is asking is settled; a password is none of an extension's business.
		if !strings.EqualFold(h.Name, "Authorization") && !strings.EqualFold(h.Name, "Cookie") {
			req.Header.Add(h.Name, h.Value)
		}
	}
	return req.WithContext(both{ctx, r.Watched()}), nil
}

// both has the values of one context and ends with another.
type both struct {
	values context.Context
	context.Context
}

func (b both) Value(key any) any { return b.values.Value(key) }

// answer runs a handler beside the connection: it may write for as long as it likes, and what it writes is sent as it
// comes once it flushes or writes more than is kept back.
func answer(r *http.Request, h http.Handler) *httpd.Response {
	w := &writer{header: http.Header{}, ready: make(chan struct{}), done: make(chan struct{})}
	w.more.L = &w.mu
	go func() {
		defer w.end()
		h.ServeHTTP(w, r)
	}()
	<-w.ready
	w.mu.Lock()
	defer w.mu.Unlock()
	resp := &httpd.Response{Status: w.status, Header: fields(w.sent)}
	if w.ended && !w.streams {
		resp.Body = w.page.Bytes()
		resp.Header = append(resp.Header, httpd.Field{Name: "Content-Length", Value: strconv.Itoa(len(resp.Body))})
		return resp
	}
	resp.Stream = w.pour
	return resp
}

// fields are the headers of an answer but for those that are the server's to write.
func fields(h http.Header) []httpd.Field {
	var out []httpd.Field
	for name, values := range h {
		switch name {
		case "Content-Length", "Transfer-Encoding", "Connection", "Date", "Server":
			continue
		}
		for _, v := range values {
			out = append(out, httpd.Field{Name: name, Value: strings.NewReplacer("\r", " ", "\n", " ").Replace(v)})
		}
	}
	return out
}

// writer is the http.ResponseWriter of one request. What has been written waits for the connection in a bounded page.
type writer struct {
	header http.Header
	ready  chan struct{} // closed when status and headers are settled: at a flush, a full page or the end
	done   chan struct{} // closed when the handler has returned

	mu      sync.Mutex // guards what follows
	more    sync.Cond
	status  int
	sent    http.Header // as they were when the status was
	page    bytes.Buffer
	streams bool // the page was not enough, or the handler wants it sent
	settled bool
	ended   bool
	broken  error // nobody reads any more
}

// Header may be changed until the first byte or the status is written.
func (w *writer) Header() http.Header { return w.header }

// WriteHeader settles the status.
func (w *writer) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begin(status)
}

func (w *writer) begin(status int) {
	if w.status == 0 && status >= 200 {
		w.status, w.sent = status, w.header.Clone()
	}
}

// Write keeps back, or waits until there is room.
func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begin(http.StatusOK)
	if w.page.Len()+len(p) > buffered {
		w.settle(true)
		for w.page.Len() > 0 && w.broken == nil {
			w.more.Wait()
		}
	}
	if w.broken != nil {
		return 0, w.broken
	}
	n, _ := w.page.Write(p)
	w.more.Broadcast()
	return n, nil
}

// Flush sends what there is, and from now on what comes.
func (w *writer) Flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begin(http.StatusOK)
	w.settle(true)
	w.more.Broadcast()
}

// settle lets the answer begin.
func (w *writer) settle(streams bool) {
	w.streams = w.streams || streams
	if !w.settled {
		w.settled = true
		close(w.ready)
	}
}

// end comes with the handler's. One that panicked past its fence has answered nothing.
func (w *writer) end() {
	what := recover()
	w.mu.Lock()
	defer w.mu.Unlock()
	if what != nil && w.status == 0 {
		w.begin(http.StatusInternalServerError)
	}
	w.begin(http.StatusOK)
	w.ended = true
	w.settle(false)
	w.more.Broadcast()
	close(w.done)
}

// pour sends what the handler writes until it has returned, and returns after it.
func (w *writer) pour(to io.Writer) error {
	var err error
	for {
		w.mu.Lock()
		for w.page.Len() == 0 && !w.ended {
			w.more.Wait()
		}
		chunk := bytes.Clone(w.page.Bytes())
		w.page.Reset()
		over := w.ended
		w.more.Broadcast()
		w.mu.Unlock()
		if err == nil && len(chunk) > 0 {
			if _, err = to.Write(chunk); err != nil {
				w.mu.Lock()
				w.broken = err
				w.more.Broadcast()
				w.mu.Unlock()
			}
		}
		if over {
			<-w.done
			return err
		}
	}
}

var _ http.Flusher = (*writer)(nil)
