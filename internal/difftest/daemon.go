package difftest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Daemon is one supervisord in a directory of its own. Its files are conf, main.log, pid, s (the socket), stdout and
// stderr in Dir. Not safe for concurrent use, Call excepted.
type Daemon struct {
	Dir      string
	Port     int // a free TCP port, for configurations that want one
	Programs Programs
	Env      []string
	Pid      int // of the running supervisord, 0 before it was started

	end  *ending // of the supervisord that was started last
	inet bool    // it listens on Port alone

	detached bool // it has made itself a daemon: its end is not told, it must be looked for
}

// ending is how a supervisord in the foreground ends.
type ending struct {
	done chan struct{} // closed when it has
	code int           // its exit status, valid after done
}

// NewDaemon makes the directory and writes the configuration into it. In text, ${DIR} and ${PORT} are replaced.
func NewDaemon(p Programs, text string) (*Daemon, error) {
	dir, err := os.MkdirTemp("/tmp", "r")
	if err != nil {
		return nil, err
	}
	// Other users' children must be able to enter it.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	d := &Daemon{Dir: dir, Port: port, Programs: p}
	d.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=" + os.Getenv("HOME"), "LANG=C.UTF-8", "TZ=UTC",
		// A program that looks for data races would sleep a second at its end. Both sides get it: children show it.
		"GORACE=atexit_sleep_ms=0"}
	return d, d.WriteFile("conf", text)
}

// freePort asks the kernel for a port that nobody has now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Expand replaces ${DIR}, ${PORT}, ${PID} and ${SUPERVISORD}.
func (d *Daemon) Expand(text string) string {
	return strings.NewReplacer("${DIR}", d.Dir, "${PORT}", strconv.Itoa(d.Port), "${PID}", strconv.Itoa(d.Pid),
		"${SUPERVISORD}", d.Programs.Supervisord).Replace(text)
}

// WriteFile writes a file below Dir; text is expanded.
func (d *Daemon) WriteFile(name, text string) error {
	path := filepath.Join(d.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if strings.HasPrefix(text, "#!") {
		mode = 0o755
	}
	return os.WriteFile(path, []byte(d.Expand(text)), mode)
}

// ReadFile reads a file below Dir; one that cannot be read is empty.
func (d *Daemon) ReadFile(name string) string {
	text, _ := os.ReadFile(filepath.Join(d.Dir, name))
	return string(text)
}

// Start runs supervisord in the foreground with more arguments and returns when it answers on its socket, or when it
// has ended, which is no error: see Exited.
func (d *Daemon) Start(ctx context.Context, args ...string) error {
	return d.StartBare(ctx, append([]string{"-n", "-c", filepath.Join(d.Dir, "conf")}, args...)...)
}

// StartBare is Start with the whole command line.
func (d *Daemon) StartBare(ctx context.Context, args ...string) error {
	if err := d.Launch(args...); err != nil {
		return err
	}
	return d.awaitUp(ctx)
}

// Launch is StartBare without waiting.
func (d *Daemon) Launch(args ...string) error {
	out, err := os.OpenFile(filepath.Join(d.Dir, "stdout"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer out.Close()
	errs, err := os.OpenFile(filepath.Join(d.Dir, "stderr"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer errs.Close()
	cmd := exec.Command(d.Programs.Supervisord, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = d.Dir, d.Env, out, errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	d.Pid, d.end, d.detached = cmd.Process.Pid, &ending{done: make(chan struct{})}, false
	go func(end *ending) {
		cmd.Wait()
		end.code = cmd.ProcessState.ExitCode()
		if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			end.code = -int(ws.Signal())
		}
		close(end.done)
	}(d.end)
	return nil
}

// Daemonize runs supervisord without -n and returns its parent's exit status and output; when that is 0 it waits until
// the daemon answers and learns its pid.
func (d *Daemon) Daemonize(ctx context.Context, args ...string) (code int, out string, err error) {
	cmd := exec.CommandContext(ctx, d.Programs.Supervisord, append([]string{"-c", filepath.Join(d.Dir, "conf")}, args...)...)
	cmd.Dir, cmd.Env = d.Dir, d.Env
	both, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, "", err
	}
	code, out = cmd.ProcessState.ExitCode(), string(both)
	if code != 0 {
		return code, out, nil
	}
	d.end, d.detached = &ending{done: make(chan struct{})}, true
	if err := d.awaitUp(ctx); err != nil {
		return code, out, err
	}
	err = Poll(ctx, func() bool {
		d.Pid, _ = strconv.Atoi(strings.TrimSpace(d.ReadFile("pid")))
		return d.Pid != 0
	})
	return code, out, err
}

func (d *Daemon) awaitUp(ctx context.Context) error {
	d.inet = !strings.Contains(d.ReadFile("conf"), d.Dir+"/s\n")
	return Poll(ctx, func() bool {
		if d.Exited() {
			return true
		}
		c, err := d.Dial(d.inet)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// Dial connects to the socket, or to Port.
func (d *Daemon) Dial(inet bool) (net.Conn, error) {
	if inet {
		return net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(d.Port)))
	}
	return net.Dial("unix", filepath.Join(d.Dir, "s"))
}

// Exited tells whether the daemon has ended. One that daemonized has when its pid is gone.
func (d *Daemon) Exited() bool {
	select {
	case <-d.end.done:
		return true
	default:
		return false
	}
}

// Wait waits for the end of the daemon and returns its exit status, minus the signal that killed it. For one that
// daemonized the status is not known and 0.
func (d *Daemon) Wait(ctx context.Context) (int, error) {
	err := Poll(ctx, func() bool { return d.Exited() || d.detached && !alive(d.Pid) })
	if err != nil {
		return 0, fmt.Errorf("supervisord does not end: %w", err)
	}
	return d.end.code, nil
}

// alive tells whether pid is a process that is no zombie; our own unreaped children count until they are waited for.
func alive(pid int) bool { return pid > 1 && syscall.Kill(pid, 0) == nil }

// Signal sends a signal to supervisord; one that has ended already is no error.
func (d *Daemon) Signal(sig syscall.Signal) error {
	if d.Pid < 2 {
		return errors.New("no supervisord has been started")
	}
	if err := syscall.Kill(d.Pid, sig); err != syscall.ESRCH {
		return err
	}
	return nil
}

// Close ends supervisord, orderly if it lets itself be, and whatever is left of its session, and removes Dir.
func (d *Daemon) Close() {
	if d.Pid > 1 && alive(d.Pid) && !d.Exited() {
		d.Signal(syscall.SIGTERM)
		ctx, cancel := context.WithTimeout(context.Background(), 12*time.Second)
		d.Wait(ctx)
		cancel()
	}
	for _, pid := range Session(d.Pid) {
		syscall.Kill(pid, syscall.SIGKILL)
	}
	os.RemoveAll(d.Dir)
}

// Session lists the processes of the session that supervisord led.
func Session(leader int) []int {
	if leader < 2 {
		return nil
	}
	var pids []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest) // state ppid pgrp session
		if len(fields) > 3 && fields[3] == strconv.Itoa(leader) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			pids = append(pids, pid)
		}
	}
	return pids
}
