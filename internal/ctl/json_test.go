package ctl_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// jsonDaemon is a daemon with two processes; modern ones have a JSON face.
func jsonDaemon(t *testing.T, modern bool) (url string) {
	t.Helper()
	info := func(group, name string, state int, statename string, pid int) xmlrpc.Struct {
		return xmlrpc.Struct{
			{Name: "name", Value: name}, {Name: "group", Value: group}, {Name: "state", Value: state}, {Name: "statename", Value: statename},
			{Name: "pid", Value: pid}, {Name: "start", Value: 1000}, {Name: "now", Value: 1010}, {Name: "stop", Value: 0}, {Name: "description", Value: "d"},
		}
	}
	const page = `[{"name":"g:a","group":"g","process":"a","state":"RUNNING","description":"d","pid":7,"started":null,"stopped":null,"restarts":2,"stdout_logfile":"","stderr_logfile":""},` +
		`{"name":"b","group":"b","process":"b","state":"FATAL","description":"d","pid":0,"started":null,"stopped":null,"why":"<no>","stdout_logfile":"","stderr_logfile":""}]`
	return fake(t, func(method string, r *http.Request) any {
		if r.URL.Path == "/api/v1/processes" {
			if !modern {
				return 404
			}
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, page)
			})
		}
		switch method {
		case "supervisor.getVersion":
			return "3.0"
		case "supervisor.getSupervisorVersion":
			return "4.4.0"
		case "supervisor.getPID":
			return int64(99)
		case "supervisor.getAllProcessInfo":
			return []any{info("g", "a", 20, "RUNNING", 7), info("b", "b", 200, "FATAL", 0)}
		case "supervisor.getAllConfigInfo":
			return []any{xmlrpc.Struct{{Name: "name", Value: "a"}, {Name: "group", Value: "g"}, {Name: "inuse", Value: true}, {Name: "command", Value: "/bin/a"}}}
		case "supervisor.reloadConfig":
			return []any{[]any{[]any{"new"}, []any{}, []any{"old"}}}
		case "supervisor.startProcess", "supervisor.addProcessGroup", "supervisor.removeProcessGroup":
			return true
		case "supervisor.stopProcess":
			return &xmlrpc.Fault{Code: 70, String: "NOT_RUNNING: b"}
		case "supervisor.readLog", "supervisor.readProcessStdoutLog":
			return "<a>\n"
		case "supervisor.stopProcessGroup":
			return []any{}
		}
		return &xmlrpc.Fault{Code: 1, String: "UNKNOWN_METHOD"}
	})
}

func TestJSONIsOnStdoutAndErrorsAreNot(t *testing.T) {
	t.Parallel()
	const a = `{"name":"g:a","group":"g","process":"a","state":"RUNNING","description":"d","pid":7,"started":null,"stopped":null,"restarts":2,"stdout_logfile":"","stderr_logfile":""}`
	const b = `{"name":"b","group":"b","process":"b","state":"FATAL","description":"d","pid":0,"started":null,"stopped":null,"why":"<no>","stdout_logfile":"","stderr_logfile":""}`
	url := jsonDaemon(t, true)
	for _, c := range []struct {
		args      string
		code      int
		out, errs string
	}{
		{"status", 3, "[" + a + "," + b + "]", ""},
		{"status all", 3, "[" + a + "," + b + "]", ""},
		{"status g:*", 0, "[" + a + "]", ""},
		{"status b nope", 3, "[" + b + "]", "nope: ERROR (no such process)\n"},
		{"status nope", 4, "[]", "nope: ERROR (no such process)\n"},
		{"avail", 0, `[{"name":"g:a","group":"g","process":"a","in_use":true,"autostart":false,"group_priority":0,"priority":0,"command":"/bin/a"}]`, ""},
		{"avail x", 1, "[]", "Error: avail accepts no arguments\navail\t\t\tDisplay all configured processes\n"},
		{"reread", 0, `{"added":["new"],"changed":[],"removed":["old"]}`, ""},
		{"update", 0, `[{"group":"old","change":"removed"},{"group":"new","change":"added"}]`, ""},
		{"add x", 0, `[{"group":"x","change":"added"}]`, ""},
		{"version", 0, `{"api_version":"3.0","version":"4.4.0"}`, ""},
		{"pid", 0, `[{"name":"supervisord","pid":99}]`, ""},
		{"pid all", 0, `[{"name":"g:a","pid":7},{"name":"b","pid":0}]`, ""},
		{"start g:a", 0, `[{"name":"g:a","group":"g","process":"a","code":80,"fault":"SUCCESS","message":"OK"}]`, ""},
		{"stop b", 0, `[{"name":"b","group":"b","process":"b","code":70,"fault":"NOT_RUNNING","message":"NOT_RUNNING: b"}]`, ""},
		{"restart b", 0, `[{"name":"b","group":"b","process":"b","code":80,"fault":"SUCCESS","message":"OK"}]`, ""},
		{"maintail -100", 0, `{"text":"<a>\n"}`, ""},
		{"tail g:a", 0, `{"text":"<a>\n"}`, ""},
		{"tail -f g:a", 2, "", "Error: -f has no --json form\n"},
		{"call supervisor.getPID", 0, "99", ""},
		{"shutdown", 2, "", "Error: shutdown has no --json form\n"},
		{"bake", 2, "", "Error: kitchen.cake:make cannot"},
	} {
		code, out, errs := run(t, "", append([]string{"-s", url, "--json"}, strings.Fields(c.args)...)...)
		if want := strings.TrimSuffix(c.out+"\n", "\n\n"); c.out == "" && out != "" || c.out != "" && out != want || code != c.code || !strings.HasPrefix(errs, c.errs) || c.errs == "" && errs != "" {
			t.Errorf("%s: status %d\n%s%s, want %d\n%s\n%s", c.args, code, out, errs, c.code, c.out, c.errs)
		}
	}
	// The option may be cut short, as any long one.
	if code, out, _ := run(t, "", "-s", url, "--js", "version"); code != 0 || !strings.HasPrefix(out, "{") {
		t.Errorf("--js: %d %s", code, out)
	}
	if code, _, errs := run(t, "", "-s", url, "--json=1", "version"); code != 2 || !strings.Contains(errs, "option --json must not have an argument") {
		t.Errorf("--json=1: %d %s", code, errs)
	}
}

func TestJSONOfTheOriginalTellsWhatItKnows(t *testing.T) {
	t.Parallel()
	code, out, errs := run(t, "", "-s", jsonDaemon(t, false), "--json", "status")
	want := `[{"name":"g:a","group":"g","process":"a","state":"RUNNING","description":"d","pid":7,"started":"1970-01-01T00:16:40Z","stopped":null,"uptime":10,"stdout_logfile":"","stderr_logfile":""},` +
		`{"name":"b","group":"b","process":"b","state":"FATAL","description":"d","pid":0,"started":"1970-01-01T00:16:40Z","stopped":null,"stdout_logfile":"","stderr_logfile":""}]` + "\n"
	if code != 3 || out != want || errs != "" {
		t.Errorf("%d %s%s", code, out, errs)
	}
	if code, out, errs := run(t, "", "-s", "unix:///nowhere", "--json", "status"); code != 4 || out != "" || errs != "unix:///nowhere no such file\n" {
		t.Errorf("%d %q %q", code, out, errs)
	}
}
