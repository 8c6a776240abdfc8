package rest_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"

	"github.com/reeve-sh/reeve/internal/api/rest"
)

// document is the validator of the document, which somebody else has written.
var document = sync.OnceValues(func() (validator.Validator, []error) {
	doc, err := libopenapi.NewDocument(rest.Document())
	if err != nil {
		return nil, []error{err}
	}
	return validator.NewValidator(doc)
})

// asked is one request of the story below: what it is, the status, and the fault or a part of the answer.
type asked struct {
	request string // method, path, and a body if there is one
	status  int
	want    string
}

// story asks every route in an order in which each has something to do.
var story = []asked{
	{"GET /healthz", 200, `{"status":"ok"}`},
	{"GET /readyz", 200, `{"ready":true,"processes":[{"name":"g:a","state":"RUNNING","ready":true}]}`},
	{"GET /readyz?program=solo,g:a", 503, `{"ready":false,"processes":[{"name":"g:a","state":"RUNNING","ready":true},{"name":"solo","state":"STOPPED","ready":false}]}`},
	{"GET /readyz?group=nobody", 404, "BAD_NAME"},
	{"GET /api/v1/openapi.json", 200, `"openapi": "3.1.0"`},
	{"GET /api/v1/daemon", 200, `"identifier":"test","state":"RUNNING"`},
	{"GET /api/v1/processes", 200, `"name":"g:b"`},
	{"GET /api/v1/processes?name=g:*&state=running", 200, `"name":"g:a"`},
	{"GET /api/v1/processes?name=nobody", 404, "BAD_NAME"},
	{"GET /api/v1/processes/g:a", 200, `"process":"a","state":"RUNNING"`},
	{"GET /api/v1/processes/g:a/", 200, `"process":"a","state":"RUNNING"`},
	{"GET /api/v1/processes/g%3Aa", 200, `"process":"a","state":"RUNNING"`},
	{"GET /api/v1/processes/nobody", 404, "BAD_NAME"},
	{"GET /api/v1/groups", 200, `"name":"solo"`},
	{"GET /api/v1/groups/g", 200, `"priority":1`},
	{"GET /api/v1/groups/nobody", 404, "BAD_NAME"},
	{"POST /api/v1/processes/solo/start", 200, `{"results":[{"name":"solo","group":"solo","process":"solo","code":80,"fault":"SUCCESS","message":"OK"}]}`},
	{"POST /api/v1/processes/solo/start", 409, "ALREADY_STARTED"},
	{"POST /api/v1/processes/solo/stdin " + `{"data":"hello"}`, 200, `"fault":"SUCCESS"`},
	{"POST /api/v1/processes/solo/stdin " + `{"data_base64":"/w=="}`, 200, `"fault":"SUCCESS"`},
	{"POST /api/v1/processes/solo/stdin " + `{"data":"x","data_base64":"/w=="}`, 400, "INCORRECT_PARAMETERS"},
	{"POST /api/v1/processes/solo/signal " + `{"signal":"USR1"}`, 200, `"fault":"SUCCESS"`},
	{"POST /api/v1/processes/solo/signal " + `{"signal":"NOPE"}`, 400, "BAD_SIGNAL"},
	{"POST /api/v1/processes/solo/clear", 200, `"fault":"SUCCESS"`},
	{"POST /api/v1/processes/solo/restart " + `{"wait":true}`, 200, `"fault":"SUCCESS"`},
	{"GET /api/v1/processes/solo", 200, `"restarts":1,"signal":"SIGTERM"`},
	{"POST /api/v1/processes/solo/stop " + `{"wait":false}`, 200, `"fault":"SUCCESS"`},
	{"POST /api/v1/processes/solo/stop", 409, "NOT_RUNNING"},
	{"POST /api/v1/processes/solo/signal " + `{"signal":"1"}`, 409, "NOT_RUNNING"},
	{"POST /api/v1/processes/g:*/restart", 200, `"name":"g:b"`},
	{"POST /api/v1/groups/g/stop", 200, `"name":"g:a"`},
	{"GET /readyz", 200, `{"ready":true,"processes":[]}`},
	{"GET /readyz?program=g:*", 503, `"STOPPED"`},
	{"POST /api/v1/groups/g/start " + `{"wait":false}`, 200, `"name":"g:a"`},
	{"GET /readyz?group=g", 503, `"STARTING"`},
	{"POST /api/v1/groups/g/restart", 200, `"name":"g:a"`},
	{"POST /api/v1/groups/g/signal " + `{"signal":"HUP"}`, 200, `"name":"g:a"`},
	{"POST /api/v1/groups/g/clear", 200, `"name":"g:a"`},
	{"POST /api/v1/groups/g/stdin " + `{"data":"x"}`, 200, `"name":"g:a"`},
	{"POST /api/v1/groups/nobody/stop", 404, "BAD_NAME"},
	{"POST /api/v1/groups/g/add", 409, "ALREADY_ADDED"},
	{"POST /api/v1/groups/g/remove", 409, "STILL_RUNNING"},
	{"POST /api/v1/groups/solo/remove", 200, `{"done":true}`},
	{"POST /api/v1/groups/solo/add", 200, `{"done":true}`},
	{"POST /api/v1/all/restart", 200, `"name":"g:a"`},
	{"POST /api/v1/all/signal " + `{"signal":"HUP"}`, 200, `"name":"solo"`},
	{"POST /api/v1/all/clear", 200, `"name":"solo"`},
	{"POST /api/v1/all/stdin " + `{"data":"x"}`, 200, `"name":"solo"`},
	{"POST /api/v1/all/stop", 200, `"name":"solo"`},
	{"POST /api/v1/all/start " + `{}`, 200, `"name":"solo"`},
	{"GET /api/v1/events?follow=false&type=PROCESS_STATE&program=solo", 200, "event: PROCESS_STATE_STOPPED"},
	{"GET /api/v1/events?follow=false&type=NOPE", 400, "INCORRECT_PARAMETERS"},
	{"POST /api/v1/events " + `{"type":"k","data":"v"}`, 200, `{"done":true}`},
	{"GET /api/v1/events?follow=false&type=REMOTE_COMMUNICATION", 200, `"kind":"k","data":"v"`},
	{"GET /api/v1/methods", 200, `{"name":"system.listMethods","signature":["array"],"help":"Names of all methods.`},
	{"POST /api/v1/call " + `{"method":"supervisor.getState"}`, 200, `{"result":{"statecode":1,"statename":"RUNNING"}}`},
	{"POST /api/v1/call " + `{"method":"supervisor.nope"}`, 404, "UNKNOWN_METHOD"},
	{"GET /api/v1/config", 200, `"stopsignal":"SIGTERM"`},
	{"GET /api/v1/processes/g:a/config", 200, `"command":"/bin/cat"`},
	{"GET /api/v1/processes/nobody/config", 404, "BAD_NAME"},
	{"GET /api/v1/config/changes", 200, `{"added":["spare"],"changed":["g"],"removed":["solo"],"groups":[{"group":"solo","change":"removed"},` +
		`{"group":"g","change":"changed","come":["c"],"go":["b"],"options":[{"process":"a","option":"environment","from":["KEY"],"to":["KEY"]},{"process":"a","option":"stopwaitsecs","from":10,"to":3}]},` +
		`{"group":"spare","change":"added"}]}`},
	{"POST /api/v1/config/reread", 200, `{"added":["spare"],"changed":["g"],"removed":["solo"]}`},
	{"POST /api/v1/config/update " + `{"groups":["nobody"]}`, 404, "BAD_NAME"},
	{"POST /api/v1/config/update " + `{"groups":["spare"]}`, 200, `{"results":[{"group":"spare","change":"added"}]}`},
	{"POST /api/v1/config/update", 200, `{"results":[{"group":"solo","change":"removed"},{"group":"g","change":"changed"}]}`},
	{"GET /api/v1/config/changes", 200, `{"added":[],"changed":[],"removed":[],"groups":[]}`},
	{"GET /api/v1/daemon/log?lines=1", 200, `,"offset":`},
	{"GET /api/v1/daemon/log?since=1h&grep=Nothing%20like%20this", 200, `"text":""`},
	{"GET /api/v1/processes/g:a/log", 200, `{"text":"one\ntwo\nthree\n","offset":0,"next":14,"size":14}`},
	{"GET /api/v1/processes/g:a/log?grep=t.o&offset=2", 200, `{"text":"two\n","offset":2,"next":14,"size":14}`},
	{"GET /api/v1/processes/g:a/log?offset=99&lines=1", 200, `{"text":"three\n","offset":8,"next":14,"size":14,"restarted":true}`},
	{"GET /api/v1/processes/g:a/log?format=text&lines=1", 200, "three\n"},
	{"GET /api/v1/processes/g:a/log?stream=stderr", 200, `"text":"bad\n"`},
	{"GET /api/v1/processes/g:a/log?grep=(", 400, "BAD_ARGUMENTS"},
	{"GET /api/v1/processes/g:a/log?since=1m", 400, "BAD_ARGUMENTS"},
	{"GET /api/v1/processes/g:a/log?since=tomorrow", 400, "BAD_ARGUMENTS"},
	{"GET /api/v1/processes/g:a/log?lines=-1", 400, "BAD_ARGUMENTS"},
	{"GET /api/v1/processes/spare/log", 404, "NO_FILE"},
	{"GET /api/v1/processes/nobody/log", 404, "BAD_NAME"},
	{"POST /api/v1/daemon/log/clear", 200, `{"done":true}`},
	{"POST /api/v1/daemon/restart", 409, "CANT_REREAD"},
	{"POST /api/v1/daemon/shutdown", 200, `{"done":true}`},
	{"GET /api/v1/processes", 503, "SHUTDOWN_STATE"},
	{"GET /readyz", 503, `{"ready":false,"processes":[]}`},
	{"GET /healthz", 200, `{"status":"shutting down"}`},
}

