package web_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// TestNothingIsDoneByLooking: the links of old ask first.
// holds: WEB-005 WEB-008 WEB-012
// fault: 4
func TestNothingIsDoneByLooking(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		for _, c := range []struct {
			query, word string
			status      int
		}{
			{"action=stop&processname=g:a", "Stop g:a?", 200}, {"action=restart&processname=g:a", "Restart g:a?", 200},
			{"action=start&processname=g:b", "Start g:b?", 200}, {"action=clearlog&processname=g:a", "Clear logs g:a?", 200},
			{"action=stopall", "Stop all processes?", 200}, {"action=restartall", "Restart all processes?", 200},
			{"action=clearall", "Clear logs of all processes?", 200}, {"action=signalall&signal=HUP", "Send signal HUP to all processes?", 200},
			{"one=stop+g:a&action=x", "Stop g:a?", 200}, {"action=signal&processname=g:a", "<option>HUP</option>", 200},
			{"action=bogus", "bogus", 400}, {"action=stop", "nothing is selected", 400}, {"action=stop&processname=nobody", "No such process named nobody", 404},
			{"action=%3Cb%3E", "&lt;b&gt;", 400}, {"action=stop&processname=%3Cb%3E", "named &lt;b&gt;", 404},
		} {
			a := d.get("/index.html?" + c.query)
			if a.status != c.status || !strings.Contains(a.body, c.word) {
				t.Errorf("%s: %d\n%s", c.query, a.status, a.body[max(0, strings.Index(a.body, "<main")):])
			}
			if a.status == 200 {
				has(t, c.query, a.body, `method="post"`, `name="token"`, "Nothing has happened yet")
			}
		}
		if a := d.get("/?action=refresh"); a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "./?message=Page+refreshed+at+") {
			t.Errorf("%d %s", a.status, a.header.Get("Location"))
		}
		if d.phase("g:a") != "RUNNING" || len(d.Kernel.Alive()) != 1 {
			t.Error("something was done")
		}
	})
}

// TestAFormThatWasConfirmedDoesWhatItAsked.
func TestAFormThatWasConfirmedDoesWhatItAsked(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		if got := d.post("action", "stopall"); got != "All stopped at Sat Jan  1 00:00:02 2000" && !strings.HasPrefix(got, "All stopped at ") {
			t.Error(got)
		}
		if d.phase("g:a") != "STOPPED" {
			t.Error("it runs")
		}
	})
}

