// Package browsertest looks at the page as people do: a real browser, Debian's Chromium, in front of a whole supervisord.
// It is skipped where there is no Chromium. With -shots DIR it leaves pictures of what it saw.
package browsertest_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/difftest"
)

var shots = flag.String("shots", "", "directory for pictures of the pages")

// patience is how long something may take on a busy machine before it counts as never.
const patience = 40 * time.Second

// browser is one Chromium for all tests; each opens tabs of its own in it.
var browser = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(1280, 800),
	)
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, quit := chromedp.NewContext(allocator)
	closeBrowser = func() { quit(); end() }
	return ctx, chromedp.Do(ctx)
})

var (
	profile      string
	closeBrowser = func() {}
	programs     = sync.OnceValues(func() (difftest.Programs, error) {
		return difftest.Build(context.Background(), "../..", profile, false)
	})
)

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if profile, err = os.MkdirTemp("", "browser"); err != nil {
		panic(err)
	}
	code := m.Run()
	closeBrowser()
	os.RemoveAll(profile)
	os.Exit(code)
}

// house is a supervisord with a page on a port.
type house struct {
	*difftest.Daemon
	t   *testing.T
	url string
	ctl *client.Client
}

// ordinary are programs to look at: echo says what it is told, with its escapes, moan says it on stderr, and the names are a trap.
const ordinary = `
[program:echo]
command=/bin/sh -c 'while IFS= read -r line; do printf %%b "$line"; done'
startsecs=0

[program:moan]
command=/bin/sh -c "cat >&2"
startsecs=0

[program:broken]
command=/bin/sh -c "echo 'no <b>database</b>' >&2; exit 3"
startretries=0

[program:later]
command=/bin/sleep 1000
autostart=false
startsecs=0

[program:member]
command=/bin/sleep 1000
process_name=%(program_name)s_%(process_num)d
numprocs=3
startsecs=0

[group:team]
programs=member
`

// open starts a supervisord with these programs.
func open(t *testing.T, conf string) *house {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("there is no Chromium to look with: ./test installs it")
	}
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(difftest.Ordinary(conf), "[supervisord]\n", "[inet_http_server]\nport=127.0.0.1:${PORT}\n\n[supervisord]\nidentifier=kitchen\n", 1)
	d, err := difftest.NewDaemon(bin, text)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if err := os.MkdirAll(filepath.Join(d.Dir, "auto"), 0o755); err != nil {
		t.Fatal(err)
	}
	h := &house{Daemon: d, t: t, url: fmt.Sprintf("http://127.0.0.1:%d/", d.Port)}
	h.start()
	if h.ctl, err = client.Dial(client.Options{URL: "unix://" + d.Dir + "/s"}); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) start() {
	h.t.Helper()
	if err := h.Start(h.t.Context()); err != nil || h.Exited() {
		h.t.Fatalf("%v\n%s%s", err, h.ReadFile("stdout"), h.ReadFile("stderr"))
	}
	if resp, err := http.Get(h.url + "ok.html"); err != nil {
		h.t.Fatal(err)
	} else {
		resp.Body.Close()
	}
}

// tab is one tab of the browser.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	troubles []string // what the browser has complained of
	expected string   // the complaints that have this in them are no trouble
	still    bool     // no scripts, so who wants news loads the page again
}

// look opens a page in a tab of its own, of this size; whatever the browser complains of fails the test.
func (h *house) look(path string, width, height int64) *tab {
	h.t.Helper()
	b := h.tab(width, height)
	b.do(chromedp.Navigate(h.url + path))
	return b
}

func (h *house) tab(width, height int64) *tab {
	h.t.Helper()
	parent, err := browser()
	if err != nil {
		h.t.Fatalf("cannot start the browser: %v", err)
	}
	ctx, leave := chromedp.NewContext(parent)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	b := &tab{t: h.t, ctx: ctx}
	h.t.Cleanup(func() {
		cancel()
		leave()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, trouble := range b.troubles {
			if b.expected == "" || !strings.Contains(trouble, b.expected) {
				h.t.Errorf("the browser complains: %s", trouble)
			}
		}
	})
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		h.t.Fatal(err)
	}
	b.do(chromedp.EmulateViewport(width, height))
	if _, err := chromedp.Call(ctx, log.Enable, cdp.Empty{}); err != nil {
		h.t.Fatal(err)
	}
	return b
}

func (b *tab) listen(ev any) {
	text := ""
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		text = ev.ExceptionDetails.Text
		if e := ev.ExceptionDetails.Exception; e != nil {
			text += " " + e.Description
		}
	case *log.EventEntryAdded:
		if ev.Entry.Level == "error" {
			text = ev.Entry.Text + " " + ev.Entry.URL
		}
	}
	if text != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.troubles = append(b.troubles, text)
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// eval is the value of an expression in the page.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for an expression in the page to become true. A page that is being changed for another has no answer.
func (b *tab) until(expression string) {
	b.t.Helper()
	b.untilAfter(func() {}, expression)
}

// untilAfter does something before each look but the first.
func (b *tab) untilAfter(before func(), expression string) {
	b.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && ok {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("it never came to be that %s (%v)\n%s", expression, err, eval[string](b, "document.body.innerText"))
		}
		before()
	}
}

// click clicks the first thing that a selector finds, as a mouse does.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.querySelector(%q)", selector))
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// state waits for a process to be shown in a state.
func (b *tab) state(name, state string) {
	b.t.Helper()
	again := func() {}
	if b.still {
		again = func() { b.do(chromedp.Reload()) }
	}
	b.untilAfter(again, fmt.Sprintf(`(document.querySelector('tr[data-name=%q] .state') || {}).innerText == %q`, name, state))
}

// says waits for a message.
func (b *tab) says(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector('#message').innerText.includes(%q)`, text))
}

func (b *tab) scripts(on bool) {
	b.t.Helper()
	b.still = !on
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
		b.t.Fatal(err)
	}
}

// scheme makes the browser prefer light or dark.
func (b *tab) scheme(which string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: which}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	}); err != nil {
		b.t.Fatal(err)
	}
}

// shoot leaves a picture, if pictures are wanted.
func (b *tab) shoot(name string) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
