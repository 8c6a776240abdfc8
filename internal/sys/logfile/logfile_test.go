package logfile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

func open(t *testing.T, path string, o logfile.Options) *logfile.File {
	t.Helper()
	f, err := logfile.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func write(t *testing.T, f *logfile.File, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if n, err := f.Write([]byte(text)); err != nil || n != len(text) {
			t.Fatalf("Write(%q) = %d, %v", text, n, err)
		}
	}
}

// is compares the content of a file; "-" stands for no file.
func is(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		got = []byte("-")
	case err != nil:
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s holds %q, not %q", filepath.Base(path), got, want)
	}
}

// holds: LOG-013 LOG-014 LOG-015
func TestRotationComesAfterTheWriteThatReachesTheSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		o       logfile.Options
		writes  string
		current string
		backups []string
	}{
		{"exactly the size leaves an empty file", logfile.Options{MaxBytes: 10, Backups: 2}, "123456789 0", "", []string{"1234567890", "-"}},
		{"below the size stays", logfile.Options{MaxBytes: 10, Backups: 2}, "123456789", "123456789", []string{"-"}},
		{"a write is not split", logfile.Options{MaxBytes: 3, Backups: 1}, "abcdefgh i", "i", []string{"abcdefgh", "-"}},
		{"the oldest is dropped", logfile.Options{MaxBytes: 1, Backups: 2}, "a b c d", "", []string{"d", "c", "-"}},
		{"one backup", logfile.Options{MaxBytes: 1, Backups: 1}, "a b c", "", []string{"c", "-"}},
		{"no backups empties in place", logfile.Options{MaxBytes: 2}, "a bc d", "d", []string{"-"}},
		{"no size never rotates", logfile.Options{Backups: 3}, "a b c", "abc", []string{"-"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.log")
			f := open(t, path, c.o)
			write(t, f, strings.Split(c.writes, " ")...)
			is(t, path, c.current)
			for i, want := range c.backups {
				is(t, fmt.Sprintf("%s.%d", path, i+1), want)
			}
		})
	}
}

// holds: LOG-018
func TestRotationBridgesMissingFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	f := open(t, path, logfile.Options{MaxBytes: 2, Backups: 3})
	if err := os.WriteFile(path+".2", []byte("two"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	write(t, f, "gone")
	is(t, path, "")
	is(t, path+".1", "-")
	is(t, path+".3", "two")
	write(t, f, "xy")
	is(t, path+".1", "xy")
}

// A rotation that cannot be done is no reason to lose lines, nor one to try renaming at each of them.
func TestRotationThatIsRefusedKeepsWriting(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	f := open(t, path, logfile.Options{MaxBytes: 4, Backups: 1})
	if err := os.MkdirAll(path+".1/full", 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, f, "abcd", "ef")
	is(t, path, "abcdef")
	if err := os.RemoveAll(path + ".1"); err != nil {
		t.Fatal(err)
	}
	write(t, f, "g") // 7 bytes: not yet
	is(t, path, "abcdefg")
	write(t, f, "h") // 8 bytes: tried again after another four
	is(t, path, "")
	is(t, path+".1", "abcdefgh")
	if f.Lost() != 0 {
		t.Errorf("lost %d bytes", f.Lost())
	}
}

// The old file is a backup already and no new one can be made: lines go on into the old one, and the backups are not
// moved again at every line.
func TestRotationWithoutDescriptorsLosesNothing(t *testing.T) {
	// Not parallel: the limit is the process's.
	path := filepath.Join(t.TempDir(), "x.log")
	f := open(t, path, logfile.Options{MaxBytes: 4, Backups: 3})
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 3
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	write(t, f, "abcd", "efgh", "ijkl")
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	is(t, path, "-")
	is(t, path+".1", "abcdefghijkl")
	is(t, path+".2", "-")
	write(t, f, "mn")
	is(t, path, "mn")
}

func TestRotationKeepsModeAndOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	f := open(t, path, logfile.Options{MaxBytes: 2, Backups: 1, Mode: 0o640})
	owner := os.Geteuid()
	if owner == 0 {
		owner = 65534
	}
	look := func(when string, mode fs.FileMode) {
		t.Helper()
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if st.Mode().Perm() != mode || int(st.Sys().(*syscall.Stat_t).Uid) != owner {
			t.Errorf("%s: mode %v, owner %d", when, st.Mode(), st.Sys().(*syscall.Stat_t).Uid)
		}
	}
	if err := os.Chown(path, owner, -1); err != nil {
		t.Fatal(err)
	}
	look("created", 0o640)
	if err := os.Chmod(path, 0o606); err != nil {
		t.Fatal(err)
	}
	write(t, f, "xx")
	look("rotated", 0o606)
	if err := f.Clear(); err != nil {
		t.Fatal(err)
	}
	look("cleared", 0o606)
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	if err := f.Reopen(); err != nil {
		t.Fatal(err)
	}
	look("reopened", 0o606)
}