// TestEveryActionSaysWhatHappened, and it has.
// holds: WEB-006 WEB-007
func TestEveryActionSaysWhatHappened(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		for _, c := range []struct {
			fields []string
			want   string // the message; a star stands for the rest
			a, b   string // the states afterwards
		}{
			{[]string{"one", "stop g:a"}, "Process g:a stopped", "STOPPED", "STOPPED"},
			{[]string{"one", "stop g:a"}, "ERROR: Process g:a: not running", "STOPPED", "STOPPED"},
			{[]string{"action", "start", "processname", "g:a"}, "Process g:a started", "RUNNING", "STOPPED"},
			{[]string{"one", "start g:a"}, "ERROR: Process g:a: already started", "RUNNING", "STOPPED"},
			{[]string{"one", "restart g:a"}, "Process g:a restarted", "RUNNING", "STOPPED"},
			{[]string{"one", "restart g:b"}, "Process g:b restarted", "RUNNING", "RUNNING"},
			{[]string{"one", "clearlog g:a"}, "Log for g:a cleared", "RUNNING", "RUNNING"},
			{[]string{"one", "stop nobody"}, "No such process named nobody", "RUNNING", "RUNNING"},
			{[]string{"one", "stop " + evil}, "ERROR: Process " + evil + ": not running", "RUNNING", "RUNNING"},
			{[]string{"one", "signal g:b", "signal", "HUP"}, "Signal HUP sent to g:b", "RUNNING", "RUNNING"},
			{[]string{"one", "signal g:b", "signal", "NOPE"}, "ERROR: Process g:b: no such signal: NOPE", "RUNNING", "RUNNING"},
			{[]string{"one", "signal solo", "signal", "HUP"}, "ERROR: Process solo: not running", "RUNNING", "RUNNING"},
			{[]string{"one", "stop g:*"}, "2 processes stopped", "STOPPED", "STOPPED"},
			{[]string{"one", "stop g:*"}, "Nothing to do: none of them can be stopped", "STOPPED", "STOPPED"},
			{[]string{"action", "start", "processname", "g:b", "processname", "solo"}, "2 processes started", "STOPPED", "RUNNING"},
			{[]string{"action", "restart", "processname", "g:*", "processname", "solo"}, "3 processes restarted", "RUNNING", "RUNNING"},
			{[]string{"action", "start", "processname", "g:*", "processname", evil}, "1 of 3 processes started", "RUNNING", "RUNNING"},
			{[]string{"action", "signal", "signal", "USR1", "processname", "g:a", "processname", "g:b"}, "2 processes signalled", "RUNNING", "RUNNING"},
			{[]string{"action", "signal", "signal", "NOPE", "processname", "g:a", "processname", "g:b"}, "ERROR: 0 signalled, 2 not (g:a: no such signal: NOPE; g:b: no such signal: NOPE)", "RUNNING", "RUNNING"},
			{[]string{"action", "clearlog", "processname", "g:a", "processname", "g:b"}, "2 processes cleared", "RUNNING", "RUNNING"},
			{[]string{"action", "stop", "processname", "g:a", "processname", "nobody"}, "No such process named nobody", "RUNNING", "RUNNING"},
			{[]string{"action", "clearall"}, "4 processes cleared", "RUNNING", "RUNNING"},
			{[]string{"action", "signalall", "signal", "HUP"}, "4 processes signalled", "RUNNING", "RUNNING"},
			{[]string{"action", "stopall"}, "All stopped at *", "STOPPED", "STOPPED"},
			{[]string{"action", "startall"}, "All started at *", "RUNNING", "RUNNING"},
			{[]string{"action", "restartall"}, "All restarted at *", "RUNNING", "RUNNING"},
			{[]string{"action", "signal", "processname", "g:a"}, "Cannot do that: no signal is named", "RUNNING", "RUNNING"},
			{[]string{"action", "stop"}, "Cannot do that: nothing is selected", "RUNNING", "RUNNING"},
			{[]string{"action", "bogus"}, `Cannot do that: "bogus" is nothing that can be done here`, "RUNNING", "RUNNING"},
		} {
			got := d.post(c.fields...)
			stem, open := strings.CutSuffix(c.want, "*")
			if got != c.want && !(open && strings.HasPrefix(got, stem)) {
				t.Errorf("%v: %s, want %s", c.fields, got, c.want)
			}
			if a, b := d.phase("g:a"), d.phase("g:b"); a != c.a || b != c.b {
				t.Errorf("%v: a is %s, b is %s", c.fields, a, b)
			}
		}
	})
}

// TestClearingEmptiesTheLog.
func TestClearingEmptiesTheLog(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		if err := os.WriteFile(d.dir+"/a.out", []byte("old\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		d.post("one", "clearlog g:a")
		if text, _ := os.ReadFile(d.dir + "/a.out"); len(text) > 0 {
			t.Errorf("%q", text)
		}
	})
}

// TestAFormIsOnlyTakenFromOurOwnPages.
func TestAFormIsOnlyTakenFromOurOwnPages(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		token := d.token()
		for _, c := range []struct {
			name   string
			token  string
			header []string
			status int
		}{
			{"no token", "", nil, 403}, {"another token", strings.Repeat("0", len(token)), nil, 403},
			{"another asker's", token, []string{"Authorization", "Basic eDp5"}, 403},
			{"another site", token, []string{"Origin", "http://evil"}, 403}, {"no origin to be told", token, []string{"Origin", "null"}, 403},
			{"another site, says the browser", token, []string{"Sec-Fetch-Site", "cross-site"}, 403},
			{"a sister", token, []string{"Sec-Fetch-Site", "same-site", "Origin", "http://here"}, 403},
			{"ourselves", token, []string{"Origin", "http://here", "Sec-Fetch-Site", "same-origin"}, 303},
			{"an older browser", token, []string{"Origin", "http://HERE"}, 303},
			{"behind a proxy", token, []string{"Origin", "https://outside.example", "X-Forwarded-Host", "outside.example"}, 303},
		} {
			body := "one=stop+solo&token=" + c.token
			if a := d.ask("POST", "/index.html", body, c.header...); a.status != c.status {
				t.Errorf("%s: %d", c.name, a.status)
			}
		}
		if a := d.ask("POST", "/index.html", strings.Repeat("x", 300<<10)); a.status != 413 {
			t.Errorf("a long form: %d", a.status)
		}
	})
}

