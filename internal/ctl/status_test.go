package ctl_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
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

// TestStatusKnowsExtensionsByTheirTitles: they are in no list, so the daemon is asked about them by name.
func TestStatusKnowsExtensionsByTheirTitles(t *testing.T) {
	t.Parallel()
	process := func(name string) xmlrpc.Struct {
		return xmlrpc.Struct{
			{Name: "name", Value: name}, {Name: "group", Value: name}, {Name: "statename", Value: "RUNNING"}, {Name: "description", Value: "pid 7"},
		}
	}
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		call, _ := xmlrpc.ParseCall(body, xmlrpc.Limits{})
		switch {
		case call.Method == "supervisor.getAllProcessInfo":
			w.Write(xmlrpc.AppendResponse(nil, []any{process("web")}))
		case call.Method != "supervisor.getProcessInfo":
			w.Write(xmlrpc.AppendResponse(nil, "3.0"))
		case call.Params[0] == "rpcinterface:x":
			w.Write(xmlrpc.AppendResponse(nil, process("rpcinterface:x")))
		default:
			w.Write(xmlrpc.AppendFault(nil, 10, "BAD_NAME"))
		}
	}))
	const line = "rpcinterface:x                   RUNNING   pid 7\n"
	for _, c := range []struct {
		names, want string
		code        int
	}{
		{"rpcinterface:x", line, 0},
		{"web rpcinterface:x", "web                              RUNNING   pid 7\n" + line, 0},
		{"rpcinterface:y", "rpcinterface:y: ERROR (no such process)\n", 4},
	} {
		if code, out, _ := run(t, "", append([]string{"-s", url, "status"}, strings.Fields(c.names)...)...); code != c.code || out != c.want {
			t.Errorf("%s: status %d, %q, want %d, %q", c.names, code, out, c.code, c.want)
		}
	}
}
