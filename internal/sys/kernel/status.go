package kernel

import (
	"strconv"
	"syscall"
)

// signalNames are the names that messages use; where a number has two, Supervisor's.
var signalNames = map[int]string{
	1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 8: "SIGFPE", 9: "SIGKILL",
	11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
	int(syscall.SIGBUS): "SIGBUS", int(syscall.SIGUSR1): "SIGUSR1", int(syscall.SIGUSR2): "SIGUSR2",
	int(syscall.SIGCHLD): "SIGCHLD", int(syscall.SIGCONT): "SIGCONT", int(syscall.SIGSTOP): "SIGSTOP",
	int(syscall.SIGTSTP): "SIGTSTP", int(syscall.SIGTTIN): "SIGTTIN", int(syscall.SIGTTOU): "SIGTTOU",
	int(syscall.SIGURG): "SIGURG", int(syscall.SIGXCPU): "SIGXCPU", int(syscall.SIGXFSZ): "SIGXFSZ",
	int(syscall.SIGVTALRM): "SIGVTALRM", int(syscall.SIGPROF): "SIGPROF", int(syscall.SIGWINCH): "SIGWINCH",
	int(syscall.SIGIO): "SIGPOLL", int(syscall.SIGSYS): "SIGSYS",
}

// SignalName is the symbolic name of a signal, "signal 64" for one without.
func SignalName(sig int) string {
	if n, ok := signalNames[sig]; ok {
		return n
	}
	if n, ok := ownSignals[sig]; ok {
		return n
	}
	return "signal " + strconv.Itoa(sig)
}

// Text is how the journal tells an end (PROC-009).
func (s Status) Text() string {
	if s.Signal == 0 {
		return "exit status " + strconv.Itoa(s.Code)
	}
	text := "terminated by " + SignalName(s.Signal)
	if s.Core {
		text += " (core dumped)"
	}
	return text
}
