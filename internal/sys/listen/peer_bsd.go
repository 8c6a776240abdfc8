//go:build darwin || freebsd

package listen

import (
	"net"

	"golang.org/x/sys/unix"
)

// Peer tells who is at the other end of a unix connection, as the kernel knows it: effective user and group. The process
// is not told here. ok is false for other connections.
func Peer(c net.Conn) (uid, gid, pid int, ok bool) {
	uc, isUnix := c.(*net.UnixConn)
	if !isUnix {
		return -1, -1, 0, false
	}
	rc, err := uc.SyscallConn()
	if err != nil {
		return -1, -1, 0, false
	}
	const local = 0 // SOL_LOCAL
	var cred *unix.Xucred
	if ctl := rc.Control(func(fd uintptr) {
		cred, err = unix.GetsockoptXucred(int(fd), local, unix.LOCAL_PEERCRED)
	}); ctl != nil || err != nil {
		return -1, -1, 0, false
	}
	if gid = -1; cred.Ngroups > 0 {
		gid = int(cred.Groups[0])
	}
	return int(cred.Uid), gid, 0, true
}
