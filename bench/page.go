package main

import (
	"bufio"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

const (
	viewers = 5
	// changes is how often a second a process changes its state: one that is killed goes through EXITED, STARTING and
	// RUNNING.
	changes     = 50
	changesEach = 3
	visits      = 2 // a second, of somebody who opens the page and leaves
)

const inetSection = "[inet_http_server]\nport=127.0.0.1:${PORT}\n"

// pageRate opens pages of many programs, has processes change their states, and tells how soon the page comes, median
// and worst, what all that costs the daemon in percent of a processor, how much its memory grows, and how many kilobytes
// a second an open page gets. Supervisor's page does not follow: nobody has it open.
func pageRate(b *bench) ([]float64, error) {
	d, stop, err := b.start(inetSection + idlers(b.many))
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := wait(20*time.Millisecond, "all RUNNING", func() bool { return running(d) == b.many }); err != nil {
		return nil, err
	}
	var got atomic.Int64
	open := viewers
	if b.programs.Name == "debian" {
		open = 0
	}
	var pages sync.WaitGroup
	defer pages.Wait() // after they are closed
	for range open {
		v, err := openPage(d)
		if err != nil {
			return nil, err
		}
		defer v.Close()
		pages.Go(func() { count(v, &got) })
	}
	s := &storm{d: d, stop: make(chan struct{}), done: make(chan error, 1)}
	go s.run()
	<-time.After(time.Duration(min(b.idle, 3)) * time.Second) // so that all have been drawn once
	before, bytes := measureProcess(d.Pid), got.Load()
	firsts, took, err := s.visit(time.Duration(b.idle) * time.Second)
	after, bytes := measureProcess(d.Pid), got.Load()-bytes
	close(s.stop)
	if err := errors.Join(err, <-s.done); err != nil {
		return nil, err
	}
	values := []float64{median(firsts), slices.Max(firsts), 100 * (after.cpu - before.cpu).Seconds() / took.Seconds(), after.rss - before.rss}
	if open > 0 {
		values = append(values, float64(bytes)/1e3/took.Seconds()/float64(open))
	}
	return values, nil
}

// A viewer is a page that is open: the connection that its stream comes over.
type viewer struct {
	net.Conn
	r *bufio.Reader
}

var liveField = regexp.MustCompile(`data-live="([^"]+)"`)

// openPage gets the list and its stream as page.js does.
func openPage(d *difftest.Daemon) (v *viewer, err error) {
	c, err := d.Dial(true)
	if err != nil {
		return nil, err
	}
	v = &viewer{c, bufio.NewReader(c)}
	defer func() {
		if err != nil {
			c.Close()
		}
	}()
	resp, err := v.get("/", "text/html")
	if err != nil {
		return nil, err
	}
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	m := liveField.FindSubmatch(page)
	if m == nil {
		return nil, errors.New("the page has no stream")
	}
	_, err = v.get("/"+html.UnescapeString(string(m[1])), "text/event-stream")
	return v, err
}

// get asks for something and returns when its head has come.
func (v *viewer) get(path, accept string) (*http.Response, error) {
	if _, err := fmt.Fprintf(v, "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept: %s\r\n\r\n", path, accept); err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(v.r, nil)
	if err == nil && resp.StatusCode != 200 {
		err = fmt.Errorf("%s: %s", path, resp.Status)
	}
	return resp, err
}

// count counts what comes, as it comes, until the viewer is closed.
func count(v *viewer, got *atomic.Int64) {
	buf := make([]byte, 64<<10)
	for {
		n, err := v.r.Read(buf)
		got.Add(int64(n))
		if err != nil {
			return
		}
	}
}

// A storm kills one process after the other, so that so many states change in a second as are wanted.
type storm struct {
	d    *difftest.Daemon
	stop chan struct{} // closed to end it
	done chan error    // told how it ended
}

var pidMember = regexp.MustCompile(`<name>pid</name>\s*<value><int>([1-9][0-9]*)</int>`)

func (s *storm) run() {
	tick := time.NewTicker(time.Second * changesEach / changes)
	defer tick.Stop()
	var alive [][][]byte
	for {
		select {
		case <-tick.C:
		case <-s.stop:
			s.done <- nil
			return
		}
		if len(alive) == 0 {
			_, body, err := s.d.Call("supervisor.getAllProcessInfo")
			if alive = pidMember.FindAllSubmatch([]byte(body), -1); err != nil || len(alive) == 0 {
				s.done <- fmt.Errorf("there is nobody to kill: %w", err)
				return
			}
		}
		pid, _ := strconv.Atoi(string(alive[0][1]))
		alive = alive[1:]
		syscall.Kill(pid, syscall.SIGKILL) // by now it may have ended
	}
}

// visit opens the page now and then and reads it to its end. It tells how many milliseconds passed each time from the
// wish to the first byte, and how long all took.
func (s *storm) visit(long time.Duration) (firsts []float64, took time.Duration, err error) {
	begin := time.Now()
	tick := time.NewTicker(time.Second / visits)
	defer tick.Stop()
	for took < long {
		<-tick.C
		at := time.Now()
		first, err := visitOnce(s.d, at)
		if err != nil {
			return nil, 0, err
		}
		firsts = append(firsts, millis(first.Sub(at)))
		took = time.Since(begin)
	}
	return firsts, took, nil
}

func visitOnce(d *difftest.Daemon, at time.Time) (first time.Time, err error) {
	c, err := d.Dial(true)
	if err != nil {
		return at, err
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		return at, err
	}
	r := bufio.NewReader(c)
	if _, err := r.Peek(1); err != nil {
		return at, err
	}
	first = time.Now()
	_, err = io.Copy(io.Discard, r)
	return first, err
}
