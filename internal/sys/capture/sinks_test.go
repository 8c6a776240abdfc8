package capture_test

import (
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/capture"
)

// chunks is a sink that keeps chunks apart.
type chunks []string

func (c *chunks) Write(p []byte) (int, error) {
	*c = append(*c, string(p))
	return len(p), nil
}

// holds: LOG-025
func TestStripANSIRemovesWhatSupervisorRemoves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"\x1b[31mred\x1b[0m.", "red."},
		{"a\x1b[Hb\x1b[fc\x1b[1;2Ad\x1b[2Je", "abcde"},
		{"a\x1b[B.\x1b[C.\x1b[D.\x1b[R.\x1b[s.\x1b[u.\x1b[K.\x1b[h.\x1b[l.\x1b[p.", "a.........."},
		{"a\x1b[5Gunseen", "anseen"}, // G ends nothing, u does
		{"a\x1b[5G!", "a"},
		{"cut\x1b[3|1mzz", "cut|1mzz"},
		{"cut\x1b|[31mzz", "cut\x1b|[31mzz"},
		{"\x1b]0;title\x07x", "\x1b]0;title\x07x"},
		{"\x1b[31m", ""},
		{"\x1b[", ""},
		{"\x1b[\x1b[mx", "x"},
		{"a\x1b[1m\x1b[2mb", "ab"},
		{"\x1b[mm", "m"},
		{"\x1b\x1b[mx", "\x1bx"},
		{"one|two|\x1b[0m", "one|two|"},
	} {
		var got chunks
		sink := capture.StripANSI(&got)
		for part := range strings.SplitSeq(c.in, "|") {
			if n, err := sink.Write([]byte(part)); n != len(part) || err != nil {
				t.Errorf("Write(%q) = %d, %v", part, n, err)
			}
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%q became %q, not %q", c.in, s, c.want)
		}
	}
}

// strip is Supervisor's rule said another way: a state that a letter ends.
func strip(s string) string {
	var out strings.Builder
	hidden := false
	for i := 0; i < len(s); i++ {
		switch {
		case hidden:
			hidden = !strings.ContainsRune("HfABCDRsuJKhlpm", rune(s[i])) || s[i] >= 0x80
		case strings.HasPrefix(s[i:], "\x1b["):
			hidden = true
			i++
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

func FuzzStripANSI(f *testing.F) {
	for _, seed := range []string{"", "\x1b[1mx", "\x1b[", "a\x1b[5Gu\xff\x1b[m", "\x1b\x1b[[mm"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var got chunks
		sink := capture.StripANSI(&got)
		_, _ = sink.Write([]byte(in))
		_, _ = sink.Write([]byte(in)) // the filter keeps nothing from chunk to chunk
		want := strip(in)
		if len(got) != 2 || got[0] != want || got[1] != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	})
}

func TestTeeGivesEverySinkEverything(t *testing.T) {
	t.Parallel()
	var a, b chunks
	var n int
	sink := capture.Tee(&a, capture.StripANSI(&b), capture.Func(func(p []byte) { n += len(p) }))
	for _, p := range []string{"x", "\x1b[my"} {
		_, _ = sink.Write([]byte(p))
	}
	if strings.Join(a, "|") != "x|\x1b[my" || strings.Join(b, "|") != "x|y" || n != 5 {
		t.Errorf("%q %q %d", a, b, n)
	}
	if one := capture.Tee(&a); one != capture.Sink(&a) {
		t.Error("one sink needs no tee")
	}
}
