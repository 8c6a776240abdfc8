package ctl_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/ctl"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

const root = "../.."

// The test binary is supervisorctl when this variable is set.
const asProgram = "REEVE_TEST_SUPERVISORCTL"

func TestMain(m *testing.M) {
	if manner := os.Getenv(asPlugin); manner != "" {
		os.Exit(pluginMain(manner))
	}
	if os.Getenv(asProgram) != "" {
		os.Exit(ctl.Main(os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// fake serves a daemon that answers as it is told; an answer is a value, a
// *xmlrpc.Fault, or an int, which is an HTTP status.
func fake(t *testing.T, answer func(method string, r *http.Request) any) (url string) {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		call, _ := xmlrpc.ParseCall(body, xmlrpc.Limits{})
		switch v := answer(call.Method, r).(type) {
		case http.HandlerFunc:
			v(w, r)
		case int:
			w.WriteHeader(v)
		case *xmlrpc.Fault:
			w.Write(xmlrpc.AppendFault(nil, v.Code, v.String))
		default:
			w.Write(xmlrpc.AppendResponse(nil, v))
		}
	}))
}

// serve serves HTTP on a unix socket.
func serve(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "r")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	must(t, err)
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
	s.Start()
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return "unix://" + filepath.Join(dir, "s")
}

// run is supervisorctl without a file: status, stdout and stderr.
func run(t *testing.T, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "conf")
	must(t, os.WriteFile(conf, []byte("[supervisorctl]\n[ctlplugin:cake]\nsupervisor.ctl_factory=kitchen.cake:make\n"), 0o644))
	var stdout, stderr bytes.Buffer
	code = ctl.Main(append([]string{"supervisorctl", "-c", conf}, args...), strings.NewReader(stdin), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func version(method string) any {
	if method == "supervisor.getVersion" {
		return "3.0"
	}
	return nil
}

// holds: CTL-011
func TestTheShellAsksForAPasswordUntilItIsRight(t *testing.T) {
	t.Parallel()
	url := fake(t, func(method string, r *http.Request) any {
		if user, password, _ := r.BasicAuth(); user != "me" || password != "s:e c" {
			return 401
		}
		if method == "supervisor.getAllProcessInfo" {
			return []any{}
		}
		return "3.0"
	})
	code, out, errs := run(t, "you\nx\nme\ns:e c\nversion\n", "-s", url)
	want := "Server requires authentication\nUsername:\nServer requires authentication\nUsername:\nsupervisor> 3.0\nsupervisor> \n"
	if code != 0 || out != want || errs != "Password:Password:" {
		t.Errorf("status %d\n%q\nwant\n%q\n%q", code, out, want, errs)
	}
	code, out, _ = run(t, "me\ns:e c\n", "-s", url, "-i", "version")
	if code != 0 || out != "Server requires authentication\nUsername:\n3.0\n" {
		t.Errorf("status %d\n%q", code, out)
	}
	code, out, _ = run(t, "", "-s", url, "-i", "version")
	if code != 1 || out != "Server requires authentication\nUsername:error: <class 'EOFError'>, EOF when reading a line\n" {
		t.Errorf("status %d\n%q", code, out)
	}
}

// holds: CTL-009 CTL-010 CTL-026 CTL-031
func TestWhatNoCommandHasWordsForIsSaidInOneLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args   string
		answer any
		code   int
		out    string
	}{
		{"start a", &xmlrpc.Fault{Code: 30, String: "FAILED: a"}, 1, "error: <class 'ValueError'>, Unknown result code 30 for a\n"},
		{"start a", &xmlrpc.Fault{Code: 30, String: "FAILED: not on Fridays"}, 1, "a: ERROR (not on Fridays)\n"},
		{"start a:b c", &xmlrpc.Fault{Code: 99, String: "x"}, 1, "error: <class 'ValueError'>, Unknown result code 99 for a:b\n"},
		{"stop a", &xmlrpc.Fault{Code: 30, String: "FAILED: it's stuck"}, 1, "FAILED: it's stuck\n"},
		{"clear a", &xmlrpc.Fault{Code: 30, String: "FAILED: a"}, 1, "a: ERROR (failed)\n"},
		{"start a", &xmlrpc.Fault{Code: 403, String: "FORBIDDEN: role read may not start"}, 1, "a: ERROR (role read may not start)\n"},
		{"clear a", &xmlrpc.Fault{Code: 403, String: "FORBIDDEN: role read may not clear logs"}, 1, "a: ERROR (role read may not clear logs)\n"},
		{"tail a", &xmlrpc.Fault{Code: 30, String: "FAILED"}, 1, "a: ERROR (unknown error reading log)\n"},
		{"tail a", &xmlrpc.Fault{Code: 99, String: "it's \"x\""}, 1, `error: <class 'xmlrpc.client.Fault'>, <Fault 99: 'it\'s "x"'>` + "\n"},
		{"fg a", &xmlrpc.Fault{Code: 99, String: "x"}, 0, "ERROR: <Fault 99: 'x'>\n"},
		{"pid a", 500, 1, "error: <class 'xmlrpc.client.ProtocolError'>, <ProtocolError for 127.0.0.1/RPC2: 500 Internal Server Error>\n"},
		{"update", &xmlrpc.Fault{Code: 92, String: "CANT_REREAD: no"}, 1, "error: <class 'xmlrpc.client.Fault'>, <Fault 92: 'CANT_REREAD: no'>\n"},
	} {
		url := fake(t, func(method string, r *http.Request) any {
			if v := version(method); v != nil {
				return v
			}
			return c.answer
		})
		code, out, errs := run(t, "", append([]string{"-s", url}, strings.Fields(c.args)...)...)
		if code != c.code || out != c.out || errs != "" {
			t.Errorf("%s: status %d, %q %q; want %d, %q", c.args, code, out, errs, c.code, c.out)
		}
	}
	old := fake(t, func(string, *http.Request) any { return "2.0" })
	code, out, _ := run(t, "", "-s", old, "version")
	if code != 5 || out != "Sorry, this version of supervisorctl expects to talk to a server with API version 3.0, but the remote version is 2.0.\n" {
		t.Errorf("an old daemon: status %d, %q", code, out)
	}
}

