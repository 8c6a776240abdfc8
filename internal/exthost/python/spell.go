package python

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/reeve-sh/reeve/internal/wire/jsonrpc"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

func appendString(dst []byte, s string) []byte { return jsonrpc.AppendString(dst, s) }

// appendBytes writes a JSON string with one character for each byte.
func appendBytes(dst, b []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, c := range b {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = utf8.AppendRune(dst, rune(c))
		}
	}
	return append(dst, '"')
}

// appendValue writes an argument as the host unwraps it: {"$": [kind, text]} is what JSON has no form for.
func appendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case int64:
		return appendInt(dst, v)
	case int:
		return appendInt(dst, int64(v))
	case bool:
		return strconv.AppendBool(dst, v)
	case string:
		return appendString(dst, v)
	case []byte:
		return appendString(dst, string(v))
	case xmlrpc.Base64:
		return appendString(dst, string(v))
	case float64:
		return appendFloat(dst, v)
	case xmlrpc.DateTime:
		return fmt.Appendf(dst, `{"$":["time","%04d%02d%02dT%02d:%02d:%02d"]}`, v.Year, v.Month, v.Day, v.Hour, v.Minute, v.Second)
	case []string:
		dst = append(dst, '[')
		for i, one := range v {
			dst = appendString(comma(dst, i), one)
		}
		return append(dst, ']')
	case []any:
		dst = append(dst, '[')
		for i, one := range v {
			dst = appendValue(comma(dst, i), one)
		}
		return append(dst, ']')
	case xmlrpc.Struct:
		return appendStruct(dst, v)
	}
	return append(dst, "null"...)
}

// appendStruct writes an object, in a roundabout way when one of its names is the mark of such ways.
func appendStruct(dst []byte, v xmlrpc.Struct) []byte {
	if _, marked := v.Get("$"); marked {
		dst = append(dst, `{"$":["struct",[`...)
		for i, m := range v {
			dst = appendString(append(comma(dst, i), '['), m.Name)
			dst = append(appendValue(append(dst, ','), m.Value), ']')
		}
		return append(dst, `]]}`...)
	}
	dst = append(dst, '{')
	for i, m := range v {
		dst = appendString(comma(dst, i), m.Name)
		dst = appendValue(append(dst, ':'), m.Value)
	}
	return append(dst, '}')
}

// appendFloat writes a number that Python reads as a float; those that are no numbers have names in its JSON.
func appendFloat(dst []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(v, -1):
		return append(dst, "-Infinity"...)
	}
	s := strconv.FormatFloat(v, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return append(dst, s...)
}

func comma(dst []byte, i int) []byte {
	if i > 0 {
		return append(dst, ',')
	}
	return dst
}

const (
	xmlHead = "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n"
	xmlTail = "</param>\n</params>\n</methodResponse>\n"
	oneHead = "<value><array><data>\n"
	oneTail = "</data></array></value>\n"
)

// fragment is a value that Python has spelled.
type fragment string

// AppendXMLRPC appends it as it is.
func (f fragment) AppendXMLRPC(dst []byte) []byte { return append(dst, f...) }

// spelled is the value in an answer of Python's. many is how one call of several is answered: in an array of one.
func spelled(text string, many bool) (fragment, error) {
	inside, ok := strings.CutPrefix(text, xmlHead)
	if ok {
		inside, ok = strings.CutSuffix(inside, xmlTail)
	}
	if ok && many {
		if inside, ok = strings.CutPrefix(inside, oneHead); ok {
			inside, ok = strings.CutSuffix(inside, oneTail)
		}
	}
	if !ok || !strings.HasPrefix(inside, "<value>") {
		return "", fmt.Errorf("the interpreter's XML is not an answer: %.200q", text)
	}
	return fragment(inside), nil
}

// decoded is the same for who has no use for XML.
func decoded(f fragment) (any, error) {
	return xmlrpc.ParseResponse([]byte(xmlHead+string(f)+xmlTail), xmlrpc.Limits{})
}
