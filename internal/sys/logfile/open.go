package logfile

import (
	"os"
	"syscall"
)

// appending are the flags of every log. O_NONBLOCK does nothing to a file and keeps a FIFO or a terminal from holding
// us up; O_NOCTTY keeps a terminal from becoming ours.
const appending = syscall.O_WRONLY | syscall.O_APPEND | syscall.O_CREAT | syscall.O_CLOEXEC |
	syscall.O_NONBLOCK | syscall.O_NOCTTY

// openPath opens path for appending. A file that does not exist yet is created with perm (0 is 0666 less the umask) or,
// when like is given, with the mode and, where we may, the owner of like.
func openPath(path string, perm uint32, like *syscall.Stat_t) (int, error) {
	var st syscall.Stat_t
	flags := appending
	if syscall.Stat(path, &st) == nil {
		if st.Mode&syscall.S_IFMT == syscall.S_IFIFO {
			// Being a reader ourselves, we can open it when nobody else reads, and are not hit by EPIPE when they leave.
			flags = flags&^(syscall.O_WRONLY|syscall.O_CREAT) | syscall.O_RDWR
		}
		like = nil
	}
	create, exact := perm, perm != 0
	if !exact {
		create = 0o666
	}
	if like != nil {
		create, exact = 0o600, true
		perm = uint32(like.Mode) & 0o7777
	}
	for {
		fd, err := syscall.Open(path, flags, create)
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.ENXIO && flags&syscall.O_RDWR == 0:
			flags = flags&^(syscall.O_WRONLY|syscall.O_CREAT) | syscall.O_RDWR
			continue
		case err != nil:
			return -1, &os.PathError{Op: "open", Path: path, Err: err}
		}
		settle(fd)
		if like != nil {
			// The owner first: a change of owner may take mode bits away. An unprivileged daemon owns what it creates.
			_ = syscall.Fchown(fd, int(like.Uid), int(like.Gid))
		}
		if exact && isEmptyNew(fd, &st) {
			_ = syscall.Fchmod(fd, perm)
		}
		return fd, nil
	}
}

// isEmptyNew tells whether the open file was just created, to judge by the earlier look at its path.
func isEmptyNew(fd int, before *syscall.Stat_t) bool {
	var now syscall.Stat_t
	if syscall.Fstat(fd, &now) != nil {
		return false
	}
	return before.Ino == 0 && now.Size == 0
}

// kindOf sorts an open descriptor into regular, memory and slow.
func kindOf(fd int) int32 {
	var st syscall.Stat_t
	if syscall.Fstat(fd, &st) != nil {
		return slow
	}
	switch st.Mode & syscall.S_IFMT {
	case syscall.S_IFREG:
		return regular
	case syscall.S_IFCHR:
		if isMemoryDevice(&st) {
			return memory
		}
	}
	return slow
}

// dup copies one of our own descriptors; the copy is not inherited by children.
func dup(fd int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	n, err := syscall.Dup(fd)
	if err == nil {
		syscall.CloseOnExec(n)
	}
	return n, err
}
