package listener_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	core "github.com/reeve-sh/reeve/internal/core/listener"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/exthost/listener"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

// house is a bus with a hall, and a journal that can be read.
type house struct {
	*listener.Hall
	bus      *bus.Bus
	log      string
	restarts chan string
	judge    listener.Judge // of result_handler=test:judge
	ctx      context.Context
}

func newHouse(t *testing.T, serials *core.Serials) *house {
	t.Helper()
	h := &house{bus: bus.New(), log: filepath.Join(t.TempDir(), "log"), restarts: make(chan string, 10)}
	j, err := journal.Open(journal.Options{Path: h.log, Level: config.Warn, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	h.Hall = listener.New(listener.Options{
		Bus: h.bus, Journal: j, Server: "supervisor", Serials: serials,
		Now:      func() proc.Time { return proc.Time(time.Since(start)) },
		Handlers: func(spec string) (listener.Judge, bool) { return h.judge, spec == "test:judge" },
		Restart:  func(_ context.Context, group, process string) { h.restarts <- group + ":" + process },
	})
	var end context.CancelFunc
	h.ctx, end = context.WithCancel(context.Background())
	t.Cleanup(func() { h.Close(); end(); j.Close() })
	return h
}

func (h *house) lines(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(h.log)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)^\S+ \S+ `).ReplaceAllString(string(text), "")
}

// guest is one listener: what was written to it, and its voice.
type guest struct {
	mu   sync.Mutex // guards what follows
	got  []string
	pool loop.Pool
	out  capture.Sink
	name string
	told chan struct{} // a token for each envelope
}

// enter makes a group with one process that runs.
func (h *house) enter(g config.Group) *guest {
	g.Kind = config.Listener
	g.Processes = []config.Process{{Name: "p"}}
	x := &guest{name: "p", told: make(chan struct{}, 1<<20)}
	x.pool = h.Open(&g)
	x.live()
	return x
}

// live is a new process.
func (x *guest) live() {
	x.out = x.pool.Born(x.name, func(b []byte) error {
		x.mu.Lock()
		x.got = append(x.got, string(b))
		x.mu.Unlock()
		x.told <- struct{}{}
		return nil
	})
	x.pool.Phase(x.name, proc.Running)
}

func (x *guest) say(s string) { _, _ = x.out.Write([]byte(s)) }

func (x *guest) heard() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.got)
}

// serials are the serial and the pool's own of everything that was heard.
func (x *guest) serials() string {
	var all []string
	for _, s := range x.heard() {
		m := regexp.MustCompile(` serial:(\d+) pool:\S+ poolserial:(\d+) `).FindStringSubmatch(s)
		all = append(all, m[1]+"/"+m[2])
	}
	return strings.Join(all, " ")
}

// answer answers each event as it comes, n of them.
func (x *guest) answer(n int) {
	x.say("READY\n")
	for range n {
		<-x.told
		x.say("RESULT 2\nOKREADY\n")
	}
}

// holds: EVT-004 EVT-005 EVT-006 EVT-010 EVT-035
func TestASerialIsSpentOnceForAllPoolsAndOnlyWhenOneListens(t *testing.T) {
	t.Parallel()
	var serials core.Serials
	h := newHouse(t, &serials)
	h.bus.Publish(event.Event{Type: event.Tick5})
	a := h.enter(config.Group{Name: "a", Events: []string{"TICK"}, BufferSize: 10})
	b := h.enter(config.Group{Name: "b", Events: []string{"TICK_60"}, BufferSize: 10})
	go a.answer(3)
	h.bus.Publish(event.Event{Type: event.Tick5})
	h.bus.Publish(event.Event{Type: event.RemoteCommunication})
	h.bus.Publish(event.Event{Type: event.Tick60, When: 60})
	b.say("READY\n")
	<-b.told
	if got := b.heard()[0]; got != "ver:3.0 server:supervisor serial:1 pool:b poolserial:0 eventname:TICK_60 len:7\nwhen:60" {
		t.Errorf("heard %q", got)
	}
	b.pool.Close()
	h.bus.Publish(event.Event{Type: event.Tick60})
	next := newHouse(t, &serials)
	c := next.enter(config.Group{Name: "a", Events: []string{"EVENT"}, BufferSize: 10})
	next.bus.Publish(event.Event{Type: event.Tick60})
	c.answer(1)
	if got := c.serials(); got != "3/0" {
		t.Errorf("after a restart: %s", got)
	}
	if got := b.serials(); got != "1/0" {
		t.Errorf("b heard %s", got)
	}
}

// fault: 7
func TestAHundredThousandEventsReachAListenerThatKeepsUp(t *testing.T) {
	t.Parallel()
	const n, window = 100_000, 50
	h := newHouse(t, &core.Serials{})
	x := h.enter(config.Group{Name: "x", Events: []string{"REMOTE_COMMUNICATION"}, BufferSize: window})
	room := make(chan struct{}, window)
	go func() {
		for i := range n {
			room <- struct{}{}
			h.bus.Publish(event.Event{Type: event.RemoteCommunication, Data: []byte("é" + strconv.Itoa(i))})
		}
	}()
	x.say("READY\n")
	for range n {
		<-x.told
		x.say("RESULT 2\nOK")
		<-room
		x.say("READY\n")
	}
	for i, s := range x.heard() {
		if want := fmt.Sprintf(" serial:%d pool:x poolserial:%d eventname:REMOTE_COMMUNICATION len:", i, i); !strings.Contains(s, want) || !strings.HasSuffix(s, "\né"+strconv.Itoa(i)) {
			t.Fatalf("event %d is %q", i, s)
		}
	}
	if log := h.lines(t); log != "" {
		t.Errorf("the journal says %.500s", log)
	}
}

// fault: 7
// holds: EVT-029
func TestASlowListenerLosesCountedEventsAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	const n, buffer = 10_000, 25
	h := newHouse(t, &core.Serials{})
	slow := h.enter(config.Group{Name: "slow", Events: []string{"TICK_5"}, BufferSize: buffer})
	quick := h.enter(config.Group{Name: "quick", Events: []string{"TICK_5"}, BufferSize: n})
	slow.say("READY\n")
	done := make(chan struct{})
	go func() { quick.answer(n); close(done) }()
	for range n {
		h.bus.Publish(event.Event{Type: event.Tick5})
	}
	<-done
	lost := strings.Count(h.lines(t), "ERRO pool slow event buffer overflowed, discarding event ")
	if lost != n-buffer-1 || strings.Contains(h.lines(t), "pool quick") {
		t.Errorf("%d lost, want %d", lost, n-buffer-1)
	}
	want := []listener.Stat{{Pool: "slow", Queued: buffer, Limit: buffer, Lost: n - buffer - 1}, {Pool: "quick", Limit: n}}
	if got := h.Stats(); !slices.Equal(got, want) {
		t.Errorf("told of the queues: %+v, want %+v", got, want)
	}
	slow.say("RESULT 2\nOK")
	slow.answer(buffer)
	got := strings.Fields(slow.serials())
	if len(got) != buffer+1 || got[0] != "0/0" || got[1] != fmt.Sprintf("%d/%[1]d", n-buffer) {
		t.Errorf("the slow one heard %v", got)
	}
}

// fault: 7
// holds: EVT-003
func TestEventLengthMayCountBytes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, &core.Serials{})
	x := h.enter(config.Group{Name: "x", Events: []string{"EVENT"}, BufferSize: 10, EventBytes: true})
	h.bus.Publish(event.Event{Type: event.RemoteCommunication, Kind: "té", Data: []byte("dé")})
	x.answer(1)
	if head, payload, _ := strings.Cut(x.heard()[0], "\n"); !strings.HasSuffix(head, " len:12") || len(payload) != 12 {
		t.Errorf("heard %q", x.heard()[0])
	}
}

// fault: 7
// holds: EVT-021 EVT-024 EVT-027
func TestAStrayLineIsQuotedAndRemarkedAndTheEventGoesToTheNextLife(t *testing.T) {
	t.Parallel()
	h := newHouse(t, &core.Serials{})
	x := h.enter(config.Group{Name: "x", Events: []string{"EVENT"}, BufferSize: 10})
	h.bus.Publish(event.Event{Type: event.Tick5})
	if r := x.pool.Remark("p"); r != "" {
		t.Errorf("before, it says %q", r)
	}
	x.say("READY\n")
	x.say("starting up\xff...\n")
	if r := x.pool.Remark("p"); r != `listener protocol broken: got "starting up\xff..."` {
		t.Errorf("it says %q", r)
	}
	if !strings.Contains(h.lines(t), `WARN p: bad result line: 'Undecodable: b'starting up\xff...''`+"\nWARN p: has entered the UNKNOWN state") {
		t.Errorf("the journal says %s", h.lines(t))
	}
	x.pool.Gone("p")
	x.live()
	x.say("READY\nWARNING: x\n")
	if r := x.pool.Remark("p"); r != `listener protocol broken: got "WARNING: x\n"` {
		t.Errorf("it says %q", r)
	}
	if !strings.Contains(h.lines(t), `WARN p: output outside of the protocol: b'WARNING: x\n'`) {
		t.Errorf("the journal says %s", h.lines(t))
	}
	if got := x.serials(); got != "0/0" {
		t.Errorf("heard %s", got)
	}
	x.live()
	x.say("READY\n")
	if got := x.serials(); got != "0/0 0/0" || x.pool.Remark("p") != "" {
		t.Errorf("heard %s, remark %q", got, x.pool.Remark("p"))
	}
}

// fault: 7
func TestABreakerIsRestartedEachTimeLaterUntilItProcessesAnEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, &core.Serials{})
		x := h.enter(config.Group{Name: "x", Events: []string{"EVENT"}, BufferSize: 10, HealBreach: true})
		took := func() time.Duration {
			start := time.Now()
			x.say("JUNKJUNK")
			if got := <-h.restarts; got != "x:p" {
				t.Errorf("%s is restarted", got)
			}
			x.pool.Gone("p")
			x.live()
			return time.Since(start)
		}
		for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
			if got := took(); got != want*time.Second {
				t.Errorf("restarted after %v, want %ds", got, want)
			}
		}
		h.bus.Publish(event.Event{Type: event.Tick5})
		x.answer(1)
		x.pool.Gone("p")
		x.live()
		if got := took(); got != time.Second {
			t.Errorf("after a good event: %v", got)
		}
		x.say("JUNKJUNK")
		x.pool.Gone("p")
		x.live() // somebody else was faster
		x.say("JUNKJUNK")
		<-time.After(time.Hour)
		if len(h.restarts) != 1 {
			t.Errorf("of two lives %d are ended", len(h.restarts))
		}
		x.pool.Gone("p")
		x.live()
		x.say("JUNKJUNK") // and what is still to come ends with the hall
	})
}

func TestOnTheWayDownAPoolIsWaitedForWhileItGetsOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, &core.Serials{})
	x := h.enter(config.Group{Name: "x", Events: []string{"EVENT"}, BufferSize: 10})
	now := func() proc.Time { return 0 }
	if !x.pool.Settled(now()) {
		t.Error("it is waited for though there is nothing to hear")
	}
	h.bus.Publish(event.Event{Type: event.Tick5})
	x.say("READY\n")
	if x.pool.Settled(now()) {
		t.Error("it is not waited for though it has an event")
	}
	if !x.pool.Settled(proc.Second * 3600) {
		t.Error("it is waited for though it does not get on")
	}
	x.pool.Seal()
	h.bus.Publish(event.Event{Type: event.Tick5})
	x.say("RESULT 2\nOKREADY\n")
	if !x.pool.Settled(now()) || len(x.heard()) != 1 {
		t.Errorf("after the seal it heard %q", x.heard())
	}
}

func TestPublishersAndListenersMayBeAnywhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, &core.Serials{})
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			x := h.enter(config.Group{Name: strconv.Itoa(i), Events: []string{"EVENT"}, BufferSize: 100})
			x.say("READY\n")
			for range 500 {
				h.bus.Publish(event.Event{Type: event.Tick5})
				<-x.told
				x.say("RESULT 2\nOK")
				x.say("READY\n")
				_ = x.pool.Remark("p")
			}
			x.pool.Close()
		})
	}
	all.Wait()
}
