package ext

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Value describes the values of the API in Go. What comes in is an int64, bool, string, float64, []byte, time.Time,
// []any, map[string]any or nil; what goes out may be any Go value whose kind KindOf knows.
type Value = any

// Kind is the XML-RPC type of a parameter or result.
type Kind string

// The kinds.
const (
	Int     Kind = "int"
	Boolean Kind = "boolean"
	Double  Kind = "double"
	String  Kind = "string"
	Base64  Kind = "base64"
	Time    Kind = "dateTime.iso8601"
	Array   Kind = "array"
	Struct  Kind = "struct"
	Any     Kind = "any"
)

var (
	timeType  = reflect.TypeFor[time.Time]()
	bytesType = reflect.TypeFor[[]byte]()
)

// KindOf is the kind of a Go type; ok is false for one that XML-RPC has no form for: a channel, a function, a map
// whose keys are no strings, a struct with such a field.
func KindOf(t reflect.Type) (kind Kind, ok bool) {
	return kindOf(t, map[reflect.Type]bool{})
}

// kindOf remembers the structs on the way, so that a type that holds itself ends.
func kindOf(t reflect.Type, on map[reflect.Type]bool) (Kind, bool) {
	switch {
	case t == timeType:
		return Time, true
	case t == bytesType:
		return Base64, true
	}
	switch t.Kind() {
	case reflect.Bool:
		return Boolean, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return Int, true
	case reflect.Float32, reflect.Float64:
		return Double, true
	case reflect.String:
		return String, true
	case reflect.Interface:
		return Any, t.NumMethod() == 0
	case reflect.Pointer:
		return kindOf(t.Elem(), on)
	case reflect.Slice, reflect.Array:
		_, ok := kindOf(t.Elem(), on)
		return Array, ok
	case reflect.Map:
		_, ok := kindOf(t.Elem(), on)
		return Struct, ok && t.Key().Kind() == reflect.String
	case reflect.Struct:
		return Struct, on[t] || fieldsKnown(t, on)
	}
	return "", false
}

func fieldsKnown(t reflect.Type, on map[reflect.Type]bool) bool {
	on[t] = true
	for i := range t.NumField() {
		f := t.Field(i)
		if _, skip := memberName(f); skip {
			continue
		}
		if _, ok := kindOf(f.Type, on); !ok {
			return false
		}
	}
	return true
}

// memberName is what a field is called in a struct: its name as is, or what the tag `rpc:"name"` says. Fields that are
// not exported and those tagged "-" are left out.
func memberName(f reflect.StructField) (name string, skip bool) {
	tag := f.Tag.Get("rpc")
	if !f.IsExported() || tag == "-" {
		return "", true
	}
	if tag != "" {
		return tag, false
	}
	return f.Name, false
}

// Encode turns a Go value into what goes out: int64, bool, string, float64, []byte, time.Time, []any, map[string]any
// or nil. An error names what has no form.
func Encode(v any) (Value, error) {
	switch v := v.(type) {
	case nil, int64, bool, string, float64, []byte, time.Time:
		return v, nil
	case int:
		return int64(v), nil
	}
	return encode(reflect.ValueOf(v), 0)
}

// deepest is how far values may be nested.
const deepest = 64

