package listen

import (
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/user"
	"strconv"
	"sync"
	"syscall"
)

// UnixOptions are what a unix socket looks like from outside.
type UnixOptions struct {
	Mode     fs.FileMode // permissions, whatever the umask; 0 means nobody
	UID, GID int         // owner and group; -1 leaves either as it is
	Stderr   io.Writer   // where "Unlinking stale socket" goes; nil for nowhere
}

// Unix listens on a socket at path (CFG-072). A socket there on which somebody listens is left alone and is an error;
// a dead one is replaced. What is no socket is never removed. The error is an *Error.
//
// Closing the listener removes the socket, if it is still ours.
func Unix(path string, o UnixOptions) (net.Listener, error) {
	l, err := bind(path, o)
	if err == nil {
		return l, nil
	}
	if e, ok := err.(*Error); ok {
		return nil, e
	}
	return nil, &Error{Addr: path, Err: err}
}

// bind makes the socket under a temporary name and puts it in place when it is complete.
func bind(path string, o UnixOptions) (*unixListener, error) {
	dir, err := enter(path)
	if err != nil {
		return nil, err
	}
	defer dir.leave()
	temp := dir.temporary(os.Getpid())
	_ = syscall.Unlink(temp)
	fd, err := socket()
	if err != nil {
		return nil, err
	}
	// On Linux the file gets the mode of the socket it is made from: it never has more than it should.
	_ = syscall.Fchmod(fd, uint32(o.Mode.Perm()))
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: temp}); err != nil {
		syscall.Close(fd)
		return nil, err
	}
	defer syscall.Unlink(temp)
	if err := finish(fd, temp, path, o); err != nil {
		syscall.Close(fd)
		return nil, err
	}
	id, _, err := look(temp)
	if err == nil {
		err = place(temp, path, o.Stderr)
	}
	if err != nil {
		syscall.Close(fd)
		return nil, err
	}
	return wrap(fd, path, id)
}

// socket makes a unix stream socket that children do not inherit.
func socket() (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	return fd, err
}

// finish gives the socket its owner and mode and begins to listen.
func finish(fd int, temp, path string, o UnixOptions) error {
	if o.UID >= 0 || o.GID >= 0 {
		if err := syscall.Lchown(temp, o.UID, o.GID); err != nil {
			if err == syscall.EPERM {
				return &Error{Addr: path, Err: err, chown: chownText(path, o)}
			}
			return err
		}
	}
	if err := syscall.Chmod(temp, uint32(o.Mode.Perm())); err != nil {
		return err
	}
	return syscall.Listen(fd, backlog)
}

// chownText is Supervisor's text for an owner we may not give away to (CFG-069).
func chownText(path string, o UnixOptions) string {
	name := strconv.Itoa(os.Geteuid())
	if u, err := user.LookupId(name); err == nil {
		name = u.Username
	}
	return fmt.Sprintf("Not permitted to chown %s to uid/gid (%d, %d); adjust \"sockchown\" value in config file or "+
		"on command line to values that the current user (%s) can successfully chown", path, o.UID, o.GID, name)
}

// place puts the finished socket where clients look for it.
func place(temp, path string, stderr io.Writer) error {
	for range 10 {
		err := os.Link(temp, path)
		if err == nil {
			return nil
		}
		id, mode, gone := look(path)
		if gone == nil {
			if mode&fs.ModeSocket == 0 && mode&fs.ModeSymlink == 0 {
				return syscall.ENOTSOCK
			}
			if alive(path) {
				return syscall.EADDRINUSE
			}
			if stderr != nil {
				fmt.Fprintf(stderr, "Unlinking stale socket %s\n", path)
			}
			if now, _, err := look(path); err == nil && now == id {
				if err := syscall.Unlink(path); err != nil {
					return err
				}
			}
			continue
		}
		if os.IsExist(err) {
			continue // it went between the two looks
		}
		return os.Rename(temp, path) // a file system without hard links
	}
	return syscall.EADDRINUSE
}

// alive tells whether somebody listens at path. Only a refusal, or nothing there, proves the contrary: a full backlog
// or a socket we may not connect to is somebody's.
func alive(path string) bool {
	dir, err := enter(path)
	if err != nil {
		return false
	}
	defer dir.leave()
	fd, err := socket()
	if err != nil {
		return true
	}
	defer syscall.Close(fd)
	_ = syscall.SetNonblock(fd, true)
	err = syscall.Connect(fd, &syscall.SockaddrUnix{Name: dir.name(path)})
	return err != syscall.ECONNREFUSED && err != syscall.ENOENT && err != syscall.ENOTSOCK && err != syscall.ELOOP
}

// unixListener removes its socket when it is closed.
type unixListener struct {
	*net.UnixListener
	path string
	id   inode
	once sync.Once
	err  error
}

// wrap makes a listener of a descriptor, which it takes over.
func wrap(fd int, path string, id inode) (*unixListener, error) {
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		_ = syscall.Unlink(path)
		return nil, err
	}
	ul := l.(*net.UnixListener)
	ul.SetUnlinkOnClose(false) // it knows the temporary name only
	return &unixListener{UnixListener: ul, path: path, id: id}, nil
}

// Addr is the path the socket was asked for.
func (l *unixListener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }

// Close stops listening. The file is removed while it still answers, so that nobody takes it for a stale one.
func (l *unixListener) Close() error {
	l.once.Do(func() {
		if id, _, err := look(l.path); err == nil && id == l.id {
			_ = syscall.Unlink(l.path)
		}
		l.err = l.UnixListener.Close()
	})
	return l.err
}

// Gone tells whether the socket file of a listener made by Unix has been removed or replaced by somebody else, so that
// no client finds it any more. It is false for other listeners.
func Gone(l net.Listener) bool {
	ul, ok := l.(*unixListener)
	if !ok {
		return false
	}
	id, _, err := look(ul.path)
	return err != nil || id != ul.id
}