// holds: CFG-098
func TestAPlugInThatWeDoNotHaveFailsOnlyWhenItIsAskedFor(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("what is not compiled in is looked for with python3: ", err)
	}
	url := fake(t, func(string, *http.Request) any { return "3.0" })
	if code, out, _ := run(t, "", "-s", url, "version"); code != 0 || out != "3.0\n" {
		t.Errorf("version: status %d, %q", code, out)
	}
	const why = "Error: kitchen.cake:make cannot be resolved within [ctlplugin:cake]: No module named 'kitchen'\n"
	if code, out, _ := run(t, "", "bake"); code != 2 || out != why {
		t.Errorf("bake: status %d, %q", code, out)
	}
	for _, topic := range []string{"help", "help bake"} {
		if code, out, _ := run(t, "", topic); code != 2 || !strings.HasSuffix(out, why) {
			t.Errorf("%s: status %d, %q", topic, code, out)
		}
	}
}

// holds: CTL-035
func TestCtrlCEndsAFollowedLogAndLeavesTheShellAlone(t *testing.T) {
	t.Parallel()
	url := fake(t, func(method string, r *http.Request) any {
		if r.URL.Path == "/logtail/a/stdout" {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "a line\n")
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			})
		}
		if method == "supervisor.getAllProcessInfo" {
			return []any{}
		}
		return "3.0"
	})
	for stdin, after := range map[string][]string{
		"":                     {""},
		"tail -f a\nversion\n": {"", "supervisor> 3.0", "supervisor> "},
	} {
		args := []string{"-s", url}
		if stdin == "" {
			args = append(args, "tail", "-f", "a")
		}
		cmd := program(t, args...)
		cmd.Stdin = strings.NewReader(stdin)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "a line" {
		}
		must(t, cmd.Process.Signal(os.Interrupt))
		for _, want := range after {
			if !lines.Scan() || lines.Text() != want {
				t.Errorf("%q: after Ctrl-C %q, want %q", stdin, lines.Text(), want)
			}
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%q: %v", stdin, err)
		}
	}
}

// holds: CTL-037
func TestForegroundSendsLinesAndShowsBothChannels(t *testing.T) {
	t.Parallel()
	var sent []string
	shown := make(chan bool, 2)
	url := fake(t, func(method string, r *http.Request) any {
		if channel, ok := strings.CutPrefix(r.URL.Path, "/logtail/a/"); ok {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintln(w, "from", channel)
				w.(http.Flusher).Flush()
				shown <- true
				<-r.Context().Done()
			})
		}
		switch method {
		case "supervisor.getProcessInfo":
			state := 20
			if len(sent) == 2 {
				<-shown
				<-shown
				state = 100
			}
			return xmlrpc.Struct{{Name: "state", Value: state}}
		case "supervisor.sendProcessStdin":
			sent = append(sent, method)
			return true
		}
		return "3.0"
	})
	code, out, _ := run(t, "one\ntwo\nthree\n", "-s", url, "fg", "a")
	if code != 0 || !strings.HasPrefix(out, "==> Press Ctrl-C to exit <==\n") || !strings.Contains(out, "Process got killed\nExiting foreground\n") {
		t.Errorf("status %d, %q", code, out)
	}
	if len(sent) != 2 {
		t.Errorf("%d lines were sent, want 2: the process had ended then", len(sent))
	}
}

func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Dir = t.TempDir()
	return cmd
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
