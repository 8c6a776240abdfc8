package loop_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/sys/oom"
)

// outputs carries the children's output for all tests: its goroutines wait in the kernel, where no bubble of
// testing/synctest could wait with them, so they live outside.
var outputs *capture.Set

func TestMain(m *testing.M) {
	if os.Args[0] == kernel.ChildRole {
		kernel.Become(os.Args[1:])
	}
	var err error
	if outputs, err = capture.Open(0); err != nil {
		panic(err)
	}
	code := m.Run()
	outputs.Close()
	os.Exit(code)
}

var ctx = context.Background()

// paper is a buffer that many may write to.
type paper struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// fact is one published event, with its moment.
type fact struct {
	event.Event
	at time.Duration // since the house was built
}

// house is a loop with everything around it.
type house struct {
	t       testing.TB
	k       *kernel.Fake
	l       *loop.Loop
	log     *paper
	onEvent func(event.Event)
	memory  *oom.Watch

	mu    sync.Mutex
	facts []fact
	born  proc.Time
}

// build starts a loop on a fake kernel. Inside a bubble its time is the bubble's.
func build(t testing.TB, k *kernel.Fake, onEvent func(event.Event), memory ...*oom.Watch) *house {
	h := &house{t: t, k: k, log: &paper{}, onEvent: onEvent, born: k.Now()}
	for _, w := range memory {
		h.memory = w
	}
	h.l = h.loop(k)
	return h
}

func (h *house) loop(k kernel.Kernel) *loop.Loop {
	j, err := journal.Open(journal.Options{Level: config.Info, Stdout: h.log, Now: k.Wall})
	if err != nil {
		h.t.Fatal(err)
	}
	return loop.Start(loop.Options{
		Kernel: k, Capture: outputs, Journal: j, Publish: func(e event.Event) { h.tell(k, e) }, Memory: h.memory,
		Environ:   []config.Var{{Name: "PATH", Value: "/usr/bin:/bin"}, {Name: "A", Value: "ours"}, {Name: "B", Value: "ours"}},
		ServerURL: "unix:///run/s.sock", StripANSI: func() bool { return false },
	})
}

func (h *house) tell(k kernel.Kernel, e event.Event) {
	if h.onEvent != nil {
		h.onEvent(e)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.facts = append(h.facts, fact{e, time.Duration(k.Now() - h.born)})
}

// story is everything that was published about processes so far, "a RUNNING 1s" each.
func (h *house) story(names ...string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, f := range h.facts {
		for _, n := range names {
			if f.Process == n {
				out = append(out, fmt.Sprintf("%s %s %v", f.Process, strings.TrimPrefix(f.Type.String(), "PROCESS_STATE_"), f.at))
			}
		}
	}
	return out
}

// add brings in one group of these processes, called after the first.
func (h *house) add(procs ...config.Process) {
	h.t.Helper()
	h.addGroup(procs[0].Name, 999, procs...)
}

func (h *house) addGroup(name string, priority int, procs ...config.Process) {
	h.t.Helper()
	if err := h.l.AddGroup(ctx, &config.Group{Name: name, Priority: priority, Processes: procs}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) begin() {
	h.t.Helper()
	if err := h.l.Begin(ctx); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) view() *loop.View {
	h.t.Helper()
	v, err := h.l.View(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

// see is what is known of a process.
func (h *house) see(name string) loop.Process {
	h.t.Helper()
	for _, p := range h.view().Processes {
		if p.Conf.Name == name {
			return p
		}
	}
	h.t.Fatalf("there is no process %q", name)
	return loop.Process{}
}

func (h *house) id(name string) fleet.ID { h.t.Helper(); return h.see(name).ID }

// start and stop ask for one process.
func (h *house) start(c context.Context, name string, wait bool) error {
	h.t.Helper()
	return first(h.l.StartAll(c, []fleet.Target{{ID: h.id(name)}}, wait, false))
}

func (h *house) stop(c context.Context, name string, wait bool) error {
	h.t.Helper()
	return first(h.l.StopAll(c, []fleet.ID{h.id(name)}, wait, false))
}

func first(out []fleet.Outcome, err error) error {
	if err != nil {
		return err
	}
	if len(out) != 1 {
		return fmt.Errorf("%d outcomes", len(out))
	}
	if out[0].Fault != nil {
		return out[0].Fault
	}
	return nil
}

func (h *house) obey(how func(*kernel.Fake, int, int)) {
	h.k.Behave(func(k *kernel.Fake) { k.Obey = how })
}

// end stops everything, by force where it must.
func (h *house) end() {
	h.l.Shutdown(false)
	<-h.l.Done()
	h.k.Close()
}

// program is a process as the configuration's defaults have it.
func program(name string, change ...func(*config.Process)) config.Process {
	p := config.Process{
		Name: name, Command: "/bin/cat", Umask: -1, UID: -1, Priority: 999, Autostart: true, Startsecs: 1, Startretries: 3,
		Stopsignal: 15, Stopwaitsecs: 10, Exitcodes: []int{0},
		Stdout: config.Channel{Log: config.Log{Kind: config.LogNone}}, Stderr: config.Channel{Log: config.Log{Kind: config.LogNone}},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func command(c string) func(*config.Process) { return func(p *config.Process) { p.Command = c } }

func onDemand(p *config.Process) { p.Autostart = false }

func startsecs(n int) func(*config.Process) { return func(p *config.Process) { p.Startsecs = n } }

func restart(r config.Autorestart) func(*config.Process) {
	return func(p *config.Process) { p.Autorestart = r }
}

func logged(path string) func(*config.Process) {
	return func(p *config.Process) {
		p.Stdout = config.Channel{Log: config.Log{Kind: config.LogFile, Path: path}, LogfileMaxbytes: 0}
	}
}

// obedient lets children end by whatever signal they get.
func obedient(f *kernel.Fake, pid, sig int) { f.End(pid, kernel.Status{Code: -1, Signal: sig}) }
