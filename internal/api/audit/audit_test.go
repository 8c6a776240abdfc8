package audit_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/api/audit"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

func TestMain(m *testing.M) { standin.Main(m) }

// TestTheAuditIsTold to administrators and nobody else, the newest last, with what was asked, by whom, and what came of
// it; a name that somebody has made up cannot pass for an entry.
func TestTheAuditIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		d := standin.New(t, standin.Options{Config: &config.Config{
			Daemon: config.Daemon{Logfile: dir + "/main.log"},
			Groups: []config.Group{{Name: "g", Processes: []config.Process{standin.Program("a", standin.Up)}}},
		}})
		d.Begin()
		standin.Pass(500 * time.Millisecond)
		face := audit.Face{Service: d.Service}
		as := func(name string, role service.Role) context.Context {
			return service.As(t.Context(), &service.Who{Name: name, Role: role, Via: "unix_http_server"})
		}
		get := func(role service.Role) *httpd.Response {
			return face.Serve(as("amy", role), &httpd.Request{Method: "GET", Path: "/audit"})
		}
		if resp := get(service.Admin); resp.Status != 200 || string(resp.Body) != "[]\n" {
			t.Errorf("at first: %d %s", resp.Status, resp.Body)
		}
		_ = d.Service.ClearLog(as("", service.Admin))
		_, _, _ = d.Service.Stop(as("bob", service.Operate), "g:a", true)
		_, _, _ = d.Service.Start(as("eve", service.Read), "x\"}]\n{\u2028<script>", true)
		resp := get(service.Admin)
		var list []map[string]any
		if err := json.Unmarshal(resp.Body, &list); err != nil || len(list) != 3 {
			t.Fatalf("%v: %s", err, resp.Body)
		}
		for i, want := range []map[string]any{
			{"id": 1.0, "user": "", "role": "admin", "from": "inside", "server": "unix_http_server", "action": "clear the main log", "result": "OK"},
			{"id": 2.0, "user": "bob", "role": "operate", "from": "inside", "server": "unix_http_server", "action": "stop", "target": "g:a", "result": "OK"},
			{"id": 3.0, "user": "eve", "role": "read", "from": "inside", "server": "unix_http_server", "action": "start", "target": "x\"}]\n{\u2028<script>",
				"result": "FORBIDDEN: role read may not start"},
		} {
			text, _ := list[i]["time"].(string)
			at, err := time.Parse(time.RFC3339, text)
			if err != nil || !strings.HasSuffix(text, "Z") || !at.Equal(time.Now()) {
				t.Errorf("entry %d at %q: %v", i, text, err)
			}
			delete(list[i], "time")
			if got, _ := json.Marshal(list[i]); string(got) != spelled(want) {
				t.Errorf("entry %d: %s\nwant %s", i, got, spelled(want))
			}
		}
		head := map[string]string{}
		for _, f := range resp.Header {
			head[f.Name] = f.Value
		}
		if head["Content-Type"] != "application/json" || head["Cache-Control"] != "no-store" || head["X-Content-Type-Options"] != "nosniff" {
			t.Errorf("%v", head)
		}
		for _, role := range []service.Role{service.Read, service.Operate} {
			if resp := get(role); resp.Status != 403 || string(resp.Body) != "{\"error\":\"FORBIDDEN: role "+role.String()+" may not see the audit\"}\n" {
				t.Errorf("%s: %d %s", role, resp.Status, resp.Body)
			}
		}
		if resp := face.Serve(as("amy", service.Admin), &httpd.Request{Method: "POST", Path: "/audit"}); resp.Status != 400 {
			t.Errorf("POST: %d", resp.Status)
		}
		if resp := get(service.Admin); strings.Count(string(resp.Body), "\"id\"") != 3 {
			t.Errorf("looking is no change: %s", resp.Body)
		}
	})
}

// spelled spells a value as the comparison does, with its names in order.
func spelled(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
