package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// conf is an ordinary configuration with room for many programs.
func conf(programs string) string {
	return strings.Replace(difftest.Ordinary(programs), "[supervisord]\n", "[supervisord]\nminfds=10000\n", 1)
}

// start makes a daemon with these programs and waits until it answers. stop ends it.
func (b *bench) start(programs string) (d *difftest.Daemon, stop func(), err error) {
	d, err = difftest.NewDaemon(b.programs, conf(programs))
	if err != nil {
		return nil, nil, err
	}
	os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := d.Start(ctx); err != nil || d.Exited() {
		d.Close()
		return nil, nil, fmt.Errorf("it does not start: %v\n%s", err, d.ReadFile("stderr"))
	}
	return d, d.Close, nil
}

// idlers is the configuration of n programs that do nothing.
func idlers(n int) string {
	return fmt.Sprintf("[program:idle]\ncommand=/bin/sleep 1000000\nprocess_name=idle_%%(process_num)04d\nnumprocs=%d\nstartsecs=0\n"+
		"stdout_logfile=NONE\nstderr_logfile=NONE\n", n)
}

// running counts the programs that the main log says are up. It does not wake the daemon.
func running(d *difftest.Daemon) int {
	return strings.Count(d.ReadFile("main.log"), " entered RUNNING state")
}

// wait calls done every step until it is true, a minute at most.
func wait(step time.Duration, what string, done func() bool) error {
	tick := time.NewTicker(step)
	defer tick.Stop()
	end := time.Now().Add(time.Minute)
	for !done() {
		if time.Now().After(end) {
			return fmt.Errorf("%s: it never came", what)
		}
		<-tick.C
	}
	return nil
}

// A client is one connection that is kept alive.
type client struct {
	conn net.Conn
	r    *bufio.Reader
}

func dial(d *difftest.Daemon) (*client, error) {
	c, err := d.Dial(false)
	if err != nil {
		return nil, err
	}
	return &client{c, bufio.NewReaderSize(c, 1<<20)}, nil
}

// request is a whole XML-RPC request.
func request(method string, args ...string) []byte {
	var params strings.Builder
	for _, a := range args {
		fmt.Fprintf(&params, "<param><value><string>%s</string></value></param>", a)
	}
	body := fmt.Sprintf("<?xml version='1.0'?><methodCall><methodName>%s</methodName><params>%s</params></methodCall>", method, params.String())
	return fmt.Appendf(nil, "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}

var lengthHeader = []byte("Content-Length: ")

// ask sends one request and returns how long the body of the answer was. Nothing is decoded.
func (c *client) ask(request []byte) (int, error) {
	if _, err := c.conn.Write(request); err != nil {
		return 0, err
	}
	length := 0
	for first := true; ; first = false {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if first && !bytes.Contains(line, []byte(" 200 ")) {
			return 0, fmt.Errorf("answer %q", line)
		}
		if value, ok := bytes.CutPrefix(line, lengthHeader); ok {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
		if len(line) <= 2 {
			break
		}
	}
	n, err := c.r.Discard(length)
	return n, err
}

// usage is what a process has used so far.
type usage struct {
	cpu      time.Duration
	switches int
	rss      float64 // MB
	threads  float64
}

func measureProcess(pid int) usage {
	var u usage
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if _, rest, ok := strings.Cut(string(stat), ") "); ok {
		f := strings.Fields(rest)
		utime, _ := strconv.Atoi(f[11])
		stime, _ := strconv.Atoi(f[12])
		u.cpu = time.Duration(utime+stime) * 10 * time.Millisecond
	}
	// Ticks of 10 ms are coarse; the scheduler knows better where it tells.
	if fine, ok := schedTime(pid); ok {
		u.cpu = fine
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, t := range tasks {
		u.switches += int(field(t, "voluntary_ctxt_switches:"))
	}
	status := fmt.Sprintf("/proc/%d/status", pid)
	u.rss, u.threads = field(status, "VmRSS:")/1024, field(status, "Threads:")
	return u
}

// schedTime sums the nanoseconds on a processor of all threads.
func schedTime(pid int) (time.Duration, bool) {
	paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	var sum time.Duration
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil || len(strings.Fields(string(text))) < 1 {
			return 0, false
		}
		n, _ := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		sum += time.Duration(n)
	}
	return sum, sum > 0
}

func field(path, name string) float64 {
	text, _ := os.ReadFile(path)
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			v, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return v
		}
	}
	return 0
}

func median(v []float64) float64 {
	s := slices.Clone(v)
	slices.Sort(s)
	return s[len(s)/2]
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// echo is the least that a server of HTTP can be: it reads a request and writes an answer of a fixed size.
func echo(l net.Listener, size int) {
	answer := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size))
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			r := bufio.NewReader(c)
			for {
				req, err := http.ReadRequest(r)
				if err != nil {
					return
				}
				io.Copy(io.Discard, req.Body)
				c.Write(answer)
			}
		}()
	}
}
