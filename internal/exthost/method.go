package exthost

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

var accesses = map[ext.Access]service.MethodAccess{
	ext.Admin: service.AccessAdmin, ext.Operate: service.AccessOperate, ext.Read: service.AccessRead,
}

// method is one row of a guest's table as the faces see it.
func (o *guest) method(m ext.Method) service.Method {
	return Describe(o.conf.Name, m, func(ctx context.Context, args []any) (any, error) { return o.call(ctx, m, args) })
}

// Describe is a method as the faces see it. call is called with as many arguments as m takes, in the values of package
// wire/xmlrpc.
func Describe(namespace string, m ext.Method, call func(context.Context, []any) (any, error)) service.Method {
	required, most := 0, len(m.Params)
	out := service.Method{
		Name: namespace + "." + m.Name, Help: help(m), Signature: []string{string(m.Result.Kind)}, Access: accesses[m.Access],
	}
	for _, p := range m.Params {
		if !p.Optional && !p.Rest {
			required++
		}
		if p.Rest {
			most = -1
		}
		out.Signature = append(out.Signature, string(p.Kind))
		out.Params = append(out.Params, service.MethodParam{
			Name: p.Name, Kind: string(p.Kind), Help: p.Help, Optional: p.Optional, Rest: p.Rest,
		})
	}
	out.Call = func(ctx context.Context, args []any) (any, error) {
		if len(args) < required || most >= 0 && len(args) > most {
			return nil, fault.New(fault.IncorrectParameters, "")
		}
		return call(ctx, args)
	}
	return out
}

// help is a method's text; its @-lines are what clients take a signature from.
func help(m ext.Method) string {
	var b strings.Builder
	fmt.Fprintf(&b, " %s\n", m.Help)
	for _, p := range m.Params {
		fmt.Fprintf(&b, "\n        @param %s %s  %s", p.Kind, p.Name, p.Help)
	}
	fmt.Fprintf(&b, "\n        @return %s %s  %s\n        ", m.Result.Kind, m.Result.Name, m.Result.Help)
	return b.String()
}

// call runs a guest's method in the caller's goroutine.
func (o *guest) call(ctx context.Context, m ext.Method, args []any) (out any, err error) {
	if o.out.Load() {
		return nil, fault.New(fault.Failed, "extension "+o.conf.Name+" has ended")
	}
	in := make([]any, len(args))
	for i := range args {
		in[i] = xmlrpc.Natural(args[i])
	}
	fenced := o.fence(m.Name, func() {
		var v any
		if v, err = m.Call(o.caller(ctx), in); err == nil {
			v, err = ext.Encode(v)
		}
		if err == nil {
			out = Outgoing(v)
		}
	})
	if fenced != nil {
		return nil, fault.New(fault.Failed, "extension "+o.conf.Name+" panicked in "+m.Name+"; see the main log")
	}
	return out, Refusal(err)
}

// Refusal is the error of a guest's method as the faces tell it: what is no fault already becomes FAILED.
func Refusal(err error) error {
	var f *ext.Fault
	var known *fault.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &f):
		return fault.New(fault.Kind(f.Code), f.Text)
	}
	return fault.New(fault.Failed, err.Error())
}

// Outgoing gives an encoded value the type that goes out; members are sorted by name.
func Outgoing(v any) any {
	switch v := v.(type) {
	case nil:
		return xmlrpc.Nil{}
	case []byte:
		return xmlrpc.Base64(v)
	case time.Time:
		return xmlrpc.DateTime{
			Year: v.Year(), Month: int(v.Month()), Day: v.Day(), Hour: v.Hour(), Minute: v.Minute(), Second: v.Second(),
		}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = Outgoing(v[i])
		}
		return out
	case map[string]any:
		out := make(xmlrpc.Struct, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out = append(out, xmlrpc.Member{Name: name, Value: Outgoing(v[name])})
		}
		return out
	}
	return v
}
