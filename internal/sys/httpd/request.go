package httpd

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
)

// Request is one request as it came. The body is not read until somebody asks for it.
type Request struct {
	Line    string // the request line, as the access log shows it
	Method  string
	Path    string // percent-decoded
	Query   string // as it came, without the question mark
	Version string // "1.0" or "1.1"; others are echoed
	Header  []Field
	Conn    net.Conn // for the peer's address and credentials; nobody but the server reads or writes it

	body   *bufio.Reader
	page   *bytes.Buffer // of the connection; empty
	length int64         // -1 when no Content-Length came
	coded  bool          // the body is in chunks, which we do not read, so nobody knows where it ends
	left   int64
	most   int64 // bytes of a body that the server takes; 0 for no bound of its own
	watch  func() context.Context
	stop   <-chan struct{}
	proved *string // of the connection; nil for a request that came over none
}

// Field is one header line.
type Field struct{ Name, Value string }

// Errors of a body. ErrLength maps to 411, ErrTooLarge to 413, ErrBadLength to 400.
var (
	ErrLength    = errors.New("no content length")
	ErrBadLength = errors.New("bad content length")
	ErrTooLarge  = errors.New("body too large")
)

var (
	errHead     = errors.New("malformed request head")
	errNoNumber = errors.New("content length is no number")
	errBug      = errors.New("the handler panicked")
)

// Get returns the first header of that name, whatever its case, or the empty string.
func (r *Request) Get(name string) string {
	for _, f := range r.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Body reads the whole body. A request without Content-Length, a chunked one for example, is ErrLength (HTTP-002);
// one longer than max bytes is ErrTooLarge and is not read. The bytes are the caller's until it has answered.
func (r *Request) Body(max int64) ([]byte, error) {
	if r.length < 0 {
		return nil, ErrLength
	}
	if r.length > max || r.most > 0 && r.length > r.most {
		return nil, ErrTooLarge
	}
	// What is kept grows with what has come, not with what was announced.
	if here, _ := r.body.Peek(int(min(r.left, int64(r.body.Buffered())))); int64(len(here)) == r.left {
		r.page.Write(here)
		r.body.Discard(len(here))
		r.left = 0
		return r.page.Bytes(), nil
	}
	n, err := io.CopyN(r.page, r.body, r.left)
	r.left -= n
	return r.page.Bytes(), err
}

// Watched is a context that ends when the client hangs up while its request is being answered, or when the server
// has run out of patience. Only answers that wait or stream need it. The body must have been read.
func (r *Request) Watched() context.Context { return r.watch() }

// Prove remembers credentials that were right on this connection, and Proved is whether they were.
func (r *Request) Prove(credentials string) {
	if r.proved != nil {
		*r.proved = credentials
	}
}

// Proved is true of the credentials that Prove was told last.
func (r *Request) Proved(credentials string) bool {
	return r.proved != nil && *r.proved == credentials
}

// Stopping is closed when the server is about to close; an answer that would go on for ever ends then.
func (r *Request) Stopping() <-chan struct{} { return r.stop }

// readHead reads one request head of at most max bytes. io.EOF means that the client is done.
func readHead(br *bufio.Reader, max int) (*Request, error) {
	r := &Request{length: -1, Header: make([]Field, 0, 8)}
	var err error
	for blank := 0; r.Line == ""; blank++ { // one blank line before a request is tolerated (HTTP-014)
		if blank == 2 {
			return nil, io.EOF
		}
		if r.Line, err = line(br, &max); err != nil {
			return nil, err
		}
	}
	if !r.crack() {
		return nil, errHead
	}
	for {
		l, err := line(br, &max)
		if err != nil {
			return nil, err
		}
		if l == "" {
			return r, r.measure()
		}
		if l[0] == ' ' || l[0] == '\t' {
			if len(r.Header) == 0 {
				return nil, errHead
			}
			last := &r.Header[len(r.Header)-1]
			last.Value = strings.TrimSpace(last.Value + " " + strings.TrimSpace(l))
			continue
		}
		name, value, found := strings.Cut(l, ":")
		if bare := strings.TrimSpace(name); !found || bare != name || name == "" {
			if found && framing(bare) {
				return r, ErrBadLength // others may not overlook it
			}
			continue // Supervisor overlooks what is no header; so do we
		}
		r.Header = append(r.Header, Field{name, strings.TrimSpace(value)})
	}
}

// line reads up to a line feed and takes its length off budget.
func line(br *bufio.Reader, budget *int) (string, error) {
	var long []byte
	for {
		piece, err := br.ReadSlice('\n')
		if *budget -= len(piece); *budget < 0 {
			return "", errHead
		}
		if err == bufio.ErrBufferFull {
			long = append(long, piece...)
			continue
		}
		if err != nil {
			return "", err
		}
		if long != nil {
			piece = append(long, piece...)
		}
		for len(piece) > 0 && (piece[len(piece)-1] == '\n' || piece[len(piece)-1] == '\r') {
			piece = piece[:len(piece)-1]
		}
		return string(piece), nil
	}
}

// crack splits the request line: method, target, and a version if there is one (HTTP-015).
func (r *Request) crack() bool {
	method, rest, _ := strings.Cut(r.Line, " ")
	target, protocol, _ := strings.Cut(rest, " ")
	version, ok := strings.CutPrefix(protocol, "HTTP/")
	if method == "" || target == "" || !ok || version == "" || strings.Trim(version, "0123456789.") != "" {
		return false
	}
	path, query, _ := strings.Cut(target, "?")
	r.Method, r.Path, r.Query, r.Version = method, unquote(path), query, version
	return true
}

// framing is true for the headers that say where a request ends.
func framing(name string) bool {
	return strings.EqualFold(name, "Content-Length") || strings.EqualFold(name, "Transfer-Encoding")
}

// measure settles how long the body is. Two different lengths, a length that others might read differently, or one
// beside a transfer coding, are how requests are smuggled, and refused.
func (r *Request) measure() error {
	for _, f := range r.Header {
		if !framing(f.Name) {
			continue
		}
		if f.Name[0]|0x20 == 't' {
			r.coded = true
			continue
		}
		n, err := strconv.ParseInt(f.Value, 10, 64)
		switch {
		case r.length >= 0 && (err != nil || r.length != n):
			return ErrBadLength
		case err != nil || strings.Trim(f.Value, "0123456789") != "":
			return errNoNumber
		}
		r.length = n
	}
	if r.coded && r.length >= 0 {
		return ErrBadLength
	}
	r.left = max(r.length, 0)
	return nil
}

// unquote decodes %XX and leaves everything else, bad escapes too, as it is.
func unquote(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(v))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
