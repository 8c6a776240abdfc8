package capture

import "bytes"

// The tags of capture mode. What stands between them is captured, and they themselves vanish (LOG-028).
var (
	beginTag = []byte("<!--XSUPERVISOR:BEGIN-->")
	endTag   = []byte("<!--XSUPERVISOR:END-->")
)

// Bound is a sink that keeps what it gets, about max bytes of it: when more would come together, as many bytes as
// arrive are dropped from the front of what is kept, and what arrives is kept whole, however long (LOG-031).
type Bound struct {
	max int64
	buf []byte
}

// NewBound is an empty Bound.
func NewBound(max int64) *Bound { return &Bound{max: max} }

func (b *Bound) Write(p []byte) (int, error) {
	if int64(len(b.buf)+len(p)) > b.max {
		b.buf = b.buf[:copy(b.buf, b.buf[min(len(p), len(b.buf)):])]
	}
	b.buf = append(b.buf, p...)
	return len(p), nil
}

// take gives away what was kept.
func (b *Bound) take() []byte {
	taken := b.buf
	b.buf = nil
	return taken
}

// Mode separates captured text from the rest of a stream: outside gets what stands outside of the tags, inside what
// stands between them. inside is to lead to keep, among others. At every closing tag end is called with what keep has
// kept, which is its own from then on. A few bytes are always held back, because a tag may begin in them; what is held
// when the stream ends is lost, as in Supervisor (LOG-029).
func Mode(outside, inside Sink, keep *Bound, end func(text []byte)) Sink {
	return &mode{outside: outside, inside: inside, keep: keep, end: end}
}

type mode struct {
	outside, inside Sink
	keep            *Bound
	end             func([]byte)
	capturing       bool
	held            []byte
}

func (m *mode) Write(p []byte) (int, error) {
	data := p
	if len(m.held) > 0 {
		m.held = append(m.held, p...)
		data = m.held
	}
	rest := m.scan(data)
	m.held = append(m.held[:0], rest...)
	return len(p), nil
}

// scan passes on as much as is decided and returns the rest.
func (m *mode) scan(p []byte) []byte {
	for {
		tag := beginTag
		if m.capturing {
			tag = endTag
		}
		if len(p) <= len(tag) {
			return p
		}
		at := bytes.Index(p, tag)
		if at < 0 {
			keep := begun(p, tag)
			m.pass(p[:len(p)-keep])
			return p[len(p)-keep:]
		}
		m.pass(p[:at])
		m.toggle()
		p = p[at+len(tag):]
	}
}

// begun is how many bytes at the end of p may be the beginning of tag.
func begun(p, tag []byte) int {
	n := len(tag) - 1
	for n > 0 && !bytes.HasSuffix(p, tag[:n]) {
		n--
	}
	return n
}

func (m *mode) pass(p []byte) {
	switch {
	case len(p) == 0:
	case m.capturing:
		_, _ = m.inside.Write(p)
	default:
		_, _ = m.outside.Write(p)
	}
}

func (m *mode) toggle() {
	m.capturing = !m.capturing
	if !m.capturing {
		m.end(m.keep.take())
	}
}

// Wait asks the sink that logs.
func (m *mode) Wait(resume func()) bool {
	b, ok := m.outside.(Brake)
	return ok && b.Wait(resume)
}
