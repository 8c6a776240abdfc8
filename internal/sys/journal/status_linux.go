package journal

import "syscall"

var local = map[syscall.Signal]string{
	syscall.SIGSTKFLT: "SIGSTKFLT", syscall.SIGIO: "SIGPOLL", syscall.SIGPWR: "SIGPWR", 34: "SIGRTMIN", 64: "SIGRTMAX",
}
