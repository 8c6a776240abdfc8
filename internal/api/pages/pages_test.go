package pages_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/api/pages"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// serve mounts a handler as the page of extension x and gives a client for it.
func serve(t *testing.T, h http.HandlerFunc) *http.Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	find := func(name string) (*service.Page, bool) { return &service.Page{Handler: h}, name == "x" }
	s := httpd.Serve(l, httpd.Options{Handler: pages.Face{Find: find}, Now: time.Now})
	dial := func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", path) }
	tr := &http.Transport{DialContext: dial}
	t.Cleanup(func() { tr.CloseIdleConnections(); s.Close(time.Second) })
	return &http.Client{Transport: tr}
}

func get(t *testing.T, c *http.Client, path string) (*http.Response, string) {
	t.Helper()
	resp, err := c.Get("http://u" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestARequestReachesItsPage(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Split", "a\r\nInjected: yes")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintf(w, "%s %s ?%s %q auth=%q x=%s", r.Method, r.URL.Path, r.URL.RawQuery, body, r.Header.Get("Authorization"), r.Header.Get("X-In"))
	})
	req, _ := http.NewRequest("POST", "http://u/ext/x/run/it?a=b", strings.NewReader("hello"))
	req.SetBasicAuth("u", "p")
	req.Header.Set("X-In", "1")
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if want := `POST /run/it ?a=b "hello" auth="" x=1`; string(body) != want || resp.StatusCode != 202 || resp.ContentLength != int64(len(want)) {
		t.Errorf("%d, length %d: %s", resp.StatusCode, resp.ContentLength, body)
	}
	if resp.Header.Get("Injected") != "" || resp.Header.Get("X-Split") != "a  Injected: yes" {
		t.Errorf("headers %v", resp.Header)
	}
	for _, path := range []string{"/ext/y/", "/ext/x", "/ext/"} {
		if resp, _ := get(t, c, path); resp.StatusCode != 404 {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}

func TestAnAnswerMayBeLargeOrNothingOrBroken(t *testing.T) {
	t.Parallel()
	const large = 3 << 20
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			for range large / 1000 {
				io.WriteString(w, strings.Repeat("x", 1000))
			}
		case "/panic":
			panic("bug")
		}
	})
	if resp, body := get(t, c, "/ext/x/large"); resp.StatusCode != 200 || len(body) != large/1000*1000 {
		t.Errorf("%d, %d bytes", resp.StatusCode, len(body))
	}
	if resp, body := get(t, c, "/ext/x/nothing"); resp.StatusCode != 200 || body != "" {
		t.Errorf("%d %q", resp.StatusCode, body)
	}
	if resp, _ := get(t, c, "/ext/x/panic"); resp.StatusCode != 500 {
		t.Errorf("%d", resp.StatusCode)
	}
}

func TestWhatIsFlushedIsSentAndAHangUpIsHeard(t *testing.T) {
	t.Parallel()
	next, ended := make(chan string), make(chan error, 1)
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/x")
		for line := range next {
			io.WriteString(w, line)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		ended <- r.Context().Err()
	})
	sent := make(chan struct{})
	go func() { next <- "one\n"; close(sent) }()
	resp, err := c.Get("http://u/ext/x/")
	if err != nil {
		t.Fatal(err)
	}
	<-sent
	br := bufio.NewReader(resp.Body)
	if line, _ := br.ReadString('\n'); line != "one\n" || resp.Header.Get("Content-Type") != "text/x" {
		t.Errorf("%q %v", line, resp.Header)
	}
	next <- "two\n"
	if line, _ := br.ReadString('\n'); line != "two\n" {
		t.Errorf("%q", line)
	}
	close(next)
	resp.Body.Close()
	if err := <-ended; err == nil {
		t.Error("the handler's context did not end")
	}
}
