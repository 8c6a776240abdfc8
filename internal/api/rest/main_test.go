package rest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/api/events"
	"github.com/reeve-sh/reeve/internal/api/rest"
	"github.com/reeve-sh/reeve/internal/api/rpc2"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
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

// daemon is all that stands behind the face, on a fake kernel and in a bubble's time.
type daemon struct {
	t    *testing.T
	k    *kernel.Fake
	dir  string
	l    *pipes
	s    *service.Service
	ring *bus.Ring

	mu   sync.Mutex
	next *config.Config // what a reread reads
	bad  error
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

// serve plays a story with a daemon of group "g" with "a" (up, with logs) and "b" (down, without), group "solo" (down),
// and a group "spare" that is configured and not active.
func serve(t *testing.T, story func(*daemon)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := &daemon{t: t, k: kernel.NewFake(), dir: dir, l: &pipes{knock: make(chan net.Conn), done: make(chan struct{})}}
		d.k.Talk = true
		d.k.Obey = func(f *kernel.Fake, pid, sig int) {
			if sig == 9 || sig == 15 {
				f.End(pid, kernel.Status{Code: -1, Signal: sig})
			}
		}
		conf := &config.Config{
			File:   "/etc/test.conf",
			Daemon: config.Daemon{Identifier: "test", Childlogdir: dir, Logfile: dir + "/main.log"},
			Groups: []config.Group{
				{Name: "g", Priority: 1, Processes: []config.Process{program("a", dir), program("b", "")}},
				{Name: "solo", Priority: 2, Processes: []config.Process{program("solo", "")}},
			},
		}
		d.next = conf
		j, err := journal.Open(journal.Options{Path: conf.Daemon.Logfile, Level: config.Trace, Now: d.k.Wall})
		if err != nil {
			t.Fatal(err)
		}
		b := bus.New()
		d.ring = bus.NewRing(b, d.k.Wall)
		l := loop.Start(loop.Options{Kernel: d.k, Capture: outputs, Journal: j, StripANSI: func() bool { return false }, Publish: b.Publish, Wanted: b.Wanted})
		d.s = service.New(service.Options{
			Loop: l, Kernel: d.k, Journal: j, Config: conf, Reread: d.reread,
			Path: "/usr/bin:/bin", Rand: func() uint64 { return 1 },
		})
		calls := rpc2.New(d.s, j, []string{"supervisor"}, nil)
		face := rest.New(rest.Options{Service: d.s, Call: calls.Call, Events: events.Face{Ring: d.ring}, Internal: j.Internal, Now: d.k.Wall})
		gate := &api.Gate{Username: "me", Password: "secret", Routes: []api.Route{
			{Prefix: rest.Prefix, Face: face}, {Prefix: rest.Health, Face: face, Open: true}, {Prefix: rest.Readiness, Face: face, Open: true},
		}}
		server := httpd.Serve(d.l, httpd.Options{Handler: gate, Now: time.Now})
		ctx := context.Background()
		if err := errors.Join(d.s.Boot(ctx), l.Begin(ctx)); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Second)
		story(d)
		server.Close(0)
		l.Shutdown(false)
		<-l.Done()
		d.ring.Close()
		b.Close()
		j.Close()
		d.k.Close()
	})
}

func (d *daemon) reread() (*config.Config, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.next, d.bad
}

func program(name, dir string) config.Process {
	p := config.Process{
		Name: name, Program: name, Command: "/bin/cat", Umask: -1, UID: -1, Priority: 999, Startsecs: 1, Startretries: 3,
		Stopsignal: 15, Stopwaitsecs: 10, Exitcodes: []int{0},
		Stdout: config.Channel{Log: config.Log{Kind: config.LogNone}}, Stderr: config.Channel{Log: config.Log{Kind: config.LogNone}},
	}
	if dir != "" {
		p.Autostart = true
		p.Stdout.Log = config.Log{Kind: config.LogFile, Path: dir + "/a.out"}
		p.Stderr.Log = config.Log{Kind: config.LogFile, Path: dir + "/a.err"}
		p.Environment = []config.Var{{Name: "KEY", Value: "value"}}
	}
	return p
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// answer is one answer.
type answer struct {
	*http.Response
	body []byte
}

// ask sends one request, with credentials, and waits for its answer.
func (d *daemon) ask(method, path, body string) answer {
	d.t.Helper()
	return d.send(d.request(method, path, body))
}

func (d *daemon) request(method, path, body string) *http.Request {
	d.t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, "http://localhost"+path, r)
	if err != nil {
		d.t.Fatal(err)
	}
	req.SetBasicAuth("me", "secret")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

func (d *daemon) send(req *http.Request) answer {
	d.t.Helper()
	ours, theirs := net.Pipe()
	d.l.knock <- theirs
	go func() { _ = req.Write(ours) }()
	resp, err := http.ReadResponse(bufio.NewReader(ours), req)
	if err != nil {
		d.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	ours.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return answer{resp, body}
}

// problem is the fault and the message of a refusal.
func (d *daemon) problem(a answer) (int, client.Problem) {
	d.t.Helper()
	var p client.Problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		d.t.Errorf("%s %s: %v in %s", a.Request.Method, a.Request.URL, err, a.body)
	}
	return a.StatusCode, p
}

var errBroken = errors.New("the file is broken")

// stubborn makes all children ignore what they are told; obedient ends them.
func (d *daemon) stubborn() {
	d.k.Behave(func(k *kernel.Fake) { k.Obey = func(*kernel.Fake, int, int) {} })
}

func (d *daemon) obedient() {
	d.k.Behave(func(k *kernel.Fake) {
		k.Obey = func(f *kernel.Fake, pid, sig int) { f.End(pid, kernel.Status{Code: -1, Signal: sig}) }
	})
	for _, pid := range d.k.Alive() {
		d.k.Exit(pid, 0)
	}
	synctest.Wait()
}

// another puts a configuration on the disk in which everything is different.
func (d *daemon) another() {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := *d.next
	a := d.next.Groups[0].Processes[0]
	a.Stopwaitsecs, a.Environment = 3, []config.Var{{Name: "KEY", Value: "other"}}
	next.Groups = []config.Group{
		{Name: "g", Priority: 1, Processes: []config.Process{a, program("c", "")}}, {Name: "spare", Priority: 2, Processes: []config.Process{program("spare", "")}},
	}
	d.next = &next
}

// spoken lets process a have said something.
func (d *daemon) spoken() {
	d.t.Helper()
	err := errors.Join(os.WriteFile(d.dir+"/a.out", []byte("one\ntwo\nthree\n"), 0o644), os.WriteFile(d.dir+"/a.err", []byte("bad\n"), 0o644))
	if err != nil {
		d.t.Fatal(err)
	}
}
