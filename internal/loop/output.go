package loop

import (
	"bytes"
	"errors"
	"io"
	"os"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// stream is one output channel of one child on its way to where it is wanted.
type stream struct {
	l       *Loop
	m       *member
	pid     int
	conf    *config.Channel
	name    string // stdout or stderr
	log     event.Type
	comm    event.Type
	targets []capture.Sink // the files that it is kept in
}

// sink is where one channel's bytes go: through the filters that are configured, into the file and the copies.
func (l *Loop) sink(m *member, ch, pid int, logs []*logfile.File) capture.Sink {
	s := &stream{l: l, m: m, pid: pid, conf: &m.conf.Stdout, name: "stdout"}
	s.log, s.comm = event.ProcessLogStdout, event.ProcessCommunicationStdout
	if ch == 2 {
		s.conf, s.name = &m.conf.Stderr, "stderr"
		s.log, s.comm = event.ProcessLogStderr, event.ProcessCommunicationStderr
	}
	for _, log := range logs {
		end := s.end(log)
		m.sinks, m.logs = append(m.sinks, end), append(m.logs, log)
		s.targets = append(s.targets, end)
	}
	if ch == 1 && m.pool != nil {
		return s.dialogue()
	}
	s.syslog()
	copies := s.copies()
	plain := l.strip(append(s.targets, copies...)...)
	if s.conf.CaptureMaxbytes <= 0 {
		return plain
	}
	keep := capture.NewBound(s.conf.CaptureMaxbytes)
	return capture.Mode(plain, l.strip(append([]capture.Sink{keep}, copies...)...), keep, s.captured)
}

// end is how the bytes get into one log: as they are, or as whole lines that say who wrote them, if it is a console and
// the program wants that there.
func (s *stream) end(log *logfile.File) io.WriteCloser {
	end := s.l.o.Capture.To(&kept{File: log, lost: s.l.o.Journal.OutputLost})
	c := s.m.conf
	if c.LogFormat == config.FormatRaw || log.Regular() && !config.Console(log.Path()) {
		return end
	}
	label := capture.Label{
		Program: c.Program, Group: s.m.group, Process: c.Name, Stream: s.name, JSON: c.LogFormat == config.FormatJSON,
	}
	if c.LogTimestamps {
		label.Now = s.l.o.Kernel.Wall
	}
	return capture.NewLines(end, label)
}

// kept is a log that says when output cannot be written, once until some can be again. One goroutine writes at a time.
type kept struct {
	*logfile.File
	lost func(path string, err error)
	full bool
}

// Write is the log's.
func (k *kept) Write(p []byte) (int, error) {
	n, err := k.File.Write(p)
	if err != nil && !k.full && !errors.Is(err, os.ErrClosed) {
		k.lost(k.Path(), err)
	}
	k.full = err != nil
	return n, err
}

// syslog adds the system's log and the log host, behind queues of their own (LOG-026).
func (s *stream) syslog() {
	var to []io.Writer
	if s.l.o.Syslog != nil && s.conf.Syslog {
		to = append(to, s.l.o.Syslog.Local(s.m.conf.Name))
	}
	if s.l.o.Syslog != nil && s.conf.LogHost != "" {
		to = append(to, s.l.o.Syslog.Remote(s.conf.LogHost, s.m.conf.Name, s.pid))
	}
	for _, w := range to {
		end := s.l.o.Capture.Slow(w)
		s.m.sinks = append(s.m.sinks, end)
		s.targets = append(s.targets, end)
	}
}

// dialogue is a listener's stdout: it is logged like any other, but is no news for listeners (EVT-033). The pool tells
// the main log of it, because only there its place among what is sent is known.
func (s *stream) dialogue() capture.Sink {
	var to []capture.Sink
	if len(s.targets) > 0 {
		to = append(to, s.l.strip(s.targets...))
	}
	var write func([]byte) error
	if s.m.in != nil {
		write = s.m.in.Write
	}
	return capture.Tee(append(to, s.m.pool.Born(s.m.conf.Name, write))...)
}

// strip puts the removal of escape sequences, if it is configured, before the sinks (LOG-025).
func (l *Loop) strip(to ...capture.Sink) capture.Sink {
	s := capture.Tee(to...)
	if l.o.StripANSI() {
		return capture.StripANSI(s)
	}
	return s
}

// copies are who else gets what the file gets, and what is captured too (LOG-030).
func (s *stream) copies() []capture.Sink {
	var to []capture.Sink
	if j := s.l.o.Journal; j.Enabled(config.Debug) {
		to = append(to, capture.Func(func(p []byte) { j.Output(s.m.conf.Name, s.name, p) }))
	}
	if s.conf.EventsEnabled {
		to = append(to, capture.Func(s.news))
	}
	if tap := s.l.o.Tap; tap != nil && !s.m.conf.Hidden {
		to = append(to, capture.Func(func(p []byte) { tap(s.m.group, s.m.conf.Name, s.pid, s.name == "stderr", p) }))
	}
	return to
}

// news makes an event of a chunk, if anybody wants it (EVT-013).
func (s *stream) news(p []byte) {
	if s.l.o.Wanted != nil && !s.l.o.Wanted(s.log) {
		return
	}
	s.publish(s.log, bytes.Clone(p))
}

// captured makes an event of what stood between two tags (EVT-014).
func (s *stream) captured(text []byte) {
	s.publish(s.comm, text)
	s.l.o.Journal.CommEvent(s.m.conf.Name, s.name)
}

func (s *stream) publish(t event.Type, data []byte) {
	s.l.o.Publish(event.Event{Type: t, Process: s.m.conf.Name, Group: s.m.group, Pid: s.pid, Data: data})
}
