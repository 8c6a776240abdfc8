package ctl_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/ctl"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

func TestWordsBecomeArguments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ signature, words, want string }{
		{"", "web|5|-7|1.5|1e2|true|null2|007", `[string "web" int64 5 int64 -7 float64 1.5 float64 100 bool true string "null2" string "007"]`},
		{"", `"5"|[1, "a"]|{"a": {"b": 2}}|[1|{} {}`, `[string "5" []interface {} []interface {}{1, "a"} map[string]interface {} map[string]interface {}{"a":map[string]interface {}{"b":2}} string "[1" string "{} {}"]`},
		{"boolean|string|int", "5|5", `[string "5" int64 5]`},
		{"boolean|string", `"5"`, `[string "5"]`},
		{"boolean|string", `null`, `[string "null"]`},
		{"struct|array", "ls|-l|5", `[[]interface {} []interface {}{"ls", "-l", "5"}]`},
		{"struct|array|struct", `["ls", "-l"]|{"timeout": 5}`, `[[]interface {} []interface {}{"ls", "-l"} map[string]interface {} map[string]interface {}{"timeout":5}]`},
		{"struct|string|array", `a|b|c`, `[string "a" []interface {} []interface {}{"b", "c"}]`},
		{"struct|any|struct", "ls|-l|5", `[[]interface {} []interface {}{"ls", "-l", "5"}]`},
		{"struct|any|struct", `ls|{"timeout": 5}`, `[string "ls" map[string]interface {} map[string]interface {}{"timeout":5}]`},
		{"struct|any|struct", `ls`, `[string "ls"]`},
		{"boolean|string|string", "a|b|c", `[string "a" string "b" string "c"]`},
		{"boolean|struct", "a", `[string "a"]`},
		{"", "null", "cannot send null: XML-RPC has no null"},
		{"", "[[null]]", "cannot send [[null]]: XML-RPC has no null"},
		{"", `{"a": null}`, `cannot send {"a": null}: XML-RPC has no null`},
		{"", "99999999999999999999|1e999", `[float64 1e+20 string "1e999"]`},
	} {
		args, err := ctl.Arguments(split(c.signature), split(c.words))
		got := fmt.Sprint(err)
		if err == nil {
			var all []string
			for _, a := range args {
				all = append(all, fmt.Sprintf("%T %#v", a, a))
			}
			got = "[" + strings.Join(all, " ") + "]"
		}
		if got != c.want {
			t.Errorf("%s for %s: %s\nwant %s", c.words, c.signature, got, c.want)
		}
	}
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

func FuzzArguments(f *testing.F) {
	f.Add("string", `{"a":[1,2.5,null]}`)
	f.Add("array", "[[[[")
	f.Fuzz(func(t *testing.T, kind, word string) {
		args, err := ctl.Arguments([]string{"int", kind}, []string{word})
		if err == nil && len(args) != 1 {
			t.Fatalf("%q: %v", word, args)
		}
		ctl.Readable(args)
	})
}

func FuzzPeer(f *testing.F) {
	f.Add(`{"jsonrpc":"2.0","id":1,"result":null}` + "\n" + `{"jsonrpc":"2.0","id":null,"error":{}}`)
	f.Add("{}\n\n[")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "method") {
			t.Skip("nobody serves here")
		}
		if ctl.Listen(strings.NewReader(text)) == nil {
			t.Fatal("the end has no reason")
		}
	})
}

func TestResultsAreReadable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value any
		want  string
	}{
		{"text", "text\n"}, {"lines\n", "lines\n"}, {"", ""}, {nil, ""}, {int64(5), "5\n"}, {true, "true\n"}, {2.50, "2.5\n"}, {[]byte("raw"), "raw\n"},
		{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "2026-01-02 03:04:05\n"},
		{[]any{}, ""}, {map[string]any{}, ""},
		{[]any{"a", int64(1), []any{"b"}, map[string]any{"x": true, "y": "z"}, map[string]any{}}, "a\n1\n-\n  b\n- x: true\n  y: z\n-\n"},
		{map[string]any{"b": "two\nlines\n", "a": []any{"x"}, "c": map[string]any{"d": ""}}, "a:\n  x\nb: two\n  lines\nc:\n  d:\n"},
	} {
		if got := ctl.Readable(c.value); got != c.want {
			t.Errorf("%#v: %q, want %q", c.value, got, c.want)
		}
	}
}

