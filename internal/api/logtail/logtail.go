// Package logtail is the face that streams logs as they grow: /logtail/NAME[/CHANNEL] for a process and /mainlogtail
// for the daemon (HTTP-018 ... HTTP-022). It starts with the last kilobyte and goes on until the client hangs up.
package logtail

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

const head = 1024 // bytes of the past

// Process is the face of /logtail.
type Process struct{ Service *service.Service }

// Serve answers GET; what cannot be followed is 404, since it may come to be (HTTP-019).
func (p Process) Serve(ctx context.Context, r *httpd.Request) *httpd.Response {
	if r.Method != "GET" {
		return httpd.Refuse(400)
	}
	_, rest, _ := strings.Cut(strings.TrimLeft(r.Path, "/"), "/")
	name, channel, found := strings.Cut(rest, "/")
	stream := service.Stdout
	switch {
	case channel == "stderr":
		stream = service.Stderr
	case found && channel != "stdout":
		return httpd.Refuse(404)
	}
	path, err := p.Service.FollowPath(ctx, name, stream)
	if err != nil {
		return httpd.Refuse(404)
	}
	return follow(r, path, httpd.Field{Name: "X-Accel-Buffering", Value: "no"})
}

// Main is the face of /mainlogtail.
type Main struct{ Service *service.Service }

// Serve answers GET.
func (m Main) Serve(_ context.Context, r *httpd.Request) *httpd.Response {
	if r.Method != "GET" {
		return httpd.Refuse(400)
	}
	return follow(r, m.Service.MainLog())
}

func follow(r *httpd.Request, path string, more ...httpd.Field) *httpd.Response {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return httpd.Refuse(404)
	}
	f, err := logfile.Follow(path, head)
	if err != nil {
		return httpd.Refuse(404)
	}
	return &httpd.Response{
		Status: 200,
		Header: append([]httpd.Field{
			{Name: "Last-Modified", Value: info.ModTime().UTC().Format(http.TimeFormat)},
			{Name: "Content-Type", Value: "text/plain;charset=utf-8"},
		}, more...),
		Stream: func(w io.Writer) error {
			defer f.Close()
			return api.Pump(r, f, w)
		},
	}
}
