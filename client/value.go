package client

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// Call makes any call, of a method that an extension adds for instance. An
// argument is an int, int64, bool, string, []byte, float64, []string, []any,
// map[string]any or nil, which Supervisor's own methods do not take; other
// types panic. The result is an int64, bool, string,
// float64, time.Time (UTC), []any, map[string]any or nil.
func (c *Client) Call(ctx context.Context, method string, args ...any) (any, error) {
	spelled := make([]any, len(args))
	for i, a := range args {
		spelled[i] = outgoing(a)
	}
	v, err := c.call(ctx, method, spelled...)
	if err != nil {
		return nil, err
	}
	return xmlrpc.Natural(v), nil
}

// outgoing replaces maps, which the codec does not know: their order is luck.
func outgoing(v any) any {
	switch v := v.(type) {
	case nil:
		return xmlrpc.Nil{}
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = outgoing(v[i])
		}
		return items
	case map[string]any:
		members := make(xmlrpc.Struct, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			members = append(members, xmlrpc.Member{Name: name, Value: outgoing(v[name])})
		}
		return members
	}
	return v
}

// as turns an answer into the type that the method promises.
func as[T any](v any, err error) (T, error) {
	var zero T
	if err != nil {
		return zero, err
	}
	t, ok := v.(T)
	if !ok {
		return zero, unexpected(v)
	}
	return t, nil
}

func unexpected(v any) error {
	return fmt.Errorf("cannot understand the answer: a %T was not expected", v)
}

func asInt(v any, err error) (int, error) {
	n, err := as[int64](v, err)
	return int(n), err
}

// done is for methods that answer true or a fault.
func done(_ any, err error) error { return err }

func asStrings(v any, err error) ([]string, error) {
	items, err := as[[]any](v, err)
	if err != nil {
		return nil, err
	}
	list := make([]string, len(items))
	for i, item := range items {
		s, ok := item.(string)
		if !ok {
			return nil, unexpected(item)
		}
		list[i] = s
	}
	return list, nil
}

// asStructs applies one to each struct of an answer.
func asStructs[T any](one func(fields) T, v any, err error) ([]T, error) {
	items, err := as[[]any](v, err)
	if err != nil {
		return nil, err
	}
	list := make([]T, len(items))
	for i, item := range items {
		s, ok := item.(xmlrpc.Struct)
		if !ok {
			return nil, unexpected(item)
		}
		list[i] = one(fields(s))
	}
	return list, nil
}

// fields reads a struct by name. What is missing or of another type is zero:
// members were added over the years, and more will be.
type fields xmlrpc.Struct

func (f fields) get(name string) any {
	v, _ := xmlrpc.Struct(f).Get(name)
	return v
}

func (f fields) text(name string) string {
	s, _ := f.get(name).(string)
	return s
}

func (f fields) number(name string) int {
	n, _ := f.get(name).(int64)
	return int(n)
}

func (f fields) truth(name string) bool {
	b, _ := f.get(name).(bool)
	return b
}

// moment reads seconds since 1970; 0 is the zero Time.
func (f fields) moment(name string) time.Time {
	n := f.number(name)
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(int64(n), 0)
}
