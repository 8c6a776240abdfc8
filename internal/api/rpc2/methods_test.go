package rpc2_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// story calls every method there is, one row after the other, on the daemon of serve: g:a runs, g:b and solo do not.
// A want that ends in an asterisk is the beginning of the answer, one that stands between two is a part of it.
var story = []struct {
	method string
	args   []any
	want   string
}{
	{"supervisor.getAPIVersion", nil, `"3.0"`},
	{"supervisor.getVersion", nil, `"3.0"`},
	{"supervisor.getSupervisorVersion", nil, `"4.*`},
	{"supervisor.getIdentification", nil, `"test"`},
	{"supervisor.getState", nil, `{statecode=1 statename="RUNNING"}`},
	{"supervisor.getPID", nil, fmt.Sprint(os.Getpid())},
	{"supervisor.getState", []any{1}, "2 INCORRECT_PARAMETERS"},
	{"supervisor.readLog", []any{0, 4}, `"2000"`},
	{"supervisor.readMainLog", []any{0, 4}, `"2000"`},
	{"supervisor.readLog", []any{0.0, 4.9}, `"2000"`},
	{"supervisor.readLog", []any{false, "4"}, `"2000"`},
	{"supervisor.readLog", []any{-4, 1}, "3 BAD_ARGUMENTS"},
	{"supervisor.readLog", []any{0, "x"}, "HTTP 500"},
	{"supervisor.readLog", []any{0, []any{}}, "2 INCORRECT_PARAMETERS"},
	{"supervisor.clearLog", nil, "true"},

	{"supervisor.getProcessInfo", []any{"g:a"}, `{name="a" group="g" start=946684800 stop=0 now=94668* state=20 statename="RUNNING" spawnerr="" exitstatus=0 logfile="DIR/a.out" stdout_logfile="DIR/a.out" stderr_logfile="DIR/a.err" pid=1001 description="pid 1001, uptime 0:0*`},
	{"supervisor.getProcessInfo", []any{"a"}, "10 BAD_NAME: a"},
	{"supervisor.getProcessInfo", []any{"g:*"}, "10 BAD_NAME: g:*"},
	{"supervisor.getProcessInfo", []any{5}, "HTTP 500"},
	{"supervisor.getProcessInfo", nil, "2 INCORRECT_PARAMETERS"},
	{"supervisor.getAllProcessInfo", nil, `[{name="a" group="g" *`},
	{"supervisor.getAllConfigInfo", nil, `[{autostart=true autorestart="unexpected" directory="none" uid="none" command="/bin/cat" exitcodes=[0] group="g" group_prio=1 inuse=true killasgroup=false name="a" process_prio=999 *`},

	{"supervisor.startProcess", []any{"g:b"}, "true"},
	{"supervisor.startProcess", []any{"g:b"}, "60 ALREADY_STARTED: g:b"},
	{"supervisor.startProcess", []any{"solo", false}, "true"},
	{"supervisor.startProcess", []any{"nope"}, "10 BAD_NAME: nope"},
	{"supervisor.startProcess", []any{true}, "HTTP 500"},
	{"supervisor.startProcess", []any{"g:b", true, true}, "2 INCORRECT_PARAMETERS"},
	{"supervisor.stopProcess", []any{"g:b"}, "true"},
	{"supervisor.stopProcess", []any{"g:b"}, "70 NOT_RUNNING: g:b"},
	{"supervisor.startProcess", []any{"g:*"}, `[{name="b" group="g" status=80 description="OK"}]`},
	{"supervisor.stopProcess", []any{"g:"}, `[{name="* group="g" status=80 description="OK"}*`},
	{"supervisor.startProcessGroup", []any{"g"}, `[{name="* group="g" status=80 description="OK"}*`},
	{"supervisor.startProcessGroup", []any{"g"}, `[]`},
	{"supervisor.startProcessGroup", []any{5}, "10 BAD_NAME: 5"},
	{"supervisor.startProcessGroup", []any{[]any{}}, "2 INCORRECT_PARAMETERS"},
	{"supervisor.stopProcessGroup", []any{"g", 0}, `[{name="a" group="g" status=80 description="OK"} {name="b" group="g" status=80 description="OK"}]`},
	{"supervisor.stopProcessGroup", []any{"nope"}, "10 BAD_NAME: nope"},
	{"supervisor.startAllProcesses", nil, `[{name=*`},
	{"supervisor.stopAllProcesses", []any{true}, `[{name=*`},
	{"supervisor.startAllProcesses", []any{false}, `[{name="a" group="g" status=80 description="OK"} {name="b" group="g" status=80 description="OK"} {name="solo" group="solo" status=80 description="OK"}]`},

	{"supervisor.signalProcess", []any{"g:a", "HUP"}, "true"},
	{"supervisor.signalProcess", []any{"g:a", 1}, "true"},
	{"supervisor.signalProcess", []any{"g:a", "NOPE"}, "11 BAD_SIGNAL: NOPE"},
	{"supervisor.signalProcess", []any{"g:a", 1, 1}, "2 INCORRECT_PARAMETERS"},
	{"supervisor.signalProcessGroup", []any{"g", "1"}, `[{name="a" group="g" status=80 description="OK"} {name="b" group="g" status=80 description="OK"}]`},
	{"supervisor.signalProcessGroup", []any{"nope", "1"}, "10 BAD_NAME: nope"},
	{"supervisor.signalAllProcesses", []any{"NOPE"}, `[{name="a" group="g" status=11 description="BAD_SIGNAL: NOPE"} *`},

	{"supervisor.sendProcessStdin", []any{"g:a", "text\n"}, "true"},
	{"supervisor.sendProcessStdin", []any{"g:a", 5}, "2 INCORRECT_PARAMETERS: 5"},
	{"supervisor.sendProcessStdin", []any{"nope", "x"}, "10 BAD_NAME: nope"},
	{"supervisor.sendProcessStdin", []any{"nope", []any{"a", 1}}, "2 INCORRECT_PARAMETERS: ['a', 1]"},
	{"supervisor.sendRemoteCommEvent", []any{"kind", "data"}, "true"},
	{"supervisor.sendRemoteCommEvent", []any{"kind"}, "2 INCORRECT_PARAMETERS"},

	{"supervisor.readProcessStdoutLog", []any{"g:a", 0, 0}, `"out of a"`},
	{"supervisor.readProcessLog", []any{"g:a", -1, 0}, `"a"`},
	{"supervisor.readProcessStderrLog", []any{"g:a", 0, 3}, `"err"`},
	{"supervisor.readProcessStderrLog", []any{"g:b", 0, 3}, "20 NO_FILE"},
	{"supervisor.tailProcessStdoutLog", []any{"g:a", 0, 4}, `["of a" 8 true]`},
	{"supervisor.tailProcessLog", []any{"g:a", 8, 4}, `["" 8 false]`},
	{"supervisor.tailProcessStderrLog", []any{"g:a", 0, 100}, `["errors of a" 11 false]`},
	{"supervisor.tailProcessLog", []any{"g", 0, 0}, "10 BAD_NAME: g"},
	{"supervisor.clearProcessLogs", []any{"g:a"}, "true"},
	{"supervisor.clearProcessLog", []any{"g:a"}, "true"},
	{"supervisor.clearProcessLog", []any{"nope"}, "10 BAD_NAME: nope"},
	{"supervisor.readProcessLog", []any{"g:a", 0, 0}, `""`},
	{"supervisor.clearAllProcessLogs", nil, `[{name="a" group="g" status=80 description="OK"} *`},

	{"supervisor.reloadConfig", nil, `[[[] [] []]]`},
	{"supervisor.addProcessGroup", []any{"g"}, "90 ALREADY_ADDED: g"},
	{"supervisor.removeProcessGroup", []any{"g"}, "91 STILL_RUNNING: g"},
	{"supervisor.stopProcess", []any{"solo"}, "true"},
	{"supervisor.removeProcessGroup", []any{"solo"}, "true"},
	{"supervisor.removeProcessGroup", []any{"solo"}, "10 BAD_NAME: solo"},
	{"supervisor.reloadConfig", nil, `[[["solo"] [] []]]`},
	{"supervisor.addProcessGroup", []any{"solo"}, "true"},
	{"supervisor.addProcessGroup", []any{"nope"}, "10 BAD_NAME: nope"},

	{"system.listMethods", nil, `["supervisor.addProcessGroup" *`},
	{"system.methodHelp", []any{"supervisor.startProcess"}, `" Start a process.*`},
	{"system.methodHelp", []any{"nope"}, "4 SIGNATURE_UNSUPPORTED"},
	{"system.methodSignature", []any{"system.multicall"}, `["array" "array"]`},
	{"system.methodSignature", []any{"nope"}, "4 SIGNATURE_UNSUPPORTED"},
	{"system.multicall", []any{[]any{}}, "[]"},

	{"supervisor.restart", []any{1}, "2 INCORRECT_PARAMETERS"},
	{"supervisor.restart", nil, "true"},
	{"supervisor.shutdown", nil, "6 SHUTDOWN_STATE"},
}