func TestHelpOfAMethodSaysHowToTypeIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text      string
		signature []string
		want      string
	}{
		{" Store it.\n\n        @param string key  Under this\n                           name\n        @param int n\n        @return boolean ok  Always true\n        ", nil,
			"m <key> <n>\n\tStore it.\n<key>\t\t(string) Under this name\n<n>\t\t(int)\nanswers\t\t(boolean) Always true"},
		{"Plain\n    text.\n", []string{"array", "string"}, "m <string>\n\tPlain\n\ttext.\n<string>\t\t(string)\nanswers\t\t(array)"},
		{"", nil, "m"},
		{"@param\n@return\n@", nil, "m <>\n<>\t\t()"},
	} {
		if got := ctl.Usage("m", c.text, c.signature); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzHelp(f *testing.F) {
	f.Add(" Text\n @param a b c\n@return x")
	f.Fuzz(func(t *testing.T, text string) { ctl.Usage("m", text, []string{"int", "string"}) })
}

// shop is a daemon with an extension, and remembers what was called.
func shop(t *testing.T) (url string, called func() string) {
	var mu sync.Mutex
	var all []string
	url = fake(t, func(method string, r *http.Request) any {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, method)
		switch method {
		case "system.listMethods":
			return []any{"cache.keys", "cache.store", "events.count", "supervisor.getState", "system.listMethods"}
		case "system.methodSignature":
			return []any{"boolean", "string", "string"}
		case "system.methodHelp":
			return " Store it.\n @param string key the key\n @param string value\n @return boolean r"
		case "cache.store":
			return xmlrpc.Struct{{Name: "stored", Value: true}, {Name: "n", Value: 2}}
		case "cache.keys":
			return &xmlrpc.Fault{Code: 70, String: "NOT_RUNNING: keys"}
		case "events.count":
			return "3"
		}
		return &xmlrpc.Fault{Code: 1, String: "UNKNOWN_METHOD"}
	})
	return url, func() string {
		mu.Lock()
		defer mu.Unlock()
		s := strings.Join(all, " ")
		all = nil
		return s
	}
}

func TestMethodsOfExtensionsAreCommands(t *testing.T) {
	t.Parallel()
	url, called := shop(t)
	const names = "cache commands (type help <topic>):\n===================================\ncache.keys  cache.store\n\n"
	for _, c := range []struct {
		line   string
		status int
		want   string
		calls  string
	}{
		{"cache.store k 5", 0, "n: 2\nstored: true\n", "system.methodSignature cache.store"},
		{"call cache.store k 5", 0, "n: 2\nstored: true\n", "system.methodSignature cache.store"},
		{"call --json cache.store k 5", 0, `{"n":2,"stored":true}` + "\n", "system.methodSignature cache.store"},
		{"--json cache.store k 5", 0, `{"n":2,"stored":true}` + "\n", "system.methodSignature cache.store"},
		{"--json call cache.store k 5", 0, `{"n":2,"stored":true}` + "\n", "system.methodSignature cache.store"},
		{"call --json cache.keys", 7, `{"fault":{"code":70,"text":"NOT_RUNNING: keys"}}` + "\n", "system.methodSignature cache.keys"},
		{"cache.keys", 7, "cache.keys: ERROR (NOT_RUNNING: keys)\n", "system.methodSignature cache.keys"},
		{"cache.nosuch 1 2", 1, "*** Unknown syntax: cache.nosuch 1 2\n", "system.methodSignature cache.nosuch"},
		{"call cache.nosuch", 1, "cache.nosuch: ERROR (UNKNOWN_METHOD)\n", "system.methodSignature cache.nosuch"},
		{"call", 1, "Error: call requires a method\ncall <ns.method>", ""},
		{"call cache", 1, "Error: cache is not of the form namespace.method\n", ""},
		{"call a.b.c", 1, "Error: a.b.c is not of the form namespace.method\n", ""},
		{"cache", 0, names, "system.listMethods system.listMethods"},
		{"nosuch", 1, "*** Unknown syntax: nosuch\n", "system.listMethods"},
		{"no such", 1, "*** Unknown syntax: no such\n", ""},
		{"events.count", 0, "3\n", "system.methodSignature events.count"},
		{"version.x", 1, "Error: version accepts no arguments\n", ""},
		{"help cache.store", 0, "cache.store <key> <value>\n\tStore it.\n<key>\t\t(string) the key\n", "system.methodHelp system.methodSignature"},
		{"help cache", 0, names, "system.listMethods"},
		{"help nosuch", 0, "*** No help on nosuch\n", "system.listMethods"},
		{"help call", 0, "call <ns.method> <arg> <arg>\tCall any", ""},
	} {
		code, out, errs := runWith(t, "", url, strings.Fields(c.line)...)
		calls := called()
		if code != c.status || !strings.HasPrefix(out, c.want) || errs != "" || !strings.HasPrefix(calls, c.calls) || c.calls == "" && calls != "" {
			t.Errorf("%s: status %d, %q, calls %s\nwant %d, %q, calls %s", c.line, code, out, calls, c.status, c.want, c.calls)
		}
	}
	if _, out, _ := runWith(t, "", url, "help"); !strings.HasSuffix(out, "\n\nextension commands (type help <topic>):\n=======================================\ncache.keys  cache.store  events.count\n\n") {
		t.Errorf("help: %q", out)
	}
	if code, out, _ := run(t, "", "-s", url, "cache.store", "a key", `{"x":1}`); code != 0 || out == "" {
		t.Errorf("with -s alone: %d %q", code, out)
	}
}
