package rpc2

import (
	"errors"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// systemMethods describe the others (RPC-048 ... RPC-052).
func systemMethods() []method {
	name := param{kind: "string", name: "name", about: "full name of a method"}
	return []method{
		{"listMethods", "Names of all methods.", nil, param{kind: "array", name: "result", about: "sorted names"}, listMethods},
		{"methodHelp", "What a method does.", []param{name}, param{kind: "string", name: "result", about: "its description"}, methodHelp},
		{"methodSignature", "Types of a method's result and parameters.", []param{name},
			param{kind: "array", name: "result", about: "type names, the result's first"}, methodSignature},
		{"multicall", "Make several calls, one after the other.",
			[]param{{kind: "array", name: "calls", about: "structs of methodName and params"}},
			param{kind: "array", name: "result", about: "each call's result, or a struct of faultCode and faultString"}, multicall},
	}
}

func listMethods(c *call) (any, error) { return c.f.allNames(), nil }

func methodHelp(c *call) (any, error) {
	name := text(c.arg(0))
	if m, ok := c.f.methods[name]; ok {
		return m.help(), nil
	}
	if m, ok := c.f.guest(name); ok && !m.Unlisted {
		return m.Help, nil
	}
	return nil, fault.New(fault.SignatureUnsupported, "")
}

func methodSignature(c *call) (any, error) {
	name := text(c.arg(0))
	if m, ok := c.f.methods[name]; ok {
		return m.signature(), nil
	}
	if m, ok := c.f.guest(name); ok && m.Signature != nil && !m.Unlisted {
		return m.Signature, nil
	}
	return nil, fault.New(fault.SignatureUnsupported, "")
}

// multicall answers plain results, not wrapped ones: that is what Supervisor's clients have always been given
// (RPC-050).
func multicall(c *call) (any, error) {
	calls, ok := c.arg(0).([]any)
	if !ok {
		if _, text := c.arg(0).(string); text {
			return nil, errInternal
		}
		return nil, fault.New(fault.IncorrectParameters, "")
	}
	out, size := make([]any, 0, len(calls)), 0
	for _, one := range calls {
		s, ok := one.(xmlrpc.Struct)
		if !ok {
			return nil, errInternal
		}
		v, err := c.inner(s)
		if err != nil {
			var crash *service.Crash
			if c.ctx.Err() != nil || errors.As(err, &crash) && crash.Whole {
				return nil, err
			}
			v = faultOf(err)
		}
		done := spelled(xmlrpc.AppendValue(nil, v))
		if size += len(done); size > mostTogether && len(out) > 0 {
			return nil, fault.New(fault.Failed, "the results are too long together")
		}
		out = append(out, done)
	}
	return out, nil
}

// mostTogether bounds in bytes what a client can make us hold by asking for much, often, in one call.
const mostTogether = 64 << 20

// spelled is a value that is XML already.
type spelled []byte

// AppendXMLRPC spells it.
func (s spelled) AppendXMLRPC(dst []byte) []byte { return append(dst, s...) }

// inner makes one call of a multicall.
func (c *call) inner(s xmlrpc.Struct) (any, error) {
	name, ok := s.Get("methodName")
	if _, none := name.(xmlrpc.Nil); !ok || none {
		return nil, fault.New(fault.IncorrectParameters, "No methodName")
	}
	method, ok := name.(string)
	if !ok {
		return nil, errInternal
	}
	if method == "system.multicall" {
		return nil, fault.New(fault.IncorrectParameters, "Recursive system.multicall forbidden")
	}
	var args []any
	if params, ok := s.Get("params"); ok {
		if args, ok = params.([]any); !ok {
			return nil, fault.New(fault.IncorrectParameters, "")
		}
	}
	form := c.form
	if form == service.Spelled {
		form = service.Together
	}
	return c.f.call(&call{f: c.f, ctx: c.ctx, long: c.long, form: form, args: args}, method)
}

// faultOf is a fault as a value. What went wrong inside is told as FAILED (RPC-051).
func faultOf(err error) xmlrpc.Struct {
	var refused *fault.Error
	if !errors.As(err, &refused) {
		refused = fault.New(fault.Failed, err.Error())
	}
	return xmlrpc.Struct{
		{Name: "faultCode", Value: int(refused.Kind)},
		{Name: "faultString", Value: refused.Error()},
	}
}
