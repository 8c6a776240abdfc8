package logtail_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/api/logtail"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// reader is a client that keeps what it has heard.
type reader struct {
	net.Conn
	mu     sync.Mutex
	heard  strings.Builder
	closed bool
}

// next is what was heard since the last look, once a second has passed.
func (r *reader) next() string {
	<-time.After(time.Second)
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.heard.String()
	r.heard.Reset()
	return s
}

// watch asks for a path.
func watch(p *standin.Door, line string) *reader {
	ours := p.Knock()
	r := &reader{Conn: ours}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := ours.Read(buf)
			r.mu.Lock()
			r.heard.Write(buf[:n])
			r.closed = err != nil
			r.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	io.WriteString(ours, line+"\r\n\r\n")
	return r
}

// serve plays a story with a daemon of which nothing runs: the logs in dir are written by the test.
func serve(t *testing.T, story func(p *standin.Door, s *httpd.Server, dir string)) {
	t.Helper()
	dir := t.TempDir()
	outputs, err := capture.Open(1)
	if err != nil {
		t.Fatal(err)
	}
	defer outputs.Close()
	synctest.Test(t, func(t *testing.T) {
		log := func(name string) config.Channel {
			return config.Channel{Log: config.Log{Kind: config.LogFile, Path: filepath.Join(dir, name)}}
		}
		conf := &config.Config{Daemon: config.Daemon{Logfile: dir + "/main"}, Groups: []config.Group{{Name: "g", Processes: []config.Process{
			{Name: "a", Command: "/bin/cat", UID: -1, Umask: -1, Stdout: log("out"), Stderr: log("err")},
			{Name: "none", Command: "/bin/cat", UID: -1, Umask: -1, Stdout: config.Channel{Log: config.Log{Kind: config.LogNone}}, Stderr: log("missing")},
		}}}}
		k := kernel.NewFake()
		l := loop.Start(loop.Options{Kernel: k, Capture: outputs, Publish: func(event.Event) {}, StripANSI: func() bool { return false }})
		s := service.New(service.Options{Loop: l, Kernel: k, Config: conf, Reread: func() (*config.Config, error) { return conf, nil }})
		p := standin.NewDoor()
		gate := &api.Gate{Routes: []api.Route{{Prefix: "/logtail", Face: logtail.Process{Service: s}}, {Prefix: "/mainlogtail", Face: logtail.Main{Service: s}}}}
		server := httpd.Serve(p, httpd.Options{Handler: gate, Now: time.Now})
		if err := errors.Join(s.Boot(context.Background()), l.Begin(context.Background())); err != nil {
			t.Fatal(err)
		}
		story(p, server, dir)
		server.Close(0)
		l.Shutdown(false)
		<-l.Done()
	})
}

// put appends to a log.
func put(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// TestLogIsStreamedAsItGrows: the last kilobyte first, then what is new, over a rotation, until the server closes.
// holds: HTTP-018 HTTP-020 HTTP-021 HTTP-022 HTTP-023
func TestLogIsStreamedAsItGrows(t *testing.T) {
	t.Parallel()
	serve(t, func(p *standin.Door, s *httpd.Server, dir string) {
		out := filepath.Join(dir, "out")
		put(t, out, strings.Repeat("x", 2000)+"end")
		put(t, dir+"/main", "main")
		chunked := watch(p, "GET /logtail/g:a HTTP/1.1")
		plain := watch(p, "GET /logtail/g%3Aa/stdout HTTP/1.0")
		main := watch(p, "GET /mainlogtailxyz HTTP/1.0")
		head, body, _ := strings.Cut(chunked.next(), "\r\n\r\n")
		for _, h := range []string{"HTTP/1.1 200 OK\r\n", "\r\nLast-Modified: ", "\r\nContent-Type: text/plain;charset=utf-8\r\nX-Accel-Buffering: no\r\nTransfer-Encoding: chunked"} {
			if !strings.Contains(head, h) {
				t.Errorf("no %q in %q", h, head)
			}
		}
		if body != "400\r\n"+strings.Repeat("x", 1021)+"end\r\n" {
			t.Errorf("%d bytes: %.20q", len(body), body)
		}
		if _, body, _ := strings.Cut(plain.next(), "\r\n\r\n"); body != strings.Repeat("x", 1021)+"end" {
			t.Errorf("%d bytes: %.20q", len(body), body)
		}
		if head, body, _ := strings.Cut(main.next(), "\r\n\r\n"); body != "main" || strings.Contains(head, "X-Accel") {
			t.Errorf("%q %q", head, body)
		}
		put(t, out, "more")
		if got := chunked.next() + plain.next(); got != "4\r\nmore\r\nmore" {
			t.Errorf("%q", got)
		}
		os.Rename(out, out+".1")
		put(t, out, "new file")
		if got := plain.next(); got != "new file" {
			t.Errorf("%q", got)
		}
		plain.Close()
		chunked.next()
		s.Close(time.Minute)
		synctest.Wait()
		if got := chunked.next(); got != "0\r\n\r\n" || !chunked.closed {
			t.Errorf("%q, closed %v", got, chunked.closed)
		}
	})
}

// TestWhatCannotBeFollowedIsNotFound, and other verbs than GET are no way to follow.
// holds: HTTP-018 HTTP-019
// fault: 5
func TestWhatCannotBeFollowedIsNotFound(t *testing.T) {
	t.Parallel()
	serve(t, func(p *standin.Door, _ *httpd.Server, dir string) {
		put(t, dir+"/out", "")
		os.Mkdir(dir+"/err", 0o755)
		for line, want := range map[string]string{
			"GET /logtail/g:a HTTP/1.0": "200", "GET /logtail/g:a/stdout HTTP/1.0": "200",
			"GET /logtail/g:a/stderr HTTP/1.0": "404", // a directory
			"GET /logtail/g:none HTTP/1.0":     "404", "GET /logtail/g:none/stderr HTTP/1.0": "404",
			"GET /logtail/g:* HTTP/1.0": "404", "GET /logtail/g HTTP/1.0": "404", "GET /logtail/nope HTTP/1.0": "404",
			"GET /logtail/g:a/both HTTP/1.0": "404", "GET /logtail/g:a/stdout/x HTTP/1.0": "404", "GET /logtail/ HTTP/1.0": "404",
			"GET /logtail HTTP/1.0": "404", "GET /logtail/../../etc/passwd HTTP/1.0": "404", "GET /logtail/..%2f..%2fetc%2fpasswd HTTP/1.0": "404",
			"POST /logtail/g:a HTTP/1.0": "400", "HEAD /logtail/g:a HTTP/1.0": "400", "POST /mainlogtail HTTP/1.0": "400",
			"GET /mainlogtail HTTP/1.0": "404", // not there yet
		} {
			r := watch(p, line)
			if got := r.next(); !strings.HasPrefix(got, "HTTP/1.0 "+want) {
				t.Errorf("%s: %.40q, want %s", line, got, want)
			}
			r.Close()
		}
	})
}
