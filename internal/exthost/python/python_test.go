package python_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/exthost/python"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

func TestArgumentsAreSpelledForPython(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value any
		want  string
	}{
		{int64(-1), "-1"}, {true, "true"}, {xmlrpc.Nil{}, "null"}, {1.0, "1.0"}, {1e300, "1e+300"}, {math.Inf(-1), "-Infinity"}, {math.NaN(), "NaN"},
		{"a\"\\\n\x00ä\xff", `"a\"\\\n\u0000ä�"`},
		{[]any{int64(1), []any{}, "x"}, `[1,[],"x"]`},
		{xmlrpc.Struct{{Name: "a", Value: int64(1)}, {Name: "b", Value: []any{true}}}, `{"a":1,"b":[true]}`},
		{xmlrpc.Struct{{Name: "$", Value: int64(1)}}, `{"$":["struct",[["$",1]]]}`},
		{xmlrpc.DateTime{Year: 2000, Month: 1, Day: 2, Hour: 3, Minute: 4, Second: 5}, `{"$":["time","20000102T03:04:05"]}`},
	} {
		if d := cmp.Diff(c.want, string(python.AppendValue(nil, c.value))); d != "" {
			t.Errorf("%#v:\n%s", c.value, d)
		}
	}
}

func FuzzStringsAreJSON(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\x1f\"\\\u2028\xff\xc3")
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		text := python.AppendValue(nil, s)
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%q: %v in %s", s, err, text)
		}
		want := ""
		for _, r := range s {
			want += string(r)
		}
		if got != want || !utf8.Valid(text) {
			t.Errorf("%q comes back as %q", s, got)
		}
	})
}

func TestOnlyAnAnswerOfPythonsIsTakenOver(t *testing.T) {
	t.Parallel()
	response := func(inside string) string {
		return "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n" + inside + "</param>\n</params>\n</methodResponse>\n"
	}
	const one = "<value><int>1</int></value>\n"
	for _, c := range []struct {
		text string
		many bool
		want string
	}{
		{response(one), false, one},
		{response("<value><array><data>\n" + one + "</data></array></value>\n"), true, one},
		{response(one), true, ""},
		{one, false, ""}, {"", false, ""}, {response(""), false, ""}, {response("junk"), false, ""},
		{strings.Replace(response(one), "params", "fault", 1), false, ""},
	} {
		got, err := python.Spelled(c.text, c.many)
		if string(got) != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %q, %v", c.text, got, err)
		}
	}
}

func FuzzWhatTheInterpreterSaysHurtsNobody(f *testing.F) {
	for _, s := range []string{
		`{"jsonrpc":"2.0","id":1,"result":{"xml":"x"}}`, `{"id":1,"error":{"code":1,"message":"x"}}`, `{"id":2,"result":null}`,
		`{"method":"log","params":{"level":20,"text":"x"}}`, `{"method":"log","params":[]}`, `{"method":"rpc.result","params":{"call":1}}`,
		`{"method":"nosuch","id":null}`, `[]`, `"`, "\x00", `{"id":{},"result":1}`,
	} {
		f.Add([]byte(s))
	}
	path := filepath.Join(f.TempDir(), "log")
	j, err := journal.Open(journal.Options{Path: path, Level: config.Info, Now: time.Now})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { j.Close(); os.Remove(path) })
	f.Fuzz(func(t *testing.T, line []byte) {
		var m struct {
			ID     json.RawMessage
			Method string
		}
		if json.Unmarshal(line, &m) == nil && (m.Method == "events.mask" || m.Method != "" && len(m.ID) > 0 && string(m.ID) != "null") {
			return // it needs a daemon behind it
		}
		hear, end := python.Deaf(j)
		hear(line)
		hear(line)
		end()
	})
}
