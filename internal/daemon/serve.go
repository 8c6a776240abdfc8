package daemon

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/api/audit"
	"github.com/reeve-sh/reeve/internal/api/events"
	"github.com/reeve-sh/reeve/internal/api/logtail"
	"github.com/reeve-sh/reeve/internal/api/metrics"
	"github.com/reeve-sh/reeve/internal/api/pages"
	"github.com/reeve-sh/reeve/internal/api/rest"
	used "github.com/reeve-sh/reeve/internal/api/usage"
	"github.com/reeve-sh/reeve/internal/api/web"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/listen"
)

// bind opens the listeners of all HTTP servers, before any file of a program is touched: a port that is taken leaves
// the logs of whoever has it alone. Each says so in the journal as it is opened (LOG-002).
func (g *generation) bind() error {
	for i := range g.conf.Servers {
		s := &g.conf.Servers[i]
		l, err := g.listen(s)
		var e *listen.Error
		if errors.As(err, &e) {
			return refuse("%s", e.Message())
		}
		if err != nil {
			return err
		}
		g.bound = append(g.bound, l)
		for _, p := range g.conf.Plugins {
			if len(p.Options) > 0 && p.BuiltIn() { // the built-in interface takes none (CFG-023, CFG-097)
				g.journal.UnknownOptions(p.Section, p.Options)
				return &usage{
					text:  fmt.Sprintf("Could not make %s rpc interface", p.Name),
					where: fmt.Sprintf("%s, line %d", p.File, p.Lines[p.Options[0].Name]),
				}
			}
			g.journal.RPCInterface(p.Name)
		}
		if s.Username == "" && len(g.conf.Operators) == 0 {
			g.journal.NoAuth(s.Section)
			if s.Exposed() {
				g.journal.Exposed(s.Section)
			}
		}
	}
	return nil
}

func (g *generation) listen(s *config.Server) (net.Listener, error) {
	if s.Unix {
		return listen.Unix(s.Path, listen.UnixOptions{Mode: os.FileMode(s.Chmod), UID: s.UID, GID: s.GID, Stderr: g.p.stderr})
	}
	l, err := listen.TCP(s.Host, s.Port)
	if err != nil || s.Certfile == "" {
		return l, err
	}
	secure, err := listen.TLS(l, listen.TLSOptions{
		Certfile: s.Certfile, Keyfile: s.Keyfile, ClientCA: s.ClientCA, Now: time.Now, Failed: g.journal.CertificateKept,
	})
	if err != nil {
		l.Close()
		return nil, &usage{fmt.Sprintf("%v in [%s]", err, s.Section), s.TLSAt}
	}
	return secure, nil
}

// serve begins to answer on the bound listeners.
func (g *generation) serve() {
	g.usage = used.New(used.Options{Now: time.Now})
	g.page = web.New(web.Options{Service: g.service, Bus: g.news.bus, Ring: g.news.ring, Now: time.Now, Menu: g.menu, Usage: g.usage})
	keys, slow := api.NewKeys(g.conf.Operators), api.NewSlow(time.Now)
	for i, l := range g.bound {
		lim := g.conf.Servers[i].Limits
		g.servers = append(g.servers, httpd.Serve(l, httpd.Options{
			Handler: g.gate(i, keys, slow), Now: time.Now, Access: g.access,
			Panicked: func(r *httpd.Request, what any) { g.journal.Internal("answer "+r.Line, fmt.Errorf("%v", what)) },
			Limits: httpd.Limits{
				Head: int(lim.HeaderBytes), Body: lim.BodyBytes, Conns: lim.Connections,
				HeadFor: time.Duration(lim.HeaderTimeout) * time.Second, BodyFor: time.Duration(lim.BodyTimeout) * time.Second,
			},
		}))
		g.keep(&g.conf.Servers[i], l, g.servers[i])
	}
	g.bound = nil
	g.keeper.begin()
}

