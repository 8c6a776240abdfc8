package daemon_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// freePorts are ports that nobody has; who comes first takes them.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var all []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		all = append(all, l.Addr().(*net.TCPAddr).Port)
	}
	return all
}

// hammer asks getState on connections of its own until done is closed, and counts the answers. Between two generations
// a connection may be refused or cut; an answer that is none is an error.
func hammer(t *testing.T, done <-chan struct{}, network string, address func() string, answers *atomic.Int64) {
	const body = "<methodCall><methodName>supervisor.getState</methodName></methodCall>"
	for {
		select {
		case <-done:
			return
		default:
		}
		c, err := net.Dial(network, address())
		if err != nil {
			continue
		}
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprintf(c, "POST /RPC2 HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		answer, err := io.ReadAll(c)
		c.Close()
		switch text := string(answer); {
		case strings.Contains(text, "RUNNING") || strings.Contains(text, "SHUTDOWN_STATE"):
			answers.Add(1)
		case err == nil && text != "":
			t.Errorf("in between, it answers %q", text)
			return
		}
	}
}

// TestTwoHundredReloadsUnderFireCostNothing: clients ask without pause on both servers, the port changes, and now and then
// the file is broken. The daemon keeps its pid, loses no descriptor, and everything runs at the end.
// fault: 16
func TestTwoHundredReloadsUnderFireCostNothing(t *testing.T) {
	t.Parallel()
	reloads := 200
	if testing.Short() {
		reloads = 30
	}
	dir, ports := short(t), freePorts(t, 2)
	file := func(port int) string {
		return settings(t, dir, fmt.Sprintf("[inet_http_server]\nport=127.0.0.1:%d\n[program:a]\ncommand=/bin/cat\nstartsecs=0\nnumprocs=3\n"+
			"process_name=a%%(process_num)d\n[eventlistener:l]\ncommand=/bin/cat\nevents=EVENT\nstartsecs=0\n", port))
	}
	cmd, out := foreground(t, file(ports[0]))
	until(t, out, "supervisord started")
	var port atomic.Int64
	port.Store(int64(ports[0]))
	var answers [2]atomic.Int64
	var fire sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		fire.Go(func() { hammer(t, done, "unix", func() string { return dir + "/sock" }, &answers[0]) })
		fire.Go(func() {
			hammer(t, done, "tcp", func() string { return fmt.Sprintf("127.0.0.1:%d", port.Load()) }, &answers[1])
		})
	}
	descriptors := func() int {
		names, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", cmd.Process.Pid))
		return len(names)
	}
	up := func() {
		until(t, out, "supervisord started")
		until(t, out, "success: a")
		until(t, out, "success: a")
		until(t, out, "success: a")
	}
	until(t, out, "success: a2")
	before := 0
	for i := range reloads {
		if i == 10 {
			before = descriptors()
		}
		if i%7 == 3 {
			write(t, dir, "s.conf", "[supervisord\nbroken")
			_ = cmd.Process.Signal(syscall.SIGHUP)
			until(t, out, "CRIT ")
			if got := ask(t, dir+"/sock", "supervisor.getAllProcessInfo"); strings.Count(got, "<string>RUNNING</string>") != 4 {
				t.Fatalf("after a broken file %s", got)
			}
		}
		next := ports[i%2]
		file(next)
		_ = cmd.Process.Signal(syscall.SIGHUP)
		up()
		port.Store(int64(next))
	}
	close(done)
	fire.Wait()
	if answers[0].Load() == 0 || answers[1].Load() == 0 {
		t.Errorf("%d and %d answers", answers[0].Load(), answers[1].Load())
	}
	quick(t, "end of what the last clients held", func() bool { return descriptors() <= before+4 })
	got := ask(t, dir+"/sock", "supervisor.getPID")
	if !strings.Contains(got, fmt.Sprintf("<int>%d</int>", cmd.Process.Pid)) {
		t.Error(got)
	}
	quick(t, "state in which all run", func() bool {
		return strings.Count(ask(t, dir+"/sock", "supervisor.getAllProcessInfo"), "<string>RUNNING</string>") == 4
	})
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_, _ = io.ReadAll(out)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	t.Logf("%d reloads, %d and %d answers", reloads, answers[0].Load(), answers[1].Load())
}
