package ext_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/ext"
)

// ops is a guest's type with methods of every shape.
type ops struct{ said []string }

type options struct {
	Timeout int               `rpc:"timeout"`
	Env     map[string]string `rpc:"env"`
}

func (o *ops) RunCommand(_ context.Context, argv []string, opt *options) (map[string]any, error) {
	if len(argv) == 0 {
		return nil, ext.Refuse(ext.BadArguments, "no command")
	}
	out := map[string]any{"argv": argv}
	if opt != nil {
		out["timeout"], out["env"] = opt.Timeout, opt.Env
	}
	return out, nil
}
func (o *ops) Say(words ...string)              { o.said = words }
func (o *ops) Half(n float64) float64           { return n / 2 }
func (o *ops) Fail() error                      { return errors.New("broken") }
func (o *ops) Small(n int8) int8                { return n }
func (o *ops) Channel() chan int                { return nil }
func (o *ops) Hidden() string                   { return "not in the table" }
func (o *ops) Twice(n int) (int, string, error) { return n, "", nil }

func table(t *testing.T, o *ops) map[string]ext.Method {
	t.Helper()
	list, err := ext.Table(o, map[string]ext.Doc{
		"RunCommand": {Help: "Run.", Params: []string{"argv: words", "options"}, Result: "exit: how it ended"},
		"Say":        {Params: []string{"words"}, Access: ext.Read}, "Half": {Params: []string{"n"}}, "Fail": {}, "Small": {Params: []string{"n"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]ext.Method{}
	for _, one := range list {
		m[one.Name] = one
	}
	return m
}

func TestATypeBecomesATable(t *testing.T) {
	m := table(t, &ops{})
	if len(m) != 5 {
		t.Fatalf("%d methods, want the five that the docs name", len(m))
	}
	run := m["runCommand"]
	want := []ext.Param{{Name: "argv", Kind: ext.Array, Help: "words"}, {Name: "options", Kind: ext.Struct, Optional: true}}
	if d := cmp.Diff(want, run.Params); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(ext.Param{Name: "exit", Kind: ext.Struct, Help: "how it ended"}, run.Result); d != "" {
		t.Error(d)
	}
	if m["say"].Access != ext.Read || run.Access != ext.Admin || !m["say"].Params[0].Rest {
		t.Errorf("say %+v, run %+v", m["say"], run.Access)
	}
}

func TestArgumentsAndResultsChangeTheirTypes(t *testing.T) {
	o := &ops{}
	m := table(t, o)
	for _, c := range []struct {
		method string
		args   []any
		want   any
		fails  string
	}{
		{"runCommand", []any{[]any{"ls", "-l"}}, map[string]any{"argv": []any{"ls", "-l"}}, ""},
		{"runCommand", []any{[]any{"ls"}, map[string]any{"timeout": int64(3), "env": map[string]any{"A": "b"}}},
			map[string]any{"argv": []any{"ls"}, "timeout": int64(3), "env": map[string]any{"A": "b"}}, ""},
		{"runCommand", []any{[]any{}}, nil, "fault 3: no command"},
		{"runCommand", nil, nil, "fault 2: parameter 1 is missing"},
		{"runCommand", []any{"ls"}, nil, "fault 2: parameter 1: array expected, got string"},
		{"runCommand", []any{[]any{int64(1)}}, nil, "fault 2: parameter 1: [0]: string expected, got int"},
		{"runCommand", []any{[]any{"a"}, map[string]any{"time": int64(3)}}, nil, `fault 2: parameter 2: unknown member "time"`},
		{"runCommand", []any{[]any{"a"}, map[string]any{"timeout": "3"}}, nil, "fault 2: parameter 2: timeout: int expected, got string"},
		{"runCommand", []any{[]any{"a"}, nil, int64(1)}, nil, "fault 2: 3 parameters are too many"},
		{"say", []any{"a", "b"}, true, ""},
		{"say", nil, true, ""},
		{"say", []any{true}, nil, "fault 2: parameter 1: string expected, got boolean"},
		{"half", []any{int64(3)}, 1.5, ""},
		{"half", []any{"3"}, nil, "fault 2: parameter 1: double expected, got string"},
		{"small", []any{int64(-128)}, int64(-128), ""},
		{"small", []any{int64(128)}, nil, "fault 2: parameter 1: 128 is out of range"},
		{"small", []any{nil}, nil, "fault 2: parameter 1: int expected, got nil"},
		{"fail", nil, nil, "broken"},
	} {
		got, err := m[c.method].Call(t.Context(), c.args)
		if c.fails != "" {
			if err == nil || err.Error() != c.fails {
				t.Errorf("%s(%v): error %v, want %s", c.method, c.args, err, c.fails)
			}
			continue
		}
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s(%v): %v\n%s", c.method, c.args, err, d)
		}
	}
}

func TestWhatCannotBeSentIsToldAtRegistration(t *testing.T) {
	for _, c := range []struct {
		name string
		doc  ext.Doc
		want string
	}{
		{"Channel", ext.Doc{}, "no form for its result of type chan int"},
		{"Missing", ext.Doc{}, "no exported method of that name"},
		{"Half", ext.Doc{}, "it has 1 parameters, and its doc names 0"},
		{"Twice", ext.Doc{Params: []string{"n"}}, "more than a result and an error"},
	} {
		_, err := ext.Table(&ops{}, map[string]ext.Doc{c.name: c.doc})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	for _, name := range []string{"_private", "__class__", "a.b", "", "1st", "a b"} {
		m := ext.Method{Name: name, Call: func(context.Context, []any) (any, error) { return nil, nil }}
		if m.Check() == nil {
			t.Errorf("method %q passes", name)
		}
	}
}

func TestARefusalNamesThePlace(t *testing.T) {
	s := ext.Section{
		Kind: "rpcinterface", Name: "ops", Options: map[string]string{"alow": "x"},
		File: "/etc/s.conf", Line: 3, Lines: map[string]int{"alow": 5},
	}
	want := `unknown option "alow" in [rpcinterface:ops] option alow (file: '/etc/s.conf', line 5)`
	if err := s.Only("allow"); err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	if err := s.Only("alow"); err != nil {
		t.Error(err)
	}
}

func TestANameIsTakenOnce(t *testing.T) {
	var r ext.Registry
	make1 := func(ext.Section) (ext.Extension, error) { return nil, nil }
	r.Add("a.b:c", make1)
	for _, name := range []string{"a.b:c", "a", "a:b:c", ":"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is taken without a panic", name)
				}
			}()
			r.Add(name, make1)
		}()
	}
}
