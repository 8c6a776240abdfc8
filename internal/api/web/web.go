// Package web is the page: the face for people with a browser. Every page is whole HTML that needs no JavaScript; with
// it, a page follows what happens over one stream of server-sent events. The rows of the list are rendered once per
// change for all who look, by the board; each viewer's stream copies what is new to it. Nothing is done while nobody
// looks.
package web

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/internal/api/usage"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// Options are what the page stands on.
type Options struct {
	Service *service.Service
	Bus     *bus.Bus
	Ring    *bus.Ring
	Now     func() time.Time
	Usage   *usage.Sampler
	// Menu are the pages of guests, in the order of the menu; it may be nil.
	Menu func() []Item
}

// Item is one entry of the menu. Link is relative to the root of the server.
type Item struct{ Title, Link string }

// Face answers all paths that no other face has. It may be used by any number of servers.
type Face struct {
	o     Options
	board *board
	seal  seal
}

// New returns the face.
func New(o Options) *Face {
	if o.Usage == nil {
		o.Usage = usage.New(usage.Options{Now: o.Now})
	}
	return &Face{o: o, board: newBoard(&o), seal: newSeal()}
}

// A visit is one request with what its handler needs.
type visit struct {
	*Face
	ctx  context.Context
	r    *httpd.Request
	page string // the name of the page: "index.html"
	q    url.Values
	rows *[]byte // of the board, where the page has some; from tables
}

// A route is one page. What it does not take as POST is asked for with GET.
type route struct {
	get, post func(*visit) *httpd.Response
}

// routes is the table of all pages (WEB-001).
var routes map[string]route

// init fills the table: handlers look at it, so it cannot be filled where it is declared.
func init() {
	routes = map[string]route{
		"index.html":   {get: (*visit).list, post: (*visit).act},
		"tail.html":    {get: (*visit).process, post: (*visit).process},
		"ok.html":      {get: (*visit).ok, post: (*visit).ok},
		"mainlog.html": {get: (*visit).mainLog},
		"events.html":  {get: (*visit).events},
		"config.html":  {get: (*visit).config},
		"live":         {get: (*visit).live},
		"download":     {get: (*visit).download},
	}
}

// Pages are the names of all pages, for tests that must visit each.
func Pages() []string {
	var names []string
	for name := range routes {
		names = append(names, name)
	}
	return names
}

// Serve finds the page. A path may begin with any number of slashes; what is nobody's is 404 to who looks and 400 to
// who wants more (HTTP-001).
func (f *Face) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	name := strings.TrimLeft(r.Path, "/")
	if name == "" {
		name = "index.html"
	}
	if file, ok := strings.CutPrefix(name, "static/"); ok && r.Method == "GET" {
		return static(r, file)
	}
	v := &visit{Face: f, ctx: ctx, r: r, page: name, q: query(r.Query)}
	page := routes[name]
	switch {
	case r.Method == "GET" && page.get != nil:
		return page.get(v)
	case r.Method == "POST" && page.post != nil:
		return page.post(v)
	case r.Method == "GET" || r.Method == "HEAD":
		return httpd.Refuse(404)
	}
	return httpd.Refuse(400)
}

// query reads a query string; what cannot be read in it is left out.
func query(s string) url.Values {
	q, _ := url.ParseQuery(s)
	return q
}

func (v *visit) ok() *httpd.Response {
	return &httpd.Response{Status: 200, Body: []byte("OK"), Header: []httpd.Field{
		{Name: "Content-Type", Value: "text/plain"}, {Name: "Content-Length", Value: "2"},
	}}
}
