package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// testEnv is the environment under which both sides read.
var testEnv = []config.Var{
	{Name: "HOME", Value: "/root"}, {Name: "A", Value: "1"}, {Name: "N", Value: "5"}, {Name: "X", Value: "a b"},
	{Name: "P", Value: "50%x"}, {Name: "Q", Value: "it's \t\x01é\u200b😀"}, {Name: "E", Value: "TICK_5"},
	{Name: "MULTI", Value: "a\nb"},
}

func envObject() object {
	env := object{}
	for _, v := range testEnv {
		env[v.Name] = v.Value
	}
	return env
}

// lay writes a document with its included files into dir and returns the path of the root file.
func lay(t testing.TB, dir, document string) string {
	t.Helper()
	name := "s.conf"
	var text []string
	write := func() {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Join(text, "")), 0o644); err != nil {
			t.Fatal(err)
		}
		text = nil
	}
	for _, line := range strings.SplitAfter(document, "\n") {
		if next, found := strings.CutPrefix(strings.TrimRight(line, "\n"), "-- "); found {
			write()
			name = strings.TrimSuffix(next, " --")
			continue
		}
		text = append(text, line)
	}
	write()
	return filepath.Join(dir, "s.conf")
}

// compare reads one document with both and complains about a difference.
func compare(t *testing.T, o *oracle, document string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "r")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := lay(t, dir, document)
	theirs := o.ask(t, question{"op": "parse", "path": path, "env": envObject()})
	w := disk{env: testEnv}
	c, err := config.Parse(path, w, config.Overrides{})
	var ours any
	if err == nil {
		ours = shape(w, c)
	}
	if d := difference(theirs, ours, err); d != "" {
		t.Errorf("%s\n%s", document, d)
	}
}

func TestEveryProgramOptionIsReadAsSupervisorReadsIt(t *testing.T) {
	o := askOracle(t)
	for _, line := range programLines {
		compare(t, o, sv+"[program:a]\ncommand=/bin/cat\n"+line)
		compare(t, o, sv+"[program:a]\ncommand=/bin/cat\n"+line+"\n[program:b]\ncommand=x\n[group:g]\nprograms=a,b\n")
	}
}

func TestEveryDaemonOptionIsReadAsSupervisorReadsIt(t *testing.T) {
	o := askOracle(t)
	for _, line := range daemonLines {
		compare(t, o, sv+line)
	}
}

func TestEveryListenerOptionIsReadAsSupervisorReadsIt(t *testing.T) {
	o := askOracle(t)
	for _, line := range listenerLines {
		compare(t, o, sv+"[eventlistener:e]\ncommand=/bin/cat\n"+line)
	}
}

func TestEveryFastCGIOptionIsReadAsSupervisorReadsIt(t *testing.T) {
	o := askOracle(t)
	for _, line := range fcgiLines {
		compare(t, o, sv+"[fcgi-program:f]\ncommand=/bin/cat\n"+line)
	}
}

func TestEveryServerOptionIsReadAsSupervisorReadsIt(t *testing.T) {
	o := askOracle(t)
	for _, line := range inetLines {
		compare(t, o, sv+"[inet_http_server]\n"+line)
	}
	for _, line := range unixLines {
		compare(t, o, sv+"[unix_http_server]\n"+line)
	}
}

func TestWholeFilesAreReadAsSupervisorReadsThem(t *testing.T) {
	o := askOracle(t)
	for _, document := range documents {
		compare(t, o, document)
	}
}

func TestSupervisorctlReadsItsFileAsSupervisorDoes(t *testing.T) {
	o := askOracle(t)
	for _, document := range clientDocuments {
		path := lay(t, t.TempDir(), document)
		theirs := o.ask(t, question{"op": "client", "path": path, "env": envObject()})
		c, err := config.ParseClient(path, disk{env: testEnv})
		var ours any
		if err == nil {
			plugins := []any{}
			for _, p := range c.Plugins {
				plugins = append(plugins, shapePlugin(p))
			}
			shown := object{"serverurl": c.ServerURL, "prompt": c.Prompt, "username": nil, "password": nil,
				"history": orNull(c.HistoryFile, ""), "plugins": plugins}
			if c.HasUsername {
				shown["username"] = c.Username
			}
			if c.HasPassword {
				shown["password"] = c.Password
			}
			ours = shown
		}
		if d := difference(theirs, ours, err); d != "" {
			t.Errorf("%s\n%s", document, d)
		}
	}
}
