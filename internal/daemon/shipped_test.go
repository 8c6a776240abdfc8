package daemon_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/client"
	_ "github.com/reeve-sh/reeve/extensions/cache"
	_ "github.com/reeve-sh/reeve/extensions/config"
	_ "github.com/reeve-sh/reeve/extensions/exec"
)

// asked runs a Python script beside a daemon, with the path of the socket as its argument, and gives what it prints.
func asked(t *testing.T, dir, script string) string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("needs Python's xmlrpc.client: ", err)
	}
	out, err := exec.Command(python, "-c", script, dir+"/sock").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return string(out)
}

// overSocket is how a client that knows no Supervisor library talks to its socket.
const overSocket = `
import http.client, socket, sys, time, xmlrpc.client
class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.host)
class Transport(xmlrpc.client.Transport):
    def make_connection(self, host):
        return Connection(sys.argv[1])
server = xmlrpc.client.ServerProxy("http://none", transport=Transport())
def say(f, *args):
    try:
        print(f(*args))
    except xmlrpc.client.Fault as e:
        print(e.faultCode, e.faultString)
def state(name):
    return server.supervisor.getProcessInfo(name)["statename"]
`

// TestIntelMQsStory: bots come into an empty group and go, as intelmqctl has them over the socket.
func TestIntelMQsStory(t *testing.T) {
	t.Parallel()
	dir := short(t)
	conf := settings(t, dir, "[group:intelmq]\nprograms=\n[program:other]\ncommand=/bin/cat\nautostart=false\n"+
		"[rpcinterface:twiddler]\nsupervisor.rpcinterface_factory = reeve.twiddler:make\n")
	_, out := foreground(t, conf)
	until(t, out, "supervisord started")
	got := asked(t, dir, overSocket+`
tw, sv = server.twiddler, server.supervisor
say(tw.getAPIVersion)
say(sv.getSupervisorVersion)
say(lambda: sorted(tw.getGroupNames()))
options = {"command": "/bin/sleep 600", "autostart": False, "autorestart": "false", "stopsignal": "INT", "startsecs": "0",
           "redirect_stderr": "true", "stdout_logfile": "NONE", "environment": "BOT=\"%(program_name)s\""}
say(tw.addProgramToGroup, "intelmq", "bot", options)
say(state, "intelmq:bot")
say(sv.startProcess, "intelmq:bot")
say(sv.startProcess, "intelmq:bot")
say(sv.startProcess, "intelmq:nobot")
say(sv.signalProcess, "intelmq:bot", "CONT")
say(sv.addProcessGroup, "intelmq")
say(tw.addProgramToGroup, "intelmq", "bot", options)
say(tw.addProgramToGroup, "nogroup", "bot", options)
say(tw.addProgramToGroup, "intelmq", "bad", {})
say(tw.addProgramToGroup, "intelmq", "bad", {"command": []})
say(tw.addProgramToGroup, "intelmq", "bad", "x")
say(tw.addProgramToGroup, "intelmq")
say(tw.nosuch)
say(tw._update)
say(tw.removeProcessFromGroup, "intelmq", "bot")
say(sv.stopProcess, "intelmq:bot")
say(tw.removeProcessFromGroup, "intelmq", "bot")
say(tw.removeProcessFromGroup, "intelmq", "bot")
say(state, "intelmq:bot")
# What starts by itself is never seen stopped.
for i in range(20):
    tw.addProgramToGroup("intelmq", "b%d" % i, {"command": "/bin/sleep 600", "startsecs": 0})
    if state("intelmq:b%d" % i) != "RUNNING":
        print("seen", state("intelmq:b%d" % i))
say(tw.addProgramToGroup, "intelmq", "two", {"command": "/bin/sleep 600", "numprocs": "2", "process_name": "%(program_name)s_%(process_num)d"})
say(lambda: [c["name"] for c in sv.getAllConfigInfo() if c["name"].startswith("two")])
say(lambda: sorted(sv.reloadConfig()[0][1]))
say(tw.log, "a word", "WARN")
say(tw.log, "a word", 20)
say(tw.log, "a word", "LOUD")
say(tw.log, "a word", 21)
say(server.system.methodSignature, "twiddler.log")
say(server.system.methodSignature, "twiddler.addProgramToGroup")
sv.restart()
while True:
    try:
        names = [p["name"] for p in sv.getAllProcessInfo()]
        if sv.getState()["statecode"] == 1 and "b1" not in names:
            print(names)
            break
    except (xmlrpc.client.Fault, OSError, http.client.HTTPException):
        pass
    time.sleep(0.01)
`)
	want := `1.0
4.4.0
['intelmq', 'other']
True
STOPPED
True
60 ALREADY_STARTED: intelmq:bot
10 BAD_NAME: intelmq:nobot
True
90 ALREADY_ADDED: intelmq
10 BAD_NAME: bot
10 BAD_NAME: group: nogroup
2 INCORRECT_PARAMETERS: program section program:bad does not specify a command in section 'program:bad' (file: 'CONF')
2 INCORRECT_PARAMETERS: option command is neither a string nor a number
2 INCORRECT_PARAMETERS: parameter 3: struct expected, got string
2 INCORRECT_PARAMETERS
1 UNKNOWN_METHOD
1 UNKNOWN_METHOD
91 STILL_RUNNING: bot
True
True
10 BAD_NAME: bot
10 BAD_NAME: intelmq:bot
True
['two_0', 'two_1']
['intelmq']
True
True
2 INCORRECT_PARAMETERS
2 INCORRECT_PARAMETERS
['boolean', 'string', 'string|int']
['boolean', 'string', 'string', 'struct']
['other']
`
	if want = strings.ReplaceAll(want, "CONF", conf); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	until(t, out, "[rpcinterface:twiddler] a word")
}

