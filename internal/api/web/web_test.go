package web_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/api/web"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// has complains of words that a page lacks, and of those behind a "-" that it has.
func has(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if not, ok := strings.CutPrefix(w, "-"); ok {
			if strings.Contains(text, not) {
				t.Errorf("%s has %q", what, not)
			}
		} else if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q", what, w)
		}
	}
}

// TestRoutesAreSupervisors: paths, methods and headers.
// holds: WEB-001 WEB-002
func TestRoutesAreSupervisors(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		for _, c := range []struct {
			method, path string
			status       int
			word         string
		}{
			{"GET", "/", 200, "<table"}, {"GET", "//", 200, "<table"}, {"GET", "/index.html", 200, "<table"},
			{"HEAD", "/", 404, ""}, {"GET", "/tail.html", 404, "No process name found"},
			{"POST", "/tail.html?processname=g:a", 200, "stdout"}, {"GET", "/ok.html", 200, "OK"}, {"POST", "/ok.html", 200, "OK"},
			{"GET", "/mainlog.html", 200, "RUNNING"}, {"POST", "/mainlog.html", 400, ""}, {"GET", "/nope", 404, ""}, {"POST", "/nope", 400, ""},
			{"GET", "/static/page.css", 200, "--ground"}, {"GET", "/static/page.js", 200, "EventSource"}, {"GET", "/static/icon.svg", 200, "<svg"},
			{"GET", "/static/", 404, ""}, {"GET", "/static/../web.go", 404, ""}, {"GET", "/static/%2e%2e/page/row.html", 404, ""},
			{"GET", "/live?log=nobody", 404, "nobody"}, {"GET", "/download?processname=nobody", 404, "nobody"},
		} {
			a := d.ask(c.method, c.path, "")
			if a.status != c.status || !strings.Contains(a.body, c.word) {
				t.Errorf("%s %s: %d\n%.300s", c.method, c.path, a.status, a.body)
			}
		}
		h := d.get("/").header
		for name, want := range map[string]string{
			"Content-Type": "text/html;charset=utf-8", "Pragma": "no-cache", "Cache-Control": "no-cache",
			"Expires": "Thu, 01 Jan 1970 00:00:00 GMT", "X-Content-Type-Options": "nosniff",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %q", name, h.Get(name))
			}
		}
		if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Error(csp)
		}
		if ct := d.get("/ok.html").header.Get("Content-Type"); ct != "text/plain" {
			t.Error(ct)
		}
	})
}

// TestStaticFilesAreKeptUntilTheyChange: not sent again to who has them.
// holds: WEB-011
func TestStaticFilesAreKeptUntilTheyChange(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		tag := d.get("/static/page.css").header.Get("ETag")
		if a := d.get("/static/page.css", "If-None-Match", tag); tag == "" || a.status != 304 || a.body != "" {
			t.Errorf("%d with %d bytes for tag %q", a.status, len(a.body), tag)
		}
		if a := d.get("/static/page.css", "If-None-Match", `"other"`); a.status != 200 {
			t.Errorf("%d", a.status)
		}
	})
}

// TestListShowsEveryProcessWithItsState, sorted, escaped, with a button for what can be done.
// holds: WEB-003 WEB-004
func TestListShowsEveryProcessWithItsState(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		page := d.get("/").body
		has(t, "the list", page, "the house", `<span class="statusrunning">running</span>`, `<span class="statusnominal">stopped</span>`,
			"not started yet", `<time data-up="2000">2 s</time>`, "Supervisor 4.4.0", "1 of 2 running", "4 in all", "1 running", "3 stopped",
			`value="restart g:a"`, `value="stop g:a"`, `-value="start g:a"`, `value="start g:b"`, `-value="stop g:b"`, `value="stop g:*"`,
			"index.html?action=stopall", "index.html?action=restartall", "tail.html?processname=g%3aa",
			"&lt;b&gt;&amp;&#34;&#39;x", "-<b>&", "-<b>x", "-ZgotmplZ", "-\x00")
		if a, b := strings.Index(page, `data-name="g:a"`), strings.Index(page, `data-name="g:b"`); a < 0 || b < a {
			t.Error("the group is not in the order of names")
		}
		d.Kernel.End(d.Kernel.Alive()[0], kernel.Status{Code: -1, Signal: 9, Core: true})
		standin.Pass(time.Millisecond)
		has(t, "the list", d.get("/").body, "killed by SIGKILL (core dumped) after 2 s", `<span class="statusnominal">exited</span>`, "0 of 2 running")
	})
}

// TestFatalShowsWhyAndTheLastLines.
func TestFatalShowsWhyAndTheLastLines(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		d.Kernel.Exit(d.Kernel.Alive()[0], 0)
		standin.Pass(time.Second)
		if err := os.WriteFile(d.dir+"/a.err", []byte("one\n\x1b[31m<two>\x1b[0m\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		go func() { standin.Pass(10 * time.Millisecond); d.Kernel.Exit(d.Kernel.Alive()[0], 3) }()
		if got := d.post("one", "start g:a"); got != "ERROR: Process g:a: abnormal termination" && got != "ERROR: Process g:a: spawn error" {
			t.Error(got)
		}
		has(t, "the list", d.get("/").body, `<span class="statuserror">fatal</span>`, "Exited too quickly", "exited with status 3 at once",
			"last lines of stderr", "one&#10;", `<span class="f1">&lt;two&gt;</span>`)
	})
}

