package rest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/api/events"
	"github.com/reeve-sh/reeve/internal/api/rest"
	"github.com/reeve-sh/reeve/internal/api/rpc2"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/standin"
)

func TestMain(m *testing.M) { standin.Main(m) }

// daemon is all that stands behind the face, on a fake kernel and in a bubble's time.
type daemon struct {
	*standin.Daemon
	t   *testing.T
	dir string

	mu   sync.Mutex
	next *config.Config // what a reread reads
	bad  error
}

// serve plays a story with a daemon of group "g" with "a" (up, with logs) and "b" (down, without), group "solo" (down),
// and a group "spare" that is configured and not active.
func serve(t *testing.T, story func(*daemon)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		conf := &config.Config{
			File:   "/etc/test.conf",
			Daemon: config.Daemon{Identifier: "test", Childlogdir: dir, Logfile: dir + "/main.log"},
			Groups: []config.Group{
				{Name: "g", Priority: 1, Processes: []config.Process{program("a", dir), program("b", "")}},
				{Name: "solo", Priority: 2, Processes: []config.Process{program("solo", "")}},
			},
		}
		d := &daemon{t: t, dir: dir, next: conf}
		d.Daemon = standin.New(t, standin.Options{Config: conf, Reread: d.reread})
		ring := bus.NewRing(d.Bus, d.Kernel.Wall)
		t.Cleanup(ring.Close)
		calls := rpc2.New(d.Service, d.Journal, []string{"supervisor"}, nil)
		face := rest.New(rest.Options{
			Service: d.Service, Call: calls.Call, Events: events.Face{Ring: ring}, Internal: d.Journal.Internal, Now: d.Kernel.Wall,
		})
		d.Serve(&api.Gate{Username: "me", Password: "secret", Routes: []api.Route{
			{Prefix: rest.Prefix, Face: face}, {Prefix: rest.Health, Face: face, Open: true}, {Prefix: rest.Readiness, Face: face, Open: true},
		}})
		d.Begin()
		story(d)
	})
}

func (d *daemon) reread() (*config.Config, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.next, d.bad
}

// program is up and has logs and an environment when there is a dir.
func program(name, dir string) config.Process {
	if dir == "" {
		return standin.Program(name)
	}
	return standin.Program(name, standin.Up, standin.Logged(dir), func(p *config.Process) {
		p.Environment = []config.Var{{Name: "KEY", Value: "value"}}
	})
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
	ours := d.Door.Knock()
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
