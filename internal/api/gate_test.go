package api_test

import (
	"context"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// TestALookUnderAStrangersName: a page whose name was made to lead here can read what it asks for, since to the browser
// it is of one origin with us. It can leave out a referrer, but it cannot choose an Accept-Encoding.
func TestALookUnderAStrangersName(t *testing.T) {
	t.Parallel()
	gate := &api.Gate{Section: "inet_http_server", Routes: []api.Route{{Prefix: "/", Face: teller{}}}}
	for _, c := range []struct {
		method, path, name, value string
		status                    int
	}{
		{"GET", "/logtail/a", "Accept-Encoding", "gzip, deflate", 403},
		{"GET", "/logtail/a", "Referer", "http://evil.example/", 403},
		{"GET", "/metrics", "Accept-Encoding", "gzip, deflate", 403},
		{"GET", "/logtail/a", "Accept-Encoding", "chunked", 200}, // Supervisor's own client
		{"GET", "/mainlogtail", "Accept-Encoding", "identity", 200},
		{"GET", "/metrics", "Accept-Encoding", "gzip", 200},
		{"GET", "/healthz", "", "", 200},
		{"POST", "/RPC2", "Accept-Encoding", "gzip, deflate", 200}, // clients made of Python's requests
		{"POST", "/RPC2", "Referer", "http://evil.example/", 200},  // browsers say the origin of a POST
	} {
		r := &httpd.Request{Method: c.method, Path: c.path, Header: []httpd.Field{{Name: "Host", Value: "some-name:9001"}, {Name: c.name, Value: c.value}}}
		if resp := gate.Serve(context.Background(), r); resp.Status != c.status {
			t.Errorf("%s %s with %s: %s: %d, want %d", c.method, c.path, c.name, c.value, resp.Status, c.status)
		}
	}
}

// TestAnEmptyNameAndPasswordAreNone: listeners made of Supervisor's childutils send them always.
func TestAnEmptyNameAndPasswordAreNone(t *testing.T) {
	t.Parallel()
	gate := &api.Gate{Unix: true, Keys: operators(t), Routes: []api.Route{{Prefix: "/", Face: teller{}}}}
	r := &httpd.Request{Method: "POST", Path: "/RPC2", Conn: unix(t), Header: []httpd.Field{{Name: "Authorization", Value: basic(":")}}}
	if resp := gate.Serve(context.Background(), r); resp.Status != 200 || string(resp.Body) != "root admin []" {
		t.Errorf("%d %s", resp.Status, resp.Body)
	}
}

// TestWhatIsOpenIsForLookingAt and nothing else.
func TestWhatIsOpenIsForLookingAt(t *testing.T) {
	t.Parallel()
	gate := &api.Gate{Username: "u", Password: "p", Routes: []api.Route{{Prefix: "/open", Open: true, Face: teller{}}}}
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 401, "PUT": 401, "get": 401} {
		if resp := ask(gate, method, "/open", ""); resp.Status != want {
			t.Errorf("%s: %d, want %d", method, resp.Status, want)
		}
	}
}

// TestOtherSpellingsOfBcrypt: PHP and htpasswd write $2y$, old systems $2a$.
func TestOtherSpellingsOfBcrypt(t *testing.T) {
	t.Parallel()
	hash, err := bcrypt.GenerateFromPassword([]byte("pw"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"$2a$", "$2b$", "$2y$"} {
		gate := &api.Gate{Keys: api.NewKeys([]config.Operator{{Name: "u", HasPassword: true, Password: version + strings.TrimPrefix(string(hash), "$2a$"), UID: -1, Role: "read"}}), Routes: []api.Route{{Prefix: "/", Face: teller{}}}}
		for credentials, want := range map[string]int{"u:pw": 200, "u:PW": 401} {
			if resp := ask(gate, "GET", "/", basic(credentials)); resp.Status != want {
				t.Errorf("%s with %s: %d", credentials, version, resp.Status)
			}
		}
	}
}
