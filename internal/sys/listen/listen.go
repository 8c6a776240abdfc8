// Package listen opens the sockets that the faces are served on. A unix socket appears under its name only when it is
// complete: mode and owner set, and already taking connections, so nobody can connect who should not, and nobody
// who looks at it in between takes it for a dead one.
package listen

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// backlog is how many connections may wait to be accepted; the kernel may allow fewer (HTTP-024).
const backlog = 1024

// TCP listens on a port. An empty host or "*" is every IPv4 address, a name is looked up for IPv4 (CFG-067), and an
// address is what it is, IPv6 included, with or without brackets. The error is an *Error.
func TCP(host string, port int) (net.Listener, error) {
	network := "tcp4"
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if host == "*" {
		host = ""
	}
	if strings.Contains(host, ":") {
		network = "tcp6"
	}
	addr := net.JoinHostPort(host, strconv.Itoa(port))
	// net sets SO_REUSEADDR itself.
	l, err := net.Listen(network, addr)
	if err != nil {
		return nil, &Error{Addr: addr, Err: err}
	}
	if rc, err := l.(*net.TCPListener).SyscallConn(); err == nil {
		// net asks for as much as the kernel has; listening a second time only sets the backlog.
		_ = rc.Control(func(fd uintptr) { _ = syscall.Listen(int(fd), backlog) })
	}
	return l, nil
}

// Error is why a socket could not be opened.
type Error struct {
	Addr string // path, or host:port
	Err  error
	// chown is the text for an owner we may not give the socket to; empty otherwise.
	chown string
}

// Error tells it in the house's style.
func (e *Error) Error() string { return "cannot listen on \"" + e.Addr + "\": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Message is Supervisor's text for it, without "Error: " (CFG-069, CFG-071).
func (e *Error) Message() string {
	if e.chown != "" {
		return e.chown
	}
	const help = "Cannot open an HTTP server: socket.error reported "
	var unknown *net.DNSError
	if errors.As(e.Err, &unknown) {
		if unknown.IsNotFound {
			return help + "-2" // what the C library calls EAI_NONAME
		}
		return help + "-3" // and EAI_AGAIN
	}
	var errno syscall.Errno
	if !errors.As(e.Err, &errno) {
		return help + e.Err.Error()
	}
	if errno == syscall.EADDRINUSE {
		return "Another program is already listening on a port that one of our HTTP servers is configured to use.  " +
			"Shut this program down first before starting supervisord."
	}
	number := strconv.Itoa(int(errno))
	name, ok := names[errno]
	if !ok {
		return help + number
	}
	return help + "errno." + name + " (" + number + ")"
}

// names are the errors that opening a socket can meet.
var names = map[syscall.Errno]string{
	syscall.EACCES: "EACCES", syscall.EADDRINUSE: "EADDRINUSE", syscall.EADDRNOTAVAIL: "EADDRNOTAVAIL",
	syscall.EAFNOSUPPORT: "EAFNOSUPPORT", syscall.EDQUOT: "EDQUOT", syscall.EEXIST: "EEXIST", syscall.EFAULT: "EFAULT",
	syscall.EINVAL: "EINVAL", syscall.EIO: "EIO", syscall.EISDIR: "EISDIR", syscall.ELOOP: "ELOOP",
	syscall.EMFILE: "EMFILE", syscall.EMLINK: "EMLINK", syscall.ENAMETOOLONG: "ENAMETOOLONG", syscall.ENFILE: "ENFILE",
	syscall.ENOBUFS: "ENOBUFS", syscall.ENODEV: "ENODEV", syscall.ENOENT: "ENOENT", syscall.ENOMEM: "ENOMEM",
	syscall.ENOSPC: "ENOSPC", syscall.ENOTDIR: "ENOTDIR", syscall.ENOTSOCK: "ENOTSOCK",
	syscall.EOPNOTSUPP: "EOPNOTSUPP", syscall.EPERM: "EPERM", syscall.EPROTONOSUPPORT: "EPROTONOSUPPORT",
	syscall.EROFS: "EROFS", syscall.EXDEV: "EXDEV",
}

// inode tells files apart.
type inode struct{ dev, ino uint64 }

// look returns the inode of path itself, not of what a link there leads to, and the kind of file it is.
func look(path string) (inode, fs.FileMode, error) {
	st, err := os.Lstat(path)
	if err != nil {
		return inode{}, 0, err
	}
	return idOf(st), st.Mode(), nil
}

func idOf(st fs.FileInfo) inode {
	sys := st.Sys().(*syscall.Stat_t)
	return inode{uint64(sys.Dev), uint64(sys.Ino)}
}
