package kernel

import (
	"syscall"
	"unsafe"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// monotonic reads CLOCK_MONOTONIC itself: unlike Go's own reading it means the same in the image after an exec.
func monotonic() proc.Time {
	var ts syscall.Timespec
	const clockMonotonic = 1
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&ts)), 0); errno != 0 {
		return proc.Second
	}
	return proc.Time(ts.Nano())
}
