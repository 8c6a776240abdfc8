package daemon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/api/web"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/daemon"
)

// knock is one request to each route with each kind of credentials, from a page of our own and from a stranger's.
type knock struct {
	method, path string
	open         bool     // everybody may look
	takes        string   // the least role; what is not said here is read for a look and operate for a change
	body         string   // of a change
	never        []string // who must not send it, since it would end the daemon
}

// takes are the routes for administrators; everything else is for those who read, or for operators when it changes
// something.
var takes = map[string]string{
	"GET /audit": "admin", "POST /api/v1/daemon/shutdown": "admin", "POST /api/v1/daemon/restart": "admin", "POST /api/v1/daemon/log/clear": "admin",
	"POST /api/v1/config/reread": "admin", "POST /api/v1/config/update": "admin", "POST /api/v1/groups/nobody/add": "admin", "POST /api/v1/groups/nobody/remove": "admin",
	"POST /api/v1/events": "admin",
}

// bodies are what changes take.
var bodies = []struct{ suffix, body string }{
	{"/signal", `{"signal":"HUP"}`}, {"/stdin", `{"data":"x"}`}, {"/events", `{"type":"a","data":"b"}`}, {"/call", `{"method":"supervisor.stopAllProcesses"}`},
}

// looks are what the prefixes of the table of faces want behind them, where that is not themselves.
var looks = map[string]string{"/logtail": "/logtail/nobody", "/api/": "/api/v1/daemon", "/ext/": "/ext/nobody/"}

// knocks are made of the daemon's own table of faces, of the document of the JSON face, and of the pages' own table.
func knocks(t *testing.T, document []byte) []knock {
	t.Helper()
	var list []knock
	for prefix, open := range daemon.Mounts() {
		path := prefix
		if looks[prefix] != "" {
			path = looks[prefix]
		}
		list = append(list, knock{method: "GET", path: path, open: open}, knock{method: "POST", path: path})
	}
	for _, p := range web.Pages() {
		list = append(list, knock{method: "GET", path: "/" + p}, knock{method: "POST", path: "/" + p, body: "action=stopall"})
	}
	var doc struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(document, &doc); err != nil || len(doc.Paths) < 20 {
		t.Fatalf("%v, %d paths", err, len(doc.Paths))
	}
	for path, methods := range doc.Paths {
		for method := range methods {
			k := knock{method: strings.ToUpper(method), path: strings.ReplaceAll(path, "{name}", "nobody")}
			for _, b := range bodies {
				if strings.HasSuffix(path, b.suffix) {
					k.body = b.body
				}
			}
			if strings.HasSuffix(path, "/shutdown") || strings.HasSuffix(path, "/daemon/restart") {
				k.never = []string{"admin"}
			}
			k.open = daemon.Mounts()[path]
			list = append(list, k)
		}
	}
	for i := range list {
		k := &list[i]
		k.takes = takes[k.method+" "+k.path]
		if k.takes == "" && strings.HasPrefix(k.path, "/api/") && k.method != "GET" {
			k.takes = "operate"
		}
	}
	return list
}

// wanted is whether a status is right for who knocks.
func (k *knock) wanted(who string, foreign bool, status int) bool {
	looking := k.method == "GET"
	has := map[string]int{"read": 1, "operate": 2, "admin": 3}
	switch {
	case foreign: // whoever asks, and for whatever
		return status == 403
	case has[who] == 0 && !(k.open && looking):
		return status == 401
	case status == 405: // there is nothing there to be changed
		return !looking
	case k.path == "/ok.html":
		return status == 200 // whatever it is asked
	case k.takes != "" && has[who] < has[k.takes]:
		return status == 403
	case !looking && (k.path == "/" || !strings.HasPrefix(k.path, "/api/")):
		return status >= 400 && status != 401 // no call, no form with a token: nothing is done
	}
	return status != 401 && status != 403
}

const people = `
[inet_http_server]
port=%s
[user:eve]
password=pw
role=read
[user:bob]
password=pw
role=operate
[user:amy]
password=pw
role=admin
[program:cat]
command=/bin/cat
startsecs=0
`

// TestEveryRouteAsksWhoIsThere: a face that is new in the daemon's table is knocked at without anybody saying so here.
// fault: 3 4 5
func TestEveryRouteAsksWhoIsThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir := short(t)
	_, out := foreground(t, settings(t, dir, fmt.Sprintf(people, addr)))
	until(t, out, "entered RUNNING state")
	go io.Copy(io.Discard, out)
	c := connect(t, dir) // by the socket: who runs the daemon is an administrator
	quick(t, "the daemon answers", func() bool { _, err := c.SupervisorVersion(t.Context()); return err == nil })

	status, document := send(t, addr, "GET", "/api/v1/openapi.json", "", "amy:pw", "")
	if status != 200 {
		t.Fatal(status)
	}
	seen := map[string]int{}
	for _, k := range knocks(t, document) {
		for who, credentials := range map[string]string{"none": "", "wrong": "bob:wrong", "read": "eve:pw", "operate": "bob:pw", "admin": "amy:pw"} {
			for _, origin := range []string{"", "http://" + addr, "http://evil.example"} {
				if slices.Contains(k.never, who) && !strings.Contains(origin, "evil") {
					continue
				}
				status, text := send(t, addr, k.method, k.path, k.body, credentials, origin)
				if !k.wanted(who, strings.Contains(origin, "evil"), status) {
					t.Errorf("%s %s by %s from %q: %d\n%.200s", k.method, k.path, who, origin, status, text)
				}
				seen[fmt.Sprint(status)]++
				var p client.Problem // whoever may not come in is told so in JSON where all is JSON
				if isJSON := strings.HasPrefix(k.path, "/api/") || k.open; isJSON && (status == 401 || status == 403) && (json.Unmarshal(text, &p) != nil || p.Message == "") {
					t.Errorf("%s %s by %s from %q: %d %q", k.method, k.path, who, origin, status, text)
				}
			}
		}
	}
	t.Logf("answers by status: %v", seen)
	if info, err := c.ProcessInfo(t.Context(), "cat"); err != nil || info.State != client.Running && info.State != client.Stopped {
		t.Errorf("%+v %v", info, err)
	}
}