// mounts are the faces that every server has, the first that takes a path first. Tests of access go through this table.
var mounts = []struct {
	api.Route
	face func(g *generation, server int) httpd.Handler
}{
	{api.Route{Prefix: "/RPC2"}, func(g *generation, server int) httpd.Handler { return g.rpc2(server) }},
	{api.Route{Prefix: "/logtail"}, func(g *generation, _ int) httpd.Handler { return logtail.Process{Service: g.service} }},
	{api.Route{Prefix: "/mainlogtail"}, func(g *generation, _ int) httpd.Handler { return logtail.Main{Service: g.service} }},
	{api.Route{Prefix: pages.Prefix}, func(g *generation, _ int) httpd.Handler {
		return pages.Face{Service: g.service, Find: g.guests.Page}
	}},
	{api.Route{Prefix: "/events", Exact: true}, func(g *generation, _ int) httpd.Handler { return events.Face{Ring: g.news.ring} }},
	{api.Route{Prefix: rest.Prefix, Refuse: rest.Refuse}, json},
	{api.Route{Prefix: rest.Health, Exact: true, Open: true, Refuse: rest.Refuse}, json},
	{api.Route{Prefix: rest.Readiness, Exact: true, Open: true, Refuse: rest.Refuse}, json},
	{api.Route{Prefix: "/audit", Exact: true}, func(g *generation, _ int) httpd.Handler { return audit.Face{Service: g.service} }},
	{api.Route{Prefix: metrics.Path, Exact: true}, measures},
	{api.Route{Prefix: "/"}, func(g *generation, _ int) httpd.Handler { return g.page }},
}

// json is the JSON face of one server.
func json(g *generation, server int) httpd.Handler {
	return rest.New(rest.Options{
		Service: g.service, Call: g.rpc2(server).Call, Events: events.Face{Ring: g.news.ring}, Internal: g.journal.Internal, Now: time.Now,
	})
}

// measures is the face of /metrics.
func measures(g *generation, _ int) httpd.Handler {
	return metrics.New(metrics.Options{
		Service: g.service, Events: g.news.bus.Published, Turns: g.loop.Turns, Requests: &g.requests, Usage: g.usage,
		Queues: func() []metrics.Queue {
			var out []metrics.Queue
			for _, s := range g.news.listeners.Stats() {
				out = append(out, metrics.Queue{Pool: s.Pool, Length: s.Queued, Limit: s.Limit, Lost: s.Lost})
			}
			return out
		},
	})
}

// gate builds the faces of one server.
func (g *generation) gate(server int, keys *api.Keys, slow *api.Slow) httpd.Handler {
	s := &g.conf.Servers[server]
	gate := &api.Gate{
		Username: s.Username, Password: s.Password, Keys: keys, Section: s.Section, Unix: s.Unix, UIDs: s.AllowUIDs,
		Hosts: append(g.ownNames(), s.AllowedHosts...), Journal: g.journal, Slow: slow,
	}
	for _, m := range mounts {
		route := m.Route
		route.Face = m.face(g, server)
		route.Open = route.Open || m.Prefix == metrics.Path && s.MetricsOpen
		gate.Routes = append(gate.Routes, route)
	}
	return gate
}

// ownNames are what the machine calls itself.
func (g *generation) ownNames() []string {
	name := strings.ToLower(g.p.world.Hostname())
	if name == "" {
		return nil
	}
	short, _, _ := strings.Cut(name, ".")
	return []string{name, short}
}

// menu are the pages of extensions that want to be offered.
func (g *generation) menu() []web.Item {
	var list []web.Item
	for _, p := range g.guests.Pages() {
		if p.Title != "" {
			list = append(list, web.Item{Title: p.Title, Link: strings.TrimPrefix(pages.Prefix, "/") + url.PathEscape(p.Name) + "/"})
		}
	}
	return list
}

// faceOf names the face that a path belongs to.
func faceOf(path string) string {
	for i := range mounts {
		if mounts[i].Takes(path) {
			return mounts[i].Prefix
		}
	}
	return "none"
}

// access writes the line of one answered request.
func (g *generation) access(r *httpd.Request, status int, size int64) {
	g.requests.Count(faceOf(r.Path), status)
	if !g.journal.Enabled(config.Trace) {
		return
	}
	host, port := "localhost", 0
	if a, ok := r.Conn.RemoteAddr().(*net.TCPAddr); ok {
		host, port = a.IP.String(), a.Port
	}
	g.journal.Access(host, port, time.Now(), r.Line, status, int(size))
}

// serverURL is where a child finds us: the first unix socket, else the last port (PROC-034). One that encrypts is for
// want of another, since Supervisor's own clients know no https.
func serverURL(servers []config.Server) string {
	plain, secure := "", ""
	for _, s := range servers {
		if s.Unix {
			return "unix://" + s.Path
		}
		host := s.Host
		if host == "" {
			host = "localhost"
		}
		if s.Certfile != "" {
			secure = fmt.Sprintf("https://%s:%d", host, s.Port)
		} else {
			plain = fmt.Sprintf("http://%s:%d", host, s.Port)
		}
	}
	if plain == "" {
		return secure
	}
	return plain
}
