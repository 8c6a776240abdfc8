package kernel

import "syscall"

func setLimit(l *syscall.Rlimit, v uint64) { l.Cur = v }
func setHard(l *syscall.Rlimit, v uint64)  { l.Max = v }
