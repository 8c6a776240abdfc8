//go:build !linux

package journal

import "syscall"

var local = map[syscall.Signal]string{syscall.SIGIO: "SIGIO", syscall.SIGEMT: "SIGEMT"}
