// Package pidproxy runs a command that puts itself into the background and
// writes a pid file, so that supervisord can watch it: the proxy stays in the
// foreground and passes the signals that it gets on to the pid in the file.
package pidproxy

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

const usage = `
pidproxy -- run command and proxy signals to it via its pidfile.

The command is started, and a signal that this program gets is sent to the
process whose pid is in the file. The program ends when the command does.

Usage: %s <pidfile name> <command> [<cmdarg1> ...]

`

// Main is the whole program: args are its name, the pid file, the command and
// its arguments. It returns the exit status, which is 0 whatever became of the
// command (TOOL-002 to TOOL-004).
func Main(args []string, stdout io.Writer) int {
	if len(args) < 3 {
		name := "pidproxy"
		if len(args) > 0 {
			name = args[0]
		}
		fmt.Fprintf(stdout, usage, name)
		return 1
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGUSR1, syscall.SIGUSR2,
		syscall.SIGQUIT, syscall.SIGCHLD)
	child, err := start(args[2:])
	if err != nil {
		// The original's child ends with 127 and nobody hears of it.
		fmt.Fprintf(os.Stderr, "pidproxy: cannot run %q: %v\n", args[2], err)
		return 0
	}
	for s := range signals {
		if s == syscall.SIGCHLD {
			if gone(child) {
				break
			}
			continue
		}
		if pass(args[1], s.(syscall.Signal), stdout) && isEnd(s) {
			break
		}
	}
	return 0
}

// start runs the command. Its path is taken against the working directory,
// never looked up in PATH, and its own name is as it was given.
func start(argv []string) (pid int, err error) {
	path, err := filepath.Abs(argv[0])
	if err != nil {
		return 0, err
	}
	cmd := exec.Cmd{Path: path, Args: argv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	return cmd.Process.Pid, nil
}

// gone tells whether the command has ended. Only this goroutine waits for it.
func gone(pid int) bool {
	for {
		got, err := syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		return got == pid || err == syscall.ECHILD
	}
}

func isEnd(s os.Signal) bool {
	return s == syscall.SIGTERM || s == syscall.SIGINT || s == syscall.SIGQUIT
}

// pass sends a signal to the pid that is in the file now. A file without one
// is told, and the signal dropped.
func pass(pidfile string, s syscall.Signal, stdout io.Writer) bool {
	data, err := os.ReadFile(pidfile)
	pid, ok := pidIn(string(data))
	if err != nil || !ok {
		fmt.Fprintf(stdout, "Can't read child pidfile %s!\n", pidfile)
		return false
	}
	syscall.Kill(pid, s)
	return true
}

// pidIn reads the text of a pid file. 0 and numbers below mean groups, and -1
// everybody, to kill(2), and 1 is init: none of them is what somebody's
// server wrote, so they are refused.
func pidIn(text string) (pid int, ok bool) {
	pid, err := strconv.Atoi(strings.TrimSpace(text))
	return pid, err == nil && pid > 1
}
