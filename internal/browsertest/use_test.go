package browsertest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// search types into the search box, in place of what is there.
func (b *tab) search(text string) {
	b.t.Helper()
	b.key("/")
	b.until(`document.activeElement.type == 'search'`)
	b.key(text)
}

func (b *tab) key(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

// shown waits until the page shows the rows of exactly these processes, separated by blanks.
func (b *tab) shown(names string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`[...document.querySelectorAll('tr.p')].filter(r => r.offsetHeight > 0).map(r => r.dataset.name).join(' ') == %q`, names))
}

// lines waits until a log shows exactly these lines.
func (b *tab) lines(key, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`[...document.querySelectorAll('[data-log=%s] .l')].filter(l => l.offsetHeight > 0).map(l => l.innerText).join('|') == %q`, key, text))
}

const (
	everybody = "broken echo later moan team:member_0 team:member_1 team:member_2"
	live      = `document.querySelector('#link').innerText == 'live'`
)

func TestTheListIsFilteredAndFolded(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	b := h.look("", 1280, 800)
	b.until(live)
	b.shown(everybody)
	b.search("MO")
	b.shown("moan")
	b.key("\b\b")
	b.shown(everybody)
	b.key("er")
	b.shown("later team:member_0 team:member_1 team:member_2")
	b.click(".chip.stopped")
	b.shown("later")
	b.until(`location.search == '?q=er&state=stopped'`)
	// What happens meanwhile obeys the filter, too.
	if err := h.ctl.StartProcess(t.Context(), "later", true); err != nil {
		t.Fatal(err)
	}
	b.shown("")
	b.do(chromedp.Reload())
	b.until(live)
	b.shown("")
	b.click(".chip.stopped")
	b.shown("later team:member_0 team:member_1 team:member_2")
	b.search("x\x1b")
	b.until(`document.querySelector('#find input').value == ''`)
	b.shown(everybody)
	b.click(`tr[data-group="team"] .fold`)
	b.shown("broken echo later moan")
	b.do(chromedp.Reload())
	b.until(live)
	b.shown("broken echo later moan")
	b.click(`tr[data-group="team"] .fold`)
	b.shown(everybody)
}

func TestWhoSelectsAGroupSeesWhatIsInIt(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	b := h.look("", 1280, 800)
	b.until(live)
	b.click(`.one[value="echo"]`)
	b.until(`document.querySelector('#chosen').innerText == '1 selected:'`)
	b.click(`.whole[value="team:*"]`)
	b.until(`document.querySelector('#chosen').innerText == '4 selected:' && document.querySelector('.one[value="team:member_2"]').checked`)
	// A row that is drawn anew stays selected.
	if err := h.ctl.StopProcess(t.Context(), "team:member_2", true); err != nil {
		t.Fatal(err)
	}
	b.state("team:member_2", "stopped")
	b.until(`document.querySelector('.one[value="team:member_2"]').checked && document.querySelector('.one[value="team:member_2"]').disabled`)
	b.search("echo")
	b.until(`document.querySelector('#chosen').innerText == '4 selected, 3 of them not shown:'`)
	b.search("\x1b")
	b.click(`.whole[value="team:*"]`)
	b.until(`document.querySelector('#chosen').innerText == '1 selected:' && !document.querySelector('.one[value="team:member_2"]').disabled`)
	b.search("er_")
	b.click("#every")
	b.until(`document.querySelector('#chosen').innerText == '4 selected, 1 of them not shown:'`)
	b.search("\x1b")
	b.click(`[name=action][value=signal]`)
	b.says("3 of 4 processes signalled")
	b.click("#every")
	b.until(`document.querySelector('#chosen').innerText == '7 selected:'`)
	b.click("#every")
	b.until(`document.querySelector('#chosen').innerText == '0 selected:' || document.querySelector('.selection').offsetHeight == 0`)
}

