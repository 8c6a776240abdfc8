package logfile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

const spoken = "2026-01-02T10:00:00Z a one\n  more of one\n2026-01-02T10:00:05.500Z b two\n2026-01-02 12:00:10,250+0200 a three\nend"

func TestSelectTakesWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	lines := strings.SplitAfter(spoken, "\n")
	path := file(t, spoken)
	n := int64(len(spoken))
	for name, c := range map[string]struct {
		q    logfile.Query
		want string
		from int64
		next int64
	}{
		"all":               {logfile.Query{Offset: -1}, spoken, 0, n},
		"offset":            {logfile.Query{Offset: n - 3}, "end", n - 3, n},
		"at the end":        {logfile.Query{Offset: n}, "", n, n},
		"bounded":           {logfile.Query{Offset: 0, Most: 10}, spoken[:10], 0, 10},
		"whole":             {logfile.Query{Offset: n - 6, Whole: true}, spoken[n-6 : n-3], n - 6, n - 3},
		"two lines":         {logfile.Query{Offset: -1, Lines: 2}, lines[3] + lines[4], n - int64(len(lines[3])) - 3, n},
		"many lines":        {logfile.Query{Offset: -1, Lines: 99}, spoken, 0, n},
		"lines from":        {logfile.Query{Offset: n - 5, Lines: 99}, spoken[n-5:], n - 5, n},
		"lines within":      {logfile.Query{Offset: -1, Lines: 99, Most: 6}, spoken[n-6:], n - 6, n},
		"grep":              {logfile.Query{Offset: -1, Match: regexp.MustCompile(" a ")}, lines[0] + lines[3], 0, n},
		"grep the end":      {logfile.Query{Offset: -1, Match: regexp.MustCompile("^end$")}, "end", 0, n},
		"grep whole":        {logfile.Query{Offset: -1, Match: regexp.MustCompile("^end$"), Whole: true}, "", 0, n - 3},
		"last of grep":      {logfile.Query{Offset: -1, Lines: 1, Match: regexp.MustCompile(" a ")}, lines[3], 0, n},
		"bounded grep":      {logfile.Query{Offset: -1, Most: 30, Match: regexp.MustCompile(".")}, lines[0], 0, int64(len(lines[0]))},
		"since the first":   {logfile.Query{Offset: -1, Since: at("2026-01-02T10:00:00Z")}, spoken, 0, n},
		"since the second":  {logfile.Query{Offset: -1, Since: at("2026-01-02T10:00:00.001Z")}, strings.Join(lines[2:], ""), 0, n},
		"since the third":   {logfile.Query{Offset: -1, Since: at("2026-01-02T10:00:10.25Z")}, strings.Join(lines[3:], ""), 0, n},
		"since later":       {logfile.Query{Offset: -1, Since: at("2026-01-02T10:00:10.251Z")}, "", 0, n},
		"since and grep":    {logfile.Query{Offset: -1, Since: at("2026-01-02T10:00:05Z"), Match: regexp.MustCompile(" a ")}, lines[3], 0, n},
		"since and a lines": {logfile.Query{Offset: -1, Since: at("2026-01-02T10:00:00Z"), Lines: 1}, "end", 0, n},
	} {
		s, err := logfile.Select(t.Context(), path, c.q)
		if err != nil || string(s.Text) != c.want || s.Offset != c.from || s.Next != c.next || s.Size != n || s.Restarted {
			t.Errorf("%s: %q from %d to %d of %d, %v; want %q from %d to %d", name, s.Text, s.Offset, s.Next, s.Size, err, c.want, c.from, c.next)
		}
	}
	if s, err := logfile.Select(t.Context(), path, logfile.Query{Offset: n + 1, Lines: 1}); err != nil || !s.Restarted || string(s.Text) != "end" {
		t.Errorf("behind the end: %+v, %v", s, err)
	}
}

func TestSelectRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := logfile.Select(t.Context(), filepath.Join(dir, "none"), logfile.Query{}); err == nil || !strings.HasPrefix(err.Error(), "NO_FILE: ") {
		t.Errorf("a missing log: %v", err)
	}
	if _, err := logfile.Select(t.Context(), dir, logfile.Query{}); err == nil || !strings.HasPrefix(err.Error(), "FAILED: ") {
		t.Errorf("a directory: %v", err)
	}
	plain := file(t, "no time\nhere\n")
	if _, err := logfile.Select(t.Context(), plain, logfile.Query{Offset: -1, Since: time.Unix(1, 0)}); !errors.Is(err, logfile.ErrNoTimes) {
		t.Errorf("a log without times: %v", err)
	}
	if s, err := logfile.Select(t.Context(), file(t, ""), logfile.Query{Offset: -1, Since: time.Unix(1, 0)}); err != nil || len(s.Text) != 0 {
		t.Errorf("an empty log: %v", err)
	}
}

func TestLinesOfAnyLengthAreCounted(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3<<20)
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("a\n"+long+"\n"+strings.Repeat("y\n", 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := logfile.Select(t.Context(), path, logfile.Query{Offset: -1, Lines: 100_001})
	if err != nil || len(s.Text) != len(long)+1+200_000 || s.Offset != 2 {
		t.Errorf("%d bytes from %d, %v", len(s.Text), s.Offset, err)
	}
	s, err = logfile.Select(t.Context(), path, logfile.Query{Offset: -1, Match: regexp.MustCompile("^y$")})
	if err != nil || len(s.Text) != 200_000 {
		t.Errorf("%d bytes, %v", len(s.Text), err)
	}
}

// FuzzStamp: whatever a line begins with, a time that is read is one that could be written.
func FuzzStamp(f *testing.F) {
	for _, s := range strings.Split(spoken, "\n") {
		f.Add(s)
	}
	for _, s := range []string{"[2026/01/02 10:00:00] x", "2026-13-02 10:00:00", "2026-01-02T10:00:00.123456789123-07:00", "2026-01-02 10:00:00+1", "", "2026-01-02 10:00:60Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		at, ok := logfile.Stamp([]byte(line))
		if ok && (at.Year() < -1 || at.Year() > 10_001) {
			t.Errorf("%q is %v", line, at)
		}
		if strings.HasPrefix(line, "[") {
			return
		}
		if again, same := logfile.Stamp([]byte("[" + line)); ok && (!same || !again.Equal(at)) {
			t.Errorf("%q in brackets is %v, not %v", line, again, at)
		}
	})
}

// TestLookingEndsWithItsContext: what somebody asks of a long log costs no more than its asker waits for, be it many
// lines or one long one.
func TestLookingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	costly := regexp.MustCompile("(x?){400}y")
	for name, text := range map[string]string{"lines": strings.Repeat(strings.Repeat("x", 7<<10)+"\n", 9<<10), "a line": strings.Repeat("x", 4<<20)} {
		path := file(t, "begin y\n"+text)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		s, err := logfile.Select(ctx, path, logfile.Query{Offset: -1, Match: costly})
		if err != nil || string(s.Text) != "begin y\n" || s.Next < int64(len(s.Text)) || s.Next == s.Size {
			t.Errorf("%s: %v, %q, next %d of %d", name, err, s.Text, s.Next, s.Size)
		}
		for _, q := range []logfile.Query{{Offset: -1, Lines: 3, Match: costly}, {Offset: 8, Match: costly}} {
			if _, err := logfile.Select(ctx, path, q); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: the last of them, or nothing at all: %v", name, err)
			}
		}
	}
}
