package xmlrpc

import (
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"
)

const (
	responseHead = "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n"
	responseTail = "</param>\n</params>\n</methodResponse>\n"
	faultHead    = "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n"
	faultTail    = "</fault>\n</methodResponse>\n"
	callHead     = "<?xml version='1.0'?>\n<methodCall>\n<methodName>"
	callTail     = "</params>\n</methodCall>\n"
	structHead   = "<value><struct>\n"
	structTail   = "</struct></value>\n"
	arrayHead    = "<value><array><data>\n"
	arrayTail    = "</data></array></value>\n"
	memberHead   = "<member>\n<name>"
	memberTail   = "</member>\n"
)

// Appender is a value that spells itself: AppendXMLRPC appends one whole
// <value> element, made of the Append functions of this package.
type Appender interface {
	AppendXMLRPC(dst []byte) []byte
}

// Base64 is bytes that travel as base64 and not as a string.
type Base64 []byte

// AppendXMLRPC appends the bytes.
func (b Base64) AppendXMLRPC(dst []byte) []byte {
	dst = append(dst, "<value><base64>\n"...)
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, "\n</base64></value>\n"...)
}

// AppendResponse appends the answer that carries v, byte-identical to
// Supervisor's (HTTP-005). See AppendValue for what v may be.
func AppendResponse(dst []byte, v any) []byte {
	dst = append(dst, responseHead...)
	dst = AppendValue(dst, v)
	return append(dst, responseTail...)
}

// AppendFault appends the answer that says why not.
func AppendFault(dst []byte, code int, text string) []byte {
	dst = append(dst, faultHead...)
	dst = AppendFaultValue(dst, code, text)
	return append(dst, faultTail...)
}

// AppendFaultValue appends the struct that stands in a fault, and in
// system.multicall's array for a call that failed.
func AppendFaultValue(dst []byte, code int, text string) []byte {
	dst = AppendStructHead(dst)
	dst = AppendIntMember(dst, "faultCode", int64(code))
	dst = AppendStringMember(dst, "faultString", text)
	return AppendStructTail(dst)
}

// AppendCall appends a request.
func AppendCall(dst []byte, method string, params []any) []byte {
	dst = append(dst, callHead...)
	dst = appendText(dst, method)
	dst = append(dst, "</methodName>\n<params>\n"...)
	for _, v := range params {
		dst = append(dst, "<param>\n"...)
		dst = AppendValue(dst, v)
		dst = append(dst, "</param>\n"...)
	}
	return append(dst, callTail...)
}

// AppendValue appends one <value> element. v is an Appender, int, int64,
// bool, string, []byte (taken as string), float64, DateTime, []any, []string,
// Struct or Nil, which Supervisor's own methods never answer; anything else is a bug of the caller and panics.
func AppendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case Appender:
		return v.AppendXMLRPC(dst)
	case string:
		return AppendString(dst, v)
	case int:
		return AppendInt(dst, int64(v))
	case int64:
		return AppendInt(dst, v)
	case bool:
		return AppendBool(dst, v)
	case []any:
		dst = AppendArrayHead(dst)
		for _, item := range v {
			dst = AppendValue(dst, item)
		}
		return AppendArrayTail(dst)
	case []string:
		dst = AppendArrayHead(dst)
		for _, item := range v {
			dst = AppendString(dst, item)
		}
		return AppendArrayTail(dst)
	case Struct:
		dst = AppendStructHead(dst)
		for i := range v {
			dst = AppendMember(dst, v[i].Name, v[i].Value)
		}
		return AppendStructTail(dst)
	case float64:
		return AppendFloat(dst, v)
	case []byte:
		return AppendString(dst, v)
	case DateTime:
		return appendDateTime(dst, v)
	case Nil:
		return append(dst, "<value><nil/></value>\n"...)
	}
	panic("xmlrpc: a value of a type that XML-RPC does not have")
}

// AppendArrayHead opens an array; its values and AppendArrayTail follow.
func AppendArrayHead(dst []byte) []byte { return append(dst, arrayHead...) }

// AppendArrayTail closes an array.
func AppendArrayTail(dst []byte) []byte { return append(dst, arrayTail...) }

// AppendStructHead opens a struct; its members and AppendStructTail follow.
func AppendStructHead(dst []byte) []byte { return append(dst, structHead...) }

// AppendStructTail closes a struct.
func AppendStructTail(dst []byte) []byte { return append(dst, structTail...) }

// AppendMember appends a member whose value is any that AppendValue takes.
func AppendMember(dst []byte, name string, v any) []byte {
	return append(AppendValue(appendMemberHead(dst, name), v), memberTail...)
}

// AppendIntMember is AppendMember for an integer, without boxing it.
func AppendIntMember(dst []byte, name string, v int64) []byte {
	dst = append(dst, memberHead...)
	dst = appendText(dst, name)
	dst = append(dst, "</name>\n<value><int>"...)
	dst = appendInt(dst, v)
	return append(dst, "</int></value>\n</member>\n"...)
}

