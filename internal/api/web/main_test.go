package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/api/usage"
	"github.com/reeve-sh/reeve/internal/api/web"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

func TestMain(m *testing.M) { standin.Main(m) }

// site is a daemon with the page, on a fake kernel and in a bubble's time.
type site struct {
	*standin.Daemon
	t    *testing.T
	dir  string
	conf *config.Config // what a reread reads
	next *config.Config // in its place, when it is set

	mu      sync.Mutex // guards what follows
	samples int
	stats   []usage.Stat
	who     *service.Who
	face    *web.Face
	broken  string // why it cannot be read
	prefix  string // sent as X-Forwarded-Prefix
}

// measure is what the sampler reads.
func (d *site) measure() ([]usage.Stat, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.samples++
	return d.stats, nil
}

// weigh says what the sampler reads from now on.
func (d *site) weigh(stats ...usage.Stat) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stats = stats
}

// sampled is how often it has read.
func (d *site) sampled() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.samples
}

// evil is a name that would do things if it were not escaped.
const evil = `<b>&"'x`

// visit plays a story on a site with group "g" of "a" (up, with logs) and "b" (down, without), a program "solo", and
// one with an evil name.
func visit(t *testing.T, story func(*site)) {
	t.Helper()
	visitOf(t, func(*config.Config) {}, story)
}

// visitOf is visit with another configuration.
func visitOf(t *testing.T, change func(*config.Config), story func(*site)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := &site{t: t, dir: dir}
		d.conf = &config.Config{
			Daemon: config.Daemon{Identifier: "the house", Childlogdir: dir, Logfile: dir + "/main.log"},
			Groups: []config.Group{
				{Name: "g", Priority: 1, Processes: []config.Process{program("a", dir), program("b", "")}},
				{Name: "solo", Priority: 2, Processes: []config.Process{program("solo", "")}},
				{Name: evil, Priority: 3, Processes: []config.Process{program(evil, "")}},
			},
		}
		change(d.conf)
		d.Daemon = standin.New(t, standin.Options{Config: d.conf, Reread: d.reread})
		ring := bus.NewRing(d.Bus, time.Now)
		t.Cleanup(ring.Close)
		d.face = web.New(web.Options{Service: d.Service, Bus: d.Bus, Ring: ring, Now: time.Now, Usage: usage.New(usage.Options{
			Now: time.Now, Read: d.measure,
		})})
		d.Serve(&api.Gate{Unix: true, Routes: []api.Route{{Prefix: "/", Face: asked{d}}}})
		d.Begin()
		story(d)
	})
}

func (d *site) reread() (*config.Config, error) {
	switch {
	case d.broken != "":
		return nil, errors.New(d.broken)
	case d.next != nil:
		return d.next, nil
	}
	return d.conf, nil
}

// program is tried once, and is up and has logs when there is a dir.
func program(name, dir string) config.Process {
	p := standin.Program(name)
	p.Startretries, p.Autorestart = 0, config.RestartNever
	if dir != "" {
		standin.Up(&p)
		standin.Logged(dir)(&p)
	}
	return p
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends one request and waits for its whole answer.
func (d *site) ask(method, path, body string, header ...string) answer {
	d.t.Helper()
	ours := d.Door.Knock()
	defer ours.Close()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: here\r\nConnection: close\r\n", method, path)
	for i := 0; i+1 < len(header); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", header[i], header[i+1])
	}
	if d.prefix != "" {
		fmt.Fprintf(&b, "X-Forwarded-Prefix: %s\r\n", d.prefix)
	}
	if method == "POST" {
		fmt.Fprintf(&b, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", len(body))
	}
	go io.WriteString(ours, b.String()+"\r\n"+body)
	resp, err := http.ReadResponse(bufio.NewReader(ours), &http.Request{Method: method})
	if err != nil {
		d.t.Fatalf("%s %s: %v", method, path, err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func (d *site) get(path string, header ...string) answer {
	d.t.Helper()
	return d.ask("GET", path, "", header...)
}

var tokenField = regexp.MustCompile(`name="token" value="([^"]+)"`)

// token is what the forms of a page carry.
func (d *site) token() string {
	d.t.Helper()
	m := tokenField.FindStringSubmatch(d.get("/").body)
	if m == nil {
		d.t.Fatal("no token on the page")
	}
	return m[1]
}

// post sends a form with a right token and returns the message that the browser is sent on with.
func (d *site) post(fields ...string) string {
	d.t.Helper()
	a := d.submit(d.token(), fields...)
	to, err := url.Parse(a.header.Get("Location"))
	if a.status != 303 || err != nil {
		d.t.Fatalf("%v: %d %s", fields, a.status, a.body)
	}
	return to.Query().Get("message")
}

func (d *site) submit(token string, fields ...string) answer {
	d.t.Helper()
	form := url.Values{"token": {token}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return d.ask("POST", "/index.html", form.Encode())
}

// phase is the state of a process.
func (d *site) phase(name string) string {
	d.t.Helper()
	i, err := d.Service.ProcessInfo(context.Background(), name)
	if err != nil {
		d.t.Fatal(err)
	}
	return i.Phase.String()
}

// stream opens an event stream and returns what it has said so far, whenever it is asked.
func (d *site) stream(path string, header ...string) (heard func() string, hangUp func()) {
	d.t.Helper()
	ours := d.Door.Knock()
	extra := ""
	for i := 0; i+1 < len(header); i += 2 {
		extra += header[i] + ": " + header[i+1] + "\r\n"
	}
	go io.WriteString(ours, "GET "+path+" HTTP/1.1\r\nHost: here\r\n"+extra+"\r\n")
	var mu sync.Mutex
	var b strings.Builder
	go func() {
		resp, err := http.ReadResponse(bufio.NewReader(ours), nil)
		if err != nil {
			return
		}
		buf := make([]byte, 4096)
		for {
			n, err := resp.Body.Read(buf)
			mu.Lock()
			b.Write(buf[:n])
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return func() string {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		s := b.String()
		b.Reset()
		return s
	}, func() { ours.Close(); synctest.Wait() }
}

// asked is the page as it is asked for by whoever the story says.
type asked struct{ d *site }

func (a asked) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	if a.d.who != nil {
		ctx = service.As(ctx, a.d.who)
	}
	return a.d.face.Serve(ctx, r)
}
