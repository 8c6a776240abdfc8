package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/extensions/config"
)

// FuzzWhatFitsComesBack: whatever may stand in a file is read back as it was, and nothing else is asked for there.
func FuzzWhatFitsComesBack(f *testing.F) {
	f.Add("command", "/bin/sh -c \"a\nb\"", "environment", "A=\"1;2\"")
	f.Add("a", "", "b", " = ")
	f.Add("join_group", "x", "[b]", "x")
	f.Add("a.b", "\t", "c", "x\n[program:evil]\ncommand=x")
	dir := f.TempDir()
	s, err := config.Open(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, a, x, b, y string) {
		options := map[string]string{a: x, b: y}
		if _, given := options["join_group"]; given {
			return // refused before
		}
		p := config.NewProgram("g", "n", options)
		if s.Fits(p) != nil {
			return
		}
		text, mine := strings.CutPrefix(string(config.Spell(p)), config.Heading)
		q, err := config.Parse(text)
		if err != nil || !mine {
			t.Fatalf("%q: %v", text, err)
		}
		if group, name, got := q.Options(); group != "g" || name != "n" || !reflect.DeepEqual(got, options) {
			t.Errorf("%q comes back as %s:%s %q", options, group, name, got)
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "[") && line != "[program:n]\n" {
				t.Errorf("%q begins another section", text)
			}
		}
	})
}

// TestWhatDoesNotFitIsRefusedWithItsReason.
func TestWhatDoesNotFitIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	s, err := config.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, value, want string }{
		{"a", "x", ""}, {"a", "x;y", ""}, {"a", "x\ny", ""}, {"a", "", ""}, {"a_b.c-d1", "ü", ""}, {"a", "x = y [z]", ""},
		{"A", "x", `option "A" cannot`}, {"a=b", "x", `option "a=b" cannot`}, {"[a]", "x", `option "[a]" cannot`}, {"", "x", `option "" cannot`},
		{"a\nb", "x", `cannot stand in a file`}, {"a", "x ;y", "behind a blank and ;"}, {"a", "#y", "behind a blank and #"},
		{"a", "x\n;y", "behind a blank and ;"}, {"a", " x", "blanks at the ends"}, {"a", "x\t", "blanks at the ends"},
		{"a", "x\n\ty", "blanks at the ends"}, {"a", "x\n\ny", "an empty line"}, {"a", "x\n", "an empty line"}, {"a", "\nx", "an empty line"},
		{"a", "x\ry", "a control character"}, {"a", "x\x00y", "a control character"}, {"a", "%(here)s/x", "%(here)s means "},
		{"a", strings.Repeat("x", 1<<20), "longer than"},
	} {
		err := s.Fits(config.NewProgram("g", "n", map[string]string{c.name: c.value}))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q=%.20q: %v, want %q", c.name, c.value, err, c.want)
		}
	}
}

// TestShelfKeepsWholeFilesAndNobodyElses.
func TestShelfKeepsWholeFilesAndNobodyElses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := config.Open(dir + "/x-*.ini")
	if err != nil {
		t.Fatal(err)
	}
	one := config.NewProgram("g", "n", map[string]string{"command": "one"})
	two := config.NewProgram("g", "n", map[string]string{"command": "two"})
	own := config.NewProgram("o", "o", map[string]string{"command": "own"})
	for _, step := range []struct {
		before, after *config.Program
		want          string
	}{{nil, one, ""}, {nil, own, ""}, {nil, two, "there is a file"}, {one, two, ""}, {own, nil, ""}, {own, nil, ""}, {nil, nil, ""}} {
		if err := s.Put(step.before, step.after); (err == nil) != (step.want == "") || err != nil && !strings.Contains(err.Error(), step.want) {
			t.Errorf("%v: %v", step, err)
		}
	}
	for name, text := range map[string]string{
		"x-a:b.ini": "[program:b]\ncommand=x\n", "x-a.ini": config.Heading, "g:n.ini": config.Heading, "x-h:m.ini": config.Heading + "[program:m]\ncommand = x\n",
		"x-j:k.ini": config.Heading + "command = x\n", "x-l:l.ini": config.Heading, "x-big:n.ini": config.Heading + strings.Repeat("x", 1<<20),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, strange := s.All()
	if len(found) != 1 {
		t.Fatalf("%v", found)
	}
	if group, name, options := found[0].Options(); group != "g" || name != "n" || options["command"] != "two" {
		t.Errorf("%s %s %v", group, name, options)
	}
	said := fmt.Sprint(strange)
	for _, want := range []string{"x-h:m.ini: it is about m:m", `x-j:k.ini: "command = x" is none of ours`, "x-l:l.ini: it has no program"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s has no %q", said, want)
		}
	}
	if len(strange) != 3 {
		t.Errorf("%v", strange)
	}
	for pattern, want := range map[string]string{
		"conf.d": "no absolute path", dir + "/*/x": "no directory, nor one star", dir + "/**": "no directory, nor one star", dir + "/none": "there is no directory",
	} {
		if _, err := config.Open(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}
