package kernel

import "syscall"

func setLimit(l *syscall.Rlimit, v uint64) { l.Cur = int64(v) }
func setHard(l *syscall.Rlimit, v uint64)  { l.Max = int64(v) }
