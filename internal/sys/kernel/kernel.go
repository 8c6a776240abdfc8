// Package kernel is the only door to fork, kill, wait, setuid, rlimit, umask and the clock. The loop holds the one
// Kernel there is; a Fake stands in for it in the tests of everything above. A child whose last steps before exec
// can fail or are impossible in the fast path (umask, a missing directory, a refused user) goes through our own
// binary in the role ChildRole, which does them one by one and tells on descriptor 2 what went wrong, in Supervisor's
// words (PROC-037, PROC-038).
package kernel

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// Kernel is what the loop may ask of the operating system.
type Kernel interface {
	// Now is CLOCK_MONOTONIC.
	Now() proc.Time
	// Wall is the time of day, for display only.
	Wall() time.Time
	// Spawn forks and executes. The descriptors stay the caller's. An error means that there is no child.
	Spawn(c Child) (pid int, err error)
	// Kill signals the child, or its process group. A pid below 2 is refused whatever the core says, since 0 and -1
	// would hit ourselves and everybody.
	Kill(pid, sig int, group bool) error
	// Wait reaps one dead child without waiting; ok is false when there is none.
	Wait() (pid int, st Status, ok bool)
	// Bell rings at least once after children died. It says nothing about which or how many.
	Bell() <-chan os.Signal
}

// Child is one process to start.
type Child struct {
	Path  string
	Argv  []string
	Env   []string
	Files [3]int // descriptors for 0, 1 and 2
	Dir   string // empty: ours
	Umask int    // -1: ours
	// Cred is the user to become, nil for ours. Refused, when not empty, is why the user cannot be taken; the child
	// then only says so (PROC-037).
	Cred    *Cred
	Refused string
	UID     int // as configured, for the message of Refused
}

// Cred is a user with all of the user's groups, the primary one first.
type Cred struct {
	UID, GID int
	Groups   []int
}

// Status is how a child ended.
type Status struct {
	Code   int // exit code; -1 for a death by signal
	Signal int // 0 when it exited
	Core   bool
}

// ErrPid refuses a signal to a pid that cannot be a child of ours.
var ErrPid = errors.New("not a child's pid")

// System is the real Kernel.
type System struct {
	bell  chan os.Signal
	start time.Time
	base  proc.Time
	self  string
}

// Open returns the real kernel and makes every inherited descriptor above 2 invisible to children (PROC-035).
func Open() *System {
	k := &System{bell: make(chan os.Signal, 1), start: time.Now(), base: monotonic()}
	k.self = ourselves()
	signal.Notify(k.bell, syscall.SIGCHLD)
	closeOnExec()
	return k
}

// Close stops the bell.
func (k *System) Close() { signal.Stop(k.bell) }

// Now is CLOCK_MONOTONIC: one reading of it at Open, and Go's own monotonic clock since.
func (k *System) Now() proc.Time { return k.base + proc.Time(time.Since(k.start)) }

// Wall is the time of day.
func (k *System) Wall() time.Time { return time.Now() }

// Bell is SIGCHLD.
func (k *System) Bell() <-chan os.Signal { return k.bell }

// Kill is kill(2) with the door's own check.
func (k *System) Kill(pid, sig int, group bool) error {
	if pid < 2 {
		return ErrPid
	}
	if group {
		pid = -pid
	}
	return syscall.Kill(pid, syscall.Signal(sig))
}

// Wait is wait4(-1, WNOHANG).
func (k *System) Wait() (int, Status, bool) {
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return 0, Status{}, false
		}
		return pid, decode(ws), true
	}
}

func decode(ws syscall.WaitStatus) Status {
	if ws.Exited() {
		return Status{Code: ws.ExitStatus()}
	}
	return Status{Code: -1, Signal: int(ws.Signal()), Core: ws.CoreDump()}
}

// closeOnExec marks what we inherited, so that a child sees 0, 1 and 2 alone.
func closeOnExec() {
	dir, err := os.Open("/dev/fd")
	if err != nil {
		return
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, n := range names {
		fd := 0
		for _, c := range n {
			fd = fd*10 + int(c-'0')
		}
		if fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}
