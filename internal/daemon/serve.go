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
	"github.com/reeve-sh/reeve/internal/api/events"
	"github.com/reeve-sh/reeve/internal/api/logtail"
	"github.com/reeve-sh/reeve/internal/api/pages"
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
				return refuse("Could not make %s rpc interface", p.Name)
			}
			g.journal.RPCInterface(p.Name)
		}
		if s.Username == "" {
			g.journal.NoAuth(s.Section)
		}
	}
	return nil
}

func (g *generation) listen(s *config.Server) (net.Listener, error) {
	if !s.Unix {
		return listen.TCP(s.Host, s.Port)
	}
	return listen.Unix(s.Path, listen.UnixOptions{Mode: os.FileMode(s.Chmod), UID: s.UID, GID: s.GID, Stderr: g.p.stderr})
}

// serve begins to answer on the bound listeners.
func (g *generation) serve() {
	g.page = web.New(web.Options{Service: g.service, Bus: g.news.bus, Ring: g.news.ring, Now: time.Now, Menu: g.menu})
	for i, l := range g.bound {
		g.servers = append(g.servers, httpd.Serve(l, httpd.Options{
			Handler: g.gate(i), Now: time.Now, Access: g.access,
			Panicked: func(r *httpd.Request, what any) { g.journal.Internal("answer "+r.Line, fmt.Errorf("%v", what)) },
		}))
	}
	g.bound = nil
}

// gate builds the faces of one server.
func (g *generation) gate(server int) httpd.Handler {
	s := &g.conf.Servers[server]
	return &api.Gate{Username: s.Username, Password: s.Password, Section: s.Section, Routes: []api.Route{
		{Prefix: "/RPC2", Face: g.rpc2(server)},
		{Prefix: "/logtail", Face: logtail.Process{Service: g.service}},
		{Prefix: "/mainlogtail", Face: logtail.Main{Service: g.service}},
		{Prefix: pages.Prefix, Face: pages.Face{Service: g.service, Find: g.guests.Page}},
		{Prefix: "/events", Exact: true, Face: events.Face{Ring: g.news.ring}},
		{Prefix: "/", Face: g.page},
	}}
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

// access writes the line of one answered request.
func (g *generation) access(r *httpd.Request, status int, size int64) {
	if !g.journal.Enabled(config.Trace) {
		return
	}
	host, port := "localhost", 0
	if a, ok := r.Conn.RemoteAddr().(*net.TCPAddr); ok {
		host, port = a.IP.String(), a.Port
	}
	g.journal.Access(host, port, time.Now(), r.Line, status, int(size))
}

// serverURL is where a child finds us: the first unix socket, else the last port (PROC-034).
func serverURL(servers []config.Server) string {
	url := ""
	for _, s := range servers {
		if s.Unix {
			return "unix://" + s.Path
		}
		host := s.Host
		if host == "" {
			host = "localhost"
		}
		url = fmt.Sprintf("http://%s:%d", host, s.Port)
	}
	return url
}
