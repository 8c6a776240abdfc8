// Package syslog writes the lines of children to the system's log, as the C library's syslog() would for Supervisor,
// or to a log host in the words of RFC 5424. It may wait for whoever reads there, so its writers belong behind a queue;
// those that lead to one target have the same Key and can share it. What cannot be delivered is lost, and the next
// line tries to connect again.
package syslog

import (
	"bytes"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// priority is facility user, severity info.
const priority = "<14>"

// severities are those of a daemon's levels, by the word that begins a line of its log.
var severities = map[string]string{
	"CRIT ": "<10>", "ERRO ": "<11>", "WARN ": "<12>", "INFO ": "<14>", "DEBG ": "<15>", "TRAC ": "<15>", "BLAT ": "<15>",
}

// Sizes, in bytes.
const (
	lineLimit = 8<<10 - headLimit // of a line in one message of RFC 5424; longer ones become several
	headLimit = 512               // of what stands before it: log hosts take 8 KiB in all unless they are told more
)

// Waits.
const (
	patience = 5 * time.Second // for a connection or a write
	pause    = time.Second     // after a connection that failed, before the next
)

// Options are what all lines have in common.
type Options struct {
	Ident string   // the program's name in local lines
	Paths []string // of local sockets, the first that answers is used; nil for the usual ones
	Host  string   // our own name
	Now   func() time.Time
}

// Paths are where the system's log listens.
var Paths = []string{"/dev/log", "/var/run/syslog", "/var/run/log"}

// Logs is the targets that are in use. Its methods may be called from any goroutine.
type Logs struct {
	o Options

	mu      sync.Mutex // guards what follows
	targets map[string]*target
}

// New has no connection yet.
func New(o Options) *Logs {
	if o.Paths == nil {
		o.Paths = Paths
	}
	return &Logs{o: o, targets: map[string]*target{}}
}

// Local is a writer to the system's log: each line of a chunk becomes "<name> <line>", without the newlines at the end
// of the chunk (LOG-026).
func (l *Logs) Local(name string) io.WriteCloser {
	return &local{t: l.target(""), name: name}
}

// Remote is a writer to "udp:host:port" or "tcp:host:port": each line becomes one message from the process. What comes
// without a newline at its end waits for the rest, or for Close.
func (l *Logs) Remote(address, name string, pid int) io.WriteCloser {
	return &remote{t: l.target(address), name: name, pid: pid, priority: priority}
}

// Daemon is Remote for the daemon's own log: a line that begins with a level has its severity, and one that does not
// that of the line before.
func (l *Logs) Daemon(address, name string, pid int) io.WriteCloser {
	return &remote{t: l.target(address), name: name, pid: pid, priority: priority, levels: true}
}

func (l *Logs) target(address string) *target {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.targets[address]
	if t == nil {
		t = &target{o: l.o, address: address}
		l.targets[address] = t
	}
	return t
}

// Close closes the connections. Writers that are used after it connect again.
func (l *Logs) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.targets {
		t.close()
	}
}

// target is one place where lines go.
type target struct {
	o       Options
	address string // empty for the system's log

	mu     sync.Mutex // guards what follows, and is held while something is written
	conn   net.Conn
	stream bool      // messages need something between them
	failed time.Time // when there was no connection
}

// send writes one message, over a new connection if the old one is broken.
func (t *target) send(msg []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for range 2 {
		fresh := t.conn == nil
		if fresh && !t.connect() {
			return
		}
		_ = t.conn.SetWriteDeadline(t.o.Now().Add(patience))
		if _, err := t.conn.Write(t.framed(msg)); err == nil {
			return
		}
		t.conn.Close()
		t.conn = nil
		if fresh {
			return
		}
	}
}

// framed puts between messages what a stream needs: a zero byte on the local socket, the length before each on TCP.
func (t *target) framed(msg []byte) []byte {
	switch {
	case !t.stream:
		return msg
	case t.address == "":
		return append(msg, 0)
	}
	return append(append(strconv.AppendInt(nil, int64(len(msg)), 10), ' '), msg...)
}

