package capture

import (
	"bytes"
	"io"
	"sync"
	"time"
	"unicode/utf8"
)

// longestLine is what a line may have, in bytes without its end. What is longer is written in several.
const longestLine = 64 << 10

// batch is about how much is given to a target at once.
const batch = 64 << 10

// Label is what stands before each line of a program's output.
type Label struct {
	Program, Group, Process string
	Stream                  string           // stdout or stderr
	JSON                    bool             // an object a line; a prefix otherwise
	Now                     func() time.Time // nil for no time
}

// Lines is a sink that makes whole lines of a stream and puts a label before each. A line goes to its target in one
// Write with its end, so that lines of several programs do not mix there. A line of more than 64 KiB becomes several,
// of which all but the last are marked as parts. What the stream does not end with a line feed is kept until Close.
type Lines struct {
	to    io.WriteCloser
	label label
	held  []byte // the beginning of a line, no longer than longestLine
}

// NewLines makes whole lines on their way to a target, which belongs to it from now on.
func NewLines(to io.WriteCloser, l Label) *Lines { return &Lines{to: to, label: newLabel(l)} }

// pages are buffers for formatted lines: a stream needs one only while it is written to.
var pages = sync.Pool{New: func() any { return new([]byte) }}

// Write passes on the lines that p completes. How the bytes of a stream are split into Writes makes no difference to
// the lines.
func (l *Lines) Write(p []byte) (int, error) {
	n := len(p)
	w := l.begin()
	if len(l.held) > 0 {
		p = l.finish(w, p)
	}
	for {
		end := bytes.IndexByte(p[:min(len(p), longestLine+1)], '\n')
		switch {
		case end >= 0:
			w.line(p[:end], false)
			p = p[end+1:]
		case len(p) > longestLine:
			end = cut(p)
			w.line(p[:end], true)
			p = p[end:]
		default:
			l.hold(p)
			w.flush()
			return n, nil
		}
	}
}

// finish completes the line that is held with what p has of it, or cuts it, and returns the rest of p.
func (l *Lines) finish(w *writer, p []byte) []byte {
	for len(l.held) > 0 {
		room := longestLine - len(l.held)
		end := bytes.IndexByte(p[:min(len(p), room+1)], '\n')
		if end >= 0 {
			l.held = append(l.held, p[:end]...)
			w.line(l.held, false)
			l.held = l.held[:0]
			return p[end+1:]
		}
		take := min(len(p), room)
		l.held = append(l.held, p[:take]...)
		if p = p[take:]; len(p) == 0 {
			return nil
		}
		end = cut(l.held)
		w.line(l.held[:end], true)
		l.held = l.held[:copy(l.held, l.held[end:])]
	}
	return p
}

// hold keeps the beginning of a line; finish may have kept some already, and then p is empty.
func (l *Lines) hold(p []byte) {
	l.held = append(l.held, p...)
	if len(l.held) == 0 && cap(l.held) > 4<<10 {
		l.held = nil
	}
}

// cut is where the first part of p ends, a line that is too long: not within a character.
func cut(p []byte) int {
	at := longestLine
	for back := 1; back < utf8.UTFMax; back++ {
		if b := p[at-back]; utf8.RuneStart(b) {
			if !utf8.FullRune(p[at-back : at]) {
				return at - back
			}
			break
		}
	}
	return at
}

// Wait asks the target.
func (l *Lines) Wait(resume func()) bool {
	b, ok := l.to.(Brake)
	return ok && b.Wait(resume)
}

// Close writes what the stream ended with as a line, and closes the target.
func (l *Lines) Close() error {
	if len(l.held) > 0 {
		w := l.begin()
		w.line(l.held, false)
		w.flush()
		l.held = nil
	}
	return l.to.Close()
}

// writer collects the lines of one Write.
type writer struct {
	to    io.Writer
	label *label
	page  *[]byte
	stamp []byte // the time as it is written, made for the first line
	space [40]byte
}

func (l *Lines) begin() *writer {
	return &writer{to: l.to, label: &l.label, page: pages.Get().(*[]byte)}
}

// line adds one line, or part of one.
func (w *writer) line(text []byte, part bool) {
	if w.stamp == nil && w.label.now != nil {
		w.stamp = w.label.now().UTC().AppendFormat(w.space[:0], timeFormat)
	}
	*w.page = w.label.appendLine(*w.page, w.stamp, text, part)
	if len(*w.page) >= batch {
		w.give()
	}
}

func (w *writer) give() {
	_, _ = w.to.Write(*w.page)
	*w.page = (*w.page)[:0]
}

// flush gives what is left to the target and the page back.
func (w *writer) flush() {
	if len(*w.page) > 0 {
		w.give()
	}
	if cap(*w.page) <= 4*batch {
		pages.Put(w.page)
	}
}
