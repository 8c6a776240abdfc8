package daemon_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/daemon"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// The test binary is supervisord when it is called so, under whatever path; below caged it is that in a root directory
// of its own, which is its first argument.
const (
	name  = "supervisord"
	caged = "/caged/supervisord"
)

func TestMain(m *testing.M) {
	switch argv := os.Args; {
	case argv[0] == caged:
		if err := errors.Join(syscall.Chroot(argv[1]), os.Chdir("/")); err != nil {
			panic(err)
		}
		os.Exit(daemon.Main(append([]string{"/usr/bin/supervisord"}, argv[2:]...)))
	case filepath.Base(argv[0]) == rogueName:
		rogue(argv[1])
		os.Exit(0)
	case filepath.Base(argv[0]) == name, argv[0] == kernel.ChildRole:
		os.Exit(daemon.Main(argv))
	}
	os.Exit(m.Run())
}

// result is what somebody at a terminal sees.
type result struct {
	status         int
	stdout, stderr string
}

// command is our supervisord, called by Debian's path.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &exec.Cmd{Path: self, Args: append([]string{"/usr/bin/supervisord"}, args...), Dir: t.TempDir()}
}

func run(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() }) // a daemon that should not have come to be
	defer late.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// write makes a file and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// short is a directory whose paths are short enough for sockets.
func short(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "r")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// without drops the lines of a text that hold what.
func without(text, what string) string {
	var out strings.Builder
	for l := range strings.Lines(text) {
		if !strings.Contains(l, what) {
			out.WriteString(l)
		}
	}
	return out.String()
}
