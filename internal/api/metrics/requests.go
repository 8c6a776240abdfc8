package metrics

import (
	"cmp"
	"slices"
	"sync"
)

// Requests counts answered requests by face and status. It may be used from any goroutine; the zero value begins.
type Requests struct {
	mu sync.Mutex // guards n
	n  map[request]uint64
}

type request struct {
	face   string
	status int
}

// Count adds one. face must be one of a few names, never what a client has sent.
func (r *Requests) Count(face string, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n == nil {
		r.n = map[request]uint64{}
	}
	r.n[request{face, status}]++
}

type counted struct {
	request
	n uint64
}

// list is what has been counted, by face and status.
func (r *Requests) list() []counted {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]counted, 0, len(r.n))
	for k, n := range r.n {
		out = append(out, counted{k, n})
	}
	slices.SortFunc(out, func(a, b counted) int {
		return cmp.Or(cmp.Compare(a.face, b.face), cmp.Compare(a.status, b.status))
	})
	return out
}
