package rpc2_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/api/rpc2"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// outputs lives outside of all bubbles, since its goroutines wait in the kernel.
var outputs *capture.Set

func TestMain(m *testing.M) {
	var err error
	if outputs, err = capture.Open(0); err != nil {
		panic(err)
	}
	code := m.Run()
	outputs.Close()
	os.Exit(code)
}

// daemon is all that stands behind /RPC2, on a fake kernel and in a bubble's time.
type daemon struct {
	t   *testing.T
	k   *kernel.Fake
	dir string
	log *bytes.Buffer
	l   *pipes

	mu     sync.Mutex
	events []event.Event
}

// pipes is a listener whose connections are pipes.
type pipes struct {
	knock chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.knock:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// serve plays a story with a daemon of group "g" with "a" (up, with logs) and "b" (down, without), and group "solo".
func serve(t *testing.T, story func(*daemon)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := &daemon{t: t, k: kernel.NewFake(), dir: dir, log: &bytes.Buffer{}, l: &pipes{knock: make(chan net.Conn), done: make(chan struct{})}}
		d.k.Talk = true
		d.k.Obey = func(f *kernel.Fake, pid, sig int) {
			if sig == 9 || sig == 15 {
				f.End(pid, kernel.Status{Code: -1, Signal: sig})
			}
		}
		conf := &config.Config{
			Daemon: config.Daemon{Identifier: "test", Childlogdir: dir, Logfile: dir + "/main.log"},
			Groups: []config.Group{
				{Name: "g", Priority: 1, Processes: []config.Process{program("a", dir), program("b", "")}},
				{Name: "solo", Priority: 2, Processes: []config.Process{program("solo", "")}},
			},
		}
		j, err := journal.Open(journal.Options{Path: conf.Daemon.Logfile, Level: config.Trace, Now: d.k.Wall})
		if err != nil {
			t.Fatal(err)
		}
		l := loop.Start(loop.Options{Kernel: d.k, Capture: outputs, Journal: j, StripANSI: func() bool { return false }, Publish: d.tell})
		s := service.New(service.Options{
			Loop: l, Kernel: d.k, Journal: j, Config: conf, Reread: func() (*config.Config, error) { return conf, nil },
			Path: "/usr/bin:/bin", Rand: func() uint64 { return 1 },
		})
		gate := &api.Gate{Routes: []api.Route{{Prefix: "/RPC2", Face: rpc2.New(s, j, []string{"supervisor"}, nil)}}}
		server := httpd.Serve(d.l, httpd.Options{Handler: gate, Now: time.Now})
		ctx := context.Background()
		if err := errors.Join(s.Boot(ctx), l.Begin(ctx)); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Second)
		story(d)
		server.Close(0)
		l.Shutdown(false)
		<-l.Done()
		j.Close()
		d.k.Close()
	})
}

func (d *daemon) tell(e event.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.events = append(d.events, e)
}

func program(name, dir string) config.Process {
	p := config.Process{
		Name: name, Command: "/bin/cat", Umask: -1, UID: -1, Priority: 999, Startsecs: 1, Startretries: 3,
		Stopsignal: 15, Stopwaitsecs: 10, Exitcodes: []int{0},
		Stdout: config.Channel{Log: config.Log{Kind: config.LogNone}}, Stderr: config.Channel{Log: config.Log{Kind: config.LogNone}},
	}
	if dir != "" {
		p.Autostart = true
		p.Stdout.Log = config.Log{Kind: config.LogFile, Path: dir + "/a.out"}
		p.Stderr.Log = config.Log{Kind: config.LogFile, Path: dir + "/a.err"}
	}
	return p
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// raw sends bytes on a line of their own and returns what is answered until nothing more happens.
func (d *daemon) raw(request string) string {
	ours, theirs := net.Pipe()
	d.l.knock <- theirs
	go io.WriteString(ours, request)
	heard := make(chan string, 1)
	go func() {
		var b strings.Builder
		buf := make([]byte, 4096)
		for {
			n, err := ours.Read(buf)
			b.Write(buf[:n])
			if err != nil {
				heard <- b.String()
				return
			}
		}
	}()
	pass(30 * time.Second) // whoever waits for startsecs has got his answer by then
	ours.Close()
	return <-heard
}

// post sends a body and returns the status and the body of the answer.
func (d *daemon) post(body string) (status int, answer string) {
	d.t.Helper()
	got := d.raw("POST /RPC2 HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	head, answer, _ := strings.Cut(got, "\r\n\r\n")
	fmt.Sscanf(head, "HTTP/1.1 %d ", &status)
	return status, answer
}

// call is one call, its answer in the short spelling of show.
func (d *daemon) call(method string, args ...any) string {
	d.t.Helper()
	status, body := d.post(string(xmlrpc.AppendCall(nil, method, args)))
	if status != 200 {
		return fmt.Sprint("HTTP ", status)
	}
	v, err := xmlrpc.ParseResponse([]byte(body), xmlrpc.Limits{})
	var f *xmlrpc.Fault
	if errors.As(err, &f) {
		return fmt.Sprint(f.Code, " ", f.String)
	}
	if err != nil {
		d.t.Errorf("%s: %v in %s", method, err, body)
	}
	return show(v)
}

// show spells a value shortly.
func show(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = show(e)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case xmlrpc.Struct:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = m.Name + "=" + show(m.Value)
		}
		return "{" + strings.Join(parts, " ") + "}"
	case string:
		return strconv.Quote(v)
	}
	return fmt.Sprint(v)
}