func TestEveryRouteAnswersAsTheDocumentSays(t *testing.T) {
	t.Parallel()
	check, errs := document()
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, errs := check.ValidateDocument(); !ok {
		for _, e := range errs {
			t.Error(e.Message, e.Reason)
		}
	}
	var reached []string
	serve(t, func(d *daemon) {
		for _, c := range story {
			d.mu.Lock()
			d.bad = nil
			if strings.HasPrefix(c.request, "POST /api/v1/daemon/restart") {
				d.bad = errBroken
			}
			d.mu.Unlock()
			if strings.HasPrefix(c.request, "GET /api/v1/config/changes") && len(d.next.Groups) == 2 {
				d.another()
			}
			if strings.HasPrefix(c.request, "GET /api/v1/processes/g:a/log") {
				d.spoken()
			}
			if strings.HasPrefix(c.request, "POST /api/v1/daemon/shutdown") {
				d.Stubborn()
			}
			method, rest1, _ := strings.Cut(c.request, " ")
			path, body, _ := strings.Cut(rest1, " ")
			a := d.tell(check, method, path, body, c)
			bare, _, _ := strings.Cut(path, "?")
			if a.StatusCode == 200 || c.want == "CANT_REREAD" {
				reached = append(reached, rest.Which(method, strings.TrimSuffix(bare, "/")))
			}
		}
		d.Obedient()
	})
	for _, id := range rest.IDs() {
		if !slices.Contains(reached, id) {
			t.Errorf("no request of the story is answered by %s", id)
		}
	}
}

