package ctl_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/internal/ctl"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// container is a daemon whose namespaces run commands: it answers with these lines, and tells what it was asked.
func container(t *testing.T, methods []any, status int, lines string) (url string, asked func() (path, body string)) {
	var path, body string
	url = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/RPC2" {
			w.Write(xmlrpc.AppendResponse(nil, methods))
			return
		}
		path, body = r.URL.Path, string(text)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, lines)
	}))
	return url, func() (string, string) { return path, body }
}

var one = []any{"ops.allowed", "ops.run", "cache.run", "supervisor.getState"}

func TestExecShowsBothOutputsAndEndsAsTheCommandDid(t *testing.T) {
	t.Parallel()
	const end = `{"exit":{"exitcode":0,"signal":0,"timed_out":false,"seconds":1.25}}` + "\n"
	for _, c := range []struct {
		words, lines string
		status       int
		asked        string // path and body
		code         int
		out, errs    string
	}{
		{"ls|-l|a b", `{"stream":"stdout","data":"one\n"}` + "\n" + `{"stream":"stderr","data":"two"}` + "\n" + `{"stream":"stdout","base64":"AP8="}` + "\n" + end, 200,
			`/ext/ops/run {"command":["ls","-l","a b"],"options":{}}`, 0, "one\n\x00\xff", "two"},
		{"--|ls", strings.Replace(end, `"exitcode":0`, `"exitcode":3`, 1), 200, `/ext/ops/run {"command":["ls"],"options":{}}`, 3, "", ""},
		{"--in=o/p|--|--x|--", strings.Replace(end, `"exitcode":0,"signal":0`, `"exitcode":-1,"signal":9`, 1), 200, `/ext/o/p/run {"command":["--x","--"],"options":{}}`, 137, "", ""},
		{"--user=www|--directory=/srv|--env=A=b=c|--env=B=|--timeout=2.5|ls", strings.Replace(end, "false", "true", 1), 200,
			`/ext/ops/run {"command":["ls"],"options":{"user":"www","directory":"/srv","environment":{"A":"b=c","B":""},"timeout":2.5}}`, 124, "",
			"Error: the command took too long and was killed after 1.2 s\n"},
		{"--shell|echo|a||b", end, 200, `/ext/ops/run {"command":"echo a  b","options":{"shell":true}}`, 0, "", ""},
		{"--stdin|cat", end, 200, `/ext/ops/run {"command":["cat"],"options":{"stdin_base64":"dHlwZWQKaGVyZQ=="}}`, 0, "", ""},
		{"rm", `{"fault":{"code":21,"text":"rm is not among the commands that are allowed"}}`, 403, `/ext/ops/run {"command":["rm"],"options":{}}`, 126, "",
			"Error: rm is not among the commands that are allowed\n"},
		{"gone", `{"fault":{"code":20,"text":"gone"}}`, 409, `/ext/ops/run {"command":["gone"],"options":{}}`, 127, "", "Error: gone\n"},
		{"x", `{"fault":{"code":30,"text":"busy"}}`, 409, `/ext/ops/run {"command":["x"],"options":{}}`, 125, "", "Error: busy\n"},
		{"x", "no JSON", 403, `/ext/ops/run {"command":["x"],"options":{}}`, 125, "", "Error: the server answered 403 Forbidden\n"},
		{"--in=other|x", "", 404, `/ext/other/run {"command":["x"],"options":{}}`, 125, "", "Error: this supervisord has no such extension\n"},
		{"x", `{"stream":"stdout","data":"half"}` + "\n", 200, `/ext/ops/run {"command":["x"],"options":{}}`, 125, "half", "Error: the connection ended before the command did\n"},
		{"x", "junk\n", 200, `/ext/ops/run {"command":["x"],"options":{}}`, 125, "", "Error: cannot read the answer: invalid character 'j' looking for beginning of value\n"},
	} {
		url, asked := container(t, one, c.status, c.lines)
		conf := filepath.Join(t.TempDir(), "conf")
		must(t, os.WriteFile(conf, []byte("[supervisorctl]\nserverurl="+url+"\n"), 0o644))
		var stdout, stderr bytes.Buffer
		args := append([]string{"supervisorctl", "-c", conf, "exec"}, strings.Split(c.words, "|")...)
		code := ctl.Main(args, strings.NewReader("typed\nhere"), &stdout, &stderr)
		path, body := asked()
		if code != c.code || stdout.String() != c.out || stderr.String() != c.errs || path+" "+body != c.asked {
			t.Errorf("%s: status %d, want %d\n%s", c.words, code, c.code,
				cmp.Diff([]string{c.asked, c.out, c.errs}, []string{path + " " + body, stdout.String(), stderr.String()}))
		}
	}
}

func TestExecRefusesWhatItCannotAskFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words   string
		methods []any
		code    int
		want    string // of stdout, or else of stderr
	}{
		{"", one, 1, "Error: exec requires a command\nexec [options]"},
		{"--", one, 1, "Error: exec requires a command\n"},
		{"--nosuch x", one, 1, "Error: bad argument --nosuch\n"},
		{"--nosuch=1 x", one, 1, "Error: bad argument --nosuch=1\n"},
		{"--timeout=x y", one, 1, "Error: bad argument --timeout=x: a number of seconds is wanted\n"},
		{"--timeout=0 y", one, 1, "Error: bad argument --timeout=0: a number of seconds is wanted\n"},
		{"--env=A y", one, 1, "Error: bad argument --env=A: a variable is name=value\n"},
		{"ls", []any{"supervisor.getState", "cache.run"}, 125, "Error: this supervisord has no extension reeve.exec\n"},
		{"ls", []any{"a.run", "a.allowed", "b.run", "b.allowed"}, 125, "Error: there are several extensions that run commands, say which: --in=a or --in=b\n"},
	} {
		url, _ := container(t, c.methods, 500, "")
		code, out, errs := runWith(t, "", url, strings.Fields("exec "+c.words)...)
		if code != c.code || !strings.HasPrefix(out+errs, c.want) {
			t.Errorf("%s: status %d, %q %q", c.words, code, out, errs)
		}
	}
	if code, out, errs := runWith(t, "", "unix:///nowhere/s", "exec", "ls"); code != 125 || out != "" || errs != "Error: unix:///nowhere/s no such file\n" {
		t.Errorf("status %d, %q %q", code, out, errs)
	}
}

func TestCtrlCEndsExecAndTheCommand(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/RPC2" {
			w.Write(xmlrpc.AppendResponse(nil, one))
			return
		}
		io.ReadAll(r.Body)
		line, _ := json.Marshal(map[string]string{"stream": "stdout", "data": "begun\n"})
		w.Write(append(line, '\n'))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(left)
	}))
	cmd := program(t, "-s", url, "exec", "sleep", "1000")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "begun" {
		t.Fatalf("%q", lines.Text())
	}
	must(t, cmd.Process.Signal(os.Interrupt))
	<-left
	if lines.Scan() {
		t.Errorf("after Ctrl-C %q", lines.Text())
	}
	if cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("status %v", cmd.ProcessState)
	}
}
