package kernel_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// TestCommandIsFoundWhereSupervisorFindsIt: words, search, and the reasons why not.
// holds: PROC-039 PROC-040 PROC-041 PROC-042
func TestCommandIsFoundWhereSupervisorFindsIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	for path, mode := range map[string]os.FileMode{
		"first/both": 0o644, "second/both": 0o755, "second/only": 0o755, "second/mine": 0o700, "second/sp ace": 0o755,
	} {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(first, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := []string{"/no/such/place", first, second + "/"}
	for _, c := range []struct {
		command string
		file    string
		argv    []string
		text    string
		missing bool
	}{
		{command: "only", file: second + "/only", argv: []string{"only"}},
		{command: "only a 'b c' \"d\\\"e\" f\\ g\nh\ti", file: second + "/only",
			argv: []string{"only", "a", "b c", `d"e`, "f g", "h", "i"}},
		{command: "only $HOME ~ * # ;", file: second + "/only", argv: []string{"only", "$HOME", "~", "*", "#", ";"}},
		{command: "'sp ace' ''", file: second + "/sp ace", argv: []string{"sp ace", ""}},
		{command: second + "/only x", file: second + "/only", argv: []string{second + "/only", "x"}},
		{command: "mine", file: second + "/mine", argv: []string{"mine"}},
		{command: "both", text: "command at '" + first + "/both' is not executable"},
		{command: "folder", text: "command at '" + first + "/folder' is a directory"},
		{command: dir, text: "command at '" + dir + "' is a directory"},
		{command: "nowhere", text: "can't find command 'nowhere'", missing: true},
		{command: "./nowhere x", text: "can't find command './nowhere'", missing: true},
		{command: first + "/both/x", text: "can't find command '" + first + "/both/x'", missing: true},
		{command: "''", text: "command at '" + first + "/' is a directory"},
		{command: "it's", text: `can't parse command "it's": No closing quotation`},
		{command: `a "b`, text: `can't parse command 'a "b': No closing quotation`},
		{command: "", text: "command is empty"},
		{command: "  \n", text: "command is empty"},
	} {
		file, argv, err := kernel.Command(c.command, path)
		if c.text == "" {
			if err != nil || file != c.file || !slices.Equal(argv, c.argv) {
				t.Errorf("%q: %q %q %v", c.command, file, argv, err)
			}
			continue
		}
		var ce *kernel.CommandError
		if !errors.As(err, &ce) || ce.Text != c.text || ce.Missing != c.missing {
			t.Errorf("%q: %v, want %s", c.command, err, c.text)
		}
	}
}

// TestPathFallsBack when nobody has one.
// holds: PROC-039
func TestPathFallsBack(t *testing.T) {
	t.Parallel()
	if got := kernel.Path(""); !slices.Equal(got, []string{"/bin", "/usr/bin", "/usr/local/bin"}) {
		t.Error(got)
	}
	if got := kernel.Path("/a::/b"); !slices.Equal(got, []string{"/a", "", "/b"}) {
		t.Error(got)
	}
}