// tell plays one request and holds request and answer against the document.
func (d *daemon) tell(check validator.Validator, method, path, body string, c asked) answer {
	d.t.Helper()
	a := d.ask(method, path, body)
	if a.StatusCode != c.status {
		d.t.Errorf("%s: status %d, want %d: %s", c.request, a.StatusCode, c.status, a.body)
	}
	switch {
	case a.StatusCode >= 400 && !strings.HasPrefix(c.want, "{") && !strings.HasPrefix(c.want, `"`):
		if _, p := d.problem(a); p.Fault != c.want || p.Message == "" || p.Code == 0 {
			d.t.Errorf("%s: %+v, want %s", c.request, p, c.want)
		}
	case !bytes.Contains(a.body, []byte(c.want)):
		d.t.Errorf("%s: %s\nhas no %s", c.request, a.body, c.want)
	}
	req := d.request(method, strings.TrimSuffix(path, "/"), body)
	a.Body = io.NopCloser(bytes.NewReader(a.body))
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/") {
		return a // a stream of text is none of the validator's trades; its events have tests of their own
	}
	if ok, errs := check.ValidateHttpResponse(req, a.Response); !ok {
		for _, e := range errs {
			d.t.Errorf("%s: %s: %s %+v\n%s", c.request, e.Message, e.Reason, e.SchemaValidationErrors, a.body)
		}
	}
	if c.status < 400 {
		if ok, errs := check.ValidateHttpRequest(d.request(method, strings.TrimSuffix(path, "/"), body)); !ok {
			for _, e := range errs {
				d.t.Errorf("%s: %s: %s %+v", c.request, e.Message, e.Reason, e.SchemaValidationErrors)
			}
		}
	}
	return a
}
