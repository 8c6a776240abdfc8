package journal

import (
	"strconv"
	"syscall"
)

// Status says in Supervisor's words how a process ended (PROC-009): by exiting with code, or by a signal, whose name
// comes from SignalName.
func Status(exited bool, code int, signal string, core bool) string {
	if exited {
		return "exit status " + strconv.Itoa(code)
	}
	if core {
		return "terminated by " + signal + " (core dumped)"
	}
	return "terminated by " + signal
}

// SignalName is the name of a signal as Python knows it; a number without one is "signal 35".
func SignalName(sig int) string {
	if name, ok := signals[syscall.Signal(sig)]; ok {
		return name
	}
	if name, ok := local[syscall.Signal(sig)]; ok {
		return name
	}
	return "signal " + strconv.Itoa(sig)
}

// signals are the names that every system has, local those of this one.
var signals = map[syscall.Signal]string{
	syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGQUIT: "SIGQUIT", syscall.SIGILL: "SIGILL",
	syscall.SIGTRAP: "SIGTRAP", syscall.SIGABRT: "SIGABRT", syscall.SIGBUS: "SIGBUS", syscall.SIGFPE: "SIGFPE",
	syscall.SIGKILL: "SIGKILL", syscall.SIGUSR1: "SIGUSR1", syscall.SIGSEGV: "SIGSEGV", syscall.SIGUSR2: "SIGUSR2",
	syscall.SIGPIPE: "SIGPIPE", syscall.SIGALRM: "SIGALRM", syscall.SIGTERM: "SIGTERM", syscall.SIGCHLD: "SIGCHLD",
	syscall.SIGCONT: "SIGCONT", syscall.SIGSTOP: "SIGSTOP", syscall.SIGTSTP: "SIGTSTP", syscall.SIGTTIN: "SIGTTIN",
	syscall.SIGTTOU: "SIGTTOU", syscall.SIGURG: "SIGURG", syscall.SIGXCPU: "SIGXCPU", syscall.SIGXFSZ: "SIGXFSZ",
	syscall.SIGVTALRM: "SIGVTALRM", syscall.SIGPROF: "SIGPROF", syscall.SIGWINCH: "SIGWINCH",
	syscall.SIGSYS: "SIGSYS",
}
