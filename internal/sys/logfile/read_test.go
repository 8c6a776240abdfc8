package logfile_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

func file(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.log")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// holds: RPC-009 RPC-012 RPC-038 LOG-024
func TestReadAnswersAsReadLogDoes(t *testing.T) {
	t.Parallel()
	path := file(t, "0123456789\n")
	for _, c := range []struct {
		offset, length int64
		want           string
		refused        fault.Kind
	}{
		{0, 0, "0123456789\n", 0},
		{4, 0, "456789\n", 0},
		{0, 4, "0123", 0},
		{8, 100, "89\n", 0},
		{11, 0, "", 0},
		{50, 0, "", 0},
		{50, 5, "", 0},
		{math.MaxInt64, math.MaxInt64, "", 0},
		{-4, 0, "789\n", 0},
		{-100, 0, "0123456789\n", 0},
		{math.MinInt64, 0, "0123456789\n", 0},
		{-4, 1, "", fault.BadArguments},
		{0, -1, "", fault.BadArguments},
		{-1, -1, "", fault.BadArguments},
	} {
		got, err := logfile.Read(path, c.offset, c.length)
		var kind fault.Kind
		if e, ok := fault.As(err); ok {
			kind = e.Kind
		} else if err != nil {
			t.Errorf("(%d,%d): %v", c.offset, c.length, err)
		}
		if string(got) != c.want || kind != c.refused {
			t.Errorf("(%d,%d) = %q, %v", c.offset, c.length, got, err)
		}
	}
}

// holds: RPC-009 LOG-024
func TestReadRefusesInSupervisorsWords(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir + "/none":   "NO_FILE: " + dir + "/none",
		dir + "/no/dir": "NO_FILE: " + dir + "/no/dir",
		"":              "NO_FILE",
		dir:             "FAILED",
		fifo:            "FAILED", // and does not wait for a writer
	} {
		if _, err := logfile.Read(path, 0, 0); err == nil || err.Error() != want {
			t.Errorf("%q: %v, not %s", path, err, want)
		}
	}
	if data, err := logfile.Read("/dev/null", -5, 0); err != nil || len(data) != 0 {
		t.Errorf("/dev/null: %q, %v", data, err)
	}
}

// holds: RPC-039 RPC-040 RPC-041
func TestTailAnswersAsTailProcessLogDoes(t *testing.T) {
	t.Parallel()
	path := file(t, "0123456789\n")
	for _, c := range []struct {
		offset, length int64
		want           string
		overflow       bool
	}{
		{0, 5, "6789\n", true},
		{5, 11, "0123456789\n", false},
		{11, 100, "", false},
		{0, 0, "", true},
		{5, 100, "0123456789\n", false},
		{-5, 100, "0123456789\n", false},
		{5, -1, "", true},
		{0, 11, "0123456789\n", false},
		{0, 1, "\n", true},
		{10, 1, "\n", false},
		{12, 1, "", false},
		{math.MaxInt64, math.MaxInt64, "", false},
		{math.MinInt64, math.MinInt64, "", true},
		{0, math.MaxInt64, "0123456789\n", false},
	} {
		got, size, overflow := logfile.Tail(path, c.offset, c.length)
		if string(got) != c.want || size != 11 || overflow != c.overflow {
			t.Errorf("(%d,%d) = %q, %d, %v", c.offset, c.length, got, size, overflow)
		}
	}
	if got, size, overflow := logfile.Tail(path+".none", 7, 5); len(got) != 0 || size != 0 || overflow {
		t.Errorf("missing: %q, %d, %v", got, size, overflow)
	}
}

