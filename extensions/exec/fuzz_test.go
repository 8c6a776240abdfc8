package exec_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/extensions/exec"
)

// FuzzNothingElseRuns: whatever is asked for, what runs is a file that a rule names, or lies where its pattern says.
func FuzzNothingElseRuns(f *testing.F) {
	dir := rooms(f, f.TempDir())
	for _, name := range []string{"/bin/tool", "/scripts/a.sh", "/scripts/out.sh", "/scripts/../secret/kill", "//scripts//up/kill", "tool", "", ".", "/", "/scripts/", "/bin/tool/../rm"} {
		f.Add(name, "x")
	}
	h := &host{}
	e, err := exec.New(section(map[string]string{"allow": dir + "/bin/tool status *," + dir + "/scripts/*"}))
	if err != nil {
		f.Fatal(err)
	}
	if err := e.Init(h); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, word string) {
		h.ran = nil
		if strings.HasPrefix(name, "/") {
			name = dir + name
		}
		_, _ = e.(*exec.Exec).Run(t.Context(), []any{name, word, word}, nil)
		if len(h.ran) == 0 {
			return
		}
		file := h.ran[0].Argv[0]
		real, err := filepath.EvalSymlinks(file)
		switch {
		case err != nil || real != file:
			t.Errorf("%q runs %q, which is %q", name, file, real)
		case file == dir+"/bin/tool" && word == "status":
		case filepath.Dir(file) == dir+"/scripts":
		default:
			t.Errorf("%q %q runs %q", name, word, file)
		}
	})
}
