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
