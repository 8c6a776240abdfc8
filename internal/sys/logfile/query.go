package logfile

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"regexp"
	"time"

	"github.com/reeve-sh/reeve/internal/core/fault"
)

// Query says which part of a log is wanted.
type Query struct {
	// Offset is where to begin, in bytes; negative for the beginning, or for what Lines says.
	Offset int64
	// Lines is how many of the last lines there may be; 0 for all.
	Lines int
	// Since leaves out what comes before the first line whose time is not earlier. A line without a time is as old as
	// the one before it.
	Since time.Time
	// Match leaves out the lines that it does not find.
	Match *regexp.Regexp
	// Most is how many bytes there may be; MaxQuery for 0.
	Most int64
	// Whole leaves a last line that has not ended yet for the next time.
	Whole bool
}

// Bounds of a query, in bytes.
const (
	MaxQuery = 16 << 20 // of an answer
	maxScan  = 64 << 20 // that are looked through before the end
	maxLine  = 1 << 20  // of one line; a longer one counts as several
)

// ErrNoTimes says that no line of a log begins with a time, so that nothing is known of since when it is.
var ErrNoTimes = errors.New("no line of the log begins with a time")

// Selection is the answer to a Query.
type Selection struct {
	Text      []byte
	Offset    int64 // where the looking began
	Next      int64 // where to go on
	Size      int64 // of the log
	Restarted bool  // it is shorter than the offset that was asked for: it was rotated or cleared, and is told from its start
}

// Select looks for part of a log. Without Offset it looks no further back than 64 MiB. When ctx ends it answers what it
// has found, unless the last lines were asked for, which nobody knows by then: that is ctx's error. Other errors are
// ErrNoTimes or a *fault.Error as Read's.
func Select(ctx context.Context, path string, q Query) (Selection, error) {
	f, size, err := openLog(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Selection{}, fault.New(fault.NoFile, path)
	case err != nil:
		return Selection{}, fault.New(fault.Failed, path)
	}
	defer f.Close()
	if q.Most <= 0 || q.Most > MaxQuery {
		q.Most = MaxQuery
	}
	s := Selection{Offset: q.Offset, Size: size}
	switch {
	case q.Offset > size:
		s.Offset, s.Restarted = 0, true
	case q.Offset < 0:
		s.Offset = max(0, size-maxScan)
	}
	if q.Match == nil && q.Since.IsZero() {
		err = s.cut(f, &q)
	} else {
		err = s.sift(ctx, f, &q)
	}
	if err != nil && !errors.Is(err, ErrNoTimes) && ctx.Err() == nil {
		err = fault.New(fault.Failed, path)
	}
	return s, err
}

// cut takes a stretch of the log as it is.
func (s *Selection) cut(f io.ReaderAt, q *Query) error {
	if q.Lines > 0 {
		at, err := lastLines(f, s.Offset, s.Size, q)
		if err != nil {
			return err
		}
		s.Offset = at
	}
	text := make([]byte, min(s.Size-s.Offset, q.Most))
	n, err := f.ReadAt(text, s.Offset)
	if err == io.EOF {
		err = nil
	}
	s.Text = text[:n]
	if q.Whole {
		s.Text = s.Text[:bytes.LastIndexByte(s.Text, '\n')+1]
	}
	s.Next = s.Offset + int64(len(s.Text))
	return err
}

// lastLines finds where the last lines begin, not before from and not more than q.Most before the end.
func lastLines(f io.ReaderAt, from, size int64, q *Query) (int64, error) {
	from = max(from, size-q.Most)
	block := make([]byte, 64<<10)
	left, end := q.Lines, size
	for first := true; end > from; first = false {
		at := max(from, end-int64(len(block)))
		b := block[:end-at]
		if _, err := f.ReadAt(b, at); err != nil && err != io.EOF {
			return 0, err
		}
		for i := len(b) - 1; i >= 0; i-- {
			if b[i] != '\n' || first && i == len(b)-1 { // the end of the last line begins none
				continue
			}
			if left--; left == 0 {
				return at + int64(i) + 1, nil
			}
		}
		end = at
	}
	return from, nil
}

// sift takes lines one by one.
func (s *Selection) sift(ctx context.Context, f io.ReaderAt, q *Query) error {
	in := bufio.NewReaderSize(io.NewSectionReader(f, s.Offset, s.Size-s.Offset), 64<<10)
	s.Next = s.Offset
	late, timed := q.Since.IsZero(), q.Since.IsZero()
	var lines [][]byte
	var held int64
	for {
		line, err := oneLine(in)
		if len(line) == 0 || q.Whole && line[len(line)-1] != '\n' && len(line) < maxLine {
			break
		}
		if !late {
			if at, ok := Stamp(line); ok {
				timed, late = true, !at.Before(q.Since)
			}
		}
		found := late && (q.Match == nil || find(ctx, q.Match, bytes.TrimRight(line, "\r\n")))
		if ctx.Err() != nil && (q.Lines > 0 || s.Next == s.Offset) {
			return ctx.Err()
		}
		if ctx.Err() != nil {
			break // Next says where to go on
		}
		if found {
			if q.Lines == 0 && held+int64(len(line)) > q.Most {
				break // Next says where to go on
			}
			lines, held = append(lines, line), held+int64(len(line))
			for q.Lines > 0 && (len(lines) > q.Lines || held > q.Most) {
				held -= int64(len(lines[0]))
				lines = lines[1:]
			}
		}
		s.Next += int64(len(line))
		if err != nil {
			break
		}
	}
	s.Text = bytes.Join(lines, nil)
	if !timed && s.Size > s.Offset {
		return ErrNoTimes
	}
	return nil
}

// short is how long a line may be in bytes that is looked at in one go.
const short = 8 << 10

// find looks at one line. What it says of a long one is worth nothing when ctx has ended.
func find(ctx context.Context, match *regexp.Regexp, line []byte) bool {
	if len(line) <= short {
		return match.Match(line)
	}
	return match.MatchReader(&interruptible{ctx: ctx, Reader: *bytes.NewReader(line)})
}

// interruptible is a text that ends when its context does.
type interruptible struct {
	bytes.Reader
	ctx context.Context
	n   int
}

func (r *interruptible) ReadRune() (rune, int, error) {
	if r.n++; r.n%1024 == 0 && r.ctx.Err() != nil {
		return 0, 0, io.EOF
	}
	return r.Reader.ReadRune()
}

// oneLine reads up to a line feed, or maxLine bytes.
func oneLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		piece, err := in.ReadSlice('\n')
		line = append(line, piece...)
		if err != bufio.ErrBufferFull || len(line) >= maxLine {
			if err == bufio.ErrBufferFull {
				err = nil
			}
			return line, err
		}
	}
}
