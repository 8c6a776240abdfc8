//go:build !linux

package kernel

import "syscall"

const infinity = ^uint64(0) >> 1

func resource(r Resource) int {
	const nproc = 7
	if r == Processes {
		return nproc
	}
	return syscall.RLIMIT_NOFILE
}