// holds: LOG-010 LOG-016 LOG-017
func TestReopenAndClearGoByPath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	f := open(t, path, logfile.Options{})
	write(t, f, "one ")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write(t, f, "two ") // nobody noticed
	is(t, path, "-")
	if err := f.Reopen(); err != nil {
		t.Fatal(err)
	}
	write(t, f, "three")
	is(t, path, "three")
	is(t, path+".1", "one two ")
	if err := f.Clear(); err != nil {
		t.Fatal(err)
	}
	is(t, path, "")
	is(t, path+".1", "one two ")
	write(t, f, "four")
	is(t, path, "four")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Clear(); err != nil { // nothing there to remove
		t.Fatal(err)
	}
	write(t, f, "five")
	is(t, path, "five")
}

func TestReopenThatFailsKeepsTheOldFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	f := open(t, path, logfile.Options{})
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.Reopen(); err == nil {
		t.Error("a directory was opened for writing")
	}
	write(t, f, "still here")
	is(t, path+".old", "still here")
}

func TestTruncationByOthersPutsRotationOff(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	f := open(t, path, logfile.Options{MaxBytes: 10, Backups: 1})
	write(t, f, "12345678")
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	write(t, f, "abcd")
	is(t, path, "abcd")
	is(t, path+".1", "-")
}

func TestWritersOfOnePathShareTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	a := open(t, path, logfile.Options{MaxBytes: 4, Backups: 9})
	b := open(t, filepath.Dir(path)+"/./x.log", logfile.Options{MaxBytes: 4, Backups: 9})
	if a.Key() != b.Key() {
		t.Fatal("two keys for one path")
	}
	write(t, a, "aaaa")
	write(t, b, "bb")
	is(t, path, "bb")
	is(t, path+".1", "aaaa")
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Write([]byte("x")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("write after close: %v", err)
	}
	write(t, b, "cc")
	is(t, path+".1", "bbcc")
}

// Numbered lines at full speed from two writers, while others rotate by size, move and reopen, and clear nothing: every
// line is there once, in its writer's order.
func TestNoLineIsLostOrDoubledWhileFilesMove(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.log")
	const lines = 20000
	o := logfile.Options{MaxBytes: 16 << 10, Backups: 1000}
	var writers sync.WaitGroup
	var done atomic.Bool
	for w := range 2 {
		f := open(t, path, o)
		writers.Go(func() {
			for i := range lines {
				if _, err := fmt.Fprintf(f, "%d %d\n", w, i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var mover sync.WaitGroup
	mover.Go(func() {
		f, err := logfile.Open(path, o)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		for i := 0; !done.Load(); i++ {
			_ = os.Rename(path, fmt.Sprintf("%s/moved.%d", dir, i))
			if err := f.Reopen(); err != nil {
				t.Error(err)
			}
		}
	})
	writers.Wait()
	done.Store(true)
	mover.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		last := [2]int{-1, -1}
		for line := range strings.Lines(string(data)) {
			seen[line]++
			var w, i int
			if _, err := fmt.Sscanf(line, "%d %d\n", &w, &i); err != nil || i <= last[w] {
				t.Fatalf("%s: %q after %d", e.Name(), line, last)
			}
			last[w] = i
		}
	}
	for w := range 2 {
		for i := range lines {
			if n := seen[fmt.Sprintf("%d %d\n", w, i)]; n != 1 {
				t.Fatalf("line %d of writer %d is there %d times", i, w, n)
			}
		}
	}
}
