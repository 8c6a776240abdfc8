package jsonrpc_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/internal/wire/jsonrpc"
)

func TestAMessageIsClearlyOneThing(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]jsonrpc.Message{
		`{"jsonrpc":"2.0","id":7,"method":"call","params":{"a":1}}`: {ID: "7", Method: "call", Params: json.RawMessage(`{"a":1}`)},
		`{"jsonrpc":"2.0","id":"x","method":"call","more":1}`:       {ID: `"x"`, Method: "call"},
		"{\"method\":\"log\",\"jsonrpc\":\"2.0\"}\r\n":              {Kind: jsonrpc.Notification, Method: "log"},
		`{"jsonrpc":"2.0","id":7,"result":null}`:                    {Kind: jsonrpc.Result, ID: "7", Result: json.RawMessage("null")},
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"bad"}}`: {
			Kind: jsonrpc.Failure, ID: "null", Error: &jsonrpc.Error{Code: -32700, Text: "bad"},
		},
	} {
		got, err := jsonrpc.Parse([]byte(line))
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", line, err, d)
		}
	}
}

func TestWhatIsUnclearIsRefusedInWords(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`hello`: "no JSON object", ``: "no JSON object", `[]`: "no JSON object", `{"a"`: "no JSON", `{"a":1`: "no JSON",
		`{"id":1,"method":"x"}`:                                           `no "jsonrpc": "2.0"`,
		`{"jsonrpc":"1.0","id":1,"method":"x"}`:                           `no "jsonrpc": "2.0"`,
		`{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}`:                    `two members "id"`,
		`{"jsonrpc":"2.0","id":[1],"method":"x"}`:                         "neither a number nor a string",
		`{"jsonrpc":"2.0","id":null,"method":"x"}`:                        "cannot be null",
		`{"jsonrpc":"2.0","id":1,"method":"x","result":1}`:                "at once",
		`{"jsonrpc":"2.0","id":1,"method":""}`:                            "no name",
		`{"jsonrpc":"2.0","id":1,"method":"x","params":3}`:                "neither an array nor an object",
		`{"jsonrpc":"2.0","id":1}`:                                        "neither a method nor a result",
		`{"jsonrpc":"2.0","id":1,"result":1,"error":{}}`:                  "both",
		`{"jsonrpc":"2.0","result":1}`:                                    "has no id",
		`{"jsonrpc":"2.0","id":null,"result":1}`:                          "cannot be null",
		`{"jsonrpc":"2.0","id":1,"error":{"code":1}}`:                     "no code or no message",
		`{"jsonrpc":"2.0","id":1,"error":"no"}`:                           "no code or no message",
		`{"jsonrpc":"2.0","id":1,"result":1} {}`:                          "something follows",
		"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}":              "no UTF-8",
		`{"jsonrpc":"2.0","ID":1,"Method":"x","id":1,"Result":1}`:         "neither a method nor a result",
		`{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":"often"}}`: "no code or no message",
	} {
		if _, err := jsonrpc.Parse([]byte(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	t.Parallel()
	text := "a \"quoted\"\nline \\ \x01 é"
	for _, line := range [][]byte{
		jsonrpc.AppendRequest(nil, "1", text, []byte(`[1]`)), jsonrpc.AppendRequest(nil, "", text, nil),
		jsonrpc.AppendResult(nil, `"i"`, []byte(`{"x":1}`)), jsonrpc.AppendFailure(nil, "3", &jsonrpc.Error{Code: 30, Text: text}),
	} {
		m, err := jsonrpc.Parse(line)
		if err != nil || strings.Count(string(line), "\n") != 1 {
			t.Errorf("%q: %v", line, err)
		}
		if m.Method != text && m.Result == nil && m.Error.Text != text {
			t.Errorf("%q: %+v", line, m)
		}
	}
}

func TestValuesOfXMLRPCInJSON(t *testing.T) {
	t.Parallel()
	for text, v := range map[string]any{
		`5`: int64(5), `-2147483648`: int64(math.MinInt32), `5.0`: 5.0, `1e+300`: 1e300, `true`: true, `null`: nil, `"a\n"`: "a\n",
		`[1,"b",[]]`: []any{int64(1), "b", []any{}}, `{"a":{"b":2}}`: map[string]any{"a": map[string]any{"b": int64(2)}},
		`{"$b":"aGk="}`: []byte("hi"), `{"$t":"20260102T03:04:05"}`: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		`{"$o":{"$b":1}}`: map[string]any{"$b": int64(1)}, `{"$b":1,"c":2}`: map[string]any{"$b": int64(1), "c": int64(2)},
		`{"$o":{"$o":{"$o":{"$b":"aGk="}}}}`: map[string]any{"$o": map[string]any{"$b": "aGk="}},
	} {
		got, err := jsonrpc.ParseValue([]byte(text))
		if d := cmp.Diff(v, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", text, err, d)
		}
		back, err := jsonrpc.AppendValue(nil, v)
		if err != nil || string(back) != text {
			t.Errorf("%v is written %s: %v", v, back, err)
		}
	}
	for text, want := range map[string]string{
		`2147483648`: "more than 32 bits", `1e999`: "too large", `{"$b":"?"}`: "not of its form", `{"$t":"x"}`: "not of its form",
		`{"$x":1}`: "marks nothing", `{"$b":1}`: "marks nothing", `1 2`: "something follows", `[`: "no JSON",
		strings.Repeat("[", 70) + strings.Repeat("]", 70): "deeper than 64",
	} {
		if v, err := jsonrpc.ParseValue([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", text, v, err)
		}
	}
	for _, v := range []any{math.NaN(), math.Inf(1), uint(3), make(chan int)} {
		if got, err := jsonrpc.AppendValue(nil, v); err == nil {
			t.Errorf("%v is written %s", v, got)
		}
	}
}

func TestTheNumberOfValuesIsBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want string
	}{
		{"[" + strings.Repeat("0,", 1<<20-1) + "0]", "<nil>"},
		{"[" + strings.Repeat("0,", 1<<20) + "0]", "there are more than 1048576 values in it"},
		{"[" + strings.Repeat("{},", 1<<19) + "0]", "there are more than 1048576 values in it"},
		{`["` + strings.Repeat(`\",[{`, 1<<20) + `"]`, "<nil>"},
	} {
		if _, err := jsonrpc.ParseValue([]byte(c.text)); fmt.Sprint(err) != c.want {
			t.Errorf("%.20s...: %v, want %s", c.text, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"x","params":[1]}`, `{"jsonrpc":"2.0","id":"a","result":{"$b":"aGk="}}`,
		`{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}`, `{"$o":{"$o":{"$t":1}}}`, `[1.5,null,"\ud800"]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if m, err := jsonrpc.Parse(line); err == nil {
			var again []byte
			switch m.Kind {
			case jsonrpc.Request, jsonrpc.Notification:
				again = jsonrpc.AppendRequest(nil, m.ID, m.Method, m.Params)
			case jsonrpc.Result:
				again = jsonrpc.AppendResult(nil, m.ID, m.Result)
			case jsonrpc.Failure:
				again = jsonrpc.AppendFailure(nil, m.ID, m.Error)
			}
			if n, err := jsonrpc.Parse(again); err != nil || n.Kind != m.Kind || n.ID != m.ID || n.Method != m.Method {
				t.Fatalf("%q becomes %q: %v", line, again, err)
			}
		}
		v, err := jsonrpc.ParseValue(line)
		if err != nil {
			return
		}
		text, err := jsonrpc.AppendValue(nil, v)
		if err != nil {
			t.Fatalf("%q cannot be written again: %v", line, err)
		}
		if back, err := jsonrpc.ParseValue(text); err != nil || cmp.Diff(v, back) != "" {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
