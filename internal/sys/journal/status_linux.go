package journal

import "syscall"

func init() {
	for sig, name := range map[syscall.Signal]string{
		syscall.SIGPWR: "SIGPWR", syscall.SIGSTKFLT: "SIGSTKFLT", 34: "SIGRTMIN", 64: "SIGRTMAX",
	} {
		signals[sig] = name
	}
}
