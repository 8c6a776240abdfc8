package capture_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/reeve-sh/reeve/internal/sys/capture"
)

// console is a target that remembers what it was given at a time.
type console struct {
	chunks
	closed bool
}

func (c *console) Close() error { c.closed = true; return nil }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 7e6, time.FixedZone("", 3600))

func web(json bool) capture.Label {
	return capture.Label{Program: "web", Group: "site", Process: "web_0", Stream: "stdout", JSON: json}
}

// lined is what the target gets of these chunks, and of the end of the stream.
func lined(t testing.TB, l capture.Label, parts ...string) string {
	t.Helper()
	c := &console{}
	s := capture.NewLines(c, l)
	for _, p := range parts {
		if n, err := s.Write([]byte(p)); n != len(p) || err != nil {
			t.Errorf("Write(%q) = %d, %v", p, n, err)
		}
	}
	if err := s.Close(); err != nil || !c.closed {
		t.Errorf("the target is not closed: %v", err)
	}
	for _, given := range c.chunks {
		if !strings.HasSuffix(given, "\n") {
			t.Errorf("a write ends within a line: %.100q", given)
		}
	}
	return strings.Join(c.chunks, "")
}

func TestLinesSayWhoSaidThem(t *testing.T) {
	t.Parallel()
	at := func(l capture.Label) capture.Label { l.Now = func() time.Time { return noon }; return l }
	alone := capture.Label{Program: "db", Group: "db", Process: "db", Stream: "stderr"}
	const head = `"program":"web","group":"site","process":"web_0","stream":"stdout","line":`
	for _, c := range []struct {
		label capture.Label
		in    string // | between chunks
		want  string
	}{
		{web(false), "", ""},
		{web(false), "a\n", "site:web_0 stdout | a\n"},
		{web(false), "a\n|b\n", "site:web_0 stdout | a\nsite:web_0 stdout | b\n"},
		{web(false), "a|b\nc|\n|\n", "site:web_0 stdout | ab\nsite:web_0 stdout | c\nsite:web_0 stdout | \n"},
		{web(false), "last", "site:web_0 stdout | last\n"},
		{web(false), "\x00\xff\x1b[m\r\n", "site:web_0 stdout | \x00\xff\x1b[m\r\n"},
		{at(alone), "a\nb", "2026-11-23T11:00:00.007Z db stderr | a\n2026-11-23T11:00:00.007Z db stderr | b\n"},
		{web(true), "a\n\n", "{" + head + "\"a\"}\n{" + head + "\"\"}\n"},
		{at(web(true)), "\"\\\x00\x1b\x7f\t\r\xff\xc3|\xa9é\xe2\x82\u2028<&>\n",
			`{"time":"2026-11-23T11:00:00.007Z",` + head + `"\"\\\u0000\u001b\u007f\t\r` + "\ufffdéé\ufffd\ufffd\u2028<&>\"}\n"},
		{capture.Label{Program: "\"p\n", Group: "é", Process: "\xff", Stream: "stdout", JSON: true}, "x",
			`{"program":"\"p\u000a","group":"é","process":"` + "\ufffd" + `","stream":"stdout","line":"x"}` + "\n"},
	} {
		if got := lined(t, c.label, strings.Split(c.in, "|")...); got != c.want {
			t.Errorf("%q became\n%q, not\n%q", c.in, got, c.want)
		}
	}
}

