package world_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/world"
)

// python asks Debian's Python and takes its answer as JSON.
func python(t *testing.T, dir string, env []string, script string, answer any, args ...string) {
	t.Helper()
	if _, err := os.Stat("/usr/bin/python3"); err != nil {
		t.Skip("no Python to ask: ", err)
	}
	cmd := exec.Command("/usr/bin/python3", append([]string{"-c", script}, args...)...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, answer); err != nil {
		t.Fatal(err)
	}
}

// TestGlobIsPythons over a tree of awkward names, pattern by pattern.
// holds: CFG-013
func TestGlobIsPythons(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, f := range []string{
		"a.conf", "b.conf", ".hidden.conf", "conf", "c.d/1.conf", "c.d/.2.conf", ".e.d/3.conf", "[x].conf", "x.conf", "^.conf", "!.conf",
		"-.conf", "a-z.conf", `back\slash.conf`, "star*.conf", "sp ace.conf", "ümlaut.conf", "c.d/deep/4.conf", "].conf",
	} {
		path := filepath.Join(dir, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink("/no/such", filepath.Join(dir, "dangling.conf"))
	var patterns []string
	for _, p := range []string{
		"*", "*.conf", ".*", ".*.conf", "?.conf", "??conf", "*/*.conf", "*.d/*", ".*/*", "*/.*", "c.d/*.conf", "[ab].conf", "[!ab].conf", "[^ab].conf",
		"[a-c].conf", "[c-a].conf", "[!a-z].conf", "[].conf", "[]].conf", "[!]].conf", "[[]x].conf", "[x].conf", "[", "[a", "a[", "a.conf", "nope.conf",
		`back\slash.conf`, `back*`, `\*`, `star\*.conf`, "star[*].conf", "sp*", "?mlaut.conf", "c.d", "c.d/", "*/", "c.d//1.conf", "./a.conf",
		"c.d/../a.conf", "*/deep/*", "**/*.conf", "**", "[-a].conf", "[a-].conf", "a[-]z.conf", "dangling.conf", "dang*", "c.d/*/*", "[!.]*", "",
	} {
		patterns = append(patterns, dir+"/"+p)
	}
	var want [][]string
	python(t, dir, nil, "import glob, json, sys\nprint(json.dumps([sorted(glob.glob(p)) for p in sys.argv[1:]]))", &want, patterns...)
	w := world.New(nil)
	for i, p := range patterns {
		got := w.Glob(p)
		slices.Sort(got)
		if !slices.Equal(got, want[i]) {
			t.Errorf("%s: %q, Python has %q", strings.TrimPrefix(p, dir+"/"), got, want[i])
		}
	}
}

// TestTempDirIsPythons: the first of its places where a file can be made.
// holds: CFG-061
func TestTempDirIsPythons(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	os.WriteFile(file, nil, 0o644)
	for _, env := range [][]string{
		nil, {"TMPDIR=" + dir}, {"TEMP=" + dir}, {"TMP=" + dir}, {"TMP=/no/such", "TEMP=" + dir}, {"TMPDIR=" + file, "TMP=" + dir},
		{"TMPDIR="}, {"TMPDIR=/no/such"}, {"TMPDIR=" + dir + "/../" + filepath.Base(dir) + "/"}, {"TMPDIR=/proc"}, {"TMPDIR=/sys", "TMP=" + dir},
	} {
		var want string
		python(t, dir, env, "import json, tempfile\nprint(json.dumps(tempfile.gettempdir()))", &want)
		if got := world.New(env).TempDir(); got != want {
			t.Errorf("%v: %s, Python has %s", env, got, want)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// TestFilesAreReadWholeOrRefused: what is missing is not found, what cannot be read is found and an error.
func TestFilesAreReadWholeOrRefused(t *testing.T) {
	t.Parallel()
	w := world.New(nil)
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	os.WriteFile(path, []byte("text"), 0o644)
	huge := filepath.Join(dir, "huge")
	os.WriteFile(huge, nil, 0o644)
	os.Truncate(huge, 1<<40)
	for _, c := range []struct {
		path, text string
		found, ok  bool
	}{{path, "text", true, true}, {dir + "/none", "", false, true}, {path + "/x", "", true, false}, {dir, "", true, false}, {huge, "", true, false}} {
		data, found, err := w.ReadFile(c.path)
		if string(data) != c.text || found != c.found || (err == nil) != c.ok {
			t.Errorf("%s: %q %v %v", c.path, data, found, err)
		}
	}
	if !w.IsDir(dir) || w.IsDir(path) || w.IsDir(dir+"/none") || w.Abs(dir+"/x/../f") != path {
		t.Error("directories")
	}
}

// TestUsersAreFoundByNameAndNumber, and nobody by what is neither.
// holds: CFG-046
func TestUsersAreFoundByNameAndNumber(t *testing.T) {
	t.Parallel()
	w := world.New([]string{"HOME=/my/home", "HOME=/other", "=x", "novalue"})
	if uid, gid, found := w.User("root"); uid != 0 || gid != 0 || !found {
		t.Error(uid, gid, found)
	}
	if uid, gid, found := w.User("0"); uid != 0 || gid != 0 || !found {
		t.Error(uid, gid, found)
	}
	for _, nobody := range []string{"no such user", "4711471", "-1", ""} {
		if uid, gid, found := w.User(nobody); found {
			t.Errorf("%q is %d %d", nobody, uid, gid)
		}
		if gid, found := w.Group(nobody); found {
			t.Errorf("group %q is %d", nobody, gid)
		}
	}
	if gid, found := w.Group("root"); gid != 0 || !found {
		t.Error(gid, found)
	}
	if gid, found := w.Group("0"); gid != 0 || !found {
		t.Error(gid, found)
	}
	if home, found := w.Home(""); home != "/my/home" || !found {
		t.Error(home, found)
	}
	if home, found := w.Home("root"); home != "/root" || !found {
		t.Error(home, found)
	}
	if home, found := w.Home("no such user"); found {
		t.Error(home)
	}
	if got := fmt.Sprint(w.Environ()); got != "[{HOME /my/home} {HOME /other}]" {
		t.Error(got)
	}
}
