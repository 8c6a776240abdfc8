package listen

import (
	"os"
	"path/filepath"
	"syscall"
)

// Watch tells when the file of a socket may have been removed, and sleeps until then. It watches the files themselves,
// so that a busy /tmp wakes nobody, and where a file is missing the nearest directory that is there.
type Watch struct {
	f  *os.File
	fd int
}

// What is heard of a file, and of a directory in which something is missing.
const (
	ofFile = syscall.IN_ATTRIB | syscall.IN_MOVE_SELF | syscall.IN_DELETE_SELF // losing its name changes the count of links
	ofDir  = syscall.IN_CREATE | syscall.IN_MOVED_TO | syscall.IN_ATTRIB | syscall.IN_MOVE_SELF | syscall.IN_DELETE_SELF | syscall.IN_ONLYDIR
)

// inDontFollow is IN_DONT_FOLLOW: a link is watched itself, as look looks at it.
const inDontFollow = 0x2000000

// NewWatch watches nothing yet.
func NewWatch() (*Watch, error) {
	fd, err := syscall.InotifyInit1(syscall.IN_NONBLOCK | syscall.IN_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	return &Watch{f: os.NewFile(uintptr(fd), "inotify"), fd: fd}, nil
}

// Add watches a path, or what is there of it. Whoever calls it looks afterwards whether the path was lost before.
func (w *Watch) Add(path string) error {
	_, err := syscall.InotifyAddWatch(w.fd, path, ofFile|inDontFollow)
	for err == syscall.ENOENT && path != filepath.Dir(path) {
		path = filepath.Dir(path)
		_, err = syscall.InotifyAddWatch(w.fd, path, ofDir)
	}
	if err != nil {
		return &os.PathError{Op: "watch", Path: path, Err: err}
	}
	return nil
}

// Wait returns when something has happened to what is watched. An error is the end.
func (w *Watch) Wait() error {
	var events [4096]byte
	_, err := w.f.Read(events[:])
	return err
}

// Close ends a Wait.
func (w *Watch) Close() error { return w.f.Close() }
