package api_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// teller answers with who is asking.
type teller struct{}

func (teller) Serve(ctx context.Context, _ *httpd.Request) *httpd.Response {
	w, asked := service.Asker(ctx)
	if !asked {
		return &httpd.Response{Status: 200, Body: []byte("the daemon")}
	}
	body := fmt.Appendf(nil, "%s %s %v", w.Name, w.Role, w.Groups)
	return &httpd.Response{Status: 200, Body: body, Header: []httpd.Field{{Name: "Content-Length", Value: fmt.Sprint(len(body))}}}
}

func operators(t *testing.T) *api.Keys {
	t.Helper()
	slow, err := bcrypt.GenerateFromPassword([]byte("slow"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return api.NewKeys([]config.Operator{
		{Name: "plain", HasPassword: true, Password: "pw", UID: -1, Role: "read"},
		{Name: "sha", HasPassword: true, Password: "{SHA}82ab876d1387bfafe46cc1c8a2ef074eae50cb1d", UID: -1, Role: "operate", Groups: []string{"web"}},
		{Name: "slow", HasPassword: true, Password: string(slow), UID: -1, Role: "admin"},
		// SHA-256 of "test".
		{Name: "robot", Token: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", UID: -1, Role: "operate"},
		{Name: "neither", UID: 12345678, Role: "admin"},
	})
}

func TestWhoIsWho(t *testing.T) {
	t.Parallel()
	gate := &api.Gate{Username: "boss", Password: "b:p", Keys: operators(t), Unix: true, Routes: []api.Route{
		{Prefix: "/open", Open: true, Face: teller{}}, {Prefix: "/", Face: teller{}},
	}}
	for auth, want := range map[string]string{
		basic("boss:b:p"): "boss admin []", basic("plain:pw"): "plain read []", basic("sha:thepassword"): "sha operate [web]",
		basic("slow:slow"): "slow admin []", "Bearer test": "robot operate []", "bearer  test ": "robot operate []",
		basic("plain:wrong"): "", basic("sha:82ab876d1387bfafe46cc1c8a2ef074eae50cb1d"): "", basic("slow:fast"): "", "Bearer Test": "",
		"Bearer 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08": "", "Bearer ": "", "Bearer": "", "": "",
		basic("neither:"): "", basic("robot:"): "", basic("robot:test"): "", basic("nobody:pw"): "", basic("boss:pw"): "", basic(":"): "", basic("slow"): "",
	} {
		for range 2 { // the second time is remembered
			resp := ask(gate, "GET", "/x", auth)
			if got := string(resp.Body); want != "" && got != want || want == "" && resp.Status != 401 {
				t.Errorf("%q: %d %.40q, want %q", auth, resp.Status, got, want)
			}
			if open := ask(gate, "GET", "/open", auth); string(open.Body) != "the daemon" {
				t.Errorf("%q on an open route: %q", auth, open.Body)
			}
		}
	}
}

// unix gives both ends of a connection over a unix socket.
func unix(t *testing.T) net.Conn {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestTheKernelSaysWhoIsAtTheOtherEnd(t *testing.T) {
	t.Parallel()
	c := unix(t)
	serve := func(gate *api.Gate) string {
		gate.Unix, gate.Routes = true, []api.Route{{Prefix: "/", Face: teller{}}}
		resp := gate.Serve(context.Background(), &httpd.Request{Method: "GET", Path: "/", Conn: c})
		return fmt.Sprintf("%d %.20s", resp.Status, resp.Body)
	}
	me := os.Getuid()
	for _, x := range []struct {
		gate *api.Gate
		want string
	}{
		{&api.Gate{}, "200  admin []"},
		{&api.Gate{Username: "u", Password: "p"}, "401"},
		{&api.Gate{Keys: api.NewKeys([]config.Operator{{Name: "me", UID: me, Role: "read"}})}, "200 me read []"},
		{&api.Gate{Keys: api.NewKeys([]config.Operator{{Name: "other", UID: me + 1, Role: "read"}})}, "200 root admin []"},
		{&api.Gate{UIDs: []int{}}, "200  admin []"},
		{&api.Gate{UIDs: []int{}, Username: "u", Password: "p"}, "401"},
	} {
		if got := serve(x.gate); !strings.HasPrefix(got, x.want) {
			t.Errorf("%+v: %s, want %s", x.gate, got, x.want)
		}
	}
}

// TestAWrongHeaderGoesFirst: whoever sends credentials is whoever they say and nobody else, though the socket knows better.
func TestAWrongHeaderGoesFirst(t *testing.T) {
	t.Parallel()
	gate := &api.Gate{Unix: true, Keys: api.NewKeys([]config.Operator{{Name: "me", UID: os.Getuid(), Role: "read"}}), Routes: []api.Route{{Prefix: "/", Face: teller{}}}}
	for header, want := range map[string]int{
		"": 200, basic(":"): 200, basic("me:"): 401, basic("me"): 401, "Basic ?": 401, "Basic": 401, "Bearer": 401, "Bearer x": 401, "Digest x": 401,
		"x": 401, basic(":x"): 401, "Bearer Og==": 401,
	} {
		r := &httpd.Request{Method: "GET", Path: "/", Conn: unix(t), Header: []httpd.Field{{Name: "Authorization", Value: header}}}
		if resp := gate.Serve(context.Background(), r); resp.Status != want {
			t.Errorf("%q: %d, want %d", header, resp.Status, want)
		}
	}
}

func TestAForeignPageDoesNothing(t *testing.T) {
	t.Parallel()
	gate := &api.Gate{Hosts: []string{"box", "sup.lan"}, Section: "inet_http_server", Routes: []api.Route{{Prefix: "/", Face: teller{}}}}
	locked := &api.Gate{Username: "u", Password: "p", Routes: gate.Routes}
	for _, c := range []struct {
		method, path string
		header       string // "Name: value" between semicolons
		open, locked int
	}{
		{"POST", "/RPC2", "Host: box", 200, 200},
		{"POST", "/RPC2", "Host: some-service:9001", 200, 200}, // containers call each other by any name
		{"POST", "/RPC2", "Host: box; Origin: http://evil", 403, 403},
		{"POST", "/RPC2", "Host: box; Origin: null", 403, 403},
		{"POST", "/RPC2", "Host: box:9001; Origin: http://box:9001", 200, 200},
		{"POST", "/RPC2", "Host: box; Sec-Fetch-Site: cross-site", 403, 403},
		{"POST", "/RPC2", "Host: box; Sec-Fetch-Site: same-site", 403, 403},
		{"POST", "/RPC2", "Host: box; Sec-Fetch-Site: same-origin", 200, 200},
		{"POST", "/RPC2", "Host: inner; X-Forwarded-Host: box; Origin: https://box", 403, 200}, // and the open one does not know the name
		{"DELETE", "/api/v1/x", "Host: box; Origin: http://evil", 403, 403},
		{"GET", "/", "Host: box; Sec-Fetch-Site: cross-site; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: document", 200, 200}, // a link on somebody's page may lead here
		{"POST", "/", "Host: box; Sec-Fetch-Site: cross-site; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: document", 403, 403},
		{"GET", "/", "Host: box; Origin: http://evil; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: document", 403, 403},
		{"GET", "/", "Host: box; Sec-Fetch-Site: cross-site; Sec-Fetch-Mode: navigate; Sec-Fetch-Dest: iframe", 403, 403},
		{"GET", "/", "Host: box; Sec-Fetch-Site: cross-site", 403, 403},
		{"HEAD", "/", "Host: box; Sec-Fetch-Site: same-site; Sec-Fetch-Mode: no-cors; Sec-Fetch-Dest: image", 403, 403},
		{"GET", "/healthz", "Host: box; Origin: http://evil", 403, 403},
		{"GET", "/events", "Host: box; Origin: null", 403, 403},
		{"GET", "/", "Host: box; Sec-Fetch-Site: none", 200, 200},
		{"GET", "/", "Host: box; Sec-Fetch-Site: Same-Origin", 403, 403}, // no browser spells it so
		{"POST", "/RPC2", "Host: box; Origin: http://box.evil", 403, 403},
		{"POST", "/RPC2", "Host: box; Origin: http://evil/box", 403, 403},
		{"POST", "/RPC2", "Host: box; Origin: http://box@evil", 403, 403},
		{"POST", "/RPC2", "Host: box:9001; Origin: http://box:9002", 403, 403},
		{"POST", "/RPC2", "Host: box; Origin: box", 403, 403},
		{"POST", "/RPC2", "Host: box; X-Forwarded-Host: mid, out; Origin: https://out", 200, 200},
		{"POST", "/RPC2", "Host: box; X-Forwarded-Host: mid, out; Origin: https://evil", 403, 403},
		{"GET", "/", "Host: evil.example", 403, 200}, {"GET", "/", "Host: evillocalhost", 403, 200}, {"GET", "/", "Host: a.localhost:9001", 200, 200},
		{"GET", "/", "Host: evil.example:9001", 403, 200},
		{"GET", "/events", "Host: evil.example", 403, 200},
		{"GET", "/api/v1/x", "Host: rebound.example", 403, 200},
		{"GET", "/logtail/a", "Host: some-service", 200, 200},
		{"GET", "/logtail/a", "Host: evil.example; Sec-Fetch-Site: same-origin", 403, 200},
		{"POST", "/RPC2", "Host: evil.example; Sec-Fetch-Site: same-origin", 403, 200},
		{"POST", "/RPC2", "Host: evil.example; Origin: http://evil.example", 403, 200},
		{"GET", "/", "Host: 10.1.2.3:9001", 200, 200}, {"GET", "/", "Host: [::1]:9001", 200, 200}, {"GET", "/", "Host: LOCALHOST", 200, 200},
		{"GET", "/", "Host: sup.lan.", 200, 200}, {"GET", "/", "Host: Box", 200, 200}, {"GET", "/", "", 200, 200},
	} {
		for _, g := range []struct {
			gate *api.Gate
			want int
			auth []httpd.Field
		}{{gate, c.open, nil}, {locked, c.locked, []httpd.Field{{Name: "Authorization", Value: basic("u:p")}}}} {
			r := &httpd.Request{Method: c.method, Path: c.path, Header: g.auth}
			for f := range strings.SplitSeq(c.header, ";") {
				if name, value, ok := strings.Cut(f, ":"); ok {
					r.Header = append(r.Header, httpd.Field{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
				}
			}
			if resp := g.gate.Serve(context.Background(), r); resp.Status != g.want {
				t.Errorf("%s %s with %s: %d, want %d (%s)", c.method, c.path, c.header, resp.Status, g.want, resp.Body)
			}
		}
	}
	resp := gate.Serve(context.Background(), &httpd.Request{Method: "GET", Path: "/", Header: []httpd.Field{{Name: "Host", Value: "x.y"}}})
	if !strings.Contains(string(resp.Body), "allowed_hosts of [inet_http_server]") {
		t.Errorf("%s", resp.Body)
	}
}
