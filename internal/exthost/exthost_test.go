package exthost_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/exthost"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// house is a set of guests without a daemon behind it.
type house struct {
	*exthost.Guests
	bus *bus.Bus
	log string
}

func open(t *testing.T, factories map[string]ext.Factory, strangers ...exthost.Maker) *house {
	t.Helper()
	h := &house{bus: bus.New(), log: filepath.Join(t.TempDir(), "log")}
	j, err := journal.Open(journal.Options{Path: h.log, Level: config.Blather, Now: func() time.Time { return time.Unix(0, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	h.Guests = exthost.New(exthost.Options{Factories: factories, Strangers: strangers, Journal: j, Bus: h.bus, Servers: 1})
	t.Cleanup(func() { h.Close(); h.bus.Close(); j.Close() })
	return h
}

func (h *house) says(t *testing.T, want string) {
	t.Helper()
	text, err := os.ReadFile(h.log)
	if err != nil || !bytes.Contains(text, []byte(want)) {
		t.Errorf("the log has no %q:\n%s", want, text)
	}
}

func section(name, factory string, options ...config.Var) config.Plugin {
	return config.Plugin{
		Name: name, Section: "rpcinterface:" + name, Factory: factory, Options: options, File: "s.conf", Line: 7,
		Lines: map[string]int{"a": 8},
	}
}

// simple is a guest with a life that can be followed and whatever abilities a test gives it.
type simple struct {
	init    error
	life    []string
	methods []ext.Method
	host    ext.Host
}

func (s *simple) Init(h ext.Host) error { s.life, s.host = append(s.life, "init"), h; return s.init }
func (s *simple) Close() error          { s.life = append(s.life, "close"); return nil }
func (s *simple) Methods() []ext.Method { return s.methods }

func makes(e ext.Extension) map[string]ext.Factory {
	return map[string]ext.Factory{"a:b": func(ext.Section) (ext.Extension, error) { return e, nil }}
}

func answers(name string, v any) ext.Method {
	return ext.Method{Name: name, Call: func(context.Context, []any) (any, error) { return v, nil }}
}

func TestMethodsAppearUnderTheNameOfTheSection(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	g := &simple{methods: []ext.Method{
		answers("get", map[string]any{"b": []byte("x"), "a": []any{nil, moment, 1.5}}),
		{Name: "refuse", Call: func(context.Context, []any) (any, error) { return nil, ext.Refuse(ext.BadName, "web") }},
		{Name: "break", Call: func(context.Context, []any) (any, error) { return nil, errors.New("disk full") }},
		{Name: "chan", Call: func(context.Context, []any) (any, error) { return make(chan int), nil }},
		{Name: "echo", Params: []ext.Param{{Name: "v", Kind: ext.Any}, {Name: "w", Kind: ext.Any, Optional: true}},
			Call: func(_ context.Context, args []any) (any, error) { return args[0], nil }},
	}}
	h := open(t, makes(g))
	if err := h.Add(t.Context(), section("ops", "a:b")); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"ops.break", "ops.chan", "ops.echo", "ops.get", "ops.refuse"}, h.Methods(0).MethodNames()); d != "" {
		t.Error(d)
	}
	call := func(name string, args ...any) (any, error) {
		m, ok := h.Methods(0).Method(name)
		if !ok {
			t.Fatalf("no method %s", name)
		}
		return m.Call(t.Context(), args)
	}
	v, err := call("ops.get")
	want := xmlrpc.Struct{
		{Name: "a", Value: []any{xmlrpc.Nil{}, xmlrpc.DateTime{Year: 2026, Month: 1, Day: 2, Hour: 3, Minute: 4, Second: 5}, 1.5}},
		{Name: "b", Value: xmlrpc.Base64("x")},
	}
	if d := cmp.Diff(want, v); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
	v, err = call("ops.echo", xmlrpc.Struct{{Name: "n", Value: int64(1)}})
	if d := cmp.Diff(xmlrpc.Struct{{Name: "n", Value: int64(1)}}, v); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
	for name, want := range map[string]*fault.Error{
		"ops.refuse": fault.New(fault.BadName, "web"), "ops.break": fault.New(fault.Failed, "disk full"),
		"ops.echo": fault.New(fault.IncorrectParameters, ""),
		"ops.chan": fault.New(fault.Failed, "cannot send a chan int: XML-RPC has no form for it"),
	} {
		if _, err := call(name); cmp.Diff(want.Error(), err.Error()) != "" {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
	if err := h.Remove(t.Context(), "rpcinterface:ops"); err != nil {
		t.Fatal(err)
	}
	if _, there := h.Methods(0).Method("ops.get"); there || len(h.Active()) != 0 {
		t.Error("the methods of a guest that was removed are still there")
	}
	if d := cmp.Diff([]string{"init", "close"}, g.life); d != "" {
		t.Error(d)
	}
}

// stranger offers whatever names a test wants, as a program could.
type stranger struct {
	simple
	names   []string
	changed func()
}

func (s *stranger) Watch(changed func()) { s.changed = changed }
func (s *stranger) Offer(int) []service.Method {
	var out []service.Method
	for _, n := range s.names {
		out = append(out, service.Method{Name: n})
	}
	return out
}

// holds: SEC-007
func TestNoNameReachesFurtherThanItsNamespace(t *testing.T) {
	t.Parallel()
	s := &stranger{names: []string{
		"x.good", "x.a.b", "x._private", "_x.y", "x.__class__", "supervisor.shutdown", "system.multicall", "noDot", "x.", ".x", "x.a b", "",
		"x.supervisord.options.execve",
	}}
	h := open(t, nil, func(*config.Plugin) (ext.Extension, error) { return s, nil })
	if err := h.Add(t.Context(), section("x", "")); err != nil {
		t.Fatal(err)
	}
	s.changed()
	if d := cmp.Diff([]string{"x.good"}, h.Methods(0).MethodNames()); d != "" {
		t.Error(d)
	}
	if text, _ := os.ReadFile(h.log); bytes.Count(text, []byte("'x.a.b' is not offered")) != 1 {
		t.Errorf("the log tells more than once, or not at all:\n%s", text)
	}
	if err := h.Add(t.Context(), section("system", "")); err != nil {
		t.Fatal(err)
	}
	if _, there := h.Methods(0).Method("system.multicall"); there {
		t.Error("a section called system speaks as the daemon")
	}
	s.names = []string{"x.other"}
	s.changed()
	if d := cmp.Diff([]string{"x.other"}, h.Methods(0).MethodNames()); d != "" {
		t.Error(d)
	}
}

func TestAGuestThatCannotBeMadeIsRefusedAndClosed(t *testing.T) {
	t.Parallel()
	broken := &simple{init: errors.New("no database")}
	h := open(t, map[string]ext.Factory{
		"a:b":     func(ext.Section) (ext.Extension, error) { return broken, nil },
		"a:panic": func(ext.Section) (ext.Extension, error) { panic("oh") },
		"a:none":  func(ext.Section) (ext.Extension, error) { return nil, nil },
		"a:no":    func(s ext.Section) (ext.Extension, error) { return nil, s.Refuse("a", "bad value %q", s.Options["a"]) },
		"a:bad":   func(ext.Section) (ext.Extension, error) { return &simple{methods: []ext.Method{answers("_x", 1)}}, nil },
		"a:twice": func(ext.Section) (ext.Extension, error) {
			return &simple{methods: []ext.Method{answers("x", 1), answers("x", 2)}}, nil
		},
	})
	for factory, want := range map[string]string{
		"a:b": "no database", "a:panic": "the extension has ended", "a:none": "its factory made nothing",
		"a:no":  `bad value "v" in [rpcinterface:x] option a (file: 's.conf', line 8)`,
		"a:bad": "a name is a letter", "a:twice": "there are two of that name", "a:unknown": `nothing here is called "a:unknown"`,
	} {
		err := h.Add(t.Context(), section("x", factory, config.Var{Name: "a", Value: "v"}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", factory, err, want)
		}
	}
	if d := cmp.Diff([]string{"init", "close"}, broken.life); d != "" {
		t.Error(d)
	}
	h.says(t, "[rpcinterface:x] panicked in its factory: oh at ")
	h.says(t, "cannot make [rpcinterface:x]: no database")
	if len(h.Active()) != 0 {
		t.Errorf("active: %v", h.Active())
	}
}

func TestAPanicEndsTheGuestAndNothingElse(t *testing.T) {
	t.Parallel()
	bad := &simple{methods: []ext.Method{{Name: "go", Call: func(context.Context, []any) (any, error) { panic("bug") }}}}
	good := &simple{methods: []ext.Method{answers("get", "fine")}}
	h := open(t, map[string]ext.Factory{
		"a:bad":  func(ext.Section) (ext.Extension, error) { return bad, nil },
		"a:good": func(ext.Section) (ext.Extension, error) { return good, nil },
	})
	for _, p := range []config.Plugin{section("bad", "a:bad"), section("good", "a:good")} {
		if err := h.Add(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	m, _ := h.Methods(0).Method("bad.go")
	if _, err := m.Call(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "FAILED: extension bad panicked in go") {
		t.Errorf("%v", err)
	}
	if _, err := m.Call(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("a second call: %v", err)
	}
	h.Close() // joins the end of the guest that panicked
	h.says(t, "[rpcinterface:bad] panicked in go: bug at ")
	h.says(t, "exthost_test.go:")
	if !slices.Equal(bad.life, []string{"init", "close"}) {
		t.Errorf("life of the guest: %v", bad.life)
	}
}

// hearer hears events and output, and waits where a test wants it to.
type hearer struct {
	simple
	events chan ext.Event
	chunks chan ext.Output
	wait   chan struct{}
}

func (h *hearer) Events() []string { return []string{"PROCESS_STATE_EXITED", "TICK"} }
func (h *hearer) Handle(_ context.Context, e ext.Event) {
	<-h.wait
	h.events <- e
}
func (h *hearer) TakeLog(_ context.Context, c ext.Output) { h.chunks <- c }

// TestAGuestThatDoesNotEndIsLeftBehind, whether it is asked to or its context ends.
func TestAGuestThatDoesNotEndIsLeftBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		deaf := &hearer{events: make(chan ext.Event, 1), wait: make(chan struct{})}
		stuck := &stays{wait: deaf.wait}
		h := open(t, map[string]ext.Factory{
			"a:deaf":  func(ext.Section) (ext.Extension, error) { return deaf, nil },
			"a:stuck": func(ext.Section) (ext.Extension, error) { return stuck, nil },
		})
		for _, p := range []config.Plugin{section("deaf", "a:deaf"), section("stuck", "a:stuck")} {
			if err := h.Add(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		h.bus.Publish(event.Event{Type: event.ProcessStateExited, Process: "p"})
		began := time.Now()
		h.Close()
		if took := time.Since(began); took > 13*time.Second {
			t.Errorf("it took %v", took)
		}
		h.says(t, "[rpcinterface:deaf] does not end when its context does (going on without it)")
		h.says(t, "[rpcinterface:stuck] does not end when its context does (going on without it)")
		close(deaf.wait)
	})
}

// stays is a guest whose Close does not come back.
type stays struct {
	simple
	wait chan struct{}
}

func (s *stays) Close() error { <-s.wait; return nil }

func TestAGuestHearsWhatItAskedForAndHowMuchItMissed(t *testing.T) {
	t.Parallel()
	g := &hearer{events: make(chan ext.Event, 4096), chunks: make(chan ext.Output, 16), wait: make(chan struct{})}
	h := open(t, makes(g))
	if err := h.Add(t.Context(), section("x", "a:b")); err != nil {
		t.Fatal(err)
	}
	h.bus.Publish(event.Event{Type: event.ProcessGroupAdded, Group: "unwanted"})
	h.bus.Publish(event.Event{Type: event.ProcessStateExited, Process: "p", Group: "g", Pid: 5, More: &event.More{
		Ended: true, Signal: "SIGKILL", Core: true, OOM: true, Uptime: 2e9, Restarts: 3, Why: "because",
	}})
	g.wait <- struct{}{}
	first := <-g.events
	want := ext.Event{
		Type: "PROCESS_STATE_EXITED", Number: 2, Process: "p", Group: "g", PID: 5, From: "STOPPED", To: "STOPPED", ExitCode: -1, Signal: 9,
		CoreDumped: true, OOM: true, Uptime: 2 * time.Second, Restarts: 3, Why: "because",
		Payload: "processname:p groupname:g from_state:STOPPED expected:0 pid:5",
	}
	if d := cmp.Diff(want, first); d != "" {
		t.Error(d)
	}
	const many = 3000
	for range many {
		h.bus.Publish(event.Event{Type: event.Tick5})
	}
	close(g.wait)
	var heard, lost uint64
	for heard+lost < many {
		e := <-g.events
		heard, lost = heard+1, lost+e.Lost
	}
	if lost == 0 || heard+lost != many {
		t.Errorf("%d heard and %d lost of %d", heard, lost, many)
	}
	chunk := []byte("hello")
	h.Output("g", "p", 5, true, chunk)
	copy(chunk, "xxxxx")
	if got := <-g.chunks; string(got.Data) != "hello" || !got.Stderr || got.Process != "p" {
		t.Errorf("chunk %+v", got)
	}
}

// decider has a say about starts.
type decider struct {
	simple
	never bool
}

func (d *decider) MayStart(ctx context.Context, p ext.Process) error {
	if d.never {
		<-ctx.Done()
	}
	if p.Name == "no" {
		return ext.Refuse(ext.Failed, "quota is used up")
	}
	return nil
}

func TestAGuestMayRefuseAStart(t *testing.T) {
	t.Parallel()
	d := &decider{}
	h := open(t, makes(d))
	if err := h.Add(t.Context(), section("x", "a:b")); err != nil {
		t.Fatal(err)
	}
	if err := h.MayStart(t.Context(), service.Info{Name: "no", Group: "no"}); err == nil || err.Error() != "quota is used up" {
		t.Errorf("%v", err)
	}
	if err := h.MayStart(t.Context(), service.Info{Name: "yes"}); err != nil {
		t.Error(err)
	}
	d.never = true
	if err := h.MayStart(t.Context(), service.Info{Name: "no", Group: "no"}); err != nil {
		t.Errorf("no answer in time is no refusal: %v", err)
	}
	h.says(t, "[rpcinterface:x] did not say in time whether 'no' may start")
}

// finder has every method that is asked for.
type finder struct{ stranger }

func (f *finder) Find(_ int, name string) (*service.Method, bool) {
	return &service.Method{Name: name, Unlisted: true}, true
}

// holds: SEC-007
func TestWhatIsNotToldCanBeFoundInItsOwnNamespaceAlone(t *testing.T) {
	t.Parallel()
	h := open(t, nil, func(*config.Plugin) (ext.Extension, error) { return &finder{stranger{names: []string{"x.told"}}}, nil })
	for _, name := range []string{"x", "system"} {
		if err := h.Add(t.Context(), section(name, "")); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]bool{
		"x.other": true, "x._private": false, "x.__class__": false, "x.a.b": false, "y.other": false, "system.multicall": false,
		"supervisor.shutdown": false, "x.": false, "x": false,
	} {
		if _, there := h.Methods(0).Method(name); there != want {
			t.Errorf("%s: there is %v", name, there)
		}
	}
}
