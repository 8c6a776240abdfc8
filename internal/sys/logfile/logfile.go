// Package logfile owns log files: it appends to them, rotates them, empties them and reads them back by offset. One
// path is one open file in this process however many writers asked for it, so that a rotation by one cannot lose the
// bytes of another. What is not a regular file (a pipe, a terminal, our own standard output) is written to as it is:
// never rotated, never removed, and never in a way that keeps an opener waiting.
package logfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Options say how a log is kept. When several writers have one path open, those of the latest Open hold for all.
type Options struct {
	// MaxBytes is the size in bytes at which the file is rotated, looked at after each write, so that a write is never
	// split (LOG-013). 0 is never (LOG-015).
	MaxBytes int64
	// Backups is how many rotated files are kept as path.1 (newest) to path.N; with 0 the file is emptied in place.
	Backups int
	// Mode is that of a file which has to be created; 0 stands for 0666 less the umask.
	Mode fs.FileMode
}

// File is one writer's hold on a log. It may be used from several goroutines.
type File struct {
	t      *target
	lost   atomic.Int64
	closed atomic.Bool
}

// targets are the logs that are open, by cleaned absolute path. The mutex stands above the map: it is taken before a
// target's own and never the other way round.
var targets = struct {
	sync.Mutex
	open map[string]*target
}{open: map[string]*target{}}

// Open opens the log at path for appending and creates it when it is missing. The names /dev/stdout, /dev/stderr,
// /dev/fd/N and /proc/self/fd/N stand for our own descriptor N as it is now; they are not opened again, which may be
// forbidden after a change of user and would start a file over (LOG-012). A FIFO nobody reads does not hold Open up.
func Open(path string, o Options) (*File, error) {
	key, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	targets.Lock()
	t := targets.open[key]
	if t == nil {
		t = &target{path: key, fd: -1}
		targets.open[key] = t
	}
	t.users++
	targets.Unlock()
	t.options.Store(&o)
	// A disk that does not answer holds up those who want this log, and nobody else.
	t.once.Do(func() { t.err = t.start(o) })
	if t.err != nil {
		t.release()
		return nil, t.err
	}
	return &File{t: t}, nil
}

// Path is the absolute path under which the log was opened.
func (f *File) Path() string { return f.t.path }

// Regular tells whether a write returns by itself, however slow the readers are: a regular file, or a device like
// /dev/null. Where it is false, whoever must not wait gives the bytes to a goroutine that may.
func (f *File) Regular() bool { return f.t.kind.Load() != slow }

// Key is the same value for all Files of one path; it tells writers that share a target from those that do not.
func (f *File) Key() any { return f.t }

// Lost is the number of bytes that this File was given and could not write, because the disk was full, say. A failed
// write is not tried again; the next one is.
func (f *File) Lost() int64 { return f.lost.Load() }

// Write appends p, in one write(2) to a regular file unless the system takes less than it was given. It then rotates
// if the file has reached its size. A failure to rotate is no failure to write: the file goes on growing and the
// rotation is tried again later.
func (f *File) Write(p []byte) (int, error) {
	if f.closed.Load() {
		return 0, os.ErrClosed
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := f.t.write(p)
	if n < len(p) {
		f.lost.Add(int64(len(p) - n))
	}
	return n, err
}

// Reopen opens the path anew (LOG-010): a file that was moved away stays as it is, and a new one takes over. When that
// fails the old file stays in use and the error says why. One of our own descriptors is left alone.
func (f *File) Reopen() error {
	if f.closed.Load() {
		return os.ErrClosed
	}
	return f.t.again(false)
}

// Clear removes the file and starts a new one of the same mode and owner. Numbered backups stay (LOG-016). What is not
// a regular file is left alone.
func (f *File) Clear() error {
	if f.closed.Load() {
		return os.ErrClosed
	}
	return f.t.again(true)
}

// Interrupt makes a Write that waits for a slow reader give up, and all later ones too: their bytes count as lost.
// It is for the end of the process, when waiting has to have one. Other Files of the same path are cut off with it.
func (f *File) Interrupt() { f.t.interrupt() }

// Close gives up this hold; the last one closes the descriptor. A second Close does nothing. A Write that is waiting
// for a slow reader keeps the descriptor until it returns.
func (f *File) Close() error {
	if f.closed.Swap(true) {
		return nil
	}
	if !f.t.release() {
		return nil
	}
	return f.t.close()
}

// release counts one user off and tells whether it was the last.
func (t *target) release() bool {
	targets.Lock()
	defer targets.Unlock()
	t.users--
	if t.users == 0 && targets.open[t.path] == t {
		delete(targets.open, t.path)
	}
	return t.users == 0
}
