package ctl_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

func TestTheExampleInGoIsASupervisorctlWithOneCommandMore(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds a program")
	}
	url := fake(t, func(string, *http.Request) any { return "the oven" })
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(filepath.Join(root, "examples/ctlplugin-go"))))
	top, err := filepath.Abs(root)
	must(t, err)
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644))
	env := append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "CGO_ENABLED=0")
	for _, args := range [][]string{{"mod", "edit", "-replace=github.com/reeve-sh/reeve=" + top}, {"build", "-o", "supervisorctl", "."}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = dir, env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	conf := filepath.Join(dir, "conf")
	must(t, os.WriteFile(conf, []byte("[supervisorctl]\nserverurl="+url+"\n[ctlplugin:hello]\nsupervisor.ctl_factory=example.hello:make\ngreeting=Good day\n"), 0o644))
	out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "supervisorctl"), "-c", conf, "hello", "you").CombinedOutput()
	if err != nil || string(out) != "Good day, you! This is the oven.\n" {
		t.Errorf("%v %q", err, out)
	}
}

func TestTheExampleInPythonAnswers(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("the example is in Python: ", err)
	}
	url := fake(t, func(string, *http.Request) any {
		return []any{xmlrpc.Struct{{Name: "name", Value: "cat"}, {Name: "statename", Value: "RUNNING"}}}
	})
	plugin, err := filepath.Abs(filepath.Join(root, "examples/ctlplugin-python/plugin"))
	must(t, err)
	conf := "[ctlplugin:crew]\ncommand=" + plugin + "\n"
	if code, out, errs := runWith(t, conf, url, "crew"); code != 0 || out != "RUNNING: cat\n" {
		t.Errorf("%d %q %q", code, out, errs)
	}
	if code, out, _ := runWith(t, conf, url, "crew", "FATAL"); code != 0 || out != "FATAL: nobody\n" {
		t.Errorf("%d %q", code, out)
	}
}
