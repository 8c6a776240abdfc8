// Package audit is the face of GET /audit: who asked for which change, from where, and what came of it, as JSON for
// administrators.
package audit

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// Face is the face of /audit.
type Face struct{ Service *service.Service }

// entry is one change as it is told.
type entry struct {
	ID     uint64    `json:"id"`
	Time   time.Time `json:"time"`
	User   string    `json:"user"` // empty when no name was asked for
	Role   string    `json:"role"`
	From   string    `json:"from"`
	Server string    `json:"server"` // the section
	Action string    `json:"action"`
	Target string    `json:"target,omitempty"`
	Result string    `json:"result"`
}

// Serve answers GET with the last changes, the newest last.
func (f Face) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	if r.Method != "GET" {
		return httpd.Refuse(400)
	}
	list, err := f.Service.Audit(ctx)
	if refused, ok := fault.As(err); ok {
		return answer(refused.Kind.Row().HTTP, map[string]string{"error": refused.Error()})
	}
	if err != nil {
		return httpd.Refuse(500)
	}
	out := make([]entry, len(list))
	for i, e := range list {
		out[i] = entry{e.ID, e.Time.UTC(), e.Name, e.Role.String(), e.From, e.Via, e.Verb, e.About, e.Result}
	}
	return answer(200, out)
}

func answer(status int, v any) *httpd.Response {
	body, err := json.Marshal(v)
	if err != nil {
		return httpd.Refuse(500) // no value of ours is beyond JSON
	}
	body = append(body, '\n')
	return &httpd.Response{Status: status, Body: body, Header: []httpd.Field{
		{Name: "Content-Type", Value: "application/json"}, {Name: "Cache-Control", Value: "no-store"},
		{Name: "X-Content-Type-Options", Value: "nosniff"}, {Name: "Content-Length", Value: strconv.Itoa(len(body))},
	}}
}
