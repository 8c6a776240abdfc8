package xmlrpc

import "time"

// Natural gives a value the types that Go has for it: structs become maps, moments times (of UTC, since XML-RPC names no
// zone), Base64 bytes, and nil nil. What was decoded has no Base64: bytes arrive as strings. The value itself is left as
// it is.
func Natural(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = Natural(v[i])
		}
		return out
	case Struct:
		m := make(map[string]any, len(v))
		for _, member := range v {
			m[member.Name] = Natural(member.Value)
		}
		return m
	case DateTime:
		return time.Date(v.Year, time.Month(v.Month), v.Day, v.Hour, v.Minute, v.Second, 0, time.UTC)
	case Base64:
		return []byte(v)
	case Nil:
		return nil
	}
	return v
}
