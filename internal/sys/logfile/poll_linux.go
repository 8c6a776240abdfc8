package logfile

import (
	"syscall"
	"unsafe"
)

// pollfd is the kernel's struct pollfd.
type pollfd struct {
	fd              int32
	events, revents int16
}

const (
	pollIn  = 1
	pollOut = 4
)

// waitWritable waits until fd takes bytes or bell has some, and says which: false is the bell, whose bytes are taken.
func waitWritable(fd, bell int) bool {
	fds := [2]pollfd{{fd: int32(fd), events: pollOut}, {fd: int32(bell), events: pollIn}}
	for {
		_, _, e := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&fds)), 2, 0, 0, 0, 0)
		if e == syscall.EINTR {
			continue
		}
		if fds[1].revents != 0 {
			var b [16]byte
			_, _ = syscall.Read(bell, b[:])
			return false
		}
		return true
	}
}

// settle leaves a new descriptor as it is: it does not block, and waitWritable waits for it.
func settle(int) {}

// isMemoryDevice tells the devices that never wait: null, zero and full are 1:3, 1:5 and 1:7.
func isMemoryDevice(st *syscall.Stat_t) bool {
	switch st.Rdev {
	case 1<<8 | 3, 1<<8 | 5, 1<<8 | 7:
		return true
	}
	return false
}
