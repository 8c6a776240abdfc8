package kernel

import (
	"os"
	"syscall"
)

// DaemonRole is the last argument under which our own binary runs detached. It stands behind the user's own, so that
// ps and pidof show the command line that they are used to.
const DaemonRole = "reeve:daemon"

// readyFD is where a detached daemon tells its parent that it stands.
const readyFD = 3

// Detach starts our own binary again in a session of its own with the same arguments, and waits until it says Ready
// or ends. The answer is the exit status for the caller: 0 once the daemon stands, its own when it failed (CLI-009).
func Detach(args []string) (int, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return 1, err
	}
	defer r.Close()
	pid, err := syscall.ForkExec(ourselves(), append(args[:len(args):len(args)], DaemonRole), &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2, w.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	w.Close()
	if err != nil {
		return 1, err
	}
	var word [1]byte
	if n, _ := r.Read(word[:]); n == 1 {
		return 0, nil
	}
	var ws syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &ws, 0, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || !ws.Exited() {
			return 1, err
		}
		return ws.ExitStatus(), nil
	}
}

// Ready tells the parent of a detached daemon that it stands, and lets go of the terminal.
func Ready() {
	if null, err := os.OpenFile("/dev/null", os.O_RDWR, 0); err == nil {
		for fd := range 3 {
			_ = dup2(int(null.Fd()), fd)
		}
		null.Close()
	}
	w := os.NewFile(readyFD, "ready")
	_, _ = w.Write([]byte{1})
	w.Close()
}
