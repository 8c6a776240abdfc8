package daemon_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// quick waits for what should come soon.
func quick(t *testing.T, what string, come func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	late := time.After(20 * time.Second)
	for !come() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("still no %s", what)
		}
	}
}

// settings is a configuration in dir with a socket, and with more behind it.
func settings(t *testing.T, dir, more string) string {
	t.Helper()
	return write(t, dir, "s.conf", fmt.Sprintf("[supervisord]\nlogfile=%[1]s/log\npidfile=%[1]s/pid\nchildlogdir=%[1]s\n"+
		"[unix_http_server]\nfile=%[1]s/sock\n[rpcinterface:supervisor]\n"+
		"supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n%[2]s", dir, more))
}

// foreground starts a daemon with -n and returns its standard output, line by line.
func foreground(t *testing.T, conf string, args ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := command(t, append([]string{"-n", "-c", conf}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd, bufio.NewReader(out)
}

// until reads lines up to the one that holds what.
func until(t *testing.T, out *bufio.Reader, what string) string {
	t.Helper()
	all := ""
	for {
		line, err := out.ReadString('\n')
		all += line
		if strings.Contains(line, what) {
			return all
		}
		if err != nil {
			t.Fatalf("no %q in\n%s", what, all)
		}
	}
}

// ask calls a method without arguments over the socket.
func ask(t *testing.T, socket, method string) string {
	t.Helper()
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	body := "<methodCall><methodName>" + method + "</methodName></methodCall>"
	fmt.Fprintf(c, "POST /RPC2 HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	answer, _ := io.ReadAll(c)
	return string(answer)
}

// TestDaemonStandsServesRestartsAndGoes in the foreground, by its signals.
// holds: CLI-008 CLI-011 CLI-013 SIG-001 SIG-003 SIG-005 SEC-006
func TestDaemonStandsServesRestartsAndGoes(t *testing.T) {
	t.Parallel()
	dir := short(t)
	cmd, out := foreground(t, settings(t, dir, "[program:a]\ncommand=/bin/cat\nstartsecs=0\n"))
	first := until(t, out, "success: a entered RUNNING state")
	for _, line := range []string{"CRIT Server 'unix_http_server' running without any HTTP authentication checking", "INFO supervisord started with pid " + strconv.Itoa(cmd.Process.Pid)} {
		if !strings.Contains(first, line) {
			t.Errorf("no %q in\n%s", line, first)
		}
	}
	pid, _ := os.ReadFile(dir + "/pid")
	if string(pid) != fmt.Sprintln(cmd.Process.Pid) {
		t.Errorf("pidfile %q", pid)
	}
	if info, err := os.Stat(dir + "/sock"); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info, err)
	}
	if got := ask(t, dir+"/sock", "supervisor.getPID"); !strings.Contains(got, fmt.Sprintf("<int>%d</int>", cmd.Process.Pid)) {
		t.Error(got)
	}
	cmd.Process.Signal(syscall.SIGUSR1) // kills Supervisor, and orphans all its programs
	cmd.Process.Signal(syscall.SIGHUP)
	until(t, out, "stopped: a (terminated by SIGTERM)")
	until(t, out, "success: a entered RUNNING state")
	write(t, dir, "s.conf", "[broken")
	cmd.Process.Signal(syscall.SIGHUP)
	until(t, out, "s.conf")
	if got := ask(t, dir+"/sock", "supervisor.getState"); !strings.Contains(got, "RUNNING") {
		t.Errorf("a broken file brought it down: %s", got)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	last, _ := io.ReadAll(out)
	if !strings.Contains(string(last), "stopped: a (terminated by SIGTERM)") {
		t.Errorf("%s", last)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	for _, gone := range []string{"/pid", "/sock"} {
		if _, err := os.Stat(dir + gone); err == nil {
			t.Errorf("%s is still there", gone)
		}
	}
	if log, _ := os.ReadFile(dir + "/log"); !strings.Contains(string(log), "INFO supervisord started with pid") {
		t.Error("the log file was not written")
	}
}

// TestDaemonDetachesAndItsCallerWaitsUntilItStands: silent, in its own session, where and with the umask that was asked for.
// holds: CLI-009 CLI-010 CFG-062
func TestDaemonDetachesAndItsCallerWaitsUntilItStands(t *testing.T) {
	t.Parallel()
	dir := short(t)
	conf := settings(t, dir, "[program:a]\ncommand=/bin/sh -c \"umask; pwd; exec cat\"\nstdout_logfile="+dir+"/out\n")
	got := run(t, command(t, "-c", conf, "-m", "027", "-d", "/usr"))
	if got != (result{}) {
		t.Errorf("%+v", got)
	}
	var pid int
	quick(t, "pidfile", func() bool {
		text, _ := os.ReadFile(dir + "/pid")
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return pid > 1
	})
	defer func() {
		syscall.Kill(pid, syscall.SIGTERM)
		quick(t, "end", func() bool { _, err := os.Stat(dir + "/pid"); return err != nil })
	}()
	if got := ask(t, dir+"/sock", "supervisor.getPID"); !strings.Contains(got, fmt.Sprintf("<int>%d</int>", pid)) {
		t.Error(got)
	}
	quick(t, "output", func() bool { text, _ := os.ReadFile(dir + "/out"); return string(text) == "0027\n/usr\n" })
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skip("no /proc to look at: ", err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	if f := strings.Fields(rest); f[3] != strconv.Itoa(pid) || f[4] != "0" {
		t.Errorf("session %s, terminal %s", f[3], f[4])
	}
	for fd := range 3 {
		if to, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd)); to != "/dev/null" {
			t.Errorf("descriptor %d is %s", fd, to)
		}
	}
}

// TestWhatFailsBeforeTheDaemonStandsIsSeenByItsCaller, detached or not, and leaves nothing behind.
// holds: CLI-009 CFG-005 CFG-064 CFG-071
// fault: 16
func TestWhatFailsBeforeTheDaemonStandsIsSeenByItsCaller(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-n", "-k"} { // -k changes nothing here
		dir := short(t)
		if got := run(t, command(t, flag, "-c", write(t, dir, "broken", "[supervisord]\nloglevel=x\n"))); got.status != 2 || !strings.HasPrefix(got.stderr, "Error: ") {
			t.Errorf("%s: %+v", flag, got)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		more := fmt.Sprintf("[inet_http_server]\nport=%s\n", l.Addr())
		if got := run(t, command(t, flag, "-c", settings(t, dir, more))); got.status != 2 || !strings.Contains(got.stderr, "Another program is already listening on a port") {
			t.Errorf("%s: %+v", flag, got)
		}
		got := run(t, command(t, flag, "-a", "2000000000", "-c", settings(t, dir, "")))
		if got.status != 2 || !strings.Contains(got.stderr, "Error: The minimum number of file descriptors required to run this process is 2000000000 as per the \"minfds\"") {
			t.Errorf("%s: %+v", flag, got)
		}
		for _, left := range []string{"pid", "sock"} {
			if _, err := os.Stat(filepath.Join(dir, left)); err == nil {
				t.Errorf("%s: %s was left behind", flag, left)
			}
		}
	}
}

// TestOptionsBeatTheFileAfterARestartToo, and silence is silent.
// holds: CLI-007 CLI-008
func TestOptionsBeatTheFileAfterARestartToo(t *testing.T) {
	t.Parallel()
	dir := short(t)
	cmd, out := foreground(t, settings(t, dir, ""), "-s", "-l", dir+"/other", "-i", "mine", "-e", "debug")
	standing := func(times int) func() bool {
		return func() bool {
			text, _ := os.ReadFile(dir + "/other")
			return strings.Count(string(text), "INFO supervisord started with pid") == times
		}
	}
	quick(t, "start", standing(1))
	cmd.Process.Signal(syscall.SIGHUP)
	quick(t, "restart", standing(2))
	if got := ask(t, dir+"/sock", "supervisor.getIdentification"); !strings.Contains(got, "<string>mine</string>") {
		t.Error(got)
	}
	cmd.Process.Signal(syscall.SIGINT)
	if text, _ := io.ReadAll(out); len(text) > 0 {
		t.Errorf("%s", text)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir + "/log"); err == nil {
		t.Error("the file's log was written")
	}
}