// TestEveryMethodIsExercised by the story, or the test fails.
// holds: RPC-003 RPC-006 RPC-007 RPC-008 RPC-009 RPC-024 RPC-025 RPC-031 RPC-036 RPC-045 RPC-046 RPC-048 RPC-049 HTTP-008 HTTP-009
func TestEveryMethodIsExercised(t *testing.T) {
	t.Parallel()
	serve(t, func(d *daemon) {
		list, _ := d.listMethods()
		told := map[string]bool{}
		stuck := false
		for _, s := range story {
			told[s.method] = true
			switch s.method {
			case "supervisor.readProcessStdoutLog":
				pid := d.Kernel.Alive()[0]
				d.Kernel.Say(pid, 1, "out of a")
				d.Kernel.Say(pid, 2, "errors of a")
				d.logged("a.out", "out of a")
				d.logged("a.err", "errors of a")
			case "supervisor.restart":
				if !stuck { // somebody has to hold the way down up
					stuck = true
					d.Stubborn()
				}
			}
			got := strings.ReplaceAll(d.call(s.method, s.args...), d.dir, "DIR")
			if ok, err := path.Match(pattern(s.want), slashes(got)); !ok || err != nil {
				t.Errorf("%s%s: %s\nwant %s", s.method, show(s.args), got, s.want)
			}
		}
		d.Obedient()
		for _, m := range list {
			if !told[m] {
				t.Errorf("%s is in the table and not in the story", m)
			}
		}
		for m := range told {
			if !slices.Contains(list, m) {
				t.Errorf("%s is in the story and not in the table", m)
			}
		}
	})
}

