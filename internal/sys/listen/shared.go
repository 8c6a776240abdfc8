package listen

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// Shared is a socket that is opened for others to accept on: the one of a FastCGI program.
type Shared struct {
	Path     string // unix; empty for TCP
	Mode     fs.FileMode
	UID, GID int // unix; -1 leaves either as it is
	Host     string
	Port     int
	Backlog  int // 0 for as much as the system gives
}

// Open binds the socket and listens on it. A unix socket replaces whatever is at its path, and stays there when the
// descriptor is closed, as under Supervisor (PROC-050). The descriptor blocks, is closed on exec and belongs to the
// caller. The error has Python's words.
func (s Shared) Open() (fd int, err error) {
	domain, addr, err := s.address()
	if err != nil {
		return -1, err
	}
	if s.Path != "" {
		if err := syscall.Unlink(s.Path); err != nil && err != syscall.ENOENT {
			return -1, python(err)
		}
	}
	if fd, err = plainSocket(domain); err != nil {
		return -1, python(err)
	}
	if err := s.prepare(fd, addr); err != nil {
		syscall.Close(fd)
		return -1, err
	}
	return fd, nil
}

// Missing is whether there is nothing at the path of a socket, so that no client finds it.
func Missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func plainSocket(domain int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := syscall.Socket(domain, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	return fd, err
}

// address looks a host up for IPv4, as Supervisor does.
func (s Shared) address() (domain int, addr syscall.Sockaddr, err error) {
	if s.Path != "" {
		return syscall.AF_UNIX, &syscall.SockaddrUnix{Name: s.Path}, nil
	}
	tcp, err := net.ResolveTCPAddr("tcp4", fmt.Sprintf("%s:%d", s.Host, s.Port))
	if err != nil {
		return 0, nil, errors.New("[Errno -2] Name or service not known")
	}
	in := &syscall.SockaddrInet4{Port: s.Port}
	copy(in.Addr[:], tcp.IP.To4())
	return syscall.AF_INET, in, nil
}

// prepare binds, and sets mode and owner before anybody can connect (PROC-051).
func (s Shared) prepare(fd int, addr syscall.Sockaddr) error {
	if s.Path == "" {
		if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
			return python(err)
		}
	} else {
		_ = syscall.Fchmod(fd, uint32(s.Mode.Perm()))
	}
	if err := syscall.Bind(fd, addr); err != nil {
		return python(err)
	}
	if err := s.dress(); err != nil {
		_ = syscall.Unlink(s.Path)
		return err
	}
	backlog := s.Backlog
	if backlog <= 0 {
		backlog = maxBacklog
	}
	if err := syscall.Listen(fd, backlog); err != nil {
		return python(err)
	}
	return nil
}

// maxBacklog is more than any kernel gives: it means as much as there is.
const maxBacklog = 1<<16 - 1

func (s Shared) dress() error {
	if s.Path == "" {
		return nil
	}
	if s.UID >= 0 || s.GID >= 0 {
		if err := os.Lchown(s.Path, s.UID, s.GID); err != nil {
			return fmt.Errorf("Could not change ownership of socket file: %w", python(err, s.Path))
		}
	}
	if err := os.Chmod(s.Path, s.Mode.Perm()); err != nil {
		return fmt.Errorf("Could not change permissions of socket file: %w", python(err, s.Path))
	}
	return nil
}

// python gives an error of the system Python's words.
func python(err error, path ...string) error {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err
	}
	text := errno.Error()
	text = fmt.Sprintf("[Errno %d] %s%s", int(errno), strings.ToUpper(text[:1]), text[1:])
	if len(path) > 0 {
		text += ": '" + path[0] + "'"
	}
	return errors.New(text)
}
