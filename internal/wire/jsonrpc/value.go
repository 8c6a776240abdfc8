package jsonrpc

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The values of XML-RPC in JSON, decided here once:
//
//	int                 5          a number without point and exponent, of 32 bits
//	double              5.0        any other number; JSON has no form for NaN and the infinities
//	boolean, string     as in JSON
//	nil                 null
//	array, struct       as in JSON
//	base64              {"$b": "aGk="}
//	dateTime.iso8601    {"$t": "20060102T15:04:05"}
//
// A struct of one member whose name begins with a dollar sign would be taken for such a mark, so it is wrapped into
// another: {"$o": {"$b": 1}}.
const timeForm = "20060102T15:04:05"

// deepest is how far values may be nested.
const deepest = 64

// AppendValue writes a value: nil, bool, int, int64, float64, string, []byte, time.Time, []any or map[string]any,
// whose members are sorted.
func AppendValue(dst []byte, v any) ([]byte, error) { return appendValue(dst, v, 0) }

func appendValue(dst []byte, v any, depth int) ([]byte, error) {
	if depth > deepest {
		return dst, fmt.Errorf("a value is nested deeper than %d", deepest)
	}
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		return appendFloat(dst, v)
	case string:
		return AppendString(dst, v), nil
	case []byte:
		return append(base64.StdEncoding.AppendEncode(append(dst, `{"$b":"`...), v), `"}`...), nil
	case time.Time:
		return append(v.AppendFormat(append(dst, `{"$t":"`...), timeForm), `"}`...), nil
	case []any:
		return appendArray(dst, v, depth)
	case map[string]any:
		return appendObject(dst, v, depth)
	}
	return dst, fmt.Errorf("JSON has no form for a %T here", v)
}

func appendArray(dst []byte, list []any, depth int) (_ []byte, err error) {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendValue(dst, v, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

func appendObject(dst []byte, m map[string]any, depth int) (_ []byte, err error) {
	wrapped := false
	dst = append(dst, '{')
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if len(m) == 1 && strings.HasPrefix(name, "$") {
			dst, wrapped = append(dst, `"$o":{`...), true
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, name), ':')
		if dst, err = appendValue(dst, m[name], depth+1); err != nil {
			return dst, err
		}
	}
	if wrapped {
		dst = append(dst, '}')
	}
	return append(dst, '}'), nil
}

// appendFloat writes a number that is read as a float again.
func appendFloat(dst []byte, v float64) ([]byte, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return dst, fmt.Errorf("JSON has no form for %v", v)
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, v, 'g', -1, 64)
	if !bytes.ContainsAny(dst[from:], ".e") {
		dst = append(dst, ".0"...)
	}
	return dst, nil
}

// AppendString writes a string. Bytes that are no UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
			continue
		}
		i++
	}
	return append(dst, '"')
}

// most is how many values one value may have inside: in memory and as XML each takes up to a hundred times its text.
const most = 1 << 20

// crowded tells whether there are more values in raw than there may be.
func crowded(raw []byte) bool {
	n := 0
	for i, inside := 0, false; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			inside = !inside
		case inside && c == '\\':
			i++
		case !inside && (c == ',' || c == '[' || c == '{'):
			n++
		}
	}
	return n > most
}

// ParseValue reads a value: nil, bool, int64, float64, string, []byte, time.Time, []any or map[string]any.
func ParseValue(raw []byte) (any, error) {
	if crowded(raw) {
		return nil, fmt.Errorf("there are more than %d values in it", most)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errors.New("it is no JSON")
	}
	if rest := bytes.TrimSpace(raw[d.InputOffset():]); len(rest) > 0 {
		return nil, errors.New("something follows the value")
	}
	return settle(v, 0)
}

// settle brings what encoding/json has read into the values of XML-RPC.
func settle(v any, depth int) (_ any, err error) {
	if depth > deepest {
		return nil, fmt.Errorf("a value is nested deeper than %d", deepest)
	}
	switch v := v.(type) {
	case json.Number:
		return number(v.String())
	case []any:
		for i := range v {
			if v[i], err = settle(v[i], depth+1); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		if out, marked, err := unmark(v, depth); marked || err != nil {
			return out, err
		}
		return members(v, depth)
	}
	return v, nil
}

func members(m map[string]any, depth int) (_ map[string]any, err error) {
	for name := range m {
		if m[name], err = settle(m[name], depth+1); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func number(s string) (any, error) {
	if strings.ContainsAny(s, ".eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, fmt.Errorf("the number %.40s is too large", s)
		}
		return f, nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("the whole number %.40s has more than 32 bits", s)
	}
	return n, nil
}

// unmark reads what is marked with a dollar sign.
func unmark(m map[string]any, depth int) (v any, marked bool, err error) {
	if len(m) != 1 {
		return nil, false, nil
	}
	for name, inside := range m {
		text, isText := inside.(string)
		object, isObject := inside.(map[string]any)
		switch {
		case name == "$b" && isText:
			v, err = base64.StdEncoding.DecodeString(text)
		case name == "$t" && isText:
			v, err = time.Parse(timeForm, text)
		case name == "$o" && isObject:
			v, err = members(object, depth+1)
			return v, true, err
		case strings.HasPrefix(name, "$"):
			return nil, true, fmt.Errorf("%.40q marks nothing that is known", name)
		default:
			return nil, false, nil
		}
		if err != nil {
			err = fmt.Errorf("what %q marks is not of its form", name)
		}
	}
	return v, true, err
}