// TestEveryMethodAsksWhoCalls: what is not for everybody who reads is refused to eve, with words, in an answer that every
// XML-RPC client understands.
func TestEveryMethodAsksWhoCalls(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir := short(t)
	_, out := foreground(t, settings(t, dir, fmt.Sprintf(people, addr)+"[rpcinterface:ops]\nsupervisor.rpcinterface_factory = reeve.test:clerk\nlife = "+dir+"/life\n"))
	until(t, out, "entered RUNNING state")
	go io.Copy(io.Discard, out)
	eve, err := client.Dial(client.Options{URL: "http://" + addr, Username: "eve", Password: "pw"})
	if err != nil {
		t.Fatal(err)
	}
	defer eve.Close()
	quick(t, "the daemon answers", func() bool { _, err := eve.SupervisorVersion(t.Context()); return err == nil })
	names, err := eve.ListMethods(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dummies := map[string]any{"string": "cat", "int": 0, "boolean": false, "array": []any{}, "struct": map[string]any{}}
	for _, name := range names {
		signature, err := eve.Call(t.Context(), "system.methodSignature", name)
		types, _ := signature.([]any)
		if err != nil || len(types) == 0 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var args []any
		for _, kind := range types[1:] {
			arg, known := dummies[fmt.Sprint(kind)]
			if !known {
				arg = "x"
			}
			args = append(args, arg)
		}
		_, err = eve.Call(t.Context(), name, args...)
		_, method, _ := strings.Cut(name, ".")
		reads := strings.HasPrefix(name, "system.") || strings.HasPrefix(method, "get") || strings.HasPrefix(method, "read") || strings.HasPrefix(method, "tail")
		var f *client.Fault
		if refused := errors.As(err, &f) && f.Code == 403 && strings.HasPrefix(f.String, "FORBIDDEN: role read may not "); refused == reads {
			t.Errorf("%s%v by eve: %v", name, args, err)
		}
	}
}

// near counts the addresses that requests have come from: whoever guesses from one is made to wait.
var near = make(chan int, 1)

func init() { near <- 0 }

// send makes one request over a connection of its own and gives the beginning of the answer.
func send(t *testing.T, addr, method, path, body, credentials, origin string) (int, []byte) {
	t.Helper()
	n := <-near
	near <- n + 1
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n)|1)}}
	tr := &http.Transport{DialContext: from.DialContext, DisableKeepAlives: true}
	defer tr.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://"+addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	if user, password, ok := strings.Cut(credentials, ":"); ok {
		r.SetBasicAuth(user, password)
	}
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	if strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := (&http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	if strings.Contains(resp.Header.Get("Content-Type"), "event-stream") || resp.StatusCode == 200 && strings.Contains(path, "tail") {
		return resp.StatusCode, nil // it would go on for ever
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, text
}

// TestACertificateThatCannotBeUsedIsNamedWithItsPlace.
func TestACertificateThatCannotBeUsedIsNamedWithItsPlace(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	dir := short(t)
	conf := write(t, dir, "s.conf", "[supervisord]\nlogfile="+dir+"/log\npidfile="+dir+"/pid\n[inet_http_server]\nport="+addr+"\nkeyfile=/nowhere/key\ncertfile=/nowhere/cert\n")
	got := run(t, command(t, "-n", "-c", conf))
	want := `Error: cannot use certfile "/nowhere/cert" with keyfile "/nowhere/key": open /nowhere/cert: no such file or directory in [inet_http_server]` +
		"\nFor help, use /usr/bin/supervisord -h (see " + conf + ":7)\n"
	if got.status != 2 || without(got.stderr, "UserWarning") != want {
		t.Errorf("%d %q, want %q", got.status, got.stderr, want)
	}
}

// TestWhereProgramsFindTheDaemon when some of its ports encrypt: Supervisor's own clients know no https.
func TestWhereProgramsFindTheDaemon(t *testing.T) {
	t.Parallel()
	plain, secure := config.Server{Host: "a", Port: 1}, config.Server{Host: "b", Port: 2, Certfile: "/c"}
	unix := config.Server{Unix: true, Path: "/s"}
	for _, c := range []struct {
		servers []config.Server
		want    string
	}{
		{[]config.Server{secure}, "https://b:2"}, {[]config.Server{secure, plain}, "http://a:1"}, {[]config.Server{plain, secure}, "http://a:1"},
		{[]config.Server{secure, plain, unix}, "unix:///s"}, {nil, ""},
	} {
		if got := daemon.ServerURL(c.servers); got != c.want {
			t.Errorf("%v: %s, want %s", c.servers, got, c.want)
		}
	}
}
