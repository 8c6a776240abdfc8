package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The whole bench in small, so that it does not rot. What it measures is not looked at.
func TestBenchPrintsEveryRow(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "bench")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(bin, "-quick", "-debian=false")
	cmd.Env = os.Environ()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, r := range table {
		if !strings.Contains(string(out), r.name) {
			t.Errorf("no row %q in\n%s", r.name, out)
		}
	}
}

func TestCompareLinesCountsWhatIsLostAndWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		text        string
		lost, wrong float64
	}{
		{"1\n2\n3\n", 0, 0},
		{"1\n3\n", 1, 0},
		{"1\n2\n2\n3\n", 0, 1},
		{"2\n1\n3\n", 1, 1},
		{"1\n23\n", 2, 1},
	} {
		if got := compareLines([]byte(c.text), 3); got[0] != c.lost || got[1] != c.wrong {
			t.Errorf("%q: lost %v, wrong %v, want %v, %v", c.text, got[0], got[1], c.lost, c.wrong)
		}
	}
}
