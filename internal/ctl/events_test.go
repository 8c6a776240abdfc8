package ctl_test

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/ctl"
)

// teller is a daemon that tells these events and then, if it is asked to, waits for its client to go.
func teller(t *testing.T, asked *string, events ...string) (url string) {
	t.Helper()
	return fake(t, func(method string, r *http.Request) any {
		if r.URL.Path != "/events" {
			return "3.0"
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if asked != nil {
				*asked = r.URL.RawQuery
			}
			io.WriteString(w, ":\n\n")
			for _, e := range events {
				io.WriteString(w, "id: 1\nevent: X\ndata: "+e+"\n\n")
			}
			w.(http.Flusher).Flush()
			if r.URL.Query().Get("follow") == "true" {
				<-r.Context().Done()
			}
		})
	})
}

// at is a moment, and stamp how a line tells it.
const at = `"time":"2026-11-23T02:00:00.5Z",`

func TestEventsAreOneReadableLineEach(t *testing.T) {
	t.Setenv("TZ", "UTC")
	story := []struct{ event, line string }{
		{`{"type":"LOST","lost":3}`, "(3 earlier events are not remembered any more)"},
		{`{"type":"LOST","lost":2,"slow":true}`, "(2 events lost: they could not be sent fast enough)"},
		{`{"type":"LOST","restarted":true}`, "(supervisord has been started anew; what it told before that is lost)"},
		{`{` + at + `"type":"SUPERVISOR_STATE_CHANGE_RUNNING"}`, "SUPERVISOR_STATE_CHANGE_RUNNING"},
		{`{` + at + `"type":"PROCESS_GROUP_ADDED","group":"g"}`, "PROCESS_GROUP_ADDED g"},
		{`{` + at + `"type":"PROCESS_STATE_STARTING","group":"p","process":"p","from":"STOPPED","to":"STARTING","tries":0,"restarts":0}`,
			"PROCESS_STATE_STARTING p from STOPPED"},
		{`{` + at + `"type":"PROCESS_STATE_EXITED","group":"g","process":"p","pid":7,"from":"RUNNING","to":"EXITED","restarts":2,"uptime":61.5,"exitcode":3,"expected":false}`,
			"PROCESS_STATE_EXITED g:p from RUNNING, pid 7, exit status 3, not expected, uptime 1m1.5s, restarts 2"},
		{`{` + at + `"type":"PROCESS_STATE_BACKOFF","group":"p","process":"p","pid":7,"from":"STARTING","to":"BACKOFF","tries":1,"uptime":0,"signal":"SIGSEGV","core_dumped":true,"oom":true,"why":"so"}`,
			"PROCESS_STATE_BACKOFF p from STARTING, pid 7, terminated by SIGSEGV (out of memory) (core dumped), tries 1, so"},
		{`{` + at + `"type":"REMOTE_COMMUNICATION","kind":"k","data":"a\nb","length":3}`, `REMOTE_COMMUNICATION type "k", "a\nb"`},
		{`{` + at + `"type":"PROCESS_LOG_STDOUT","group":"p","process":"p","pid":7,"data_base64":"//4=","length":9}`,
			`PROCESS_LOG_STDOUT p pid 7, "\xff\xfe"... (9 bytes)`},
		{`{` + at + `"type":"TICK_5","when":55}`, "TICK_5 when 55"},
	}
	var told []string
	for _, s := range story {
		told = append(told, s.event)
	}
	var asked string
	url := teller(t, &asked, told...)
	code, out, _ := run(t, "", "-s", url, "events", "process_state", "TICK_5", "--program=g:*")
	if code != 0 || asked != "after=0&follow=false&program=g%3A%2A&type=PROCESS_STATE&type=TICK_5" {
		t.Errorf("status %d, asked for %s", code, asked)
	}
	for i, line := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
		if _, rest, dated := strings.Cut(line, ".500 "); dated {
			line = rest
		}
		if i >= len(story) || line != story[i].line {
			t.Errorf("line %d: %s", i, line)
		}
	}
	code, out, _ = run(t, "", "-s", url, "events", "--json")
	if code != 0 || out != strings.Join(told, "\n")+"\n" {
		t.Errorf("status %d\n%s", code, out)
	}
}

func TestEventsAreFollowedUntilCtrlC(t *testing.T) {
	t.Parallel()
	url := teller(t, nil, `{`+at+`"type":"TICK_5","when":55}`)
	for _, c := range []struct{ args, before, after string }{
		{"events -f TICK", "==> Press Ctrl-C to exit <==", "\n"}, {"events --json -f TICK", "", ""},
	} {
		cmd := program(t, append([]string{"-s", url}, strings.Fields(c.args)...)...)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		br := bufio.NewReader(out)
		if c.before != "" {
			if line, _ := br.ReadString('\n'); line != c.before+"\n" {
				t.Errorf("%s: %q", c.args, line)
			}
		}
		if line, _ := br.ReadString('\n'); !strings.Contains(line, "TICK_5") {
			t.Errorf("%s: %q", c.args, line)
		}
		must(t, cmd.Process.Signal(os.Interrupt))
		rest, _ := io.ReadAll(br)
		if err := cmd.Wait(); err != nil || string(rest) != c.after {
			t.Errorf("%s: %v, %q", c.args, err, rest)
		}
	}
}

func TestEventsThatCannotBeTold(t *testing.T) {
	t.Parallel()
	original := fake(t, func(method string, r *http.Request) any {
		if r.URL.Path == "/events" {
			return 404
		}
		return "3.0"
	})
	for args, want := range map[string]string{
		"events":            "Error: this supervisord does not tell events\n",
		"events PROCESS":    "Error: unknown event type PROCESS\nevents [-f]",
		"events -x":         "Error: bad argument -x\nevents [-f]",
		"events --program=": "Error: bad argument --program=\nevents [-f]",
	} {
		if code, out, _ := run(t, "", append([]string{"-s", original}, strings.Fields(args)...)...); code != 1 || !strings.HasPrefix(out, want) {
			t.Errorf("%s: status %d, %q", args, code, out)
		}
	}
	broken := fake(t, func(method string, r *http.Request) any {
		if r.URL.Path == "/events" {
			return 500
		}
		return "3.0"
	})
	if code, out, _ := run(t, "", "-s", broken, "events"); code != 1 || !strings.Contains(out, "500 Internal Server Error") {
		t.Errorf("status %d, %q", code, out)
	}
	locked := fake(t, func(string, *http.Request) any { return 401 })
	if code, out, _ := run(t, "", "-s", locked, "events"); code != 1 || !strings.HasPrefix(out, "Server requires authentication\n") {
		t.Errorf("status %d, %q", code, out)
	}
}

func TestHelpExplainsEventsAndLeavesThemOutOfTheList(t *testing.T) {
	t.Parallel()
	if _, out, _ := run(t, "", "help"); strings.Contains(out, "events") {
		t.Errorf("the list is\n%s", out)
	}
	if _, out, _ := run(t, "", "help events"); !strings.HasPrefix(out, "events [-f] [--json]") {
		t.Errorf("%s", out)
	}
	complete := ctl.Completer("unix:///nowhere")
	for line, want := range map[string]string{
		"ev": "events ", "events TICK_": "TICK_5 TICK_60 TICK_3600 ", "events tick_6": "tick_60 ", "events --": "--json ",
	} {
		_, words, _ := complete(line, len(line))
		if got := strings.Join(words, ""); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
