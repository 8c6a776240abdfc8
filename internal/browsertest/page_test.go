package browsertest_test

import (
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
)

// actions are clicks with what is said and what is so afterwards; the same with and without scripts.
var actions = []struct {
	clicks       []string // selectors
	says         string
	name, states string // of echo, later and team:member_1
}{
	{[]string{`[value="stop echo"]`}, "Process echo stopped", "stop", "stopped stopped running"},
	{[]string{`[value="start echo"]`}, "Process echo started", "start", "running stopped running"},
	{[]string{`[value="restart echo"]`}, "Process echo restarted", "restart", "running stopped running"},
	{[]string{`[value="start broken"]`}, "ERROR: Process broken: ", "a start that fails", "running stopped running"},
	{[]string{`[value="stop team:*"]`}, "3 processes stopped", "stop of a group", "running stopped stopped"},
	{[]string{`[value="start team:*"]`}, "3 processes started", "start of a group", "running stopped running"},
	{[]string{`.one[value="echo"]`, `.whole[value="team:*"]`, `[name=action][value=stop]`}, "4 processes stopped", "stop of a selection", "stopped stopped stopped"},
	{[]string{`.one[value="echo"]`, `.one[value="later"]`, `[name=action][value=restart]`}, "2 processes restarted", "restart of a selection", "running running stopped"},
	{[]string{`.one[value="echo"]`, `[name=action][value=clearlog]`}, "Log for echo cleared", "clear", "running running stopped"},
	{[]string{`.one[value="later"]`, `[name=action][value=signal]`}, "Signal HUP sent to later", "signal", "running running stopped"},
	{[]string{`a[href*="action=startall"]`, `.sure`}, "ERROR: ", "start of all", "running running running"},
	{[]string{`a[href*="action=restartall"]`, `.sure`}, "ERROR: ", "restart of all", "running running running"},
	{[]string{`a[href*="action=stopall"]`, `.sure`}, "All stopped at", "stop of all", "stopped stopped stopped"},
}

func (b *tab) play() {
	b.t.Helper()
	for _, a := range actions {
		b.t.Log(a.name)
		for _, c := range a.clicks {
			b.click(c)
		}
		b.says(a.says)
		states := strings.Fields(a.states)
		b.state("echo", states[0])
		b.state("later", states[1])
		b.state("team:member_1", states[2])
	}
}

func TestEveryActionDoesWhatItSaysAndSaysSo(t *testing.T) {
	t.Parallel()
	b := open(t, ordinary).look("", 1280, 800)
	b.until(`document.querySelector('#link').innerText == 'live'`)
	b.play()
}

func TestEveryActionWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	b := h.tab(1280, 800)
	b.scripts(false)
	b.do(chromedp.Navigate(h.url))
	b.play()
	b.click(`a[href="index.html?action=signalall"]`)
	b.do(chromedp.SetValue(chromedp.CSS("select"), "CONT"))
	b.click(".sure")
	b.says("Nothing to do")
	b.click(`a[href="index.html?action=clearall"]`)
	b.click(".sure")
	b.says("7 processes cleared")
	b.shoot("plain")
	b.do(chromedp.Navigate(h.url + "?q=tea"))
	b.until(`document.querySelector('tr[data-name="echo"]').offsetHeight == 0 && document.querySelector('tr[data-name="team:member_1"]').offsetHeight > 0`)
	b.click(`.fold`)
	b.until(`document.querySelector('tr[data-name="team:member_1"]').offsetHeight == 0`)
	b.do(chromedp.Navigate(h.url + "tail.html?processname=broken&lines=5000"))
	b.until(`document.querySelector('[data-log=err]').innerText.includes('no <b>database</b>')`)
	for _, page := range []string{"events.html", "mainlog.html", "config.html", "config.html?processname=echo"} {
		b.do(chromedp.Navigate(h.url + page))
		b.until(`document.querySelector('main').innerText.includes('echo')`)
	}
}

func TestAPageSeesAKillAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	list := h.look("", 1280, 800)
	one := h.look("tail.html?processname=echo", 1280, 800)
	for _, b := range []*tab{list, one} {
		b.until(`document.querySelector('#link').innerText == 'live'`)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(eval[string](list, `document.querySelector('tr[data-name="echo"] .pid').textContent`), "pid ")))
	if err != nil {
		t.Fatal(err)
	}
	// Who works with the keyboard keeps his place.
	list.do(chromedp.Focus(chromedp.CSS(`[value="stop echo"]`)))
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for _, b := range []*tab{list, one} {
		b.until(`document.querySelector('tr[data-name="echo"] .why').innerText.includes('killed by SIGKILL')`)
		b.until(`document.querySelector('tr[data-name="echo"] .restarts').innerText.includes('1')`)
		b.state("echo", "running")
	}
	list.until(`document.activeElement.value == 'stop echo'`)
	list.shoot("killed")
}

func TestAPageComesBackAfterTheDaemonDoes(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	b := h.look("", 1280, 800)
	b.expected = "net::ERR_" // while it is away
	b.until(`document.querySelector('#link').innerText == 'live'`)
	b.click(`.one[value="later"]`)
	if err := h.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.until(`document.querySelector('#link').innerText.includes('lost')`)
	b.shoot("lost")
	conf := h.ReadFile("conf") + "\n[program:added]\ncommand=/bin/sleep 1000\nstartsecs=0\n"
	if err := h.WriteFile("conf", conf); err != nil {
		t.Fatal(err)
	}
	h.start()
	b.state("added", "running")
	b.until(`document.querySelector('#link').innerText == 'live'`)
	b.until(`document.querySelector('.one[value="later"]').checked`)
	b.click(`[value="start later"]`) // with the token of the new daemon
	b.says("Process later started")
}

// TestBehindAProxyUnderAPath, one whose path has no slash at its end.
func TestBehindAProxyUnderAPath(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	target, _ := url.Parse(h.url)
	proxy := httptest.NewServer(&httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
		r.Out.Header.Set("X-Forwarded-Prefix", "/deep/reeve")
		r.Out.URL.Path = "/" + strings.TrimPrefix(strings.TrimPrefix(r.In.URL.Path, "/deep/reeve"), "/")
		r.Out.URL.RawPath = ""
	}})
	t.Cleanup(proxy.Close)
	t.Cleanup(proxy.CloseClientConnections)
	for _, scripts := range []bool{true, false} {
		b := h.tab(1280, 800)
		b.scripts(scripts)
		b.do(chromedp.Navigate(proxy.URL + "/deep/reeve"))
		if scripts {
			b.until(`document.querySelector('#link').innerText == 'live'`)
		}
		b.click(`[value="stop echo"]`)
		b.says("Process echo stopped")
		b.click(`[value="start echo"]`)
		b.says("Process echo started")
		b.click(`tr[data-name="echo"] .name a`)
		b.until(`location.pathname == '/deep/reeve/tail.html'`)
		b.click(`[value="clearlog echo"]`)
		b.says("Log for echo cleared")
		b.click(`nav a[href="config.html"]`)
		b.until(`location.pathname == '/deep/reeve/config.html'`)
	}
}
