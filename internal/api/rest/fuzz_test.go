package rest_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/api/rest"
)

// FuzzBody: whatever is sent is refused in a sentence, or read as every other reader of JSON would; and what is read can
// be given to methods, and back.
func FuzzBody(f *testing.F) {
	for _, s := range []string{
		`{"method":"a.b","params":[1,1.5,"x",true,null,[],{"a":{"b":[]}},{"$base64":"AA=="},{"$datetime":"2026-01-31T12:00:00"}]}`,
		`{"method":"a","method":"b"}`, `{"Method":"a"}`, `{"method":"a"}{}`, `{"params":[{"a":1,"a":2}]}`, `{"":1}`, "{}", `{"method":null}`,
		`{"params":[1e999,99999999999999999999]}`, "{\"method\":\"\xff\"}", `{"params":[[[[[[]]]]]]}`, `{"method":"\ud800"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		raw = bytes.TrimSpace(raw)
		if len(raw) == 0 {
			return
		}
		var got client.CallRequest
		if refused := rest.Decode(raw, &got); refused != "" {
			var p client.Problem
			if err := json.Unmarshal([]byte(refused), &p); err != nil || p.Code != 2 || p.Message == "" {
				t.Fatalf("%q: %v", refused, err)
			}
			return
		}
		var again map[string]any
		if err := json.Unmarshal(raw, &again); err != nil && !bytes.ContainsAny(raw, "eE") { // numbers that no float holds
			t.Fatalf("%q was taken: %v", raw, err)
		}
		for name := range again {
			if name != "method" && name != "params" {
				t.Errorf("%q is nobody's", name)
			}
		}
		if !utf8.ValidString(got.Method) {
			t.Errorf("%q", got.Method)
		}
		for _, p := range got.Params {
			v, err := rest.Incoming(p)
			if err != nil {
				continue
			}
			if _, err := json.Marshal(rest.Outgoing(v)); err != nil {
				t.Errorf("%v: %v", v, err)
			}
		}
	})
}