func TestALineThatIsTooLongIsCutAndMarked(t *testing.T) {
	t.Parallel()
	const k64 = 64 << 10
	a := func(n int) string { return strings.Repeat("a", n) }
	for _, c := range []struct {
		in    string
		parts []string // those that are marked end with +
	}{
		{a(k64) + "\n", []string{a(k64)}},
		{a(k64), []string{a(k64)}},
		{a(k64) + "b\n", []string{a(k64) + "+", "b"}},
		{a(2*k64) + "\n", []string{a(k64) + "+", a(k64)}},
		{a(2*k64+1) + "\nc", []string{a(k64) + "+", a(k64) + "+", "a", "c"}},
		{a(k64-1) + "éb\n", []string{a(k64-1) + "+", "éb"}},
		{a(k64-2) + "éb\n", []string{a(k64-2) + "é+", "b"}},
		{a(k64-3) + "\U0001f600\n", []string{a(k64-3) + "+", "\U0001f600"}},
		{a(k64-3) + "\x80\x80\x80\x80\n", []string{a(k64-3) + "\x80\x80\x80+", "\x80"}},
	} {
		var prefixed, objects strings.Builder
		for _, p := range c.parts {
			sign, partial := "|", ""
			if p, cut := strings.CutSuffix(p, "+"); cut {
				sign, partial = "+", `,"partial":true`
				fmt.Fprintf(&prefixed, "site:web_0 stdout %s %s\n", sign, p)
				fmt.Fprintf(&objects, `{"program":"web","group":"site","process":"web_0","stream":"stdout","line":"%s"%s}`+"\n", strings.ToValidUTF8(p, "\ufffd"), partial)
				continue
			}
			fmt.Fprintf(&prefixed, "site:web_0 stdout %s %s\n", sign, p)
			fmt.Fprintf(&objects, `{"program":"web","group":"site","process":"web_0","stream":"stdout","line":"%s"}`+"\n", strings.ToValidUTF8(p, "\ufffd"))
		}
		for _, at := range []int{0, 1, k64 - 3, k64 - 2, k64 - 1, k64, k64 + 1} {
			at = min(at, len(c.in))
			if got := lined(t, web(false), c.in[:at], c.in[at:]); got != prefixed.String() {
				t.Errorf("%d bytes split at %d: %d bytes, want %d", len(c.in), at, len(got), prefixed.Len())
			}
			if got := lined(t, web(true), c.in[:at], c.in[at:]); !strings.Contains(c.in, "\x80") && got != objects.String() {
				t.Errorf("JSON, %d bytes split at %d: %d bytes, want %d", len(c.in), at, len(got), objects.Len())
			}
		}
	}
}

// FuzzLines holds that the lines are those of the text however it was split, and that nothing is lost: the parts put
// together are the text.
func FuzzLines(f *testing.F) {
	f.Add([]byte("a\nb"), uint16(1), 1, 2)
	f.Add([]byte("\n\n\xff\xc3"), uint16(3), 1, 7)
	f.Add([]byte("aé\U0001f600"), uint16(20000), 65535, 65537)
	f.Add([]byte("0123456789abcdef"), uint16(4096), 65536, 65536)
	f.Add(append(bytes.Repeat([]byte("x"), 300), '\n', 0xe2), uint16(500), 100, 70000)
	f.Fuzz(func(t *testing.T, b []byte, times uint16, x, y int) {
		if len(b) > 1<<12 || len(b)*int(times) > 1<<18 || bytes.Count(b, []byte("\n"))*int(times) > 2000 {
			return
		}
		text := strings.Repeat(string(b), int(times))
		x = max(0, min(x, len(text)))
		y = max(x, min(y, len(text)))
		splits := [][]string{{text[:x], text[x:y], text[y:]}, {text[:y], "", text[y:]}}
		if len(text) < 1<<10 {
			var single []string
			for i := range len(text) {
				single = append(single, text[i:i+1])
			}
			splits = append(splits, single)
		}
		for _, form := range []capture.Label{web(false), web(true)} {
			whole := lined(t, form, text)
			for _, parts := range splits {
				if got := lined(t, form, parts...); got != whole {
					t.Fatalf("split at %d and %d: %d bytes, not %d", x, y, len(got), len(whole))
				}
			}
			want := text
			if text != "" && !strings.HasSuffix(text, "\n") {
				want += "\n"
			}
			if form.JSON {
				// Each byte that is no character becomes one U+FFFD; what is cut is no character's middle.
				want = string([]rune(want))
			}
			if got := reread(t, whole, form.JSON); got != want {
				t.Fatalf("%d bytes of %d come back", len(got), len(want))
			}
		}
	})
}