// TestFilterWorksWithoutAScript: what is not asked for is there but hidden.
func TestFilterWorksWithoutAScript(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		for _, c := range []struct{ query, shown string }{
			{"", "g:a g:b solo"}, {"?q=SOL", "solo"}, {"?q=g:", "g:a g:b"}, {"?state=running", "g:a"}, {"?q=b&state=running", ""}, {"?q=%3Cb%3E", ""},
		} {
			page := d.get("/" + c.query).body
			for _, name := range []string{"g:a", "g:b", "solo"} {
				at := strings.Index(page, `data-name="`+name+`"`)
				row := page[strings.LastIndex(page[:at], "<tr"):at]
				if shown := !strings.Contains(row, " hidden"); shown != strings.Contains(" "+c.shown+" ", " "+name+" ") {
					t.Errorf("%s: %s is shown: %v", c.query, name, shown)
				}
			}
		}
		has(t, "the filtered list", d.get("/?q=%22%3E%3Cscript%3E").body, "-<script>", "&#34;&gt;&lt;script&gt;")
	})
}

// TestMessageIsShownAsText.
// holds: WEB-009
func TestMessageIsShownAsText(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		has(t, "the list", d.get("/?message=hi%20%3Cb%3E%26").body, `class="status_msg" role="status">hi &lt;b&gt;&amp;</div>`)
	})
}

// TestOnTheWayDownThePageSaysSo and the files still come.
// holds: WEB-013
func TestOnTheWayDownThePageSaysSo(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		d.Kernel.Behave(func(k *kernel.Fake) { k.Obey = func(*kernel.Fake, int, int) {} })
		d.Loop.Shutdown(false)
		for _, path := range []string{"/", "/tail.html?processname=g:a", "/mainlog.html", "/config.html", "/events.html"} {
			if a := d.get(path); a.status != 503 || !strings.Contains(a.body, "going down") {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		for _, path := range []string{"/ok.html", "/static/page.css"} {
			if a := d.get(path); a.status != 200 {
				t.Errorf("%s: %d", path, a.status)
			}
		}
		d.Kernel.End(d.Kernel.Alive()[0], kernel.Status{})
		standin.Pass(time.Second)
	})
}

// TestLinksAreRelativeAndAProxySaysWhereWeAre.
func TestLinksAreRelativeAndAProxySaysWhereWeAre(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		for _, path := range []string{"/", "/tail.html?processname=g:a", "/mainlog.html", "/config.html", "/events.html", "/index.html?action=stopall", "/tail.html"} {
			has(t, path, d.get(path).body, `-href="/`, `-src="/`, `-action="/`, "-http://", "-https://", "-<base", "-style=", "- onclick", "-<script>")
		}
		for prefix, want := range map[string]string{
			"/reeve": `<base href="/reeve/">`, "/a/b-c_d.e/": `<base href="/a/b-c_d.e/">`, "reeve": "", "//evil": "", `/"><x`: "", "/a//b": "", "/a b": "",
		} {
			d.prefix = prefix
			page := d.get("/").body
			if want == "" {
				want = "-<base"
			}
			has(t, prefix, page, want)
		}
	})
}

func TestAKillForWantOfMemoryIsCalledThat(t *testing.T) {
	t.Parallel()
	end := loop.End{Ended: true, Code: -1, Signal: 9, OOM: true, Lived: 2 * proc.Second}
	if got := web.Ending(end); got != "killed by SIGKILL (out of memory) after 2 s" {
		t.Errorf("%q", got)
	}
}

// TestWhoMayOnlyLookIsOfferedNothingElse, and who may do something to one group is offered that.
func TestWhoMayOnlyLookIsOfferedNothingElse(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		d.who = &service.Who{Name: "eve", Role: service.Read}
		for _, path := range []string{"/", "/tail.html?processname=g:a"} {
			has(t, path, d.get(path).body, `data-name="g:a"`, "-<button name=", "-action=stopall", "-checkbox\" class=\"one", "-Clear logs")
		}
		if got := d.post("one", "stop g:a"); got != "role read may not stop" && !strings.Contains(got, "role read may not") {
			t.Error(got)
		}
		d.who = &service.Who{Name: "bob", Role: service.Operate, Groups: []string{"solo"}}
		has(t, "bob's list", d.get("/").body, `value="start solo"`, `-value="stop g:a"`, `-value="start g:*"`)
		heard, leave := d.follow("/")
		heard()
		if got := d.post("one", "stop g:a"); !strings.Contains(got, `group "g" is not among those`) {
			t.Error(got)
		}
		d.Kernel.End(d.Kernel.Alive()[0], kernel.Status{})
		standin.Pass(time.Second)
		has(t, "bob's stream", heard(), `data-name="g:a"`, "-<button")
		leave()
		token := d.token()
		d.who = &service.Who{Name: "eve", Role: service.Operate}
		if a := d.submit(token, "one", "start g:a"); a.status != 403 {
			t.Errorf("with another's token: %d", a.status)
		}
	})
}

// TestWhatIsHiddenIsNotListed: the processes of extensions.
func TestWhatIsHiddenIsNotListed(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		hidden := program("rpcinterface:x", "")
		hidden.Hidden = true
		if err := d.Loop.AddGroup(context.Background(), &config.Group{Name: "rpcinterface:x", Processes: []config.Process{hidden}}); err != nil {
			t.Fatal(err)
		}
		standin.Pass(time.Second)
		has(t, "the list", d.get("/").body, "-rpcinterface:x", "4 in all")
		has(t, "the configuration", d.get("/config.html").body, "-config.html?processname=rpcinterface")
	})
}
