// Package api is the way in for every face: it says who is asking, refuses who may not, and hands the request to the
// face that its path names. Every path of a server that has a password needs it, the unknown ones too (SEC-001).
package api

import (
	"context"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// Route is a face and the paths it answers: all that start with Prefix or, when Exact, only that one with or without a
// slash behind it. The first route that fits is taken.
type Route struct {
	Prefix string
	Exact  bool
	Face   httpd.Handler
}

func (r *Route) takes(path string) bool {
	if r.Exact {
		return strings.TrimSuffix(path, "/") == r.Prefix
	}
	return strings.HasPrefix(path, r.Prefix)
}

// Gate is the handler of one server.
type Gate struct {
	// Username and Password ask for basic authentication. An empty user name asks for none (SEC-005). A password that
	// starts with {SHA} is the hexadecimal SHA-1 of the real one (SEC-004).
	Username, Password string
	Section            string // the server's, for the record
	Routes             []Route
}

// Serve authenticates and routes.
func (g *Gate) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	if g.Username != "" && !g.admits(r.Get("Authorization")) {
		refused := httpd.Refuse(401, httpd.Field{Name: "Connection", Value: "close"},
			httpd.Field{Name: "WWW-Authenticate", Value: `Basic realm="default"`})
		refused.Close = true
		return refused
	}
	ctx = service.As(ctx, &service.Who{Name: g.Username, Role: service.Admin, Conn: r.Conn, Via: g.Section})
	for _, route := range g.Routes {
		if route.takes(r.Path) {
			return route.Face.Serve(ctx, r)
		}
	}
	if r.Method != "GET" && r.Method != "HEAD" {
		return httpd.Refuse(400)
	}
	return httpd.Refuse(404)
}

// admits checks an Authorization header. Neither how long it takes nor what it answers tells which half was wrong.
func (g *Gate) admits(header string) bool {
	scheme, value, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "basic") {
		return false
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(value))
	if err != nil {
		return false
	}
	user, password, found := strings.Cut(string(plain), ":")
	if !found {
		return false
	}
	want := g.Password
	if hash, ok := strings.CutPrefix(want, "{SHA}"); ok {
		sum := sha1.Sum([]byte(password))
		want, password = hash, hex.EncodeToString(sum[:])
	}
	return same(user, g.Username)&same(password, want) == 1
}

// same compares in a time that does not depend on where the two differ.
func same(a, b string) int {
	x, y := sha1.Sum([]byte(a)), sha1.Sum([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:])
}
