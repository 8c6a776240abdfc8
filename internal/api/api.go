// Package api is the way in for every face: it finds out who is asking, refuses who may not come in and what a stranger's
// page has made a browser ask, and hands the request to the face that its path names. Every path of a server that has a
// password needs it, the unknown ones too (SEC-001). What somebody may do is decided in package service.
package api

import (
	"context"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/listen"
)

// Route is a face and the paths it answers: all that start with Prefix or, when Exact, only that one with or without a
// slash behind it. The first route that fits is taken.
type Route struct {
	Prefix string
	Exact  bool
	// Open lets everybody look. Who proves nothing is nobody in particular to the face, which asks the service as the
	// daemon itself would: it must tell nothing that is a secret.
	Open bool
	// Refuse words a refusal as the face does; nil is a page or plain text.
	Refuse func(status int, text string) *httpd.Response
	Face   httpd.Handler
}

// Takes tells whether the route answers a path.
func (r *Route) Takes(path string) bool {
	if r.Exact {
		return strings.TrimSuffix(path, "/") == r.Prefix
	}
	return strings.HasPrefix(path, r.Prefix)
}

// Gate is the handler of one server.
type Gate struct {
	// Username and Password ask for basic authentication, and make an administrator. An empty user name asks for none
	// (SEC-005). A password that starts with {SHA} is the hexadecimal SHA-1 of the real one (SEC-004).
	Username, Password string
	Keys               *Keys  // the operators; nil for none
	Section            string // the server's, for the record
	Unix               bool
	UIDs               []int    // who may connect to a unix socket, beside root and ourselves; nil for all
	Hosts              []string // names under which we may be asked for, beside addresses and localhost; lower case
	Journal            *journal.Journal
	Slow               *Slow // may be nil
	Routes             []Route
}

// Serve authenticates and routes. What a stranger's page has made a browser ask is refused before anything is proved, so
// that no page guesses passwords for somebody who cannot reach us.
func (g *Gate) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	route := g.route(r.Path)
	if g.UIDs != nil && !g.mayConnect(r.Conn) {
		return route.say(403, "cannot let you in: your uid is not in allow_uids of ["+g.Section+"]\n")
	}
	if Foreign(r) && !visit(r) {
		return route.say(403, "cannot do this: it was asked by a page of another origin\n")
	}
	who, refused := g.ask(ctx, r, route)
	if refused != nil {
		return refused
	}
	if g.open() && !g.Unix && !g.knows(host(r)) && !calls(r) {
		return route.say(403, "cannot show this under the name "+strconv.Quote(host(r))+": without credentials only names in allowed_hosts of ["+
			g.Section+"], addresses and localhost are answered\n")
	}
	if route != nil {
		return route.Face.Serve(service.As(ctx, who), r)
	}
	if changes(r) {
		return httpd.Refuse(400)
	}
	return httpd.Refuse(404)
}

func (g *Gate) route(path string) *Route {
	for i := range g.Routes {
		if g.Routes[i].Takes(path) {
			return &g.Routes[i]
		}
	}
	return nil
}

// open is whether nobody has to prove anything.
func (g *Gate) open() bool { return g.Username == "" && !g.Keys.Any() }

// ask finds out who is asking. Without a who, refused is the answer, unless the route is open to whoever looks.
func (g *Gate) ask(ctx context.Context, r *httpd.Request, route *Route) (who *service.Who, refused *httpd.Response) {
	who = &service.Who{Role: service.Admin, Conn: r.Conn, Via: g.Section}
	if g.open() {
		return who, nil
	}
	if route != nil && route.Open && !changes(r) {
		return nil, nil // before anything slow is done for somebody who need not be anybody
	}
	header := given(r)
	if header != "" && !r.Proved(header) && g.Slow.shut(address(r.Conn)) {
		return nil, route.tooMany()
	}
	if one := g.prove(r.Conn, header); one != nil {
		who.Name, who.Role, who.Groups = one.Name, one.role, one.Groups
		r.Prove(header)
		return who, nil
	}
	if header != "" {
		wait, ok := g.Slow.failed(address(r.Conn))
		if !ok {
			return nil, route.tooMany()
		}
		user, _, _ := basic(header)
		if g.Journal != nil {
			g.Journal.AccessDenied(user, who.From(), g.Section)
		}
		sleep(ctx, wait)
	}
	return nil, route.whoAreYou()
}

// whoAreYou asks for credentials.
func (rt *Route) whoAreYou() *httpd.Response {
	asks := []httpd.Field{{Name: "Connection", Value: "close"}, {Name: "WWW-Authenticate", Value: `Basic realm="default"`}}
	if rt == nil || rt.Refuse == nil {
		refused := httpd.Refuse(401, asks...)
		refused.Close = true
		return refused
	}
	refused := rt.Refuse(401, "credentials are needed")
	refused.Header, refused.Close = append(asks, refused.Header...), true
	return refused
}

// tooMany answers an address that guesses faster than it is answered. Nothing has been compared: whoever could hear that
// the right one is right as fast as it can ask would not be slowed down at all.
func (rt *Route) tooMany() *httpd.Response {
	resp := rt.say(429, "cannot look at these credentials: too many wrong ones came from this address, try again in a while\n")
	resp.Header = append(resp.Header, httpd.Field{Name: "Connection", Value: "close"}, httpd.Field{Name: "Retry-After", Value: "10"})
	resp.Close = true
	return resp
}

// given is the Authorization header. An empty name with an empty password is none at all: clients made of Supervisor's
// childutils always send something.
func given(r *httpd.Request) string {
	header := r.Get("Authorization")
	if strings.HasSuffix(header, "Og==") { // as ":" is spelled
		if user, password, ok := basic(header); ok && user == "" && password == "" {
			return ""
		}
	}
	return header
}

// prove finds whose credentials these are; nil is nobody's. Neither how long it takes nor what it answers tells which
// half was wrong. Nothing slow is done for who comes from an address that is shut.
func (g *Gate) prove(c net.Conn, header string) *key {
	if user, password, ok := basic(header); ok {
		if g.Username != "" && same(user, g.Username)&plainly(password, g.Password) == 1 {
			one := &key{role: service.Admin}
			one.Name = g.Username
			return one
		}
		if one := g.Keys.byPassword(user, password, func() bool { return g.Slow.shut(address(c)) }); one != nil {
			return one
		}
		return nil
	}
	if token, ok := bearer(header); ok {
		return g.Keys.byToken(token)
	}
	if header != "" || !g.Keys.Any() {
		return nil
	}
	return g.Keys.byPeer(c)
}

// mayConnect applies allow_uids.
func (g *Gate) mayConnect(c net.Conn) bool {
	uid, _, _, ok := listen.Peer(c)
	return ok && (uid == 0 || uid == os.Getuid() || slices.Contains(g.UIDs, uid))
}

// say is a refusal in words. A path that nobody answers has no route.
func (rt *Route) say(status int, text string) *httpd.Response {
	if rt != nil && rt.Refuse != nil {
		return rt.Refuse(status, strings.TrimSuffix(text, "\n"))
	}
	return &httpd.Response{Status: status, Body: []byte(text), Header: []httpd.Field{
		{Name: "Content-Type", Value: "text/plain;charset=utf-8"}, {Name: "Content-Length", Value: strconv.Itoa(len(text))},
	}}
}
