package rest

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// ask is one request to a route.
type ask struct {
	f     *Face
	ctx   context.Context
	r     *httpd.Request
	name  string // what stands for {name} in the path
	query url.Values
	body  any // of the route's type; with its zero value when none was sent
}

// waiting is the context of a request that may take long: it ends when the client hangs up.
func (a *ask) waiting(wait bool) context.Context {
	if !wait {
		return a.ctx
	}
	return both{a.ctx, a.r.Watched()}
}

// both has the values of one context and ends with another.
type both struct {
	values context.Context
	context.Context
}

func (b both) Value(key any) any { return b.values.Value(key) }

// read takes the query and the body and refuses what the route does not know.
func (a *ask) read(rt *route) *httpd.Response {
	var err error
	if a.query, err = url.ParseQuery(a.r.Query); err != nil {
		return wrong("cannot read the query: %v", err)
	}
	for name, values := range a.query {
		at := slices.IndexFunc(rt.params, func(p param) bool { return p.name == name })
		if at < 0 {
			return wrong("unknown parameter %q", name)
		}
		if refused := rt.params[at].check(values); refused != nil {
			return refused
		}
	}
	return a.readBody(rt)
}

// check refuses values of the wrong kind.
func (p *param) check(values []string) *httpd.Response {
	if len(values) > 1 && p.kind != list {
		return wrong("parameter %q is there twice", p.name)
	}
	for _, v := range values {
		var err error
		switch p.kind {
		case integer:
			_, err = strconv.ParseInt(v, 10, 64)
		case boolean:
			_, err = strconv.ParseBool(v)
		}
		if err != nil {
			return wrong("parameter %q is %s, not %q", p.name, kindWords[p.kind], v)
		}
		if p.enum != nil && !slices.Contains(p.enum, v) {
			return wrong("parameter %q is %s, not %q", p.name, strings.Join(p.enum, " or "), v)
		}
	}
	return nil
}

var kindWords = map[kind]string{integer: "a whole number", boolean: "true or false"}

// readBody decodes a body strictly: what the route does not know would not be obeyed.
func (a *ask) readBody(rt *route) *httpd.Response {
	if a.r.Method == "GET" || a.r.Method == "HEAD" {
		return nil
	}
	if rt.body != nil {
		a.body = rt.body()
	}
	raw, err := a.r.Body(MaxBody)
	switch {
	case errors.Is(err, httpd.ErrLength) && a.r.Get("Transfer-Encoding") == "":
		raw = nil // a client that sends nothing need not say how much
	case errors.Is(err, httpd.ErrLength):
		return problem(411, fault.BadArguments, "a body needs a Content-Length")
	case errors.Is(err, httpd.ErrTooLarge):
		refused := problem(413, fault.BadArguments, "the body is too large")
		refused.Close = true
		return refused
	case err != nil:
		return wrong("the body ended early")
	}
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 && rt.needsBody:
		return wrong("a JSON body is needed")
	case len(raw) == 0:
		return nil
	case rt.body == nil:
		return wrong("this takes no body")
	}
	return decode(raw, a.body)
}

// text, number and truth are parameters; what is left out has the fallback.
func (a *ask) text(name, fallback string) string {
	if a.query.Has(name) {
		return a.query.Get(name)
	}
	return fallback
}

func (a *ask) number(name string, fallback int64) int64 {
	if n, err := strconv.ParseInt(a.query.Get(name), 10, 64); err == nil {
		return n
	}
	return fallback
}

func (a *ask) truth(name string) bool {
	b, _ := strconv.ParseBool(a.query.Get(name))
	return b
}

// words are the values of a parameter that may come often and hold commas.
func (a *ask) words(name string) []string {
	var out []string
	for _, v := range a.query[name] {
		for w := range strings.SplitSeq(v, ",") {
			if w = strings.TrimSpace(w); w != "" {
				out = append(out, w)
			}
		}
	}
	return out
}
