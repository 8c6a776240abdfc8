package config_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
)

func unmarshal(t *testing.T, r reply, to any) {
	t.Helper()
	if err := json.Unmarshal(r.Value, to); err != nil {
		t.Fatal(err)
	}
}

// FuzzINI wants no panic, and of every option a line that is in the file and a name without separators.
func FuzzINI(f *testing.F) {
	for _, d := range documents {
		f.Add(d)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := fake{files: map[string]string{"/work/s.conf": text}}
		_, _ = config.Parse("s.conf", w, config.Overrides{})
		_, _ = config.ParseClient("s.conf", w)
		ini, err := config.ReadINI("f", []byte(text))
		if err != nil {
			return
		}
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		for _, s := range append(ini.Sections, ini.Default) {
			for _, o := range s.Options {
				if o.Line < 1 || o.Line > lines || o.File != "f" || strings.ContainsAny(o.Name, "\n=:") {
					t.Errorf("%q: %+v", text, o)
				}
			}
		}
	})
}

// FuzzEnvironment wants of every value that it comes back when it is put between quotes.
func FuzzEnvironment(f *testing.F) {
	for _, line := range programLines {
		if _, value, found := strings.Cut(line, "environment="); found {
			f.Add(value)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		vars, err := config.ParseEnvironment(text)
		if err != nil {
			return
		}
		var b strings.Builder
		escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
		for _, v := range vars {
			fmt.Fprintf(&b, "\"%s\"=\"%s\",", escape.Replace(v.Name), escape.Replace(v.Value))
		}
		again, err := config.ParseEnvironment(b.String())
		if err != nil || fmt.Sprint(again) != fmt.Sprint(vars) {
			t.Errorf("%q: %v, and again %v %v", text, vars, again, err)
		}
	})
}

// FuzzSplitCommand wants the same of the words of a command.
func FuzzSplitCommand(f *testing.F) {
	for _, piece := range shellPieces {
		f.Add("a " + piece + " b")
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, err := config.SplitCommand(text)
		if err != nil {
			return
		}
		var quoted []string
		for _, w := range words {
			quoted = append(quoted, "'"+strings.ReplaceAll(w, "'", `'"'"'`)+"'")
		}
		again, err := config.SplitCommand(strings.Join(quoted, " "))
		if err != nil || strings.Join(again, "\x00") != strings.Join(words, "\x00") || len(again) != len(words) {
			t.Errorf("%q: %q, and again %q %v", text, words, again, err)
		}
	})
}

// BenchmarkParse reads a file of many programs.
func BenchmarkParse(b *testing.B) {
	for _, n := range []int{10, 1000} {
		var text strings.Builder
		text.WriteString(sv + "[unix_http_server]\nfile=/tmp/s\n")
		for i := range n {
			fmt.Fprintf(&text, "[program:p%d]\ncommand=/bin/sleep %%(program_name)s %d\nautostart=true ; yes\nstartsecs=5\n"+
				"stdout_logfile=/tmp/%%(program_name)s.log\nredirect_stderr=true\nenvironment=A=\"1\",B=\"x y\"\nuser=root\n", i, i)
		}
		env := make([]config.Var, 40)
		for i := range env {
			env[i] = config.Var{Name: fmt.Sprintf("V%d", i), Value: "value"}
		}
		w := fake{files: map[string]string{"/work/s.conf": text.String()}, env: env}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := config.Parse("s.conf", w, config.Overrides{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
