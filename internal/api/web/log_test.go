package web_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/standin"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// TestProcessPageShowsTheEndsOfItsLogs: so many lines, or so many bytes as of old, and only those that are searched for.
// holds: WEB-010
func TestProcessPageShowsTheEndsOfItsLogs(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		var b strings.Builder
		for i := range 3000 {
			fmt.Fprintf(&b, "line %d <b>&\n", i)
		}
		write(t, d.dir+"/a.out", b.String())
		write(t, d.dir+"/a.err", "\x1b[31mred\x1b[0m plain\nno end")
		shown := func(query string) (first, last string, n int) {
			page := d.get("/tail.html?processname=g:a" + query).body
			_, page, _ = strings.Cut(page, `data-log="out"`)
			page, _, _ = strings.Cut(page, "</section>")
			lines := strings.Split(page, `<div class="l">`)[1:]
			if len(lines) == 0 {
				return "", "", 0
			}
			text := func(s string) string { s, _, _ = strings.Cut(s, "</div>"); return s }
			return text(lines[0]), text(lines[len(lines)-1]), len(lines)
		}
		for _, c := range []struct {
			query, first string
			n            int
		}{
			{"", "line 2800 &lt;b&gt;&amp;", 200}, {"&lines=3", "line 2997 &lt;b&gt;&amp;", 3}, {"&lines=100000", "line 0 &lt;b&gt;&amp;", 3000},
			{"&lines=x", "line 2800 &lt;b&gt;&amp;", 200}, {"&q=LINE+29", "line 2900 &lt;b&gt;&amp;", 100}, {"&q=%3Cb%3E&lines=2", "line 2998 &lt;b&gt;&amp;", 2},
			{"&limit=50", "b&gt;&amp;", 69}, {"&limit=1040", "&lt;b&gt;&amp;", 70}, {"&limit=x", "b&gt;&amp;", 69},
		} {
			first, last, n := shown(c.query)
			if first != c.first || n != c.n || last != "line 2999 &lt;b&gt;&amp;" {
				t.Errorf("%s: %d lines from %q to %q", c.query, n, first, last)
			}
		}
		if _, _, n := shown("&q=nothing"); n != 0 {
			t.Errorf("%d lines with what is in none", n)
		}
		page := d.get("/tail.html?processname=g:a").body
		has(t, "the page", page, `<span class="f1">red</span> plain`, "no end", "download?processname=g%3Aa&amp;stream=stdout",
			"logtail/g:a/stderr", "&amp;log=g%3Aa&amp;out=", "&amp;err=25", `data-name="g:a"`, `-data-name="g:b"`)
		has(t, "a page without logs", d.get("/tail.html?processname=solo").body, "No file for solo", "-logtail/solo")
		for _, name := range []string{"nobody", "g:*", "g:", "%3Cb%3E"} {
			if a := d.get("/tail.html?processname=" + name); a.status != 404 || strings.Contains(a.body, "<b>") {
				t.Errorf("%s: %d", name, a.status)
			}
		}
		os.Remove(d.dir + "/a.err")
		has(t, "a page of a missing log", d.get("/tail.html?processname=g:a").body, "There is no file yet")
	})
}

// TestALogIsFollowedFromWhereThePageEnds, with colours that go on and lines that are completed.
func TestALogIsFollowedFromWhereThePageEnds(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		write(t, d.dir+"/a.out", "before\n")
		write(t, d.dir+"/a.err", "")
		heard, hangUp := d.stream("/live?log=g:a&out=7&err=0")
		standin.Pass(time.Second)
		has(t, "the beginning", heard(), "-before", "retry: ")
		appendTo(t, d.dir+"/a.out", "one\n\x1b[32mtw")
		standin.Pass(time.Second)
		if got := heard(); got != "event: out\ndata: one\ndata: <span class=\"f2\">tw</span>\n\n" {
			t.Errorf("%q", got)
		}
		appendTo(t, d.dir+"/a.out", "o\x1b[0m\nthree\n")
		appendTo(t, d.dir+"/a.err", "<oh>\n")
		standin.Pass(time.Second)
		if got := heard(); got != "event: out+\ndata: <span class=\"f2\">o</span>\ndata: three\n\nevent: err\ndata: &lt;oh&gt;\n\n" {
			t.Errorf("%q", got)
		}
		write(t, d.dir+"/a.out", "")
		appendTo(t, d.dir+"/a.out", "anew\n")
		standin.Pass(time.Second)
		has(t, "after a truncation", heard(), "data: anew\n")
		hangUp()
	})
}

// TestAViewerWhoIsFarBehindIsToldWhatIsLeftOut.
func TestAViewerWhoIsFarBehindIsToldWhatIsLeftOut(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		write(t, d.dir+"/a.out", strings.Repeat("0123456789abcde\n", 4<<16)+"the end\n")
		heard, hangUp := d.stream("/live?log=g:a&out=0")
		standin.Pass(10 * time.Second)
		got := heard()
		has(t, "the stream", got, "data: <i class=\"gap\">3.9 MB left out", "the end")
		if len(got) > 200<<10 {
			t.Errorf("%d bytes were sent", len(got))
		}
		hangUp()
	})
}

// TestAWholeLogComesAsAFile.
func TestAWholeLogComesAsAFile(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		text := strings.Repeat("\x00\xff<b>\n", 100000)
		write(t, d.dir+"/a.err", text)
		a := d.get("/download?processname=g:a&stream=stderr")
		if a.status != 200 || a.body != text || a.header.Get("Content-Disposition") != "attachment; filename*=UTF-8''a.err" || a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%d, %d bytes, %v", a.status, len(a.body), a.header)
		}
		if a := d.get("/download?main=1"); a.status != 200 || !strings.Contains(a.body, "entered RUNNING") || !strings.HasSuffix(a.header.Get("Content-Disposition"), "''supervisord.log") {
			t.Errorf("the main log: %d, %v", a.status, a.header)
		}
		if a := d.get("/download?processname=solo"); a.status != 404 {
			t.Errorf("nothing: %d", a.status)
		}
	})
}

// TestTheMainLogIsShownAndFollowed.
func TestTheMainLogIsShownAndFollowed(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		page := d.get("/mainlog.html?q=entered").body
		has(t, "the page", page, "entered RUNNING", "live?main=", "download?main=1", "lines</p>")
		for _, line := range strings.Split(page, "<div class=")[1:] {
			if strings.HasPrefix(line, `"l"`) && strings.Contains(line, "entered") == strings.HasPrefix(line, `"l" hidden>`) {
				t.Errorf("<div class=%s", line)
			}
		}
		heard, hangUp := d.stream("/live?main=0")
		standin.Pass(time.Second)
		has(t, "the stream", heard(), "event: main\n", "spawned")
		hangUp()
	})
}
