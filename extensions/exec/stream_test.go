package exec_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/ext"
)

// TestOutputIsStreamedAsItComes, letters whole and bytes as bytes, and the end after it.
func TestOutputIsStreamedAsItComes(t *testing.T) {
	t.Parallel()
	h := &host{}
	x := guest(t, h, map[string]string{"allow": "/bin/true"})
	h.run = func(_ context.Context, c ext.Command) (ext.Exit, error) {
		fmt.Fprintf(c.Stdout, "got %s\n", c.Stdin)
		fmt.Fprint(c.Stdout, "\xe2\x82")
		fmt.Fprint(c.Stderr, "no\n")
		fmt.Fprint(c.Stdout, "\xac\n")
		fmt.Fprint(c.Stdout, "\xff\xfe")
		fmt.Fprint(c.Stdout, "a<b>\x1b[1m\r\t")
		fmt.Fprint(c.Stdout, "a\x00")
		fmt.Fprint(c.Stdout, "end\xe2")
		return ext.Exit{Code: 3, Took: time.Second}, nil
	}
	r := httptest.NewRequest("POST", "/run", strings.NewReader(`{"command":["true","x"],"options":{"stdin":"text"}}`))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	w := httptest.NewRecorder()
	x.ServeHTTP(w, r)
	want := `{"stream":"stdout","data":"got text\n"}
{"stream":"stderr","data":"no\n"}
{"stream":"stdout","data":"€\n"}
{"stream":"stdout","base64":"//4="}
{"stream":"stdout","data":"a<b>\u001b[1m\r\t"}
{"stream":"stdout","base64":"YQA="}
{"stream":"stdout","data":"end"}
{"stream":"stdout","base64":"4g=="}
{"exit":{"exitcode":3,"signal":0,"truncated":false,"timed_out":false,"seconds":1}}
`
	if got := w.Body.String(); got != want || w.Code != 200 || !w.Flushed {
		t.Errorf("%d\n%s", w.Code, got)
	}
}

// TestARequestThatCannotBeBegunHasAStatusAndAFault.
func TestARequestThatCannotBeBegunHasAStatusAndAFault(t *testing.T) {
	t.Parallel()
	h := &host{run: func(context.Context, ext.Command) (ext.Exit, error) {
		return ext.Exit{}, ext.Refuse(ext.NoFile, "gone")
	}}
	x := guest(t, h, map[string]string{"allow": "/bin/true"})
	const good, ours = `{"command":["true"]}`, "application/json"
	for _, c := range []struct {
		method, path, kind, body string
		status                   int
		fault                    string
	}{
		{"POST", "/run", ours, good, http.StatusConflict, `{"code":20,"text":"gone"}`},
		{"POST", "/", ours, good, http.StatusNotFound, `{"code":1,"text":"there is only run"}`},
		{"GET", "/run", ours, good, http.StatusMethodNotAllowed, `{"code":3,"text":"a command is posted"}`},
		{"POST", "/run", "text/plain", good, http.StatusUnsupportedMediaType, `{"code":3,"text":"a command is posted as application/json"}`},
		{"POST", "/run", ours, `{"command":["rm"]}`, http.StatusForbidden, `{"code":21,"text":"rm is not among the commands that are allowed"}`},
		{"POST", "/run", ours, `{"comand":["true"]}`, http.StatusBadRequest, `{"code":2,"text":"json: unknown field \"comand\""}`},
		{"POST", "/run", ours, `{`, http.StatusBadRequest, `{"code":2,"text":"unexpected EOF"}`},
		{"POST", "/run", ours, `{"command":"true"}`, http.StatusForbidden, `{"code":3,"text":"a line for a shell is not allowed; send a list of words"}`},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		x.ServeHTTP(w, r)
		if got := w.Body.String(); w.Code != c.status || got != `{"fault":`+c.fault+"}\n" {
			t.Errorf("%+v: %d %s", c, w.Code, got)
		}
	}
}
