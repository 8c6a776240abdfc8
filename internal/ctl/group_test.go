package ctl_test

import "syscall"

// A terminal's Ctrl-C reaches a whole process group.

func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func interruptGroup(pid int) error { return syscall.Kill(-pid, syscall.SIGINT) }
