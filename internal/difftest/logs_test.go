package difftest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// TestTheContainerOfTheManualLogsWholeLinesAndKeepsRawFiles runs the example of doc/logs.md.
func TestTheContainerOfTheManualLogsWholeLinesAndKeepsRawFiles(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../doc/logs.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```ini\n[supervisord]")
	example, _, _ = strings.Cut("[supervisord]"+example, "```")
	example = strings.NewReplacer("/var/log/", "${DIR}/", "/run/supervisor.sock", "${DIR}/s", "/run/", "${DIR}/").Replace(example)
	d, err := difftest.NewDaemon(built, example)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if err := d.StartBare(t.Context(), "-c", filepath.Join(d.Dir, "conf")); err != nil {
		t.Fatal(err)
	}
	until(t, d, "stdout", "worker stdout | job done\n", `"line":"GET /"}`)
	for line := range strings.Lines(d.ReadFile("stdout")) {
		var o map[string]string
		if line == "worker stdout | job done\n" {
			continue
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil || len(o) != 6 || o["program"] != "web" || o["group"] != "web" ||
			o["process"] != "web" || o["stream"] != "stdout" || o["line"] != "GET /" || len(o["time"]) != len("2026-11-23T01:57:31.123Z") {
			t.Errorf("%q: %v", line, err)
		}
	}
	for name, said := range map[string]string{"web": "GET /\n", "worker": "job done\n"} {
		until(t, d, name+".log", said)
		if text := d.ReadFile(name + ".log"); strings.Trim(text, said) != "" {
			t.Errorf("the file of %s has %q", name, text)
		}
		ctl := exec.Command(built.Supervisorctl, "-c", filepath.Join(d.Dir, "conf"), "tail", name)
		if out, err := ctl.CombinedOutput(); err != nil || !strings.Contains(string(out), said) || strings.Contains(string(out), "stdout") {
			t.Errorf("tail of %s: %q, %v", name, out, err)
		}
		shown := "_logfile</name>\n<value><string>" + d.Dir + "/" + name + ".log</string>"
		if body := call(t, d, "supervisor.getProcessInfo", name); !strings.Contains(body, shown) {
			t.Errorf("%s does not show its file: %s", name, body)
		}
		if body := call(t, d, "supervisor.getAllConfigInfo"); !strings.Contains(body, shown) {
			t.Errorf("the configuration of %s does not show its file: %s", name, body)
		}
	}
	until(t, d, "stderr", "INFO success: web entered RUNNING state")
}
