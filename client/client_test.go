package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// daemon serves what answer makes of a call, over a unix socket.
func daemon(t *testing.T, answer func(c xmlrpc.Call) []byte) *client.Client {
	t.Helper()
	return dial(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		c, err := xmlrpc.ParseCall(body, xmlrpc.Limits{})
		if err != nil || r.URL.Path != "/RPC2" || r.Method != "POST" || r.Header.Get("Content-Type") != "text/xml" {
			t.Errorf("a request that no supervisord takes: %s %s %q: %v", r.Method, r.URL, body, err)
		}
		w.Write(answer(c))
	})))
}

func serve(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "r")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	must(t, err)
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
	s.Start()
	t.Cleanup(s.Close)
	return "unix://" + filepath.Join(dir, "s")
}

func dial(t *testing.T, url string) *client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{URL: url})
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// holds: CTL-013
func TestEveryMethodAsksForWhatItIsCalledAfter(t *testing.T) {
	t.Parallel()
	var got string
	c := daemon(t, func(call xmlrpc.Call) []byte {
		got = strings.TrimSuffix(fmt.Sprintln(append([]any{call.Method}, call.Params...)...), "\n")
		return xmlrpc.AppendResponse(nil, true)
	})
	ctx := t.Context()
	for want, ask := range map[string]func(){
		"supervisor.getVersion":                 func() { c.APIVersion(ctx) },
		"supervisor.getSupervisorVersion":       func() { c.SupervisorVersion(ctx) },
		"supervisor.getIdentification":          func() { c.Identification(ctx) },
		"supervisor.getState":                   func() { c.State(ctx) },
		"supervisor.getPID":                     func() { c.PID(ctx) },
		"supervisor.readLog -5 0":               func() { c.ReadLog(ctx, -5, 0) },
		"supervisor.clearLog":                   func() { c.ClearLog(ctx) },
		"supervisor.shutdown":                   func() { c.Shutdown(ctx) },
		"supervisor.restart":                    func() { c.Restart(ctx) },
		"supervisor.reloadConfig":               func() { c.ReloadConfig(ctx) },
		"supervisor.addProcessGroup g":          func() { c.AddProcessGroup(ctx, "g") },
		"supervisor.removeProcessGroup g":       func() { c.RemoveProcessGroup(ctx, "g") },
		"supervisor.getProcessInfo a":           func() { c.ProcessInfo(ctx, "a") },
		"supervisor.getAllProcessInfo":          func() { c.AllProcessInfo(ctx) },
		"supervisor.getAllConfigInfo":           func() { c.AllConfigInfo(ctx) },
		"supervisor.startProcess a true":        func() { c.StartProcess(ctx, "a", true) },
		"supervisor.startProcessGroup g false":  func() { c.StartProcessGroup(ctx, "g", false) },
		"supervisor.startAllProcesses true":     func() { c.StartAllProcesses(ctx, true) },
		"supervisor.stopProcess a false":        func() { c.StopProcess(ctx, "a", false) },
		"supervisor.stopProcessGroup g true":    func() { c.StopProcessGroup(ctx, "g", true) },
		"supervisor.stopAllProcesses true":      func() { c.StopAllProcesses(ctx, true) },
		"supervisor.signalProcess a HUP":        func() { c.SignalProcess(ctx, "a", "HUP") },
		"supervisor.signalProcessGroup g HUP":   func() { c.SignalProcessGroup(ctx, "g", "HUP") },
		"supervisor.signalAllProcesses HUP":     func() { c.SignalAllProcesses(ctx, "HUP") },
		"supervisor.sendProcessStdin a x":       func() { c.SendProcessStdin(ctx, "a", "x") },
		"supervisor.sendRemoteCommEvent t d":    func() { c.SendRemoteCommEvent(ctx, "t", "d") },
		"supervisor.readProcessStdoutLog a 1 2": func() { c.ReadProcessStdoutLog(ctx, "a", 1, 2) },
		"supervisor.readProcessStderrLog a 1 2": func() { c.ReadProcessStderrLog(ctx, "a", 1, 2) },
		"supervisor.tailProcessStdoutLog a 1 2": func() { c.TailProcessStdoutLog(ctx, "a", 1, 2) },
		"supervisor.tailProcessStderrLog a 1 2": func() { c.TailProcessStderrLog(ctx, "a", 1, 2) },
		"supervisor.clearProcessLogs a":         func() { c.ClearProcessLogs(ctx, "a") },
		"supervisor.clearAllProcessLogs":        func() { c.ClearAllProcessLogs(ctx) },
		"system.listMethods":                    func() { c.ListMethods(ctx) },
		"system.methodHelp m":                   func() { c.MethodHelp(ctx, "m") },
		"system.methodSignature m":              func() { c.MethodSignature(ctx, "m") },
		"system.multicall [[{methodName m} {params [[{a 1}]]}]]": func() {
			c.Multicall(ctx, []client.CallSpec{{Method: "m", Args: []any{map[string]any{"a": 1}}}})
		},
	} {
		if ask(); got != want {
			t.Errorf("asked for %q, want %q", got, want)
		}
	}
}

