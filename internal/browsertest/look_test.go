package browsertest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// axe is where ./test puts axe-core, which finds what people with assistive technology cannot use.
const axe = "../../.cache/node_modules/axe-core/axe.min.js"

// views are all pages, with what must be there before they are looked at.
var views = []struct{ name, path, ready string }{
	{"list", "", `document.querySelector('.spark path[d^=M]')`},
	{"process", "tail.html?processname=echo", `document.querySelector('#link').innerText == 'live'`},
	{"fatal", "tail.html?processname=broken", `document.querySelector('.why details')`},
	{"events", "events.html", `document.querySelector('#news tr')`},
	{"mainlog", "mainlog.html", `document.querySelector('.l')`},
	{"config", "config.html", `document.querySelector('tbody tr')`},
	{"options", "config.html?processname=echo", `document.querySelector('tbody tr')`},
	{"confirm", "index.html?action=stopall", `document.querySelector('.sure')`},
	{"sorry", "tail.html?processname=nobody", `document.querySelector('main p')`},
	{"message", "?message=Process+echo+stopped", `document.querySelector('#message').innerText`},
}

// TestPagesAreLegibleEverywhere: wide and narrow, light and dark, nothing sticks out and axe finds no failure of WCAG AA.
func TestPagesAreLegibleEverywhere(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	script, err := os.ReadFile(axe)
	if err != nil {
		t.Log("without axe-core: ./test installs it")
	}
	if err := h.ctl.SendProcessStdin(t.Context(), "echo", strings.NewReplacer("\n", `\n`, "\x1b", `\0033`).Replace(colours())+"\n"); err != nil {
		t.Fatal(err)
	}
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			b := h.tab(width, 800)
			b.expected = "processname=nobody" // the page that is not there
			b.scheme(scheme)
			for _, v := range views {
				name := fmt.Sprintf("%s-%d-%s", v.name, width, scheme)
				b.do(chromedp.Navigate(h.url + v.path))
				b.until(v.ready)
				if over := eval[int64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("%s sticks out by %d", name, over)
				}
				for _, d := range []string{"", "open"} {
					if d != "" && !eval[bool](b, `Boolean(document.querySelector('details'))`) {
						continue
					}
					if d != "" {
						b.click("summary")
					}
					if script != nil {
						check(b, name+d, string(script))
					}
				}
				b.shoot(name)
			}
		}
	}
	if script == nil {
		t.Skip("no axe-core, so what it would find was not looked for: ./test installs it")
	}
}

// colours is every colour that a log may have.
func colours() string {
	var b strings.Builder
	for i := range 16 {
		fmt.Fprintf(&b, "\x1b[38;5;%dmcolour %d\x1b[0m \x1b[48;5;%dmon it\x1b[0m\n", i, i, i)
	}
	return b.String() + "\x1b[1mbold \x1b[2mdim \x1b[3mitalic \x1b[4munder \x1b[7minverse\x1b[0m\n"
}

// check runs axe in the page.
func check(b *tab, name, script string) {
	b.t.Helper()
	if !eval[bool](b, "'axe' in window") {
		eval[bool](b, script+"; true")
	}
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}).then(r =>
		JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, at: v.nodes.slice(0, 3).map(n => n.html + ' ' + n.failureSummary)}))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	var found []struct {
		ID, Help string
		At       []string
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range found {
		b.t.Errorf("%s: %s: %s\n%s", name, f.ID, f.Help, strings.Join(f.At, "\n"))
	}
}

// TestTheListFitsEveryWidth, with a group in it, whose row must be as wide as the others.
func TestTheListFitsEveryWidth(t *testing.T) {
	t.Parallel()
	h := open(t, ordinary)
	b := h.tab(1280, 800) // one for all: a browser has six connections for a server, and each tab keeps one
	for _, width := range []int64{1920, 1101, 1099, 961, 960, 800, 620, 360} {
		b.do(chromedp.EmulateViewport(width, 800), chromedp.Navigate(h.url))
		b.until(`document.querySelector('.g')`)
		if over := eval[int64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("at %d it sticks out by %d", width, over)
		}
		if ragged := eval[int64](b, `new Set([...document.querySelectorAll('.board tbody tr')].map(r => Math.round(r.lastElementChild.getBoundingClientRect().right))).size`); width > 960 && ragged != 1 {
			t.Errorf("at %d the rows end at %d places", width, ragged)
		}
	}
}
