// Package metrics is the face of GET /metrics: what there is to count and to measure about supervisord and its
// processes, for Prometheus and whoever else reads its formats. Everything is looked up when it is asked for; between
// two questions nothing happens.
package metrics

import (
	"context"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/api/usage"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// Path is where the face is mounted.
const Path = "/metrics"

// Queue is what waits for one pool of event listeners.
type Queue struct {
	Pool   string
	Length int
	Limit  int
	Lost   uint64 // events that were discarded, since the pool came
}

// Options are what a Face looks at. Each function is called once for every answer; all but Service may be nil.
type Options struct {
	Service  *service.Service
	Events   func() uint64 // published since the generation began
	Queues   func() []Queue
	Turns    func() uint64 // of the loop
	Requests *Requests
	Usage    *usage.Sampler
}

// Face answers GET /metrics.
type Face struct{ o Options }

// New returns the face.
func New(o Options) *Face { return &Face{o} }

// The two formats. A client that does not say what it reads gets the first.
const (
	openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
	plainText   = "text/plain; version=0.0.4; charset=utf-8"
)

// Serve answers in the format that the client takes.
func (f *Face) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	if r.Method != "GET" && r.Method != "HEAD" {
		return httpd.Refuse(405, httpd.Field{Name: "Allow", Value: "GET"})
	}
	accept := r.Get("Accept")
	old := strings.Contains(accept, "text/plain") && !strings.Contains(accept, "openmetrics-text")
	p := &page{old: old}
	if err := f.fill(ctx, p); err != nil {
		if refused, ok := fault.As(err); ok {
			return httpd.Refuse(refused.Kind.Row().HTTP)
		}
		return httpd.Refuse(500)
	}
	kind := openMetrics
	if old {
		kind = plainText
	}
	resp := &httpd.Response{Status: 200, Body: p.end(), Header: []httpd.Field{
		{Name: "Content-Type", Value: kind}, {Name: "Cache-Control", Value: "no-store"},
		{Name: "Content-Length", Value: strconv.Itoa(len(p.b))},
	}}
	if r.Method == "HEAD" {
		resp.Body = nil
	}
	return resp
}