// TestAFormComesBackToThePageItWasOn and to no other place.
func TestAFormComesBackToThePageItWasOn(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		token := d.token()
		for back, want := range map[string]string{
			"": "./?message=", "tail.html?processname=g%3Aa": "tail.html?processname=g%3Aa&message=", "index.html?q=x": "index.html?q=x&message=",
			"index.html": "./?message=", "http://evil/": "./?message=", "//evil": "./?message=", "/index.html": "./?message=", "live": "./?message=",
			"tail.html?a=b\r\nX: y": "tail.html?a=b%0D%0AX%3A+y&message=",
		} {
			if got := d.submit(token, "one", "stop solo", "back", back).header.Get("Location"); !strings.HasPrefix(got, want) {
				t.Errorf("%q: %q", back, got)
			}
		}
	})
}

// TestAScriptIsToldInJSON.
func TestAScriptIsToldInJSON(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		token := d.token()
		ask := func(one string) string {
			a := d.ask("POST", "/index.html", "one="+one+"&token="+token, "Accept", "application/json")
			return a.header.Get("Content-Type") + " " + a.body
		}
		if got := ask("stop+g:a"); got != `application/json {"ok":true,"message":"Process g:a stopped"}` {
			t.Error(got)
		}
		if got := ask("stop+g:a"); got != `application/json {"ok":false,"message":"ERROR: Process g:a: not running"}` {
			t.Error(got)
		}
	})
}

// TestWhoeverLeavesEndsTheWaitAndNotTheStop: a browser that is closed does not undo what it asked for.
func TestWhoeverLeavesEndsTheWaitAndNotTheStop(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		d.Kernel.Behave(func(k *kernel.Fake) { k.Obey = func(*kernel.Fake, int, int) {} })
		token := d.token()
		done := make(chan string)
		go func() { done <- d.submit(token, "one", "stop g:a").header.Get("Location") }()
		standin.Pass(time.Second)
		if d.phase("g:a") != "STOPPING" {
			t.Error(d.phase("g:a"))
		}
		d.Kernel.End(d.Kernel.Alive()[0], kernel.Status{Code: -1, Signal: 15})
		if got := <-done; got != "./?message=Process+g%3Aa+stopped" {
			t.Error(got)
		}
	})
}

// TestAnUpdateIsAskedForAndDone, of all groups or of one, by whoever may.
func TestAnUpdateIsAskedForAndDone(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		has(t, "nothing", d.get("/index.html?action=update").body, "There is nothing to do")
		if got := d.post("action", "update"); got != "Nothing to do: what runs is what the file says" {
			t.Error(got)
		}
		next := *d.conf
		next.Groups = slices.Clone(d.conf.Groups)
		next.Groups[0].Processes = slices.Clone(next.Groups[0].Processes)
		next.Groups[0].Processes[1].Command = "/bin/cat new"
		next.Groups[1] = config.Group{Name: "fresh", Priority: 2, Processes: []config.Process{program("fresh", "")}}
		d.next = &next
		has(t, "all", d.get("/index.html?action=update").body, "Update?", "fresh would be added.", "g would be stopped and started anew.", "solo would be stopped and removed.",
			`name="back" value="config.html"`, "Nothing has happened yet")
		has(t, "one", d.get("/index.html?action=update&processname=g").body, "Update g?", "g would be", "-solo would", "-fresh would")
		has(t, "the page", d.get("/config.html").body, `href="index.html?action=update"`, `href="index.html?action=update&amp;processname=fresh"`)
		d.who = &service.Who{Role: service.Operate}
		has(t, "the page of who may not", d.get("/config.html").body, "-action=update", "supervisorctl update")
		if got := d.post("action", "update"); got != "role operate may not reread the configuration" {
			t.Error(got)
		}
		d.who = nil
		for _, c := range []struct {
			fields []string
			want   string
		}{
			{[]string{"action", "update", "processname", "nobody"}, "No such group named nobody"},
			{[]string{"action", "update", "processname", "fresh"}, "Updated: fresh added"},
			{[]string{"action", "update"}, "Updated: solo removed; g changed"},
			{[]string{"action", "update"}, "Nothing to do: what runs is what the file says"},
		} {
			if got := d.post(c.fields...); got != c.want {
				t.Errorf("%v: %s, want %s", c.fields, got, c.want)
			}
		}
		if d.phase("fresh") != "STOPPED" || d.phase("g:a") != "STARTING" && d.phase("g:a") != "RUNNING" {
			t.Errorf("fresh is %s, g:a %s", d.phase("fresh"), d.phase("g:a"))
		}
		d.broken = "syntax error in line <7>"
		has(t, "a broken file", d.get("/index.html?action=update").body, "syntax error in line &lt;7&gt;")
		if got := d.post("action", "update"); got != "syntax error in line <7>" {
			t.Error(got)
		}
	})
}
