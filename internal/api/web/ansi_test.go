package web_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/api/web"
)

// TestColoursBecomeClassesAndNothingElseGetsThrough.
func TestColoursBecomeClassesAndNothingElseGetsThrough(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"plain\n", "plain"}, {"a\nb", "a|b"}, {"a\r\nb\rc\n", "a|b|c"}, {"\n\n", "|"}, {"", ""},
		{`<script>"&'`, "&lt;script&gt;&#34;&amp;&#39;"}, {"a\tb", "a\tb"}, {"\x00\x07\x08\x7f", "␀␇␈␡"},
		{"\xff\xfe", "\ufffd\ufffd"}, {"\u009b31m \u202e \u2028", "\ufffd31m \ufffd \ufffd"}, {"é→", "é→"},
		{"\x1b[31mr\x1b[0mp", `<span class="f1">r</span>p`}, {"\x1b[1;4;92;44mx\x1b[mp", `<span class="f10 b4 bo un">x</span>p`},
		{"\x1b[31ma\nb\x1b[39mc", `<span class="f1">a</span>|<span class="f1">b</span>c`},
		{"\x1b[38;5;9ma\x1b[38;5;196mb\x1b[38;5;244mc\x1b[48;2;0;0;255md", `<span class="f9">a</span><span class="f9">b</span><span class="f7">c</span><span class="f7 b12">d</span>`},
		{"\x1b[38:2:255:0:0mx", `<span class="f9">x</span>`}, {"\x1b[38;5mx", "x"}, {"\x1b[38mx", "x"}, {"\x1b[999999999999999999999mx", "x"},
		{"\x1b[2J\x1b[1;1Hx\x1b[Ky", "xy"}, {"\x1b]0;<title>\x07x\x1b]8;;http://evil\x1b\\y", "xy"}, {"\x1bP<dcs>\x1b\\x", "x"},
		{"\x1b(Bx\x1b=y\x1bMz", "xyz"}, {"\x1b]never ended\nx", "|x"}, {"\x1b[3\nx", "|x"}, {"\x1b[22;23;24;27;29;49mx", "x"},
		{"\x1b[2;3;7;9mx", `<span class="di it in st">x</span>`}, {"\x1b[31\"><script>mx", "cript&gt;mx"},
	} {
		var p web.Paper
		lines, _ := p.Lines([]byte(c.in))
		if got := strings.Join(lines, "|"); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

// TestALongLineIsBroken.
func TestALongLineIsBroken(t *testing.T) {
	t.Parallel()
	var p web.Paper
	lines, _ := p.Lines([]byte(strings.Repeat("x", 100<<10)))
	if len(lines) < 6 || len(lines[0]) > 17<<10 {
		t.Errorf("%d lines, the first of %d bytes", len(lines), len(lines[0]))
	}
}

var onlySpans = regexp.MustCompile(`^([^<>"']|<span class="[a-z0-9 ]+">[^<>"']*</span>)*$`)

// FuzzPaper: whatever a program writes, in whatever pieces, is text and spans of ours, and the pieces do not matter.
func FuzzPaper(f *testing.F) {
	for _, s := range []string{"a\x1b[31mb\x1b[0m\n", "\x1b]0;x\x07<", "\xe2\x82\xac\r\n\r", "\x1b[38;5;", "é\x1b", "\r\r\n\x1b(", "\u2028"} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, text []byte, cut uint8) {
		var whole web.Paper
		lines, _ := whole.Lines(text)
		want := strings.Join(lines, "\n")
		for _, l := range lines {
			if !onlySpans.MatchString(l) || strings.ContainsAny(l, "\n\r\x00\x1b") {
				t.Fatalf("%q", l)
			}
		}
		var pieces web.Paper
		var got []string
		for len(text) > 0 {
			n := min(len(text), int(cut%7)+1)
			more, goesOn := pieces.Lines(text[:n])
			text = text[n:]
			if goesOn && len(got) > 0 {
				got[len(got)-1] += more[0]
				more = more[1:]
			}
			got = append(got, more...)
		}
		strip := func(s string) string {
			return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(s, ""))
		}
		if len(want) < 8<<10 && strip(strings.Join(got, "\n")) != strip(want) {
			t.Fatalf("in pieces %q, whole %q", got, lines)
		}
	})
}
