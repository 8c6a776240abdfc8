package logfile

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// What a path turned out to be.
const (
	regular int32 = iota // a file on a disk: rotated, cleared
	memory               // a device that swallows or refuses, never waits: /dev/null, /dev/full
	slow                 // a pipe, a terminal, a socket: a write waits for somebody else
)

// target is one open log.
type target struct {
	path  string
	users int // guarded by the mutex of targets
	once  sync.Once
	err   error // why it could not be opened

	options atomic.Pointer[Options]
	kind    atomic.Int32
	stale   atomic.Bool // somebody wants it reopened while a write is waiting in it
	cut     atomic.Bool // interrupted or closed: nothing waits any more
	bell    bell        // rung to make a waiting write look at stale and cut

	mu       sync.Mutex // guards what follows; held while writing
	fd       int        // -1 once closed
	own      bool       // fd is a copy of one of our own descriptors
	rotateAt int64      // after a rotation that failed: the size at which to try again
	astray   bool       // path is renamed but the new file could not be created yet
}

// start opens the descriptor for the first time.
func (t *target) start(o Options) error {
	if n, ok := ownDescriptor(t.path); ok {
		fd, err := dup(n)
		if err != nil {
			return &os.PathError{Op: "open", Path: t.path, Err: err}
		}
		t.fd, t.own = fd, true // its flags are shared with strangers and stay as they are
		t.kind.Store(kindOf(fd))
	} else {
		fd, err := openPath(t.path, uint32(o.Mode.Perm()), nil)
		if err != nil {
			return err
		}
		t.fd = fd
		t.kind.Store(kindOf(fd))
	}
	if t.kind.Load() == slow {
		return t.bell.hang()
	}
	return nil
}

// write appends p and rotates when it is due.
func (t *target) write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fd < 0 {
		return 0, os.ErrClosed
	}
	if t.kind.Load() == slow {
		return t.writeSlow(p)
	}
	if t.astray {
		t.recreate()
	}
	n, err := writeAll(t.fd, p)
	if o := t.options.Load(); o.MaxBytes > 0 && !t.own && t.kind.Load() == regular {
		t.rotateIfDue(o)
	}
	if err != nil {
		return n, &os.PathError{Op: "write", Path: t.path, Err: err}
	}
	return n, nil
}

// writeAll writes p to a descriptor that does not make it wait.
func writeAll(fd int, p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := syscall.Write(fd, p[done:])
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// again opens the path anew, after removing what is there when remove is set.
func (t *target) again(remove bool) error {
	if t.own || (remove && t.kind.Load() != regular) {
		return nil
	}
	if !t.mu.TryLock() {
		if t.kind.Load() == slow {
			t.stale.Store(true) // the waiting write sees to it; nobody else waits with it
			t.bell.ring()
			return nil
		}
		t.mu.Lock()
	}
	defer t.mu.Unlock()
	if t.fd < 0 {
		return os.ErrClosed
	}
	if remove {
		if err := syscall.Unlink(t.path); err != nil && err != syscall.ENOENT {
			return &os.PathError{Op: "remove", Path: t.path, Err: err}
		}
	}
	return t.swap()
}

// swap opens the path and puts the new descriptor in the place of the old, which is kept when there is no new one.
func (t *target) swap() error {
	fd, err := openPath(t.path, uint32(t.options.Load().Mode.Perm()), t.like())
	if err != nil {
		return err
	}
	kind := kindOf(fd)
	if kind == slow {
		if err := t.bell.hang(); err != nil {
			syscall.Close(fd)
			return err
		}
	}
	syscall.Close(t.fd)
	t.fd, t.astray, t.rotateAt = fd, false, 0
	t.kind.Store(kind)
	return nil
}

// like is the mode and owner that a successor of the present file gets; nil when it is no regular file.
func (t *target) like() *syscall.Stat_t {
	var st syscall.Stat_t
	if t.kind.Load() != regular || syscall.Fstat(t.fd, &st) != nil {
		return nil
	}
	return &st
}

// interrupt ends all waiting in this target, now and later.
func (t *target) interrupt() {
	t.cut.Store(true)
	t.bell.ring()
}

// close gives the descriptor back. A write that waits in it does so itself when it is done.
func (t *target) close() error {
	if !t.mu.TryLock() {
		t.interrupt()
		t.mu.Lock()
	}
	defer t.mu.Unlock()
	if t.fd < 0 {
		return nil
	}
	err := syscall.Close(t.fd)
	t.fd = -1
	t.bell.remove()
	return err
}

// ownDescriptor finds the number in the names that mean one of our own descriptors.
func ownDescriptor(path string) (int, bool) {
	switch path {
	case "/dev/stdin":
		return 0, true
	case "/dev/stdout":
		return 1, true
	case "/dev/stderr":
		return 2, true
	}
	dir, base := filepath.Split(path)
	if dir != "/dev/fd/" && dir != "/proc/self/fd/" {
		return 0, false
	}
	n, err := strconv.Atoi(base)
	return n, err == nil && n >= 0 && !strings.HasPrefix(base, "+")
}