// TestTheCacheIsOneForAllServers, over the wire and with the original's signatures.
func TestTheCacheIsOneForAllServers(t *testing.T) {
	t.Parallel()
	dir := short(t)
	conf := settings(t, dir, "[unix_http_server:two]\nfile="+dir+"/sock2\n[rpcinterface:cache]\nsupervisor.rpcinterface_factory = reeve.cache:make\n")
	_, out := foreground(t, conf)
	until(t, out, "supervisord started")
	c := connect(t, dir)
	value(t, c, "0.2", "cache.getAPIVersion")
	value(t, c, true, "cache.store", "k", "v")
	value(t, c, "v", "cache.fetch", "k")
	value(t, c, "BAD_NAME", "cache.fetch", "other")
	value(t, c, "BAD_NAME: Cache key must be a non-empty string", "cache.fetch", "")
	value(t, c, "INCORRECT_PARAMETERS: parameter 1: string expected, got int", "cache.fetch", 1)
	two, err := client.Dial(client.Options{URL: "unix://" + dir + "/sock2"})
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	value(t, two, "v", "cache.fetch", "k")
}

// TestAnOperatorRunsCommandsInTheDaemonsContainer, by a call and by a stream, and every one is in the main log.
func TestAnOperatorRunsCommandsInTheDaemonsContainer(t *testing.T) {
	t.Parallel()
	dir := short(t)
	tool := write(t, dir, "tool", "#!/bin/sh\necho $1 $WORD $SUPERVISED $PWD; cat; echo no >&2; exit 7\n")
	slow := write(t, dir, "slow", "#!/bin/sh\ntrap 'echo told >>"+dir+"/told; exit 0' TERM\necho here\nwhile :; do sleep 0.01; done\n")
	if err := errors.Join(os.Chmod(tool, 0o755), os.Chmod(slow, 0o755)); err != nil {
		t.Fatal(err)
	}
	conf := settings(t, dir, "[rpcinterface:ops]\nsupervisor.rpcinterface_factory = reeve.exec:make\nallow = "+dir+"/*\nenvironment = WORD\n")
	text, _ := os.ReadFile(conf)
	write(t, dir, "s.conf", strings.Replace(string(text), "[supervisord]\n", "[supervisord]\nenvironment=SUPERVISED=yes\n", 1))
	_, out := foreground(t, conf)
	until(t, out, "supervisord started")
	c := connect(t, dir)
	options := map[string]any{"environment": map[string]any{"WORD": "w"}, "directory": "/", "stdin": "in\n"}
	got, err := c.Call(t.Context(), "ops.run", []any{tool, "one"}, options)
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprintf("%+v", got)
	for _, want := range []string{"one w yes /\nin\n", "no\n", "exitcode", "7"} {
		if !strings.Contains(said, want) {
			t.Errorf("%s has no %q", said, want)
		}
	}
	value(t, c, "NOT_EXECUTABLE: /bin/kill is not among the commands that are allowed", "ops.run", []any{"/bin/kill"})
	value(t, c, []any{dir + "/*"}, "ops.allowed")

	// A stream comes while the command runs; who leaves ends it.
	tr := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", dir+"/sock") }}
	defer tr.CloseIdleConnections()
	leave, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, _ := http.NewRequestWithContext(leave, "POST", "http://localhost/ext/ops/run", strings.NewReader(`{"command":["`+slow+`"]}`))
	r.Header.Set("Content-Type", "application/json")
	resp, err := tr.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	line, err := bufio.NewReader(resp.Body).ReadString('\n')
	if err != nil || resp.StatusCode != 200 || line != `{"stream":"stdout","data":"here\n"}`+"\n" {
		t.Errorf("%d %q %v", resp.StatusCode, line, err)
	}
	cancel()
	quick(t, "end of the command", func() bool { _, err := os.Stat(dir + "/told"); return err == nil })
	all := until(t, out, "ran "+slow)
	for _, want := range []string{
		" INFO [rpcinterface:ops] unix socket (uid " + strconv.Itoa(os.Getuid()) + ") runs " + tool + " one\n", "ran " + tool + " one: exit status 7 after 0.",
		" WARN [rpcinterface:ops] unix socket (uid " + strconv.Itoa(os.Getuid()) + ") may not run [\"/bin/kill\"]: ", "runs " + slow + "\n",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the main log has no %q:\n%s", want, all)
		}
	}
}
