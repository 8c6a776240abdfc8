package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"regexp/syntax"
	"strconv"
	"time"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

const (
	usualLines = 100     // when nothing says where to begin
	usualBytes = 1 << 20 // of one answer

	lookFor     = 10 * time.Second // through a log
	mostPattern = 1000             // bytes of a regular expression
	mostOfSteps = 1000             // that it is compiled to: what each character may cost
)

// logParams are the parameters of both logs.
var logParams = []param{
	{name: "offset", kind: integer, about: "begin at this byte; next of the answer before goes on from there"},
	{name: "length", kind: integer, about: "at most this many bytes; 1 MiB without it, and never more than 16 MiB"},
	{name: "lines", kind: integer, about: "the last lines, at most this many; 100 when there is neither offset nor since, 0 for all"},
	{name: "since", kind: plain, about: "leave out what is older: a time (2026-01-31T12:00:00Z), unix seconds, or how long ago (10m). Lines must begin with a time; one without is as old as that before it"},
	{name: "grep", kind: plain, about: "only lines that this regular expression finds (RE2, at most 1000 bytes). After 10 seconds of looking the answer is what was found, and next where to go on; with lines it is a refusal"},
	{name: "format", kind: plain, enum: []string{"json", "text"}, about: "text answers the bytes as they are, as text/plain"},
	{name: "follow", kind: boolean, about: "answer as text and go on with what is written, over rotations, until the client hangs up"},
}

func processLog(a *ask) (any, error) {
	stream := service.Stdout
	if a.text("stream", "stdout") == "stderr" {
		stream = service.Stderr
	}
	return a.log(func(q logfile.Query) (logfile.Selection, error) {
		return a.f.s.QueryLog(a.ctx, a.name, stream, q)
	}, func() (string, error) { return a.f.s.LogPath(a.ctx, a.name, stream) })
}

func mainLog(a *ask) (any, error) {
	return a.log(func(q logfile.Query) (logfile.Selection, error) {
		return a.f.s.QueryMainLog(a.ctx, q)
	}, func() (string, error) { return a.f.s.MainLog(), nil })
}

func (a *ask) log(find func(logfile.Query) (logfile.Selection, error), where func() (string, error)) (any, error) {
	q, err := a.wanted()
	if err != nil {
		return nil, err
	}
	follows := a.truth("follow") && a.r.Method != "HEAD" // which has no body to go on with
	q.Whole = follows && q.Match != nil
	if q.Match != nil || !q.Since.IsZero() {
		ctx, cancel := context.WithTimeout(a.waiting(true), lookFor)
		defer cancel()
		a.ctx = ctx
	}
	s, err := find(q)
	switch {
	case err != nil:
		return nil, err
	case follows:
		path, err := where()
		if err != nil {
			return nil, err
		}
		return a.follow(path, s, q.Match)
	case a.text("format", "json") == "text":
		return raw(s.Text), nil
	}
	return client.Log{Text: string(s.Text), Offset: s.Offset, Next: s.Next, Size: s.Size, Restarted: s.Restarted}, nil
}

// wanted reads what part of a log is asked for.
func (a *ask) wanted() (logfile.Query, error) {
	q := logfile.Query{Offset: a.number("offset", -1), Lines: int(a.number("lines", 0)), Most: a.number("length", usualBytes)}
	if a.number("offset", 0) < 0 || q.Lines < 0 || q.Most < 1 {
		return q, fault.New(fault.BadArguments, "offset and lines are not negative, and length is at least 1")
	}
	if !a.query.Has("offset") && !a.query.Has("lines") && !a.query.Has("since") {
		q.Lines = usualLines
	}
	var err error
	if text := a.text("grep", ""); text != "" {
		if q.Match, err = pattern(text); err != nil {
			return q, fault.New(fault.BadArguments, err.Error())
		}
	}
	if text := a.text("since", ""); text != "" {
		if q.Since, err = since(text, a.f.o.Now()); err != nil {
			return q, err
		}
	}
	return q, nil
}

// pattern compiles a regular expression that does not take for ever.
func pattern(text string) (*regexp.Regexp, error) {
	if len(text) > mostPattern {
		return nil, fmt.Errorf("grep has at most %d bytes", mostPattern)
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(tree.Simplify())
	if err == nil && len(program.Inst) > mostOfSteps {
		err = errors.New("grep repeats too much")
	}
	if err != nil {
		return nil, err
	}
	return regexp.Compile(text)
}

// since reads a moment: how long ago, seconds since 1970, or a time.
func since(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0), nil
	}
	if at, ok := logfile.Stamp([]byte(text)); ok {
		return at, nil
	}
	return time.Time{}, fault.New(fault.BadArguments, "since is like 10m, 1767225600 or 2026-01-31T12:00:00Z, not "+strconv.Quote(text))
}

var textHeader = []httpd.Field{
	{Name: "Content-Type", Value: "text/plain; charset=utf-8"}, {Name: "X-Content-Type-Options", Value: "nosniff"},
	{Name: "Cache-Control", Value: "no-store"}, {Name: "X-Accel-Buffering", Value: "no"},
}

func raw(text []byte) *httpd.Response {
	return &httpd.Response{Status: 200, Body: text, Header: append([]httpd.Field{
		{Name: "Content-Length", Value: strconv.Itoa(len(text))},
	}, textHeader...)}
}

// follow tells what was found and then what comes.
func (a *ask) follow(path string, s logfile.Selection, match *regexp.Regexp) (any, error) {
	f, err := logfile.FollowFrom(path, s.Next)
	if err != nil {
		return nil, fault.New(fault.NoFile, path)
	}
	return &httpd.Response{Status: 200, Header: textHeader, Stream: func(w io.Writer) error {
		defer f.Close()
		if _, err := w.Write(s.Text); err != nil {
			return err
		}
		return api.Pump(a.r, f, &sieve{w: w, match: match})
	}}, nil
}

// longest bounds in bytes what is kept of a line that has not ended yet; then it counts as ended.
const longest = 64 << 10

// sieve passes the lines on that match finds, whole ones only; without match all that comes, as it comes.
type sieve struct {
	w     io.Writer
	match *regexp.Regexp
	part  []byte
}

func (s *sieve) Write(p []byte) (int, error) {
	if s.match == nil {
		return s.w.Write(p)
	}
	var out []byte
	s.part = append(s.part, p...)
	for {
		end := bytes.IndexByte(s.part, '\n') + 1
		if end == 0 && len(s.part) < longest {
			break
		}
		if end == 0 {
			end = len(s.part)
		}
		if s.match.Match(bytes.TrimRight(s.part[:end], "\r\n")) {
			out = append(out, s.part[:end]...)
		}
		s.part = s.part[end:]
	}
	if len(out) > 0 {
		if _, err := s.w.Write(out); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}