func TestAnAnswerOfAnotherTypeIsAnErrorAndNoPanic(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, v := range []any{1, "x", true, []any{}, []any{1}, []any{[]any{1, 2, 3}}, []any{[]any{[]any{1}, []any{}, []any{}}}, xmlrpc.Struct{}} {
		c := daemon(t, func(xmlrpc.Call) []byte { return xmlrpc.AppendResponse(nil, v) })
		c.State(ctx)
		c.AllProcessInfo(ctx)
		c.ProcessInfo(ctx, "a")
		c.PID(ctx)
		c.ListMethods(ctx)
		c.Multicall(ctx, nil)
		c.TailProcessStdoutLog(ctx, "a", 0, 0)
		if _, err := c.ReloadConfig(ctx); err == nil {
			t.Errorf("%v passed as changes", v)
		}
	}
	c := daemon(t, func(xmlrpc.Call) []byte { return []byte("busy") })
	if _, err := c.PID(ctx); err == nil {
		t.Error("rubbish passed as a pid")
	}
}

func TestErrorsSayWhoRefused(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c := daemon(t, func(xmlrpc.Call) []byte { return xmlrpc.AppendFault(nil, 10, "BAD_NAME: x") })
	_, err := c.Call(ctx, "a.b")
	var fault *client.Fault
	if !errors.As(err, &fault) || *fault != (client.Fault{Code: 10, String: "BAD_NAME: x"}) {
		t.Errorf("fault: %v", err)
	}
	c = dial(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401) })))
	var refused *client.HTTPError
	if _, err := c.PID(ctx); !errors.As(err, &refused) || *refused != (client.HTTPError{Status: 401, Reason: "Unauthorized"}) {
		t.Errorf("401: %v", err)
	}
	if _, err := dial(t, "unix://"+t.TempDir()+"/none").PID(ctx); !client.Missing(err) || client.Refused(err) {
		t.Errorf("no socket: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	l.Close()
	if _, err := dial(t, "http://"+l.Addr().String()).PID(ctx); !client.Refused(err) || client.Missing(err) {
		t.Errorf("nobody listens: %v", err)
	}
	var unknown *client.UnknownProtocolError
	if _, err := client.Dial(client.Options{URL: "ftp://x"}); !errors.As(err, &unknown) {
		t.Errorf("ftp: %v", err)
	}
	for _, url := range []string{"http://", "http://[", "http://:80"} {
		if _, err := client.Dial(client.Options{URL: url}); err == nil {
			t.Errorf("%q can be dialled", url)
		}
	}
}

func TestATimeoutEndsACallAndNotAStream(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" {
			w.(http.Flusher).Flush()
		}
		<-hold
		w.Write([]byte("late"))
	}))
	c, err := client.Dial(client.Options{URL: url, Timeout: 20 * time.Millisecond})
	must(t, err)
	stream, err := c.FollowLog(t.Context(), "g:a", "stdout")
	must(t, err)
	if _, err := c.PID(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	close(hold)
	if text, err := io.ReadAll(stream); string(text) != "late" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	stream.Close()
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestNothingCanBeSent(t *testing.T) {
	t.Parallel()
	body := ""
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		body = string(text)
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, "<methodResponse><params><param><value><boolean>1</boolean></value></param></params></methodResponse>")
	}))
	defer srv.Close()
	c, err := client.Dial(client.Options{URL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if v, err := c.Call(t.Context(), "x.y", nil, []any{nil}); err != nil || v != true || strings.Count(body, "<nil/>") != 2 {
		t.Errorf("%v %v %s", v, err, body)
	}
}
