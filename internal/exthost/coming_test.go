package exthost_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/exthost"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// lateComer begins in Init and is ready in Settle.
type lateComer struct {
	simple
	name string
	told *[]string
	err  error
}

func (l *lateComer) Init(ext.Host) error { *l.told = append(*l.told, "init "+l.name); return nil }
func (l *lateComer) Close() error        { *l.told = append(*l.told, "close "+l.name); return nil }
func (l *lateComer) Settle() error {
	*l.told = append(*l.told, "settle "+l.name)
	if l.err != nil && l.err.Error() == "panic" {
		panic("oh")
	}
	return l.err
}

// TestAllGuestsBeginBeforeTheFirstIsWaitedFor: who never gets ready costs a start its patience once.
func TestAllGuestsBeginBeforeTheFirstIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ err, want string }{
		{"", "init a, init b, settle a, settle b, close b, close a"},
		{"not with these options", "init a, init b, settle a, settle b, close b, close a"},
		{"panic", "init a, init b, settle a, settle b, close b, close a"},
	} {
		var told []string
		h := open(t, map[string]ext.Factory{
			"a:b": func(ext.Section) (ext.Extension, error) { return &lateComer{name: "a", told: &told}, nil },
			"b:b": func(ext.Section) (ext.Extension, error) {
				l := &lateComer{name: "b", told: &told}
				if c.err != "" {
					l.err = errors.New(c.err)
				}
				return l, nil
			},
		})
		failed, err := h.Open(t.Context(), exthost.API{}, []config.Plugin{section("a", "a:b"), section("b", "b:b")})
		if (err == nil) != (c.err == "") || (failed == nil) != (c.err == "") {
			t.Errorf("%s: %v, %v", c.err, failed, err)
		}
		if n := len(h.Active()); n != 2 && c.err == "" || n != 1 && c.err != "" {
			t.Errorf("%s: %d are here", c.err, n)
		}
		h.Close()
		if got := strings.Join(told, ", "); got != c.want {
			t.Errorf("%s: %s", c.err, got)
		}
	}
}

// holds: SEC-007
func TestNoGuestInGoTakesANamespaceOfSupervisors(t *testing.T) {
	t.Parallel()
	h := open(t, makes(&simple{methods: []ext.Method{answers("getState", 1)}}))
	for _, name := range []string{"supervisor", "system"} {
		err := h.Add(t.Context(), section(name, "a:b"))
		if want := "the namespace " + name + " is Supervisor's own in [rpcinterface:" + name + "] (file: 's.conf', line 7)"; err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestWhatAGuestAsksForIsOfTheTypesThatItKnows(t *testing.T) {
	t.Parallel()
	g := &simple{}
	h := open(t, makes(g))
	call := func(context.Context, string, []any) (any, error) {
		return xmlrpc.Struct{{Name: "b", Value: xmlrpc.Base64("x")}, {Name: "n", Value: []any{xmlrpc.Nil{}}}}, nil
	}
	if _, err := h.Open(t.Context(), exthost.API{Call: call}, []config.Plugin{section("x", "a:b")}); err != nil {
		t.Fatal(err)
	}
	got, err := g.host.Call(t.Context(), "other.get")
	if d := cmp.Diff(any(map[string]any{"b": []byte("x"), "n": []any{nil}}), got); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
}

func TestASectionIsCalledAsItIsWritten(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]ext.Section{
		"greet": {Kind: "greet", Name: "greet", Bare: true}, "greet:x": {Kind: "greet", Name: "x"},
	} {
		if got := s.Title(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
