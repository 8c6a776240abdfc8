package rpc2

import (
	"context"
	"slices"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// guest finds a method that a guest has added. Built-in methods are looked up before, so none can be shadowed.
func (f *Face) guest(name string) (*service.Method, bool) {
	if f.guests == nil {
		return nil, false
	}
	return f.guests.Method(name)
}

// callGuest calls one. It may take as long as it likes: the waiting ends when the client hangs up.
func (f *Face) callGuest(c *call, name string) (any, error) {
	m, ok := f.guest(name)
	if !ok {
		return nil, fault.New(fault.UnknownMethod, "")
	}
	return f.s.Invoke(service.WithForm(c.waiting(true), c.form), m, c.args)
}

// allNames are the built-in methods and those of guests, sorted.
func (f *Face) allNames() []string {
	if f.guests == nil {
		return f.names
	}
	more := f.guests.MethodNames()
	if len(more) == 0 {
		return f.names
	}
	all := append(slices.Clone(f.names), more...)
	slices.Sort(all)
	return slices.Compact(all)
}

// Call calls any method from inside: a guest does, or another face. Arguments and result are values as package
// wire/xmlrpc decodes them; the error is a *fault.Error when the method refuses.
func (f *Face) Call(ctx context.Context, name string, args []any) (any, error) {
	v, err := f.call(&call{f: f, ctx: ctx, long: ctx, args: args}, name)
	if err != nil {
		return nil, err
	}
	v, err = xmlrpc.ParseResponse(xmlrpc.AppendResponse(nil, v), xmlrpc.Limits{})
	if err != nil { // too long or too deep: that is what was asked for, and no defect
		return nil, fault.New(fault.Failed, "the result is none: "+err.Error())
	}
	return v, nil
}