// reread puts the lines together again.
func reread(t *testing.T, s string, isJSON bool) string {
	var out strings.Builder
	for line := range strings.Lines(s) {
		if !isJSON {
			rest, ok := strings.CutPrefix(line, "site:web_0 stdout ")
			if !ok || rest[1] != ' ' || len(rest) > 64<<10+3 {
				t.Fatalf("%.60q of %d bytes", line, len(line))
			}
			if rest[0] == '+' {
				rest = strings.TrimSuffix(rest, "\n")
			}
			out.WriteString(rest[2:])
			continue
		}
		var o struct {
			Program, Group, Process, Stream string
			Line                            *string
			Partial                         bool
		}
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&o); err != nil || o.Line == nil || o.Program != "web" || !utf8.ValidString(line) {
			t.Fatalf("%.60q: %v", line, err)
		}
		out.WriteString(*o.Line)
		if !o.Partial {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func TestLinesOfTwoStreamsDoNotMixOnOneTarget(t *testing.T) {
	t.Parallel()
	s := set(t, 2)
	g := newGate()
	shared := func() io.WriteCloser {
		return capture.NewLines(s.Slow(keyed{g}), capture.Label{Process: "p", Stream: "stdout"})
	}
	const lines = 2000
	var outputs []*capture.Output
	var ends []io.Closer
	sent := make(chan struct{})
	for i := range 2 {
		r, w := pipe(t)
		l := shared()
		outputs, ends = append(outputs, output(t, s, r, l)), append(ends, l)
		go func() {
			for n := range lines {
				text := fmt.Sprintf("%d %s %d\n", i, strings.Repeat(string(rune('a'+i)), n%90), n)
				half := len(text) / 2
				send(t, w, text[:half])
				send(t, w, text[half:])
			}
			syscall.Close(w)
			sent <- struct{}{}
		}()
	}
	close(g.open)
	<-sent
	<-sent
	for i := range outputs {
		outputs[i].Drain()
		ends[i].Close()
	}
	until(func() bool { return capture.Lanes(s) == 0 })
	var next [2]int
	for line := range strings.Lines(g.String()) {
		var i, n int
		text, ok := strings.CutPrefix(line, ":p stdout | ")
		if _, err := fmt.Sscanf(text, "%d %s", &i, new(string)); !ok || err != nil {
			t.Fatalf("%q", line)
		}
		n = next[i]
		if want := fmt.Sprintf("%d %s %d\n", i, strings.Repeat(string(rune('a'+i)), n%90), n); text != want {
			t.Fatalf("%q, want %q", text, want)
		}
		next[i]++
	}
	if next != [2]int{lines, lines} {
		t.Errorf("%d lines arrived", next)
	}
}

// keyed makes two sinks of one gate share their queue, as two holds on one console do; the last to close it closes it.
type keyed struct{ g *gate }

func (k keyed) Write(p []byte) (int, error) { return k.g.Write(p) }
func (k keyed) Key() any                    { return k.g }
func (k keyed) Close() error {
	select {
	case <-k.g.closed:
	default:
		return k.g.Close()
	}
	return nil
}

func TestFullConsoleHoldsUpWhoWritesLines(t *testing.T) {
	t.Parallel()
	s := set(t, 1)
	g := newGate()
	l := capture.NewLines(s.Slow(g), web(false))
	_, _ = l.Write([]byte(strings.Repeat("some line\n", capture.QueueLimit/10)))
	if !l.Wait(func() {}) {
		t.Error("a console that is a mebibyte behind is not full")
	}
	close(g.open)
	l.Close()
	<-g.closed
}

// BenchmarkLines shows what a form costs beside raw bytes; a formatted chunk allocates nothing to speak of.
func BenchmarkLines(b *testing.B) {
	chunk := bytes.Repeat([]byte("GET /index.html HTTP/1.1 200 5120 \"curl/8.5\" 0.003\n"), 2500)
	for name, l := range map[string]capture.Label{"prefix": web(false), "json": web(true)} {
		l.Now = func() time.Time { return noon }
		b.Run(name, func(b *testing.B) {
			s := capture.NewLines(nowhere{}, l)
			b.SetBytes(int64(len(chunk)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.Write(chunk)
			}
		})
	}
}

type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (nowhere) Close() error                { return nil }
