package rest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// How JSON spells what it has no type for.
const (
	bytesKey  = "$base64"
	momentKey = "$datetime"
	momentFmt = "2006-01-02T15:04:05"
)

func call(a *ask) (any, error) {
	b := a.body.(*client.CallRequest)
	args := make([]any, len(b.Params))
	for i := range b.Params {
		v, err := incoming(b.Params[i])
		if err != nil {
			return nil, fault.New(fault.IncorrectParameters, fmt.Sprintf("params[%d]: %v", i, err))
		}
		args[i] = v
	}
	v, err := a.f.o.Call(a.waiting(true), b.Method, args)
	return client.CallResponse{Result: outgoing(v)}, err
}

// incoming gives a decoded JSON value the type that methods know.
func incoming(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return xmlrpc.Nil{}, nil
	case json.Number:
		return number(string(v))
	case []any:
		out := make([]any, len(v))
		for i := range v {
			var err error
			if out[i], err = incoming(v[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		return structure(v)
	}
	return v, nil
}

// number is an int if it is written as one and fits.
func number(s string) (any, error) {
	if !strings.ContainsAny(s, ".eE") {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is too large", s)
		}
		return n, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, fmt.Errorf("%s is too large", s)
	}
	return f, nil
}

func structure(m map[string]any) (any, error) {
	if len(m) == 1 {
		if s, ok := m[bytesKey].(string); ok {
			b, err := base64.StdEncoding.DecodeString(s)
			if err != nil {
				return nil, fmt.Errorf("%s: %v", bytesKey, err)
			}
			if !utf8.Valid(b) {
				return nil, fmt.Errorf("%s: bytes that are no UTF-8", bytesKey)
			}
			return string(b), nil // as what arrives as <base64> is
		}
		if s, ok := m[momentKey].(string); ok {
			t, err := time.Parse(momentFmt, s)
			if err != nil {
				return nil, fmt.Errorf("%s is like %s, not %q", momentKey, momentFmt, s)
			}
			return xmlrpc.DateTime{Year: t.Year(), Month: int(t.Month()), Day: t.Day(), Hour: t.Hour(), Minute: t.Minute(), Second: t.Second()}, nil
		}
	}
	out := make(xmlrpc.Struct, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		v, err := incoming(m[name])
		if err != nil {
			return nil, err
		}
		out = append(out, xmlrpc.Member{Name: name, Value: v})
	}
	return out, nil
}

// outgoing gives a method's result a form that JSON can spell.
func outgoing(v any) any {
	switch v := v.(type) {
	case xmlrpc.Nil:
		return nil
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = outgoing(v[i])
		}
		return out
	case xmlrpc.Struct:
		out := make(map[string]any, len(v))
		for _, m := range v {
			out[m.Name] = outgoing(m.Value)
		}
		return out
	case xmlrpc.DateTime:
		return map[string]any{momentKey: fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", v.Year, v.Month, v.Day, v.Hour, v.Minute, v.Second)}
	case xmlrpc.Base64:
		return map[string]any{bytesKey: base64.StdEncoding.EncodeToString(v)}
	case []byte:
		return map[string]any{bytesKey: base64.StdEncoding.EncodeToString(v)}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	return v
}

// methods asks the system methods for what they know, so that those of extensions are told as they are.
func methods(a *ask) (any, error) {
	v, err := a.f.o.Call(a.ctx, "system.listMethods", nil)
	if err != nil {
		return nil, err
	}
	names, _ := v.([]any)
	out := make([]client.Method, 0, len(names))
	for _, n := range names {
		name, _ := n.(string)
		m := client.Method{Name: name}
		if help, err := a.f.o.Call(a.ctx, "system.methodHelp", []any{name}); err == nil {
			m.Help, _ = help.(string)
			m.Help = strings.TrimSpace(m.Help)
		}
		if types, err := a.f.o.Call(a.ctx, "system.methodSignature", []any{name}); err == nil {
			list, _ := types.([]any)
			for _, t := range list {
				s, _ := t.(string)
				m.Signature = append(m.Signature, s)
			}
		}
		out = append(out, m)
	}
	return out, nil
}
