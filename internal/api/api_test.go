package api_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// face answers with its own name, so that one sees who was asked.
type face string

func (f face) Serve(context.Context, *httpd.Request) *httpd.Response {
	return &httpd.Response{Status: 200, Body: []byte(f)}
}

var routes = []api.Route{{Prefix: "/RPC2", Face: face("rpc2")}, {Prefix: "/logtail", Face: face("logtail")}, {Prefix: "/mainlogtail", Face: face("mainlogtail")}}

func basic(plain string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(plain)) }

func ask(g *api.Gate, method, path, auth string) *httpd.Response {
	r := &httpd.Request{Method: method, Path: path}
	if auth != "" {
		r.Header = []httpd.Field{{Name: "authorization", Value: auth}}
	}
	return g.Serve(context.Background(), r)
}

// TestNothingIsAnsweredWithoutThePassword: every route there is and every path there is not, with none, a wrong and the
// right one.
// holds: SEC-001 SEC-002
// fault: 5
func TestNothingIsAnsweredWithoutThePassword(t *testing.T) {
	t.Parallel()
	gate := &api.Gate{Username: "u", Password: "p:w", Routes: routes}
	paths := []string{"/", "/nope", "/ok.html", "/index.html", "/stylesheets/supervisor.css", "/rpc2", "*", "http://h/RPC2", "//RPC2", "/../RPC2"}
	for _, r := range routes {
		paths = append(paths, r.Prefix, r.Prefix+"/x", r.Prefix+"x")
	}
	for _, path := range paths {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS", "get"} {
			for _, auth := range []string{"", basic("u:p"), basic("U:p:w"), basic("u:p:w2"), basic(":"), basic(":p:w"), basic("u:")} {
				resp := ask(gate, method, path, auth)
				if resp.Status != 401 || !resp.Close || len(resp.Body) != 137 {
					t.Errorf("%s %s with %q: %d", method, path, auth, resp.Status)
				}
				if h := resp.Header; h[0] != (httpd.Field{Name: "Connection", Value: "close"}) ||
					h[1] != (httpd.Field{Name: "WWW-Authenticate", Value: `Basic realm="default"`}) {
					t.Errorf("%v", h)
				}
			}
			if resp := ask(gate, method, path, basic("u:p:w")); resp.Status == 401 {
				t.Errorf("%s %s with the right password: 401", method, path)
			}
		}
	}
}

// TestWhatCountsAsThePassword, for a plain and a hashed one.
// holds: SEC-003 SEC-004 SEC-005
func TestWhatCountsAsThePassword(t *testing.T) {
	t.Parallel()
	// SHA-1 of "thepassword", which is the example of Supervisor's manual.
	const hash = "82ab876d1387bfafe46cc1c8a2ef074eae50cb1d"
	plain := api.Gate{Username: "u", Password: "pw"}
	hashed := api.Gate{Username: "u", Password: "{SHA}" + hash}
	for _, c := range []struct {
		name string
		gate api.Gate
		auth string
		in   bool
	}{
		{"right", plain, basic("u:pw"), true},
		{"scheme in other letters", plain, strings.Replace(basic("u:pw"), "Basic", "bAsIc", 1), true},
		{"blanks around", plain, strings.Replace(basic("u:pw"), " ", "  ", 1), true},
		{"another scheme", plain, strings.Replace(basic("u:pw"), "Basic", "Bearer", 1), false},
		{"no value", plain, "Basic", false},
		{"nothing after the blank", plain, "Basic ", false},
		{"no base64", plain, "Basic !!!!", false},
		{"no colon", plain, basic("upw"), false},
		{"half a password", plain, basic("u:p"), false},
		{"hashed", hashed, basic("u:thepassword"), true},
		{"the hash itself", hashed, basic("u:" + hash), false},
		{"the whole entry", hashed, basic("u:{SHA}" + hash), false},
		{"another prefix", api.Gate{Username: "u", Password: "{sha}" + hash}, basic("u:thepassword"), false},
		{"upper case hash", api.Gate{Username: "u", Password: "{SHA}" + strings.ToUpper(hash)}, basic("u:thepassword"), false},
		{"an empty password", api.Gate{Username: "u"}, basic("u:"), true},
		{"an empty user needs none", api.Gate{Password: "pw"}, "", true},
		{"an empty user takes any", api.Gate{Password: "pw"}, basic("x:y"), true},
	} {
		c.gate.Routes = routes
		if resp := ask(&c.gate, "POST", "/RPC2", c.auth); (resp.Status == 200) != c.in || !c.in && resp.Status != 401 {
			t.Errorf("%s: %d", c.name, resp.Status)
		}
	}
}

// TestPathsAreRoutedByTheirBeginning, and what is nobody's is 404 to who looks and 400 to who wants more.
// holds: HTTP-001 HTTP-017
func TestPathsAreRoutedByTheirBeginning(t *testing.T) {
	t.Parallel()
	gate := &api.Gate{Routes: routes}
	for _, c := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/RPC2", "rpc2", 200}, {"POST", "/RPC2/foo", "rpc2", 200}, {"POST", "/RPC2foo", "rpc2", 200},
		{"GET", "/logtail/x", "logtail", 200}, {"GET", "/mainlogtailxyz", "mainlogtail", 200},
		{"GET", "/", "", 404}, {"HEAD", "/nope", "", 404}, {"POST", "/rpc2", "", 400}, {"OPTIONS", "/", "", 400},
		{"get", "/", "", 400}, {"POST", "/", "", 400}, {"DELETE", "/nope", "", 400},
	} {
		resp := ask(gate, c.method, c.path, "")
		if resp.Status != c.status || c.body != "" && string(resp.Body) != c.body {
			t.Errorf("%s %s: %d %s", c.method, c.path, resp.Status, resp.Body)
		}
	}
}
