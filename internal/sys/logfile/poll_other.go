//go:build !linux

package logfile

import "syscall"

// settle makes a new descriptor one whose write waits, since waitWritable does not.
func settle(fd int) { _ = syscall.SetNonblock(fd, false) }

// waitWritable does not wait: here a write to a slow target waits in the write itself.
func waitWritable(int, int) bool { return true }

// isMemoryDevice tells the devices that never wait, by asking what /dev/null is here.
func isMemoryDevice(st *syscall.Stat_t) bool {
	var null syscall.Stat_t
	return syscall.Stat("/dev/null", &null) == nil && null.Rdev == st.Rdev
}
