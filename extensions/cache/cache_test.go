package cache_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/extensions/cache"
)

// host answers what the cache asks of the daemon.
type host struct {
	ext.Host
	down error
}

func (h *host) Call(context.Context, string, ...any) (any, error) { return nil, h.down }

// guest is a cache and its methods.
func guest(t *testing.T, options map[string]string) (*host, func(method string, args ...any) string) {
	t.Helper()
	e, err := cache.New(ext.Section{Kind: "rpcinterface", Name: "cache", Options: options})
	if err != nil {
		t.Fatal(err)
	}
	h := &host{}
	if err := e.Init(h); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	methods := map[string]ext.Method{}
	for _, m := range e.(ext.Methods).Methods() {
		methods[m.Name] = m
	}
	return h, func(method string, args ...any) string {
		v, err := methods[method].Call(t.Context(), args)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(v)
	}
}

// TestWhatIsStoredIsFetched goes through every method, as supervisor_cache answers.
func TestWhatIsStoredIsFetched(t *testing.T) {
	t.Parallel()
	h, call := guest(t, map[string]string{"max_items": "3"})
	for _, c := range []struct {
		want   string
		method string
		args   []any
	}{
		{"0.2", "getAPIVersion", nil},
		{"[]", "getKeys", nil},
		{"0", "getCount", nil},
		{"true", "store", []any{"b", "one"}},
		{"true", "store", []any{"a", int64(2)}},
		{"true", "store", []any{"c", map[string]any{"deep": []any{true}}}},
		{"[a b c]", "getKeys", nil},
		{"3", "getCount", nil},
		{"one", "fetch", []any{"b"}},
		{"map[deep:[true]]", "fetch", []any{"c"}},
		{"fault 10: ", "fetch", []any{"nothing"}},
		{"fault 10: Cache key must be a non-empty string", "fetch", []any{""}},
		{"fault 10: Cache key must be a non-empty string", "store", []any{"", "x"}},
		{"fault 10: Cache key must be a non-empty string", "delete", []any{""}},
		{"fault 2: parameter 2 is missing", "store", []any{"k"}},
		{"fault 30: the cache holds 3 items already", "store", []any{"d", "x"}},
		{"true", "store", []any{"b", "two"}},
		{"two", "fetch", []any{"b"}},
		{"true", "delete", []any{"b"}},
		{"true", "delete", []any{"b"}},
		{"fault 10: ", "fetch", []any{"b"}},
		{"true", "clear", nil},
		{"0", "getCount", nil},
	} {
		if got := call(c.method, c.args...); got != c.want {
			t.Errorf("%s%v: %s, want %s", c.method, c.args, got, c.want)
		}
	}
	h.down = ext.Refuse(ext.ShutdownState, "")
	for _, method := range []string{"getAPIVersion", "getKeys", "getCount", "clear"} {
		if got := call(method); got != "fault 6: " {
			t.Errorf("on the way down %s: %s", method, got)
		}
	}
}

// TestManyUseItAtOnce for the race detector.
func TestManyUseItAtOnce(t *testing.T) {
	t.Parallel()
	_, call := guest(t, nil)
	var all sync.WaitGroup
	for client := range 8 {
		all.Go(func() {
			key := fmt.Sprint("k", client%3)
			for range 200 {
				call("store", key, "x")
				call("getKeys")
				call("fetch", key)
				call("delete", key)
			}
		})
	}
	all.Wait()
	if got := call("getCount"); got != "0" {
		t.Error(got)
	}
}

// TestASectionThatMakesNoSenseIsRefusedByNameAndPlace.
func TestASectionThatMakesNoSenseIsRefusedByNameAndPlace(t *testing.T) {
	t.Parallel()
	for option, want := range map[string]string{
		"max_items": `not a number of items: "x" in [rpcinterface:c] option max_items (file: 's.conf', line 8)`,
		"maxitems":  `unknown option "maxitems" in [rpcinterface:c] option maxitems (file: 's.conf', line 8)`,
	} {
		_, err := cache.New(ext.Section{
			Kind: "rpcinterface", Name: "c", File: "s.conf", Line: 7, Options: map[string]string{option: "x"}, Lines: map[string]int{option: 8},
		})
		var refused *ext.Refusal
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
