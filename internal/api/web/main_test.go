package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
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

// site is a daemon with the page, on a fake kernel and in a bubble's time.
type site struct {
	t    *testing.T
	k    *kernel.Fake
	l    *loop.Loop
	s    *service.Service
	dir  string
	conf *config.Config // what a reread reads
	next *config.Config // in its place, when it is set
	door *pipes

	mu      sync.Mutex // guards what follows
	samples int
	stats   []usage.Stat
	who     *service.Who
	face    *web.Face
	broken  string // why it cannot be read
	prefix  string // sent as X-Forwarded-Prefix
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
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := &site{t: t, k: kernel.NewFake(), dir: dir, door: &pipes{knock: make(chan net.Conn), done: make(chan struct{})}}
		d.k.Talk = true
		d.k.Obey = func(f *kernel.Fake, pid, sig int) {
			if sig == 9 || sig == 15 {
				f.End(pid, kernel.Status{Code: -1, Signal: sig})
			}
		}
		d.conf = &config.Config{
			Daemon: config.Daemon{Identifier: "the house", Childlogdir: dir, Logfile: dir + "/main.log"},
			Groups: []config.Group{
				{Name: "g", Priority: 1, Processes: []config.Process{program("a", dir), program("b", "")}},
				{Name: "solo", Priority: 2, Processes: []config.Process{program("solo", "")}},
				{Name: evil, Priority: 3, Processes: []config.Process{program(evil, "")}},
			},
		}
		j, err := journal.Open(journal.Options{Path: d.conf.Daemon.Logfile, Level: config.Trace, Now: d.k.Wall})
		if err != nil {
			t.Fatal(err)
		}
		b := bus.New()
		d.l = loop.Start(loop.Options{Kernel: d.k, Capture: outputs, Journal: j, StripANSI: func() bool { return false }, Publish: b.Publish})
		d.s = service.New(service.Options{
			Loop: d.l, Kernel: d.k, Journal: j, Config: d.conf, Reread: d.reread,
			Path: "/usr/bin:/bin", Rand: func() uint64 { return 1 },
		})
		ring := bus.NewRing(b, time.Now)
		d.face = web.New(web.Options{Service: d.s, Bus: b, Ring: ring, Now: time.Now, Usage: usage.New(usage.Options{
			Now: time.Now, Read: d.measure,
		})})
		server := httpd.Serve(d.door, httpd.Options{Handler: &api.Gate{Unix: true, Routes: []api.Route{{Prefix: "/", Face: asked{d}}}}, Now: time.Now})
		ctx := context.Background()
		if err := errors.Join(d.s.Boot(ctx), d.l.Begin(ctx)); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Second)
		story(d)
		server.Close(0)
		d.l.Shutdown(false)
		<-d.l.Done()
		ring.Close()
		j.Close()
		d.k.Close()
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

func program(name, dir string) config.Process {
	p := config.Process{
		Name: name, Command: "/bin/cat", Umask: -1, UID: -1, Priority: 999, Startsecs: 1, Startretries: 0,
		Stopsignal: 15, Stopwaitsecs: 10, Exitcodes: []int{0}, Autorestart: config.RestartNever,
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

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends one request and waits for its whole answer.
func (d *site) ask(method, path, body string, header ...string) answer {
	d.t.Helper()
	ours, theirs := net.Pipe()
	defer ours.Close()
	d.door.knock <- theirs
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
	i, err := d.s.ProcessInfo(context.Background(), name)
	if err != nil {
		d.t.Fatal(err)
	}
	return i.Phase.String()
}

// stream opens an event stream and returns what it has said so far, whenever it is asked.
func (d *site) stream(path string, header ...string) (heard func() string, hangUp func()) {
	d.t.Helper()
	ours, theirs := net.Pipe()
	d.door.knock <- theirs
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
