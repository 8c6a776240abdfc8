package journal_test

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"
)

var record = flag.Bool("record", false, "run Debian's supervisord and write testdata/recorded.txt")

// recorded are the lines of a real supervisord, without time stamps, sorted, numbers that differ from run to run made 1.
const recorded = "testdata/recorded.txt"

// drivers are programs that make the daemon say what it can say.
const drivers = `[supervisord]
user=root
nodaemon=true
loglevel=blather
logfile=%(here)s/main.log
pidfile=%(here)s/pid
childlogdir=%(here)s
minfds=1024

[include]
files=none*.conf

[unix_http_server]
file=%(here)s/s

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[program:cat]
command=/bin/cat
[program:fine]
command=/bin/sh -c "echo hi; echo oops >&2; sleep 1.5"
autorestart=false
[program:raw]
command=/bin/sh -c "printf '\\377\\n'; sleep 1000"
[program:three]
command=/bin/sh -c "sleep 1.2; exit 3"
autorestart=false
[program:quick]
command=/bin/false
startretries=1
[program:missing]
command=/nonexistent
startretries=0
[program:stubborn]
command=/bin/sh -c "trap '' TERM; while :; do sleep 0.1; done"
stopwaitsecs=1
killasgroup=true
[program:grouped]
command=/bin/sleep 1000
stopasgroup=true
[program:crash]
command=/bin/sh -c "ulimit -c 0; sleep 1.2; kill -SEGV $$"
autorestart=false
[program:talk]
command=/bin/sh -c "printf '<!--XSUPERVISOR:BEGIN-->data<!--XSUPERVISOR:END-->and a long enough rest of it all\n'; sleep 1000"
stdout_capture_maxbytes=100
[fcgi-program:fast]
command=/bin/sleep 1000
socket=unix://%(here)s/fcgi.sock
[eventlistener:ears]
command=/bin/sh -c "printf 'READY\n'; sleep 3; printf 'RESULT 4\nFAILREADY\n'; sleep 1; printf 'RESULT 2\nOKREADY\n'; sleep 1; printf 'RESULT x\n'; sleep 1000"
events=PROCESS_STATE
buffer_size=2
[program:redir]
command=/bin/sleep 1000
redirect_stderr=true
stderr_logfile=%(here)s/ignored
[program:auto]
command=/bin/sleep 1000
stdout_logfile_maxbytes=0
`

// moving is what differs from run to run.
var moving = []struct {
	re *regexp.Regexp
	by string
}{
	{regexp.MustCompile(`pid \d+`), "pid 1"},
	{regexp.MustCompile(`\(\d+\)`), "(1)"},
	{regexp.MustCompile(`event \d+ `), "event 1 "},
	{regexp.MustCompile(`event \d+$`), "event 1"},
	{regexp.MustCompile(`\[\d\d/.*?\]`), "[T]"},
	{regexp.MustCompile(`" (\d+) \d+$`), `" $1 1`},
	{regexp.MustCompile(`/tmp/[a-zA-Z0-9/]*/`), "/D/"},
}

func settled(line string) string {
	for _, m := range moving {
		line = m.re.ReplaceAllString(line, m.by)
	}
	return line
}

func TestRecord(t *testing.T) {
	if !*record {
		t.Skip("only with -record: it runs Debian's supervisord for 20 seconds")
	}
	if _, err := os.Stat("/usr/bin/supervisord"); err != nil {
		t.Skip("no /usr/bin/supervisord here")
	}
	dir, err := os.MkdirTemp("", "r")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	conf := filepath.Join(dir, "c")
	if err := os.WriteFile(conf, []byte(strings.ReplaceAll(drivers, "none*", dir+"/none*")), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/supervisord", "-n", "-c", conf)
	out, err := os.Create(dir + "/out") // standard output, since a cleared log takes its last lines with it
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	seconds := func(n int) {
		for range n {
			<-tick.C
		}
	}
	seconds(8)
	client := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", dir+"/s")
	}}}
	post := func(body string) {
		resp, err := client.Post("http://localhost/RPC2", "text/xml", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	call := func(method string, params ...string) {
		post("<?xml version='1.0'?><methodCall><methodName>" + method + "</methodName><params>" +
			strings.Join(params, "") + "</params></methodCall>")
	}
	text := func(s string) string { return "<param><value><string>" + s + "</string></value></param>" }
	call("supervisor.getPID")
	call("supervisor.getProcessInfo", text("nope"))
	call("supervisor.signalProcess", text("cat"), text("CONT"))
	call("supervisor.stopProcess", text("grouped"))
	post("it's no \"XML\"")
	post("<methodCall><methodName></methodName><params></params></methodCall>")
	_ = cmd.Process.Signal(syscall.SIGUSR2)
	seconds(2)
	call("supervisor.clearLog")
	_ = cmd.Process.Signal(syscall.SIGTERM)
	seconds(1)
	_ = cmd.Process.Signal(syscall.SIGHUP)
	_ = cmd.Wait()
	log, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	stamp := regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} `)
	lines := map[string]bool{}
	for _, line := range stamp.Split(string(log), -1) {
		if line != "" && !strings.Contains(line, " event caused by ") && !strings.Contains(line, "Dispatcher at ") {
			lines[settled(strings.TrimSuffix(line, "\n"))] = true
		}
	}
	var sorted []string
	for line := range lines {
		sorted = append(sorted, fmt.Sprintf("%q\n", line))
	}
	sort.Strings(sorted)
	if err := os.WriteFile(recorded, []byte(strings.Join(sorted, "")), 0o644); err != nil {
		t.Fatal(err)
	}
}
