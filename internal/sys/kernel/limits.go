package kernel

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Resource is a limit that the configuration asks for.
type Resource int

// The limits of minfds and minprocs.
const (
	Files Resource = iota
	Processes
)

// Raise makes the soft limit at least min, and the hard one too when we may. raised says that something was changed;
// an error comes with the hard limit that was asked for, which is what the message tells (CFG-064). Children inherit what is set here.
func Raise(r Resource, min int) (raised bool, hard uint64, err error) {
	res := resource(r)
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(res, &lim); err != nil {
		return false, 0, nil
	}
	soft := uint64(lim.Cur)
	if r == Files {
		soft = inheritedFiles(lim)
	}
	if min < 0 || soft == infinity || soft >= uint64(min) {
		return false, uint64(lim.Max), nil
	}
	next := lim
	setLimit(&next, uint64(min))
	if hard = uint64(lim.Max); hard != infinity && hard < uint64(min) {
		hard = uint64(min)
		setHard(&next, hard)
	}
	if err := syscall.Setrlimit(res, &next); err != nil {
		return false, hard, err
	}
	return true, hard, nil
}

// FileLimit is how many descriptors we may have open.
func FileLimit() uint64 {
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim); err != nil {
		return infinity
	}
	return uint64(lim.Cur)
}

// inheritedFiles is the soft limit that we were started with. The Go runtime raises its own to one below the hard
// limit before any of our code runs, and gives children the old one back; so a child that has not yet run shows it.
func inheritedFiles(now syscall.Rlimit) uint64 {
	if uint64(now.Cur) != uint64(now.Max)-1 {
		return uint64(now.Cur)
	}
	const usual = 1024
	self := ourselves()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, err := syscall.ForkExec(self, []string{self, "-v"}, &syscall.ProcAttr{Sys: &syscall.SysProcAttr{Ptrace: true}})
	if err != nil {
		return usual
	}
	defer func() {
		var ws syscall.WaitStatus
		_ = syscall.Kill(pid, syscall.SIGKILL)
		_, _ = syscall.Wait4(pid, &ws, 0, nil)
		for ws.Stopped() {
			if _, err := syscall.Wait4(pid, &ws, 0, nil); err != nil {
				return
			}
		}
	}()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/limits")
	if err != nil {
		return usual
	}
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, "Max open files"); ok {
			if n, err := strconv.ParseUint(strings.Fields(rest)[0], 10, 64); err == nil {
				return n
			}
		}
	}
	return usual
}
