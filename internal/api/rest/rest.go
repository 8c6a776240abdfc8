// Package rest is the JSON face, /api/v1: processes, groups, the configuration, logs, events and the daemon as
// resources, and any method of the API by its name. Its routes stand in one table (routes.go), from which the router,
// the OpenAPI document, doc/json.md and the tests come. A refusal is always a client.Problem, with the HTTP status that
// core/fault gives to its kind.
package rest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// Prefix is where the face is mounted.
const Prefix = "/api/"

// MaxBody bounds a request's body in bytes.
const MaxBody = 16 << 20

// Options are what a Face stands on.
type Options struct {
	Service *service.Service
	// Call calls a method of the API by its whole name, with values as package wire/xmlrpc decodes them.
	Call func(ctx context.Context, method string, args []any) (any, error)
	// Events answers GET /events.
	Events httpd.Handler
	Now    func() time.Time
	// Internal is told of errors that are no refusals. It may be nil.
	Internal func(what string, err error)
}

// Face answers below /api/. It never changes once made.
type Face struct {
	o Options
	s *service.Service
}

// New returns the face.
func New(o Options) *Face { return &Face{o: o, s: o.Service} }

//go:embed openapi.json
var document []byte

// Serve finds the route and answers.
func (f *Face) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	head := r.Method == "HEAD"
	method := r.Method
	if head {
		method = "GET"
	}
	resp := f.answer(ctx, method, r)
	if head && resp != nil {
		resp.Body, resp.Stream = nil, nil
	}
	return resp
}

func (f *Face) answer(ctx context.Context, method string, r *httpd.Request) *httpd.Response {
	rt, name, allowed := find(method, strings.TrimSuffix(r.Path, "/"))
	switch {
	case rt == nil && allowed == "":
		return noRoute(r.Path)
	case rt == nil:
		return wrongMethod(r.Method, allowed)
	}
	a := &ask{f: f, ctx: ctx, r: r, name: name}
	if refused := a.read(rt); refused != nil {
		return refused
	}
	v, err := rt.do(a)
	switch resp, ready := v.(*httpd.Response); {
	case err != nil:
		return f.refuse(r, err)
	case ready:
		return resp
	}
	return spell(200, v)
}

// find looks a route up. allowed names the methods that the path has, when it has not this one.
func find(method, path string) (rt *route, name, allowed string) {
	var others []string
	for i := range routes {
		n, ok := routes[i].matches(path)
		if !ok {
			continue
		}
		if routes[i].method == method {
			return &routes[i], n, ""
		}
		others = append(others, routes[i].method)
	}
	return nil, "", strings.Join(others, ", ")
}

// spell writes an answer as JSON.
func spell(status int, v any) *httpd.Response {
	var page bytes.Buffer
	enc := json.NewEncoder(&page)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return problem(500, failed, "the answer cannot be spelled as JSON: "+err.Error())
	}
	return jsonText(status, page.Bytes())
}

func jsonText(status int, body []byte) *httpd.Response {
	return &httpd.Response{Status: status, Body: body, Header: []httpd.Field{
		{Name: "Content-Type", Value: "application/json"}, {Name: "Cache-Control", Value: "no-store"},
		{Name: "Content-Length", Value: strconv.Itoa(len(body))},
	}}
}