func encode(v reflect.Value, depth int) (Value, error) {
	if depth > deepest {
		return nil, fmt.Errorf("cannot send a value that is nested deeper than %d", deepest)
	}
	if v.Type() == timeType || v.Type() == bytesType {
		return v.Interface(), nil
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(v.Uint()), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	case reflect.String:
		return v.String(), nil
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return encode(v.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		return encodeList(v, depth)
	case reflect.Map:
		return encodeMap(v, depth)
	case reflect.Struct:
		return encodeStruct(v, depth)
	}
	return nil, fmt.Errorf("cannot send a %s: XML-RPC has no form for it", v.Type())
}

func encodeList(v reflect.Value, depth int) (Value, error) {
	out := make([]any, v.Len())
	for i := range out {
		e, err := encode(v.Index(i), depth+1)
		if err != nil {
			return nil, err
		}
		out[i] = e
	}
	return out, nil
}

func encodeMap(v reflect.Value, depth int) (Value, error) {
	if v.Type().Key().Kind() != reflect.String {
		return nil, fmt.Errorf("cannot send a %s: XML-RPC has no form for it", v.Type())
	}
	out := make(map[string]any, v.Len())
	for it := v.MapRange(); it.Next(); {
		e, err := encode(it.Value(), depth+1)
		if err != nil {
			return nil, err
		}
		out[it.Key().String()] = e
	}
	return out, nil
}

func encodeStruct(v reflect.Value, depth int) (Value, error) {
	out := map[string]any{}
	for i := range v.NumField() {
		name, skip := memberName(v.Type().Field(i))
		if skip {
			continue
		}
		e, err := encode(v.Field(i), depth+1)
		if err != nil {
			return nil, err
		}
		out[name] = e
	}
	return out, nil
}

// Decode puts a value that came in into a variable of a type that KindOf knows. It is exact: a double is no int, a
// number is no string; an int may become a double. The error says what was expected where.
func Decode(v Value, into reflect.Value) error { return decode(v, into, "") }

func decode(v Value, into reflect.Value, where string) error {
	wrong := func(want Kind) error { return fmt.Errorf("%s%s expected, got %s", where, want, nameOf(v)) }
	t := into.Type()
	switch {
	case t.Kind() == reflect.Interface:
		if v != nil {
			into.Set(reflect.ValueOf(v))
		}
		return nil
	case t.Kind() == reflect.Pointer:
		if v == nil {
			return nil
		}
		into.Set(reflect.New(t.Elem()))
		return decode(v, into.Elem(), where)
	}
	kind, _ := KindOf(t)
	switch kind {
	case Boolean, String, Base64, Time:
		got := reflect.ValueOf(v)
		if s, ok := v.(string); ok && kind == Base64 {
			got = reflect.ValueOf([]byte(s))
		}
		if !got.IsValid() || !got.CanConvert(t) || got.Kind() != t.Kind() {
			return wrong(kind)
		}
		into.Set(got.Convert(t))
	case Int:
		n, ok := v.(int64)
		if !ok {
			return wrong(kind)
		}
		return setInt(into, n, where)
	case Double:
		switch n := v.(type) {
		case float64:
			into.SetFloat(n)
		case int64:
			into.SetFloat(float64(n))
		default:
			return wrong(kind)
		}
	case Array:
		list, ok := v.([]any)
		if !ok {
			return wrong(kind)
		}
		return decodeList(list, into, where)
	case Struct:
		m, ok := v.(map[string]any)
		if !ok {
			return wrong(kind)
		}
		return decodeStruct(m, into, where)
	}
	return nil
}

func setInt(into reflect.Value, n int64, where string) error {
	if into.CanUint() {
		if n < 0 || into.OverflowUint(uint64(n)) {
			return fmt.Errorf("%s%d is out of range", where, n)
		}
		into.SetUint(uint64(n))
		return nil
	}
	if into.OverflowInt(n) {
		return fmt.Errorf("%s%d is out of range", where, n)
	}
	into.SetInt(n)
	return nil
}

func decodeList(list []any, into reflect.Value, where string) error {
	if into.Kind() == reflect.Array {
		if len(list) != into.Len() {
			return fmt.Errorf("%san array of %d expected, got %d", where, into.Len(), len(list))
		}
	} else {
		into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
	}
	for i, e := range list {
		if err := decode(e, into.Index(i), fmt.Sprintf("%s[%d]: ", strings.TrimSuffix(where, ": "), i)); err != nil {
			return err
		}
	}
	return nil
}

func decodeStruct(m map[string]any, into reflect.Value, where string) error {
	if into.Kind() == reflect.Map {
		into.Set(reflect.MakeMapWithSize(into.Type(), len(m)))
		for name, e := range m {
			item := reflect.New(into.Type().Elem()).Elem()
			if err := decode(e, item, where+name+": "); err != nil {
				return err
			}
			into.SetMapIndex(reflect.ValueOf(name).Convert(into.Type().Key()), item)
		}
		return nil
	}
	left := maps.Clone(m)
	for i := range into.NumField() {
		name, skip := memberName(into.Type().Field(i))
		if skip {
			continue
		}
		if e, ok := m[name]; ok {
			delete(left, name)
			if err := decode(e, into.Field(i), where+name+": "); err != nil {
				return err
			}
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("%sunknown member %q", where, slices.Min(slices.Collect(maps.Keys(left))))
	}
	return nil
}

// nameOf is what a value that came in is called in a message.
func nameOf(v Value) string {
	if v == nil {
		return "nil"
	}
	kind, _ := KindOf(reflect.TypeOf(v))
	return string(kind)
}
