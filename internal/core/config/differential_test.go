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

// holds: CFG-009 CFG-011 CFG-012 CFG-013 CFG-014 CFG-016 CFG-022 CFG-025 CFG-026 CFG-027 CFG-028 CFG-030 CFG-031 CFG-033 CFG-035 CFG-036
// holds: CFG-037 CFG-038 CFG-039 CFG-040 CFG-042 CFG-043 CFG-044 CFG-045 CFG-046 CFG-047 CFG-048 CFG-049 CFG-050 CFG-051 CFG-052
// holds: CFG-074 CFG-075 CFG-076 CFG-077 CFG-078 CFG-079 CFG-080 CFG-081 CFG-082 CFG-083 CFG-084 CFG-085
func TestEveryProgramOptionIsReadAsSupervisorReadsIt(t *testing.T) {
	o := askOracle(t)
	for _, line := range programLines {
		compare(t, o, sv+"[program:a]\ncommand=/bin/cat\n"+line)
		compare(t, o, sv+"[program:a]\ncommand=/bin/cat\n"+line+"\n[program:b]\ncommand=x\n[group:g]\nprograms=a,b\n")
	}
}

// holds: CFG-029 CFG-034 CFG-041 CFG-045 CFG-046 CFG-059 CFG-060 CFG-061 VER-003
func TestEveryDaemonOptionIsReadAsSupervisorReadsIt(t *testing.T) {
	o := askOracle(t)
	for _, line := range daemonLines {
		compare(t, o, sv+line)
	}
}

// holds: CFG-091 CFG-092 CFG-093 CFG-094 EVT-001
func TestEveryListenerOptionIsReadAsSupervisorReadsIt(t *testing.T) {
	o := askOracle(t)
	for _, line := range listenerLines {
		compare(t, o, sv+"[eventlistener:e]\ncommand=/bin/cat\n"+line)
	}
}

// holds: CFG-095 CFG-096
func TestEveryFastCGIOptionIsReadAsSupervisorReadsIt(t *testing.T) {
	o := askOracle(t)
	for _, line := range fcgiLines {
		compare(t, o, sv+"[fcgi-program:f]\ncommand=/bin/cat\n"+line)
	}
}

// holds: CFG-066 CFG-067 CFG-068 CFG-069 CFG-070
func TestEveryServerOptionIsReadAsSupervisorReadsIt(t *testing.T) {
	o := askOracle(t)
	for _, line := range inetLines {
		compare(t, o, sv+"[inet_http_server]\n"+line)
	}
	for _, line := range unixLines {
		compare(t, o, sv+"[unix_http_server]\n"+line)
	}
}

// holds: CFG-007 CFG-008 CFG-015 CFG-017 CFG-018 CFG-019 CFG-020 CFG-021 CFG-023 CFG-024 CFG-029 CFG-032 CFG-053 CFG-054 CFG-055
// holds: CFG-056 CFG-058 CFG-066 CFG-086 CFG-087 CFG-088 CFG-089 CFG-090 CFG-097
func TestWholeFilesAreReadAsSupervisorReadsThem(t *testing.T) {
	o := askOracle(t)
	for _, document := range documents {
		compare(t, o, document)
	}
}

// holds: CFG-004 CFG-028 CFG-057 CFG-098 CFG-099 CFG-100
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
				plugins = append(plugins, shapePlugin(p.Plugin))
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

// holds: CFG-049
func TestEveryCharacterIsAWordCharacterOrNotAsInPython(t *testing.T) {
	o := askOracle(t)
	for r := rune(1); r < 0x180; r++ {
		for _, text := range []string{"A=" + string(r), "A=x" + string(r) + "y"} {
			vars, err := config.ParseEnvironment(text)
			pairs := [][]string{}
			for _, v := range vars {
				pairs = append(pairs, []string{v.Name, v.Value})
			}
			if d := difference(o.ask(t, question{"op": "environment", "text": text}), pairs, err); d != "" {
				t.Errorf("%q\n%s", text, d)
			}
		}
	}
}
