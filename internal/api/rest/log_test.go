package rest_test

import (
	"bufio"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/reeve-sh/reeve/internal/api/rest"
	"github.com/reeve-sh/reeve/internal/standin"
)

// TestALogIsFollowedLineByLine: what is found first, then what is written, until the client hangs up.
func TestALogIsFollowedLineByLine(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]string{
		"follow=true&lines=1":         {"three\n", "four\n", "five\n", "six\n"},
		"follow=true&lines=1&grep=^f": {"four\n", "five\n"},
		"follow=true&offset=99":       {"one\n", "two\n", "three\n", "four\n", "five\n", "six\n"},
		"follow=1&offset=14&grep=i":   {"five\n", "six\n"},
	} {
		serve(t, func(d *daemon) {
			d.spoken()
			ours := d.Door.Knock()
			req := d.request("GET", "/api/v1/processes/g:a/log?"+query, "")
			go func() { _ = req.Write(ours) }()
			resp, err := http.ReadResponse(bufio.NewReader(ours), req)
			if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Fatal(resp, err)
			}
			lines := bufio.NewReader(resp.Body)
			heard := make(chan string, 10)
			go func() {
				for {
					line, err := lines.ReadString('\n')
					if err != nil {
						close(heard)
						return
					}
					heard <- line
				}
			}()
			synctest.Wait()
			f, err := os.OpenFile(d.dir+"/a.out", os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, piece := range []string{"fo", "ur\nfive\n", "six\n"} {
				if _, err := f.WriteString(piece); err != nil {
					t.Fatal(err)
				}
				standin.Pass(1e9)
			}
			f.Close()
			for _, line := range want {
				if got := <-heard; got != line {
					t.Errorf("%s: %q, want %q", query, got, line)
				}
			}
			ours.Close()
			if more, there := <-heard; there {
				t.Errorf("%s: and %q", query, more)
			}
		})
	}
}

// TestWhatIsNotUnderstoodIsRefused in one shape.
func TestWhatIsNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	serve(t, func(d *daemon) {
		for _, c := range []struct {
			method, path, body string
			status             int
			message            string
		}{
			{"GET", "/api/v2", "", 404, "there is nothing at /api/v2; see /api/v1/openapi.json"},
			{"GET", "/api/", "", 404, "there is nothing at /api/; see /api/v1/openapi.json"},
			{"GET", "/api/v1/processes/a/b/start", "", 404, "there is nothing at /api/v1/processes/a/b/start; see /api/v1/openapi.json"},
			{"DELETE", "/api/v1/events", "", 405, "this path takes GET, POST, not DELETE"},
			{"GET", "/api/v1/call", "", 405, "this path takes POST, not GET"},
			{"GET", "/api/v1/processes?color=red", "", 400, `unknown parameter "color"`},
			{"GET", "/api/v1/events?follow=maybe", "", 400, `parameter "follow" is true or false, not "maybe"`},
			{"GET", "/api/v1/events?after=1&after=2", "", 400, `parameter "after" is there twice`},
			{"GET", "/api/v1/processes/g:a/log?stream=both", "", 400, `parameter "stream" is stdout or stderr, not "both"`},
			{"GET", "/api/v1/processes/g:a/log?offset=x", "", 400, `parameter "offset" is a whole number, not "x"`},
			{"GET", "/api/v1/processes?%zz", "", 400, `cannot read the query: invalid URL escape "%zz"`},
			{"POST", "/api/v1/call", "", 400, "a JSON body is needed"},
			{"POST", "/api/v1/call", "[1]", 400, "the body is not a JSON object"},
			{"POST", "/api/v1/call", "{", 400, "cannot read the body: unexpected EOF"},
			{"POST", "/api/v1/call", `{"method":"a.b"} {}`, 400, "cannot read the body: there is more behind the object"},
			{"POST", "/api/v1/call", `{"method":"a.b","color":1}`, 400, `cannot read the body: unknown field "color"`},
			{"POST", "/api/v1/call", `{"method":"a.b","params":[99999999999999999999]}`, 400, "the parameters are not those that the method takes: params[0]: 99999999999999999999 is too large"},
			{"POST", "/api/v1/call", `{"method":"a.b","params":[{"$base64":"?"}]}`, 400, "the parameters are not those that the method takes: params[0]: $base64: illegal base64 data at input byte 0"},
			{"POST", "/api/v1/processes/g:a/signal", `{"signal":"HUP","signal":"KILL"}`, 400, `cannot read the body: "signal" is there twice, or not spelled like this`},
			{"POST", "/api/v1/processes/g:a/signal", `{"Signal":"HUP"}`, 400, `cannot read the body: "Signal" is there twice, or not spelled like this`},
			{"POST", "/api/v1/call", `{"method":"a.b","params":[1e999,{"x":[{"y":1,"y":2}]}]}`, 400, `cannot read the body: "y" is there twice, or not spelled like this`},
			{"POST", "/api/v1/call", "{\"method\":\"a.b\",\"params\":[\"\xff\"]}", 400, "the body is not UTF-8"},
			{"POST", "/api/v1/call", `{"method":"a.b","params":{}}`, 400, "cannot read the body: params cannot be an object"},
			{"GET", "/api/v1/processes/g:a/log?length=0", "", 400, "the arguments make no sense together: offset and lines are not negative, and length is at least 1"},
			{"GET", "/api/v1/processes/g:a/log?grep=" + strings.Repeat("x", 1001), "", 400, "the arguments make no sense together: grep has at most 1000 bytes"},
			{"GET", "/api/v1/processes/g:a/log?grep=(x%3F){999}y", "", 400, "the arguments make no sense together: grep repeats too much"},
			{"GET", "/api/v1/daemon/log?grep=(", "", 400, "the arguments make no sense together: error parsing regexp: missing closing ): `(`"},
			{"POST", "/api/v1/groups/g/add", `{"x":1}`, 400, "this takes no body"},
			{"POST", "/api/v1/processes/g:b/start", `{"wait":"x"}`, 400, "cannot read the body: wait cannot be a string"},
		} {
			status, p := d.problem(d.ask(c.method, c.path, c.body))
			if status != c.status || p.Message != c.message {
				t.Errorf("%s %s %s: %d %q, want %d %q", c.method, c.path, c.body, status, p.Message, c.status, c.message)
			}
		}
		if a := d.ask("HEAD", "/api/v1/daemon", ""); a.StatusCode != 200 || len(a.body) != 0 {
			t.Errorf("HEAD: %d %q", a.StatusCode, a.body)
		}
	})
}

// TestOnlyHealthIsOpen: without credentials there are states and nothing else.
func TestOnlyHealthIsOpen(t *testing.T) {
	t.Parallel()
	serve(t, func(d *daemon) {
		for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/api/v1/processes": 401, "/api/v1/openapi.json": 401} {
			req := d.request("GET", path, "")
			req.Header.Del("Authorization")
			if a := d.send(req); a.StatusCode != want {
				t.Errorf("%s: %d, want %d", path, a.StatusCode, want)
			}
		}
	})
}

// TestWhoMayNotComeInIsToldInJSON, as every other refusal of this face is: a client that was made from the document
// reads nothing else.
func TestWhoMayNotComeInIsToldInJSON(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 429} {
		resp := rest.Refuse(status, "because")
		if resp.Status != status || string(resp.Body) != "{\"code\":403,\"fault\":\"FORBIDDEN\",\"message\":\"because\"}\n" || resp.Header[0].Value != "application/json" {
			t.Errorf("%d %v %s", resp.Status, resp.Header, resp.Body)
		}
	}
}
