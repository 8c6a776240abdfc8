package daemon_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/daemon"
)

func heard(chunks ...[]byte) []string {
	var all []string
	take, finish := daemon.Lines(func(b []byte) { all = append(all, string(b)) })
	for _, c := range chunks {
		c = bytes.Clone(c)
		take(c)
		clear(c) // it is the reader's again
	}
	finish()
	return all
}

func TestLinesAreHeardInTheirOrderHoweverLongTheyAre(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300<<10)
	var text, want []string
	for i := range 50 {
		want = append(want, fmt.Sprint("short ", i))
		if i%5 == 0 {
			want = append(want, fmt.Sprint(i, long))
		}
	}
	for _, w := range want {
		text = append(text, w+"\n")
	}
	whole := []byte(strings.Join(text, ""))
	for _, size := range []int{1 << 30, 100_000, 4096} {
		var chunks [][]byte
		for rest := whole; len(rest) > 0; {
			n := min(size, len(rest))
			chunks, rest = append(chunks, rest[:n]), rest[n:]
		}
		if got := heard(chunks...); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("in chunks of %d bytes: %d lines, want %d", size, len(got), len(want))
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb\n\nc"), 2)
	f.Add([]byte("\n"), 1)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		at = max(0, min(at, len(b)))
		want := strings.Split(string(b), "\n")
		want = want[:len(want)-1]
		if got := heard(b[:at], b[at:]); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}
