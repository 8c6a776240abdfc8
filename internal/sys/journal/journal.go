// Package journal is supervisord.log. Every line that can stand in it is a function here, because people grep for these
// lines: the function has the facts, this package the words. The same lines go to standard output in the foreground,
// to syslog when the log file is called "syslog", and to a log host.
package journal

import (
	"fmt"
	"io"
	"log/syslog"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// Options say where the lines go.
type Options struct {
	Path     string // "" for no file; "syslog" for the system's log
	MaxBytes int64
	Backups  int
	Level    config.Level // lines below it are not written
	Stdout   io.Writer    // gets every line too; nil for none
	Now      func() time.Time
	// Queue, when set, is asked for a writer to a log that is not a regular file, so that a reader who does not read
	// holds nobody up. What it returns owns the file.
	Queue func(*logfile.File) io.WriteCloser
	// Remote gets every line as "LEVEL text", for a log host; nil for none. It must not block, and Close closes it.
	Remote io.WriteCloser
	Stderr io.Writer // for the one line that says syslog cannot be reached; nil for the process's own
}

// Journal writes the lines. It may be used from several goroutines; a nil Journal is a silent one.
type Journal struct {
	level  config.Level
	now    func() time.Time
	path   string
	file   *logfile.File
	stdout io.Writer

	mu     sync.Mutex // guards what follows and keeps lines whole
	out    io.WriteCloser
	sys    *syslog.Writer
	remote io.WriteCloser
	line   []byte
}

// syslogName is the file name that means the system's log (LOG-026).
const syslogName = "syslog"

// Open opens the journal. A log file that cannot be opened is an error; a syslog that cannot be reached is not.
func Open(o Options) (*Journal, error) {
	j := &Journal{level: o.Level, now: o.Now, path: o.Path, stdout: o.Stdout, remote: o.Remote}
	switch o.Path {
	case "":
	case syslogName:
		w, err := syslog.New(syslog.LOG_INFO|syslog.LOG_USER, "supervisord")
		if err != nil {
			stderr := o.Stderr
			if stderr == nil {
				stderr = os.Stderr
			}
			fmt.Fprintf(stderr, "cannot reach syslog: %v (logging goes on without it)\n", err)
			break
		}
		j.sys = w
	default:
		f, err := logfile.Open(o.Path, logfile.Options{MaxBytes: o.MaxBytes, Backups: o.Backups})
		if err != nil {
			return nil, err
		}
		j.file, j.out = f, f
		if o.Queue != nil && !f.Regular() {
			j.out = o.Queue(f)
		}
	}
	return j, nil
}

// Enabled tells whether lines of this level are written, for callers whose facts are dear.
func (j *Journal) Enabled(level config.Level) bool { return j != nil && level >= j.level }

// Path is the log file as it was given to Open.
func (j *Journal) Path() string {
	if j == nil {
		return ""
	}
	return j.path
}

// Reopen opens the log file anew by path (LOG-010). The line that goes with it is LogReopen.
func (j *Journal) Reopen() error {
	if j == nil || j.file == nil {
		return nil
	}
	return j.file.Reopen()
}

// Clear empties the log as clearLog does (LOG-009): the file is removed, the line that says so goes to the removed file
// and to standard output, and a new empty file is begun. The error is a *fault.Error: NoFile without a path when there
// is no such file (RPC-012), Failed when it cannot be removed or begun.
func (j *Journal) Clear() error {
	if j == nil || j.path == "" {
		return fault.New(fault.NoFile, "")
	}
	if _, err := os.Stat(j.path); err != nil {
		return fault.New(fault.NoFile, "")
	}
	if j.file == nil {
		return nil
	}
	st, err := os.Lstat(j.path)
	if err == nil && st.Mode().IsRegular() {
		if err := syscall.Unlink(j.path); err != nil && err != syscall.ENOENT {
			return fault.New(fault.Failed, "")
		}
	}
	if j.stdout != nil {
		j.reopening() // Supervisor says it once for each place that lines go to
	}
	j.reopening()
	if err := j.file.Reopen(); err != nil {
		return fault.New(fault.Failed, "")
	}
	return nil
}

// Close closes the file. Lines after it go to standard output only.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	out, sys, remote := j.out, j.sys, j.remote
	j.out, j.sys, j.remote = nil, nil, nil
	if sys != nil {
		_ = sys.Close()
	}
	if remote != nil {
		_ = remote.Close()
	}
	if out != nil {
		return out.Close()
	}
	return nil
}

// names are the levels as they stand in the log (LOG-001).
var names = map[config.Level]string{
	config.Critical: "CRIT", config.Error: "ERRO", config.Warn: "WARN", config.Info: "INFO",
	config.Debug: "DEBG", config.Trace: "TRAC", config.Blather: "BLAT",
}

// logf writes one line if its level is wanted. That a line cannot be written is nothing a caller could mend.
func (j *Journal) logf(level config.Level, format string, args ...any) {
	if !j.Enabled(level) {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	now := j.now()
	stamp := func(b []byte) []byte {
		b = now.AppendFormat(b, "2006-01-02 15:04:05")
		return fmt.Appendf(b, ",%03d %s ", now.Nanosecond()/1e6, names[level])
	}
	if j.sys != nil {
		text := strings.TrimRight(fmt.Sprintf(format, args...), "\n")
		for part := range strings.SplitSeq(text, "\n") {
			_ = j.sys.Info(string(stamp(nil)) + part)
		}
	}
	if j.remote != nil {
		text := strings.TrimRight(fmt.Sprintf(format, args...), "\n")
		_, _ = j.remote.Write([]byte(names[level] + " " + text + "\n"))
	}
	if j.out == nil && j.stdout == nil {
		return
	}
	j.line = append(fmt.Appendf(stamp(j.line[:0]), format, args...), '\n')
	if j.stdout != nil {
		_, _ = j.stdout.Write(j.line)
	}
	if j.out != nil {
		_, _ = j.out.Write(j.line)
	}
	if cap(j.line) > 64<<10 {
		j.line = nil
	}
}
