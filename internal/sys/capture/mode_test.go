package capture_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/capture"
)

const (
	begin = "<!--XSUPERVISOR:BEGIN-->"
	end   = "<!--XSUPERVISOR:END-->"
)

// captured feeds chunks to a Mode and returns what was logged, and each text that was captured.
func captured(max int64, chunks ...string) (log string, texts []string) {
	var out bytes.Buffer
	keep := capture.NewBound(max)
	s := capture.Mode(&out, keep, keep, func(text []byte) { texts = append(texts, string(text)) })
	for _, c := range chunks {
		_, _ = s.Write([]byte(c))
	}
	return out.String(), texts
}

// holds: LOG-028 LOG-029 LOG-031
func TestTaggedTextIsCapturedAndTheRestIsLogged(t *testing.T) {
	t.Parallel()
	tail := strings.Repeat("z", 30)
	for _, c := range []struct {
		name   string
		max    int64
		chunks []string
		log    string
		texts  string
	}{
		{"in the middle", 100, []string{"pré " + begin + "inside" + end + " post" + tail}, "pré  post" + tail, `["inside"]`},
		{"what follows is held while it is short", 100, []string{"pré " + begin + "inside" + end + " post"}, "pré ", `["inside"]`},
		{"a short write waits", 100, []string{"hello\n"}, "", "[]"},
		{"for another", 100, []string{"hello\n", tail}, "hello\n" + tail, "[]"},
		{"24 bytes wait", 100, []string{strings.Repeat("y", 24)}, "", "[]"},
		{"25 do not", 100, []string{strings.Repeat("y", 25)}, strings.Repeat("y", 25), "[]"},
		{"what may be a tag waits", 100, []string{tail + "<!--X"}, tail, "[]"},
		{"and is one", 100, []string{tail + "<!--X", "SUPERVISOR:BEGIN-->a" + end + tail}, tail + tail, `["a"]`},
		{"all of a tag but its end", 100, []string{tail + begin[:23], begin[23:] + "a" + end + tail}, tail + tail, `["a"]`},
		{"or is none", 100, []string{tail + "<!--X", "-->" + tail}, tail + "<!--X-->" + tail, "[]"},
		{"nothing inside", 100, []string{begin + end + tail}, tail, `[""]`},
		{"twice", 100, []string{begin + "a" + end + begin + "b" + end + tail}, tail, `["a" "b"]`},
		{"begin inside is text", 100, []string{begin + "a" + begin + "b" + end + tail}, tail, `["a` + begin + `b"]`},
		{"end outside is text", 100, []string{end + tail}, end + tail, "[]"},
		{"split", 100, []string{"<!--XSUPERVISOR:BE", "GIN-->in", "side<!--XSUPER", "VISOR:END-->" + tail}, tail, `["inside"]`},
		{"one write may exceed the limit", 20, []string{begin + tail + end + tail}, tail, `["` + tail + `"]`},
	} {
		log, texts := captured(c.max, c.chunks...)
		if got := fmt.Sprintf("%q", texts); log != c.log || got != c.texts {
			t.Errorf("%s: log %q, captured %s; want %q, %s", c.name, log, got, c.log, c.texts)
		}
	}
}

// holds: LOG-031
func TestTheBoundDropsAsManyOldBytesAsNewOnesCome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want string }{
		{"aaaa", "bbb", "aaaabbb"}, {strings.Repeat("a", 17), "bbb", strings.Repeat("a", 17) + "bbb"},
		{strings.Repeat("a", 18), "bbb", strings.Repeat("a", 15) + "bbb"},
		{"aaa", strings.Repeat("b", 30), strings.Repeat("b", 30)},
	} {
		k := capture.NewBound(20)
		_, _ = k.Write([]byte(c.a))
		_, _ = k.Write([]byte(c.b))
		if kept := string(k.Kept()); kept != c.want {
			t.Errorf("%q then %q keeps %q, want %q", c.a, c.b, kept, c.want)
		}
	}
}

var tagged = regexp.MustCompile(`(?s)` + begin + `(.*?)` + end)

// FuzzMode holds that however the bytes are split, what follows the last held byte comes out as one look at the whole
// would have it.
func FuzzMode(f *testing.F) {
	for _, s := range []string{"", begin, begin + "a" + end, "x" + begin + end + begin, end + begin + begin + "<!--XSUPERVISOR:E" + end, "<!--XSUPERVISOR:<!--XSUPERVISOR:BEGIN-->a"} {
		f.Add([]byte(s), 7, 30)
	}
	f.Fuzz(func(t *testing.T, b []byte, x, y int) {
		rest := strings.Repeat("z", 25)
		whole := string(b) + rest
		var want []string
		wantLog := ""
		at := 0
		for _, m := range tagged.FindAllStringSubmatchIndex(whole, -1) {
			wantLog += whole[at:m[0]]
			want = append(want, whole[m[2]:m[3]])
			at = m[1]
		}
		if open := strings.Index(whole[at:], begin); open >= 0 {
			wantLog += whole[at : at+open]
		} else {
			wantLog += whole[at:]
		}
		x = max(0, min(x, len(b)))
		y = max(x, min(y, len(b)))
		single := strings.Split(string(b), "")
		if len(single) != len(b) { // Split keeps characters together; bytes are wanted
			single = nil
			for i := range b {
				single = append(single, string(b[i:i+1]))
			}
		}
		for _, chunks := range [][]string{{whole}, {string(b[:x]), string(b[x:y]), string(b[y:]) + rest}, append(single, rest)} {
			log, texts := captured(1<<30, chunks...)
			if log != wantLog || fmt.Sprint(texts) != fmt.Sprint(want) {
				t.Fatalf("%q in %d chunks: log %q, captured %q; want %q, %q", b, len(chunks), log, texts, wantLog, want)
			}
		}
	})
}
