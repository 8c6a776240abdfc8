package ctl_test

import (
	"io"
	"net/http"
	"testing"
)

// TestStatusWarnsOnStderr and leaves what scripts read alone.
func TestStatusWarnsOnStderr(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, kind, body, errs string
		status                 int
	}{
		{"a warning", "application/json", `{"warnings":["Server [inet_http_server] lets everybody in."]}`, "Warning: Server [inet_http_server] lets everybody in.\n", 200},
		{"none", "application/json", `{"warnings":[]}`, "", 200},
		{"Supervisor's own", "text/html", "<head>", "", 404},
		{"nothing to understand", "application/json", "{", "", 200},
		{"refused", "text/html", "", "", 403},
	} {
		url := fake(t, func(method string, r *http.Request) any {
			if r.URL.Path == "/api/v1/daemon" {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", c.kind)
					w.WriteHeader(c.status)
					io.WriteString(w, c.body)
				})
			}
			if method == "supervisor.getAllProcessInfo" {
				return []any{}
			}
			return "3.0"
		})
		if code, out, errs := run(t, "", "-s", url, "status"); code != 0 || out != "" || errs != c.errs {
			t.Errorf("%s: status %d, %q %q, want %q", c.name, code, out, errs, c.errs)
		}
	}
}