func (t *target) connect() bool {
	now := t.o.Now()
	if !t.failed.IsZero() && now.Sub(t.failed).Abs() < pause {
		return false
	}
	t.failed = now
	if t.address != "" {
		network, address, _ := strings.Cut(t.address, ":")
		conn, err := net.DialTimeout(network, address, patience)
		if err != nil {
			return false
		}
		t.conn, t.stream, t.failed = conn, network == "tcp", time.Time{}
		return true
	}
	for _, path := range t.o.Paths {
		for _, network := range []string{"unixgram", "unix"} {
			if conn, err := net.DialTimeout(network, path, patience); err == nil {
				t.conn, t.stream, t.failed = conn, network == "unix", time.Time{}
				return true
			}
		}
	}
	return false
}

func (t *target) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.conn != nil {
		t.conn.Close()
		t.conn = nil
	}
}

// local writes one stream to the system's log.
type local struct {
	t    *target
	name string
}

// Key is equal for writers to the same target.
func (w *local) Key() any { return w.t }

func (w *local) Write(p []byte) (int, error) {
	stamp := w.t.o.Now().Format(time.Stamp)
	for line := range bytes.SplitSeq(bytes.TrimRight(p, "\n"), []byte("\n")) {
		msg := append([]byte(priority+stamp+" "+w.t.o.Ident+": "+w.name+" "), line...)
		w.t.send(msg)
	}
	return len(p), nil
}

func (w *local) Close() error { return nil }

// remote writes one stream to a log host.
type remote struct {
	t    *target
	name string
	pid  int
	part []byte // of a line, not ended yet

	priority string
	levels   bool // the lines say what their priority is
}

// Key is equal for writers to the same target.
func (w *remote) Key() any { return w.t }

func (w *remote) Write(p []byte) (int, error) {
	n := len(p)
	for {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			break
		}
		w.line(append(w.part, p[:end]...))
		w.part, p = w.part[:0], p[end+1:]
	}
	for w.part = append(w.part, p...); len(w.part) > lineLimit; {
		cut := whole(w.part)
		w.message(w.part[:cut])
		w.part = append(w.part[:0], w.part[cut:]...)
	}
	return n, nil
}

func (w *remote) line(b []byte) {
	for len(b) > lineLimit {
		cut := whole(b)
		w.message(b[:cut])
		b = b[cut:]
	}
	w.message(b)
}

// whole is how much of b fits into one message without a character being cut in two.
func whole(b []byte) int {
	for cut := lineLimit; cut > lineLimit-utf8.UTFMax; cut-- {
		if utf8.RuneStart(b[cut]) {
			return cut
		}
	}
	return lineLimit
}

// message sends one line as RFC 5424 has it: no message id, no structured data.
func (w *remote) message(line []byte) {
	if w.levels {
		if p, ok := severities[string(line[:min(len(line), 5)])]; ok {
			w.priority = p
		}
	}
	head := w.priority + "1 " + w.t.o.Now().Format("2006-01-02T15:04:05.000000Z07:00") + " " + word(w.t.o.Host, 255) + " " +
		word(w.name, 48) + " " + strconv.Itoa(w.pid) + " - - "
	w.t.send(append([]byte(head), line...))
}

// Close sends what waits for the end of its line.
func (w *remote) Close() error {
	if len(w.part) > 0 {
		w.line(w.part)
		w.part = nil
	}
	return nil
}

// word is a name as a field of the header may be: printable, without blanks, not empty and not too long.
func word(s string, limit int) string {
	out := []byte(s)
	for i, c := range out {
		if c <= ' ' || c > '~' {
			out[i] = '_'
		}
	}
	if len(out) == 0 {
		return "-"
	}
	return string(out[:min(len(out), limit)])
}
