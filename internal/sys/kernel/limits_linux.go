package kernel

import "syscall"

const infinity = ^uint64(0)

func resource(r Resource) int {
	const nproc = 6
	if r == Processes {
		return nproc
	}
	return syscall.RLIMIT_NOFILE
}

func setLimit(l *syscall.Rlimit, v uint64) { l.Cur = v }
func setHard(l *syscall.Rlimit, v uint64)  { l.Max = v }