// AppendStringMember is AppendMember for a string, without boxing it.
func AppendStringMember(dst []byte, name, v string) []byte {
	dst = append(dst, memberHead...)
	dst = appendText(dst, name)
	dst = append(dst, "</name>\n<value><string>"...)
	dst = appendText(dst, v)
	return append(dst, "</string></value>\n</member>\n"...)
}

// AppendBoolMember is AppendMember for a truth value, without boxing it.
func AppendBoolMember(dst []byte, name string, v bool) []byte {
	return append(AppendBool(appendMemberHead(dst, name), v), memberTail...)
}

func appendMemberHead(dst []byte, name string) []byte {
	dst = append(dst, memberHead...)
	dst = appendText(dst, name)
	return append(dst, "</name>\n"...)
}

// AppendInt appends an <int>. XML-RPC's integers have 32 bits: what lies
// outside becomes the nearest that fits (RPC-031).
func AppendInt(dst []byte, v int64) []byte {
	dst = append(dst, "<value><int>"...)
	dst = appendInt(dst, v)
	return append(dst, "</int></value>\n"...)
}

func appendInt(dst []byte, v int64) []byte {
	return strconv.AppendInt(dst, max(math.MinInt32, min(math.MaxInt32, v)), 10)
}

// AppendBool appends a <boolean>.
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, "<value><boolean>1</boolean></value>\n"...)
	}
	return append(dst, "<value><boolean>0</boolean></value>\n"...)
}

// AppendString appends a <string>. Whatever v holds, the result is
// well-formed: bytes that are no UTF-8 and characters that XML cannot carry
// become U+FFFD (RPC-010, RPC-011). A carriage return stays as it is, which
// parsers read as a newline, as from Supervisor.
func AppendString[T string | []byte](dst []byte, v T) []byte {
	dst = append(dst, "<value><string>"...)
	dst = appendText(dst, v)
	return append(dst, "</string></value>\n"...)
}

// AppendFloat appends a <double> with the digits that Python would print.
func AppendFloat(dst []byte, v float64) []byte {
	dst = append(dst, "<value><double>"...)
	dst = appendRepr(dst, v)
	return append(dst, "</double></value>\n"...)
}

// appendRepr spells v as Python's repr: the shortest digits that read back,
// an exponent from 1e16 up and below 1e-4, and always a sign of being a float.
func appendRepr(dst []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, "nan"...)
	case math.IsInf(v, 1):
		return append(dst, "inf"...)
	case math.IsInf(v, -1):
		return append(dst, "-inf"...)
	}
	if abs := math.Abs(v); abs != 0 && (abs >= 1e16 || abs < 1e-4) {
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, v, 'f', -1, 64)
	for _, c := range dst[start:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}

func appendDateTime(dst []byte, t DateTime) []byte {
	dst = append(dst, "<value><dateTime.iso8601>"...)
	dst = appendPadded(dst, t.Year, 4)
	dst = appendPadded(dst, t.Month, 2)
	dst = appendPadded(dst, t.Day, 2)
	dst = append(dst, 'T')
	dst = appendPadded(dst, t.Hour, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, t.Minute, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, t.Second, 2)
	return append(dst, "</dateTime.iso8601></value>\n"...)
}

func appendPadded(dst []byte, v, width int) []byte {
	limit := 10
	for i := 1; i < width; i++ {
		if v < limit {
			dst = append(dst, '0')
		}
		limit *= 10
	}
	return strconv.AppendInt(dst, int64(v), 10)
}

// plain says of each byte whether it stands for itself in text; the others
// are markup, control characters and the lead bytes of what must be checked.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = true
	}
	t['\t'], t['\n'], t['\r'] = true, true, true
	t['&'], t['<'], t['>'] = false, false, false
	return t
}()

const replacement = "\uFFFD"

// appendText escapes v for XML. Most text needs nothing of the kind.
func appendText[T string | []byte](dst []byte, v T) []byte {
	for i := 0; i < len(v); i++ {
		if !plain[v[i]] {
			return appendEscaped(dst, v, i)
		}
	}
	return append(dst, v...)
}

// appendEscaped is appendText for a v that is plain up to i. It copies runs
// of what stands for itself whole.
func appendEscaped[T string | []byte](dst []byte, v T, i int) []byte {
	start := 0
	for i < len(v) {
		c := v[i]
		if plain[c] {
			i++
			continue
		}
		size, instead := 1, replacement
		switch {
		case c == '&':
			instead = "&amp;"
		case c == '<':
			instead = "&lt;"
		case c == '>':
			instead = "&gt;"
		case c >= utf8.RuneSelf:
			size, instead = multibyte(string(v[i:min(i+utf8.UTFMax, len(v))]))
		}
		if instead != "" {
			dst = append(dst, v[start:i]...)
			dst = append(dst, instead...)
			start = i + size
		}
		i += size
	}
	return append(dst, v[start:]...)
}

// multibyte measures the character at the start of s, and says what must
// stand in its place when XML cannot carry it.
func multibyte(s string) (size int, instead string) {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 || r == 0xFFFE || r == 0xFFFF {
		return size, replacement
	}
	return size, ""
}
