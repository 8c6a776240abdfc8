package capture

import "bytes"

// Tee gives every chunk to all sinks, in order.
func Tee(sinks ...Sink) Sink {
	if len(sinks) == 1 {
		return sinks[0]
	}
	return tee(sinks)
}

type tee []Sink

func (t tee) Write(p []byte) (int, error) {
	for _, s := range t {
		_, _ = s.Write(p)
	}
	return len(p), nil
}

// Wait is full when any of the sinks is.
func (t tee) Wait(resume func()) bool {
	for _, s := range t {
		if b, ok := s.(Brake); ok && b.Wait(resume) {
			return true
		}
	}
	return false
}

// StripANSI removes escape sequences from every chunk on its way to next (LOG-025): from ESC [ to the first of the
// letters that end one. A sequence that does not end in its chunk takes the rest of the chunk with it, and what is left
// of it in the next chunk stays, as in Supervisor. A chunk that was nothing else arrives empty.
func StripANSI(next Sink) Sink { return &stripper{next: next} }

type stripper struct {
	next Sink
	buf  []byte // kept for the next chunk with something to remove
}

var (
	escape      = []byte("\x1b[")
	terminators = [256]bool{'H': true, 'f': true, 'A': true, 'B': true, 'C': true, 'D': true, 'R': true, 's': true,
		'u': true, 'J': true, 'K': true, 'h': true, 'l': true, 'p': true, 'm': true}
)

func (s *stripper) Write(p []byte) (int, error) {
	at := bytes.Index(p, escape)
	if at < 0 {
		return s.next.Write(p)
	}
	out, rest := s.buf[:0], p
	for at >= 0 {
		out = append(out, rest[:at]...)
		rest = rest[at+len(escape):]
		end := 0
		for end < len(rest) && !terminators[rest[end]] {
			end++
		}
		rest = rest[min(end+1, len(rest)):]
		at = bytes.Index(rest, escape)
	}
	out = append(out, rest...)
	s.buf = out[:0]
	_, _ = s.next.Write(out)
	return len(p), nil
}

// Wait asks the next sink.
func (s *stripper) Wait(resume func()) bool {
	b, ok := s.next.(Brake)
	return ok && b.Wait(resume)
}
