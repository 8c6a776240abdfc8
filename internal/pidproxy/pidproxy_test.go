package pidproxy_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/pidproxy"
)

// The test binary is the program when this variable is set, and what the
// program runs when it is called server.
const asProgram = "REEVE_TEST_PIDPROXY"

func TestMain(m *testing.M) {
	switch {
	case os.Args[0] == "server":
		server(os.Args[1])
	case os.Getenv(asProgram) != "":
		os.Exit(pidproxy.Main(os.Args, os.Stdout))
	}
	os.Exit(m.Run())
}

// server says what signals it gets. It writes its pid to the file if it is to.
func server(writes string) {
	got := make(chan os.Signal, 16)
	signal.Notify(got, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT)
	if writes != "" {
		os.WriteFile("pid", fmt.Appendln(nil, os.Getpid()), 0o644)
	}
	fmt.Println("ready", os.Getpid())
	for s := range got {
		fmt.Println(s)
		if s == syscall.SIGTERM || s == syscall.SIGINT || s == syscall.SIGQUIT {
			os.Exit(0)
		}
	}
}

func proxy(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Dir = t.TempDir()
	return cmd
}

// holds: TOOL-002
func TestTooFewArgumentsGetTheUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"pidproxy"}, {"pidproxy", "file"}} {
		var out bytes.Buffer
		if code := pidproxy.Main(args, &out); code != 1 || !strings.Contains(out.String(), "Usage: pidproxy <pidfile name> <command> [<cmdarg1> ...]") {
			t.Errorf("%q: status %d, %q", args, code, out.String())
		}
	}
}

// holds: TOOL-002 TOOL-004
func TestTheCommandsPathIsTakenAgainstTheWorkingDirectory(t *testing.T) {
	t.Parallel()
	cmd := proxy(t, "pid", "tool", "a b", "-c")
	must(t, os.WriteFile(filepath.Join(cmd.Dir, "tool"), []byte("#!/bin/sh\necho \"$@\"\nexit 3\n"), 0o755))
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != "a b -c\n" {
		t.Errorf("%q, %v; the status is to be 0 whatever the command's is", out, err)
	}
	cmd = proxy(t, "pid", "true")
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), `cannot run "true"`) {
		t.Errorf("a command that only PATH knows: %q, %v", out, err)
	}
}

// holds: TOOL-003
func TestSignalsGoToThePidInTheFile(t *testing.T) {
	t.Parallel()
	for _, last := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT} {
		t.Run(last.String(), func(t *testing.T) {
			t.Parallel()
			p := serve(t, "write")
			for _, s := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGHUP, last} {
				must(t, p.cmd.Process.Signal(s))
				p.expect(t, s.String())
			}
			if err := p.cmd.Wait(); err != nil {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

// holds: TOOL-003
func TestASignalIsDroppedWhenThePidFileIsNoUse(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"missing": "", "words": "no number"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, "")
			file := filepath.Join(p.cmd.Dir, "pid")
			if content != "" {
				must(t, os.WriteFile(file, []byte(content), 0o644))
			}
			must(t, p.cmd.Process.Signal(syscall.SIGTERM))
			p.expect(t, "Can't read child pidfile pid!")
			must(t, os.WriteFile(file, []byte(fmt.Sprintf(" %d\n", p.child)), 0o644))
			must(t, p.cmd.Process.Signal(syscall.SIGTERM))
			p.expect(t, syscall.SIGTERM.String())
			must(t, p.cmd.Wait())
		})
	}
}

// Asked of the function and not of the program: a mistake here would be a
// signal to every process there is.
//
// holds: TOOL-003
func TestAPidFileMayNotNameGroupsNorEverybody(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"12\n": 12, " 7 ": 7, "": 0, "x": 0, "0": 0, "-1": 0, "-12": 0, "1": 0, "1 2": 0} {
		pid, ok := pidproxy.PidIn(text)
		if ok != (want > 0) || ok && pid != want {
			t.Errorf("%q: %d, %v", text, pid, ok)
		}
	}
}

type serving struct {
	cmd   *exec.Cmd
	out   *bufio.Scanner
	child int
}

func serve(t *testing.T, writes string) *serving {
	t.Helper()
	cmd := proxy(t, "pid", "server", writes)
	must(t, os.Symlink(cmd.Path, filepath.Join(cmd.Dir, "server")))
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	p := &serving{cmd: cmd, out: bufio.NewScanner(out)}
	t.Cleanup(func() { cmd.Process.Kill() })
	p.out.Scan()
	if _, err := fmt.Sscanf(p.out.Text(), "ready %d", &p.child); err != nil {
		t.Fatalf("it said %q", p.out.Text())
	}
	return p
}

func (p *serving) expect(t *testing.T, line string) {
	t.Helper()
	if !p.out.Scan() || p.out.Text() != line {
		t.Fatalf("it said %q, want %q", p.out.Text(), line)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
