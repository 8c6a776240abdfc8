package web_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/api/usage"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

var liveField = regexp.MustCompile(`data-live="([^"]+)"`)

// follow opens the stream of a page.
func (d *site) follow(path string) (heard func() string, hangUp func()) {
	d.t.Helper()
	return d.stream(d.at(path))
}

// TestAPageHearsOfWhatChangesAndOfNothingElse.
func TestAPageHearsOfWhatChangesAndOfNothingElse(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		list, leave := d.follow("/")
		defer leave()
		other, leave2 := d.follow("/tail.html?processname=solo")
		defer leave2()
		list()
		other()
		d.Kernel.End(d.Kernel.Alive()[0], kernel.Status{Code: -1, Signal: 9})
		standin.Pass(300 * time.Millisecond)
		got := list()
		has(t, "the list", got, "event: rows\ndata: <tr id=", `data-name="g:a" data-state="exited"`, "killed by SIGKILL after 2 s", "0 of 2 running", "event: summary", "1 exited",
			`-data-name="g:b"`, `-data-name="solo"`)
		for line := range strings.Lines(got) {
			if line != "\n" && !regexp.MustCompile(`^(id|event|data|retry)?:`).MatchString(line) {
				t.Errorf("the stream has the line %q", line)
			}
		}
		has(t, "another's page", other(), "-event: rows", "-event: summary")
		standin.Pass(time.Hour)
		has(t, "an hour without news", list(), "-event: rows", "-event: summary")
	})
}

// TestWhatHappensBetweenPageAndStreamIsNotLost, nor what happens while a stream is broken.
func TestWhatHappensBetweenPageAndStreamIsNotLost(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		m := liveField.FindStringSubmatch(d.get("/").body)
		d.post("one", "stop g:a")
		heard, leave := d.stream("/" + m[1])
		got := heard()
		has(t, "the stream", got, `data-name="g:a" data-state="stopped"`)
		leave()
		id := regexp.MustCompile(`id: (\S+)`).FindStringSubmatch(got)[1]
		heard, leave = d.stream("/"+m[1], "Last-Event-ID", id)
		has(t, "the stream that came again", heard(), "-event: rows")
		leave()
		d.post("one", "start solo")
		heard, leave = d.stream("/"+m[1], "Last-Event-ID", id)
		has(t, "the stream that came late", heard(), `data-name="solo" data-state="running"`, `-data-name="g:a"`)
		leave()
	})
}

// TestWhenThereAreOtherRowsThePageIsToldToAskAgain: a group has gone, or the page is that of an earlier daemon.
func TestWhenThereAreOtherRowsThePageIsToldToAskAgain(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		heard, leave := d.follow("/")
		heard()
		if err := d.Service.RemoveGroup(context.Background(), "solo"); err != nil {
			t.Fatal(err)
		}
		standin.Pass(300 * time.Millisecond)
		has(t, "the stream", heard(), "event: layout")
		leave()
		heard, leave = d.stream("/live?at=earlier.1.5")
		has(t, "the stream of an old page", heard(), "event: layout")
		leave()
		has(t, "the list", d.get("/").body, `-data-name="solo"`)
	})
}

// TestNothingIsMeasuredWhileNobodyLooks, and once for all who do.
func TestNothingIsMeasuredWhileNobodyLooks(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		standin.Pass(time.Hour)
		if n := d.sampled(); n != 0 {
			t.Errorf("%d samples before anybody looked", n)
		}
		pid := d.Kernel.Alive()[0]
		d.weigh(usage.Stat{Pid: pid, Memory: 5 << 20})
		has(t, "the list", d.get("/").body, "<span>5.0 MB</span></td>", "<span>–</span>")
		var leaves []func()
		var heards []func() string
		for range 5 {
			heard, leave := d.follow("/")
			heards, leaves = append(heards, heard), append(leaves, leave)
		}
		before := d.sampled()
		for n := range 10 {
			d.weigh(usage.Stat{Pid: pid, Memory: 5 << 20, CPU: time.Duration(n+1) * 1500 * time.Millisecond})
			standin.Pass(3 * time.Second)
		}
		if n := d.sampled() - before; n < 9 || n > 11 {
			t.Errorf("%d samples in ten periods with five viewers", n)
		}
		for _, heard := range heards {
			has(t, "a stream", heard(), "event: usage\ndata: {\"p", `":["50 %","5.0 MB","M`)
		}
		for _, leave := range leaves {
			leave()
		}
		standin.Pass(10 * time.Second)
		before = d.sampled()
		standin.Pass(time.Hour)
		if n := d.sampled(); n != before {
			t.Errorf("%d samples after everybody had gone", n-before)
		}
	})
}

// TestManyChangesAreShownTogether: a viewer is not sent more than it can look at.
func TestManyChangesAreShownTogether(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		heard, leave := d.follow("/")
		defer leave()
		heard()
		for range 100 {
			d.Kernel.End(d.Kernel.Alive()[0], kernel.Status{})
			standin.Pass(10 * time.Millisecond)
			go d.Service.Start(context.Background(), "g:a", false)
			standin.Pass(10 * time.Millisecond)
		}
		if n := strings.Count(heard(), "event: rows"); n < 5 || n > 12 {
			t.Errorf("%d frames in two seconds", n)
		}
	})
}