// holds: RPC-010 RPC-011
func TestReadingCutsByBytesWhateverTheyAre(t *testing.T) {
	t.Parallel()
	path := file(t, "a\x00\xffé\x1b[1m")
	got, err := logfile.Read(path, 3, 1)
	if err != nil || string(got) != "\xc3" {
		t.Errorf("%q, %v", got, err)
	}
	if got, _, _ := logfile.Tail(path, 0, 5); string(got) != "\xa9\x1b[1m" {
		t.Errorf("%q", got)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	path := file(t, "first")
	if err := os.Truncate(path, logfile.MaxAnswer*3); err != nil { // a hole; no disk is used
		t.Fatal(err)
	}
	if got, err := logfile.Read(path, 0, 0); err != nil || len(got) != logfile.MaxAnswer || string(got[:5]) != "first" {
		t.Errorf("from the start: %d bytes, %v", len(got), err)
	}
	if got, err := logfile.Read(path, -logfile.MaxAnswer*2, 0); err != nil || len(got) != logfile.MaxAnswer {
		t.Errorf("from the end: %d bytes, %v", len(got), err)
	}
	if got, size, _ := logfile.Tail(path, 0, logfile.MaxAnswer*2); len(got) != logfile.MaxAnswer || size != logfile.MaxAnswer*3 {
		t.Errorf("tail: %d bytes of %d", len(got), size)
	}
}

func follow(t *testing.T, path string, head int64) *logfile.Follower {
	t.Helper()
	f, err := logfile.Follow(path, head)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// all reads until there is nothing new.
func all(t *testing.T, f *logfile.Follower, size int) string {
	t.Helper()
	var b strings.Builder
	buf := make([]byte, size)
	for {
		got, err := f.Next(buf)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			return b.String()
		}
		b.Write(got)
	}
}

// holds: HTTP-018
func TestFollowerBeginsShortBeforeTheEnd(t *testing.T) {
	t.Parallel()
	path := file(t, "0123456789")
	for head, want := range map[int64]string{4: "6789", 10: "0123456789", 1024: "0123456789", 0: "", -3: ""} {
		if got := all(t, follow(t, path, head), 3); got != want {
			t.Errorf("head %d: %q", head, got)
		}
	}
	if _, err := logfile.Follow(path+".none", 0); !os.IsNotExist(err) {
		t.Errorf("missing: %v", err)
	}
}

// holds: HTTP-020
func TestFollowerReadsEverythingOverRotations(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	log := open(t, path, logfile.Options{MaxBytes: 100, Backups: 50})
	f := follow(t, path, 0)
	var want, got strings.Builder
	for i := range 400 {
		line := fmt.Sprintf("line %d\n", i)
		write(t, log, line)
		want.WriteString(line)
		if i%37 == 0 { // several rotations between two looks
			got.WriteString(all(t, f, 64))
		}
	}
	got.WriteString(all(t, f, 64))
	if got.String() != want.String() {
		t.Errorf("read %d bytes of %d", got.Len(), want.Len())
	}
}

// holds: HTTP-020
func TestFollowerGoesOnAfterClearAndTruncation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.log")
	log := open(t, path, logfile.Options{})
	f := follow(t, path, 0)
	write(t, log, "old ")
	if err := log.Clear(); err != nil {
		t.Fatal(err)
	}
	write(t, log, "new")
	if got := all(t, f, 64); got != "old new" {
		t.Errorf("after clearing: %q", got)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	write(t, log, "x")
	if got := all(t, f, 64); got != "==> File truncated <==\nx" {
		t.Errorf("after truncation: %q", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	write(t, log, "unlinked")
	if got := all(t, f, 64); got != "unlinked" {
		t.Errorf("after removal: %q", got)
	}
}

// holds: LOG-020
func TestAutoLogsGetNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	luck := []uint64{0, 0, 1, math.MaxUint64}
	rnd := func() uint64 { n := luck[0]; luck = luck[1:]; return n }
	var names []string
	for range 3 {
		path, err := logfile.CreateAuto(dir, "cat-stdout---supervisor-", rnd)
		if err != nil {
			t.Fatal(err)
		}
		st, err := os.Stat(path)
		if err != nil || st.Mode().Perm() != 0o600 || st.Size() != 0 {
			t.Errorf("%s: %v, %v", path, st, err)
		}
		names = append(names, filepath.Base(path))
	}
	want := "cat-stdout---supervisor-aaaaaaaa.log cat-stdout---supervisor-baaaaaaa.log"
	if got := strings.Join(names[:2], " "); got != want {
		t.Errorf("names %s", got)
	}
	if _, err := logfile.CreateAuto(dir+"/none", "x-", func() uint64 { return 1 }); err == nil {
		t.Error("a directory that is not there took a file")
	}
	stuck := func() uint64 { return 0 }
	if _, err := logfile.CreateAuto(dir, "cat-stdout---supervisor-", stuck); err == nil {
		t.Error("the same name was given twice")
	}
}

// holds: LOG-021 LOG-022
func TestCleaningRemovesWhatStartsAsAnAutoLog(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ identifier, gone, kept string }{
		{"supervisor",
			"x---supervisor-a.log x---supervisor-a.log.bak x---supervisor-a.logx x---supervisor-a.log.1 a-b---supervisor-_9.log.12345 y---supervisor--.log",
			"x---other-a.log|x---supervisor-a b.log|---supervisor-a.log|x---supervisor-.log|x--supervisor-a.log|x---supervisor-a.lo|x---supervisorb-a.log|x---supervisor-a\u00a0b.log"},
		{"a.c", "x---a.c-1.log x---abc-1.log", "x---ac-1.log"}, // not escaped
		{"a(", "x---a(-1.log", "x---a-1.log"},                  // no expression: itself
	} {
		dir := t.TempDir()
		for name := range strings.FieldsSeq(c.gone) {
			touch(t, filepath.Join(dir, name))
		}
		for name := range strings.SplitSeq(c.kept, "|") {
			touch(t, filepath.Join(dir, name))
		}
		failed, err := logfile.CleanAuto(dir, c.identifier)
		if err != nil || len(failed) != 0 {
			t.Errorf("%s: %v, %v", c.identifier, failed, err)
		}
		for name := range strings.FieldsSeq(c.gone) {
			is(t, filepath.Join(dir, name), "-")
		}
		for name := range strings.SplitSeq(c.kept, "|") {
			is(t, filepath.Join(dir, name), "")
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/x---supervisor-d.log", 0o755); err != nil {
		t.Fatal(err)
	}
	failed, err := logfile.CleanAuto(dir, "supervisor")
	if err != nil || len(failed) != 1 || failed[0] != dir+"/x---supervisor-d.log" {
		t.Errorf("a directory: %v, %v", failed, err)
	}
	if _, err := logfile.CleanAuto(dir+"/none", "supervisor"); err == nil {
		t.Error("a missing directory was cleaned")
	}
}

func touch(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func FuzzReadAndTailStayWithinTheFile(f *testing.F) {
	path := filepath.Join(f.TempDir(), "x.log")
	const content = "0123456789\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][2]int64{{0, 0}, {-1, 0}, {5, 100}, {math.MaxInt64, 1}, {math.MinInt64, math.MinInt64}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, offset, length int64) {
		if got, err := logfile.Read(path, offset, length); err == nil && !strings.Contains(content, string(got)) {
			t.Errorf("Read(%d,%d) = %q", offset, length, got)
		}
		got, size, _ := logfile.Tail(path, offset, length)
		if size != int64(len(content)) || !strings.HasSuffix(content, string(got)) {
			t.Errorf("Tail(%d,%d) = %q, %d", offset, length, got, size)
		}
	})
}