func TestLogsAreFollowedSearchedAndHeld(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	say := func(name, text string) {
		t.Helper()
		if err := h.ctl.SendProcessStdin(t.Context(), name, text+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	b := h.look("tail.html?processname=echo", 1280, 800)
	b.until(live)
	say("echo", `one\nt`)
	b.lines("out", "one|t")
	say("echo", `wo \033[31mred\033[0m <b>\n`)
	b.lines("out", "one|two red <b>")
	b.until(`getComputedStyle(document.querySelector('[data-log=out] .f1')).color != getComputedStyle(document.querySelector('.l')).color`)
	b.search("RED")
	b.lines("out", "two red <b>")
	b.until(`document.querySelector('#pane-out .note').innerText == '1 of the last 2 lines'`)
	say("echo", `three\nredder\n`)
	b.lines("out", "two red <b>|redder")
	b.search("\x1b")
	b.lines("out", "one|two red <b>|three|redder")
	b.click("#pause")
	say("echo", `four\nfi`)
	b.until(`document.querySelector('#pause').innerText == 'Go on (2 new)'`)
	b.lines("out", "one|two red <b>|three|redder")
	b.click("#pause")
	b.lines("out", "one|two red <b>|three|redder|four|fi")
	// Who looks at what was stays there; who is at the end stays at the end.
	say("echo", "ve"+strings.Repeat(`\nx`, 200))
	b.until(`document.querySelectorAll('[data-log=out] .l').length == 206`)
	b.until(`(l => l.scrollTop > 0 && l.scrollHeight - l.scrollTop - l.clientHeight < 2)(document.querySelector('[data-log=out]'))`)
	eval[int64](b, `document.querySelector('[data-log=out]').scrollTop = 7`)
	say("echo", `\nlast\n`)
	b.until(`document.querySelector('[data-log=out]').lastElementChild.innerText == 'last'`)
	b.until(`document.querySelector('[data-log=out]').scrollTop == 7`)
	b.do(chromedp.Navigate(h.url + "tail.html?processname=echo&q=LAS"))
	b.until(live)
	b.lines("out", "last")
	b.search("\x1b")
	b.until(`[...document.querySelectorAll('[data-log=out] .l')].filter(l => l.offsetHeight > 0).length == 200`)

	b.do(chromedp.Navigate(h.url + "tail.html?processname=moan"))
	b.until(live)
	say("moan", "oh")
	b.lines("err", "oh")
	b.click(`[value="clearlog moan"]`)
	b.says("Log for moan cleared")
	say("moan", "again")
	b.until(`document.querySelector('[data-log=err]').innerText.includes('again')`)

	b.do(chromedp.Navigate(h.url + "mainlog.html"))
	b.until(live)
	b.search("stopped: later")
	if err := h.ctl.StartProcess(t.Context(), "later", true); err != nil {
		t.Fatal(err)
	}
	if err := h.ctl.StopProcess(t.Context(), "later", true); err != nil {
		t.Fatal(err)
	}
	b.until(`[...document.querySelectorAll('.l')].filter(l => l.offsetHeight > 0).length == 1`)
}

func TestEventsAreFollowedAndSearched(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	b := h.look("events.html", 1280, 800)
	b.until(live)
	const list = `[...document.querySelectorAll('#news tr')].filter(r => r.offsetHeight > 0).map(r => r.querySelector('.type').innerText + ' ' + r.querySelector('.who').innerText).join()`
	b.until(list + `.includes('PROCESS_STATE_FATAL broken')`)
	b.search("later")
	b.until(list + ` == 'PROCESS_GROUP_ADDED later'`)
	if err := h.ctl.StartProcess(t.Context(), "later", true); err != nil {
		t.Fatal(err)
	}
	if err := h.ctl.StopProcess(t.Context(), "echo", true); err != nil {
		t.Fatal(err)
	}
	b.until(list + ` == 'PROCESS_STATE_RUNNING later,PROCESS_STATE_STARTING later,PROCESS_GROUP_ADDED later'`)
	b.search("\x1b")
	b.until(list + `.startsWith('PROCESS_STATE_STOPPED echo,PROCESS_STATE_STOPPING echo,PROCESS_STATE_RUNNING later')`)
	b.do(chromedp.Navigate(h.url + "events.html?q=group"))
	b.until(live)
	b.until(list + `.match(/^(PROCESS_GROUP_ADDED \w+,?)+$/)`)
	b.search("later\r") // the server has left out what is asked for now
	b.until(list + ` == 'PROCESS_STATE_RUNNING later,PROCESS_STATE_STARTING later,PROCESS_GROUP_ADDED later'`)
}

func TestAnUpdateIsAppliedFromThePage(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	b := h.look("config.html", 1280, 800)
	b.until(`document.querySelector('main').innerText.includes('an update would change nothing')`)
	conf := strings.Replace(h.ReadFile("conf"), "[program:moan]\n", "[program:moan]\nenvironment=A=1\n", 1)
	conf = strings.Replace(conf, "[program:later]", "[program:sooner]", 1)
	if err := h.WriteFile("conf", conf); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Reload())
	b.click(`[aria-label="Update moan"]`)
	b.until(`document.querySelector('main').innerText.includes('moan would be stopped and started anew.')`)
	b.shoot("update")
	b.click(".sure")
	b.says("Updated: moan changed")
	b.until(`document.querySelector('main').innerText.includes('an update would touch 2 of these')`)
	b.click(`[href="index.html?action=update"]`)
	b.until(`document.querySelector('main').innerText.includes('sooner would be added.') && document.querySelector('main').innerText.includes('later would be stopped and removed.')`)
	b.click(".sure")
	b.says("Updated: later removed; sooner added")
	b.until(`location.pathname == '/config.html' && document.querySelector('main').innerText.includes('an update would change nothing')`)
}

// TestAFormOfAnotherSiteStopsNothing, whatever it says: it has no token, and its browser says where it comes from.
func TestAFormOfAnotherSiteStopsNothing(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	b := h.look("", 1280, 800)
	token := eval[string](b, `document.querySelector('[name=token]').value`)
	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<form method=post action="%sindex.html"><input name=action value=stop><input name=processname value=echo><input name=token value="%s"></form>
			<script>document.forms[0].submit()</script>`, h.url, token)
	}))
	t.Cleanup(evil.Close)
	b.expected = "Failed to load resource"                    // and the other one has no icon
	for _, host := range []string{"127.0.0.1", "localhost"} { // the same site in another port, and another site
		b.do(chromedp.Navigate(strings.Replace(evil.URL, "127.0.0.1", host, 1)))
		b.until(fmt.Sprintf(`location.href == %q`, h.url+"index.html"))
		b.until(`document.body.innerText.includes('asked by a page of another origin')`)
		b.shoot("foreign")
		info, err := h.ctl.ProcessInfo(t.Context(), "echo")
		if err != nil || info.StateName != "RUNNING" {
			t.Errorf("from %s: %v %v", host, info, err)
		}
	}
}

// TestEverybodySeesWhatHeMayDo, also where the address itself says who he is.
func TestEverybodySeesWhatHeMayDo(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary+`
[user:root]
password=secret
role=admin

[user:eve]
password=look
role=read

[user:oscar]
password=go
role=operate
groups=team
`)
	as := func(who string) *tab {
		b := h.tab(1280, 800)
		b.do(chromedp.Navigate(strings.Replace(h.url, "//", "//"+who+"@", 1)))
		b.until(live)
		return b
	}
	b := as("eve:look")
	b.shown(everybody)
	b.until(`document.querySelectorAll('main button:not(.nojs), main .sel input').length == 0`)
	b = as("oscar:go")
	b.until(`[...document.querySelectorAll('[name=one]')].every(b => b.value.includes(' team:'))`)
	b.click(`[value="stop team:member_0"]`)
	b.says("Process team:member_0 stopped")
	b.state("team:member_0", "stopped")
	b = as("root:secret")
	b.click(`[value="stop echo"]`)
	b.says("Process echo stopped")
	b.state("echo", "stopped")
}
