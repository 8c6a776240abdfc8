package rest

// Document is what GET /api/v1/openapi.json answers.
func Document() []byte { return document }

// IDs are the operations of the table, in its order.
func IDs() []string {
	var out []string
	for i := range routes {
		out = append(out, routes[i].id)
	}
	return out
}

// Which is the operation that a request would reach.
func Which(method, path string) string {
	rt, _, _ := find(method, path)
	if rt == nil {
		return ""
	}
	return rt.id
}

// Decode reads a body as a route that takes any method does; it answers the refusal.
func Decode(raw []byte, into any) string {
	if refused := decode(raw, into); refused != nil {
		return string(refused.Body)
	}
	return ""
}

// Incoming is what methods are given for what was decoded.
func Incoming(v any) (any, error) { return incoming(v) }

// Outgoing is what is answered for what a method gives.
func Outgoing(v any) any { return outgoing(v) }
