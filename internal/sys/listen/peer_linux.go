package listen

import (
	"net"
	"syscall"
)

// Peer tells who is at the other end of a unix connection, as the kernel knows it: effective user and group, and the
// process that connected. ok is false for other connections.
func Peer(c net.Conn) (uid, gid, pid int, ok bool) {
	uc, isUnix := c.(*net.UnixConn)
	if !isUnix {
		return -1, -1, 0, false
	}
	rc, err := uc.SyscallConn()
	if err != nil {
		return -1, -1, 0, false
	}
	var cred *syscall.Ucred
	if ctl := rc.Control(func(fd uintptr) {
		cred, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); ctl != nil || err != nil {
		return -1, -1, 0, false
	}
	return int(cred.Uid), int(cred.Gid), int(cred.Pid), true
}
