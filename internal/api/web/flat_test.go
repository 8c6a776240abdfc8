package web_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/api/usage"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// at is where a page's stream is.
func (d *site) at(page string) string {
	d.t.Helper()
	m := liveField.FindStringSubmatch(d.get(page).body)
	if m == nil {
		d.t.Fatalf("%s has no stream", page)
	}
	return "/" + strings.ReplaceAll(m[1], "&amp;", "&")
}

// watch follows a stream and keeps nothing. The result hangs up.
func (d *site) watch(stream string) (hangUp func()) {
	ours := d.Door.Knock()
	go io.WriteString(ours, "GET "+stream+" HTTP/1.1\r\nHost: here\r\n\r\n")
	go func() {
		if resp, err := http.ReadResponse(bufio.NewReader(ours), nil); err == nil {
			io.Copy(io.Discard, resp.Body)
		}
	}()
	return func() { ours.Close() }
}

// TestMemoryIsFlatOverAnHourOfChanges: fifty a second would be 180,000. They go through the loop, the bus, the ring of
// events and the board to five open pages and one of events, while pages come and go and operators act; all in six
// minutes, so that this is quick. It runs while no other test does. With -short it is a tenth of the changes.
func TestMemoryIsFlatOverAnHourOfChanges(t *testing.T) {
	const (
		programs = 10
		each     = 3        // EXITED, STARTING, RUNNING
		bound    = 96 << 10 // less than a byte for each change that comes after the first third
	)
	if raceDetector {
		t.Skip("Go's race detector crashes now and then under so many goroutines of a bubble; ./test runs this without it")
	}
	rounds := 180_000 / each / programs
	if testing.Short() {
		rounds /= 10
	}
	var procs []config.Process
	for i := range programs {
		p := program(fmt.Sprintf("p%02d", i), "")
		p.Autostart, p.Startsecs, p.Autorestart, p.Redirect = true, 0, config.RestartAlways, true
		procs = append(procs, p)
	}
	visitOf(t, func(c *config.Config) {
		c.Groups = []config.Group{{Name: "g", Processes: procs}}
		c.Daemon.Logfile = "" // tens of megabytes
	}, func(d *site) {
		d.Kernel.Behave(func(k *kernel.Fake) { k.Talk = false })
		for range 5 {
			defer d.watch(d.at("/"))()
		}
		defer d.watch(d.at("/events.html"))()
		for n := range 1100 {
			d.isRefused(n) // the audit is full
		}
		before, early := d.Bus.Published(), uint64(0)
		for n := range rounds {
			d.someoneActs(n, max(1, 3000/rounds))
			for _, pid := range d.Kernel.Alive() {
				d.Kernel.End(pid, kernel.Status{Code: -1, Signal: 9})
			}
			standin.Pass(6 * time.Minute / time.Duration(rounds))
			if n == rounds/3 {
				early = d.heap()
			}
		}
		late := d.heap()
		if told := d.Bus.Published() - before; told < uint64(rounds*programs*each) {
			t.Errorf("only %d changes", told)
		}
		t.Logf("%d KB after a third, %d KB at the end", early>>10, late>>10)
		if late > early+bound {
			t.Errorf("%d KB after a third of the hour, %d KB at its end", early>>10, late>>10)
		}
	})
}

// TestMemoryIsFlatOverAThousandUpdates: with each of them groups go and others come, with two open pages. It runs while no
// other test does.
func TestMemoryIsFlatOverAThousandUpdates(t *testing.T) {
	const updates, bound = 1000, 96 << 10
	with := func(d *config.Config, n int) *config.Config {
		c := *d
		c.Groups = nil
		for i := range 3 {
			p := program(fmt.Sprintf("p%d", n+i), "")
			p.Autostart, p.Startsecs = true, 0
			c.Groups = append(c.Groups, config.Group{Name: fmt.Sprintf("g%d", n+i), Processes: []config.Process{p, program("other", "")}})
		}
		return &c
	}
	visitOf(t, func(c *config.Config) {
		*c = *with(c, 0)
		c.Daemon.Logfile = ""
	}, func(d *site) {
		defer d.watch(d.at("/"))()
		defer d.watch(d.at("/events.html"))()
		ctx, early := context.Background(), uint64(0)
		for n := range updates {
			d.next = with(d.conf, n)
			if _, err := d.Service.Update(ctx, nil); err != nil {
				t.Fatal(err)
			}
			d.Kernel.Forget()
			standin.Pass(time.Second)
			if n == updates/3 {
				early = d.heap()
			}
		}
		if n := len(d.Kernel.Alive()); n != 3 {
			t.Errorf("%d live", n)
		}
		if late := d.heap(); late > early+bound {
			t.Errorf("%d KB after a third of the updates, %d KB at the end", early>>10, late>>10)
		} else {
			t.Logf("%d KB after a third, %d KB at the end", early>>10, late>>10)
		}
	})
}

// isRefused is somebody who asks for what cannot be, which is noted.
func (d *site) isRefused(n int) {
	d.t.Helper()
	ctx := service.As(context.Background(), &service.Who{Name: fmt.Sprint("user", n), Role: service.Admin, Via: "inet_http_server"})
	if _, _, err := d.Service.Stop(ctx, "g:nobody", false); err == nil {
		d.t.Error("somebody who is not there was stopped")
	}
}

// someoneActs is what operators do, and so many browsers that come and go.
func (d *site) someoneActs(n, browsers int) {
	d.t.Helper()
	d.isRefused(n)
	var stats []usage.Stat
	for _, pid := range d.Kernel.Alive() {
		stats = append(stats, usage.Stat{Pid: pid, Born: uint64(pid), Memory: 5 << 20, CPU: time.Duration(n) * time.Millisecond})
	}
	d.weigh(stats...)
	d.Kernel.Forget()
	list := d.at("/")
	for range browsers {
		hangUp := d.watch(list)
		synctest.Wait()
		hangUp()
	}
}

// heap is how many bytes are in use when everything that is garbage is gone.
func (d *site) heap() uint64 {
	d.Kernel.Forget()
	for range 3 {
		runtime.GC() // pools take two
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
