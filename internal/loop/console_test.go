package loop_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// onConsole sends stdout to a file and to a console.
func onConsole(file, console string, form config.LogFormat) func(*config.Process) {
	return func(p *config.Process) {
		p.Program, p.LogFormat = "prog_"+p.Name, form
		p.Stdout = config.Channel{Log: config.Log{Kind: config.LogFile, Path: file}, Also: []string{console}}
	}
}

// TestProgramsOnOneConsoleWriteWholeLinesThere while their files keep the bytes as they were written.
func TestProgramsOnOneConsoleWriteWholeLinesThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "console")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := os.OpenFile(fifo, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	const lines = 40
	script := func(name string) string {
		return fmt.Sprintf(`/bin/sh -c "i=0; while [ $i -lt %d ]; do printf '%s '; sleep 0.0$((i %% 3)); echo $i; i=$((i+1)); done; printf '%s ends'"`, lines, name, name)
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	seen := map[string]int{}
	onEarth(t, nil, func(h *house) {
		h.add(program("plain", command(script("plain")), startsecs(0), restart(config.RestartNever), onConsole(file("plain"), fifo, config.FormatPrefix)))
		h.addGroup("g", 999, program("object", command(script("object")), startsecs(0), restart(config.RestartNever), onConsole(file("object"), fifo, config.FormatJSON)))
		h.begin()
		in := bufio.NewReader(r)
		for range 2 * (lines + 1) {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			name, said := "plain", ""
			if rest, isPlain := strings.CutPrefix(line, "plain stdout | "); isPlain {
				said = strings.TrimSuffix(rest, "\n")
			} else if rest, isObject := strings.CutPrefix(line, `{"program":"prog_object","group":"g","process":"object","stream":"stdout","line":"`); isObject {
				name, said = "object", strings.TrimSuffix(rest, "\"}\n")
			}
			want := fmt.Sprintf("%s %d", name, seen[name])
			if seen[name] == lines {
				want = name + " ends"
			}
			if seen[name]++; said != want {
				t.Fatalf("%q, want %q", line, want)
			}
		}
		for name := range seen {
			var want strings.Builder
			for i := range lines {
				fmt.Fprintf(&want, "%s %d\n", name, i)
			}
			if got := waitFor(file(name), " ends"); got != want.String()+name+" ends" {
				t.Errorf("the file of %s has %q", name, got)
			}
		}
	})
}

// TestAllLogsOfAStreamAreClearedAndReopened, not only the one that clients read.
func TestAllLogsOfAStreamAreClearedAndReopened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	onEarth(t, nil, func(h *house) {
		h.add(program("x", command(`/bin/sh -c "echo one; exec cat"`), startsecs(0), onConsole(a, b, config.FormatPrefix)))
		h.begin()
		for _, path := range []string{a, b} { // a file that is no console gets no prefix
			if got := waitFor(path, "\n"); got != "one\n" {
				t.Errorf("%s has %q", path, got)
			}
		}
		logs, err := h.l.Logs(ctx, h.id("x"))
		if err != nil || len(logs) != 2 || logs[0].Path() != a || logs[1].Path() != b {
			t.Fatalf("%d logs, %v", len(logs), err)
		}
		// This is what clearing and reopening are made of.
		for _, path := range []string{a, b} {
			if err := os.Rename(path, path+".old"); err != nil {
				t.Fatal(err)
			}
		}
		for _, f := range logs {
			if err := f.Reopen(); err != nil {
				t.Error(err)
			}
		}
		for _, path := range []string{a, b} {
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		}
	})
}
