// Package rpc2 is the XML-RPC face at /RPC2: it decodes a call, finds the method in a table and nowhere else, calls
// the service, and encodes what comes back. A method that is not in the table does not exist, whatever its name
// (RPC-004, SEC-007).
package rpc2

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// MaxBody bounds a request's body in bytes.
const MaxBody = 16 << 20

// errInternal is a call that Supervisor would die of inside: the client sees HTTP 500 (RPC-006).
var errInternal = errors.New("argument of a type that the method cannot take")

// Face answers XML-RPC. It never changes once made.
type Face struct {
	s       *service.Service
	j       *journal.Journal
	methods map[string]*method
	names   []string
	guests  service.Methods
}

// New offers the built-in methods under each of the namespaces, system.* (RPC-048), and what guests have added, if
// guests is not nil.
func New(s *service.Service, j *journal.Journal, namespaces []string, guests service.Methods) *Face {
	f := &Face{s: s, j: j, methods: map[string]*method{}, guests: guests}
	for _, ns := range namespaces {
		f.offer(ns, supervisorMethods)
	}
	f.offer("system", systemMethods())
	return f
}

func (f *Face) offer(namespace string, list []method) {
	for i := range list {
		name := namespace + "." + list[i].name
		f.methods[name] = &list[i]
		f.names = append(f.names, name)
	}
	slices.Sort(f.names)
}

// Serve answers one call.
func (f *Face) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	if r.Method != "POST" {
		return httpd.Refuse(400)
	}
	body, err := r.Body(MaxBody)
	switch {
	case errors.Is(err, httpd.ErrLength):
		return httpd.Refuse(411)
	case errors.Is(err, httpd.ErrTooLarge):
		refused := httpd.Refuse(413)
		refused.Close = true
		return refused
	case err != nil:
		return nil
	}
	parsed, err := xmlrpc.ParseCall(body, xmlrpc.Limits{})
	switch {
	case errors.Is(err, xmlrpc.ErrNoMethod):
		f.j.RPCNoMethod(body)
		return httpd.Refuse(400)
	case err != nil:
		f.j.RPCUnmarshallable(body)
		return httpd.Refuse(400)
	}
	return f.answer(ctx, r, parsed, body)
}

func (f *Face) answer(ctx context.Context, r *httpd.Request, parsed xmlrpc.Call, body []byte) *httpd.Response {
	traced := f.j.Enabled(config.Trace)
	if traced {
		f.j.RPCCalled(parsed.Method)
	}
	long := &watched{Context: ctx, r: r}
	defer long.end()
	v, err := f.call(&call{f: f, ctx: ctx, long: long, form: service.Spelled, args: parsed.Params}, parsed.Method)
	if refused, ok := fault.As(err); ok {
		if traced {
			f.j.RPCFault(parsed.Method, int(refused.Kind), refused.Error())
		}
		if refused.Kind == fault.Forbidden && wordless(r, parsed.Method) {
			return inTheStatus(refused)
		}
		return httpd.XML(xmlrpc.AppendFault(nil, int(refused.Kind), refused.Error()))
	}
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			f.j.RPCPanic(body, trace(err))
		}
		return httpd.Refuse(500)
	}
	if traced {
		f.j.RPCReturned(parsed.Method)
	}
	return spell(v)
}

// trace is all that there is to say about an internal error.
func trace(err error) string {
	var c *service.Crash
	if errors.As(err, &c) {
		return c.Trace
	}
	return err.Error()
}

// pages are buffers for answers, used again and again.
var pages = sync.Pool{New: func() any { return new([]byte) }}

// spell writes a result into a page that goes back when the answer has been sent.
func spell(v any) *httpd.Response {
	const most = 4 << 20 // bytes of a page that is kept
	page := pages.Get().(*[]byte)
	*page = xmlrpc.AppendResponse((*page)[:0], v)
	resp := httpd.XML(*page)
	resp.Release = func() {
		if cap(*page) <= most {
			pages.Put(page)
		}
	}
	return resp
}

// call runs one method of the table.
func (f *Face) call(c *call, name string) (any, error) {
	m, ok := f.methods[name]
	if !ok {
		return f.callGuest(c, name)
	}
	if len(c.args) < m.required() || len(c.args) > len(m.params) {
		return nil, fault.New(fault.IncorrectParameters, "")
	}
	return m.run(c)
}

// method is one row of the table.
type method struct {
	name   string
	about  string // what it does, for methodHelp
	params []param
	ret    param
	run    func(*call) (any, error)
}

// param is one parameter or the result: its XML-RPC type, its name and what it means. An optional one may be left out.
type param struct {
	kind, name, about string
	optional          bool
}

func (m *method) required() int {
	n := 0
	for _, p := range m.params {
		if !p.optional {
			n++
		}
	}
	return n
}

// help is the text of system.methodHelp; its @-lines are what clients take a signature from.
func (m *method) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, " %s\n", m.about)
	for _, p := range m.params {
		fmt.Fprintf(&b, "\n        @param %s %s  %s", p.kind, p.name, p.about)
	}
	fmt.Fprintf(&b, "\n        @return %s %s  %s\n        ", m.ret.kind, m.ret.name, m.ret.about)
	return b.String()
}

// signature is the answer of system.methodSignature: the result's type, then the parameters'.
func (m *method) signature() []string {
	out := []string{m.ret.kind}
	for _, p := range m.params {
		out = append(out, p.kind)
	}
	return out
}