// pattern makes a pattern of path.Match, in which only the asterisk is special.
func pattern(want string) string {
	return slashes(strings.NewReplacer("[", `\[`, "]", `\]`, `\`, `\\`, "?", `\?`).Replace(want))
}

// slashes hides what an asterisk does not cover.
func slashes(s string) string { return strings.ReplaceAll(s, "/", "|") }

func (d *daemon) listMethods() ([]string, error) {
	_, body := d.post(string(xmlrpc.AppendCall(nil, "system.listMethods", nil)))
	v, err := xmlrpc.ParseResponse([]byte(body), xmlrpc.Limits{})
	var list []string
	for _, m := range v.([]any) {
		list = append(list, m.(string))
	}
	return list, err
}

// oracle asks Debian's Supervisor, of which no daemon is needed for this, for all its methods and their signatures.
const oracle = `
import json
from supervisor.rpcinterface import SupervisorNamespaceRPCInterface
from supervisor.xmlrpc import SystemNamespaceRPCInterface
system = SystemNamespaceRPCInterface([("supervisor", SupervisorNamespaceRPCInterface(None))])
out = {}
for name in system.listMethods():
    try:
        out[name] = system.methodSignature(name)
    except Exception as why:
        out[name] = [str(why)]
print(json.dumps(out))
`

// TestSignaturesAreSupervisors, method by method.
// holds: RPC-048 RPC-049
// fault: 18
func TestSignaturesAreSupervisors(t *testing.T) {
	t.Parallel()
	for _, need := range []string{"/usr/bin/python3", "/usr/bin/supervisord"} {
		if _, err := os.Stat(need); err != nil {
			t.Skip("no Supervisor to ask: ", err)
		}
	}
	text, err := exec.Command("/usr/bin/python3", "-c", oracle).Output()
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]string
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	serve(t, func(d *daemon) {
		list, err := d.listMethods()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSorted(list) || len(list) != len(want) {
			t.Errorf("%d methods, Supervisor has %d: %v", len(list), len(want), list)
		}
		for _, m := range list {
			got := d.call("system.methodSignature", m)
			quoted := make([]string, len(want[m]))
			for i, s := range want[m] {
				quoted[i] = fmt.Sprintf("%q", s)
			}
			if w := "[" + strings.Join(quoted, " ") + "]"; got != w {
				t.Errorf("%s: %s, Supervisor has %s", m, got, w)
			}
		}
	})
}
