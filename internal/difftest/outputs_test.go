package difftest_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// start is run with files, which are written before the daemon starts.
func start(t *testing.T, text string, files map[string]string) *difftest.Daemon {
	t.Helper()
	d, err := difftest.NewDaemon(built, difftest.Ordinary(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if err := os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := d.WriteFile(name, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// teller is a listener that writes the names of programs and events.
const teller = "#!/bin/sh\n" + `while printf 'READY\n' && read -r header; do
  name=${header#*eventname:} name=${name%% *}
  payload=$(dd bs=1 count="${header##*len:}" 2>/dev/null) payload=${payload#processname:}
  echo "${payload%% *} $name" >>told
  printf 'RESULT 2\nOK'
done
`

// holds: EVT-011
func TestListenersHearOfTheEndBeforeTheirOwn(t *testing.T) {
	t.Parallel()
	d := start(t, `
[eventlistener:teller]
command=${DIR}/teller
directory=${DIR}
events=SUPERVISOR_STATE_CHANGE,PROCESS_STATE
buffer_size=1000
startsecs=0

[program:many]
command=/bin/sleep 1000
process_name=many%(process_num)s
numprocs=20
startsecs=0
`, map[string]string{"teller": teller})
	for i := range 20 {
		until(t, d, "told", fmt.Sprintf("many%d PROCESS_STATE_RUNNING\n", i))
	}
	if err := d.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := d.Wait(t.Context()); code != 0 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	told := d.ReadFile("told")
	if !strings.Contains(told, " SUPERVISOR_STATE_CHANGE_STOPPING\n") {
		t.Errorf("nothing of the end itself:\n%s", told)
	}
	for i := range 20 {
		if !strings.Contains(told, fmt.Sprintf("many%d PROCESS_STATE_STOPPED\n", i)) {
			t.Errorf("nothing of the end of %d", i)
		}
	}
	if strings.Contains(told, "teller PROCESS_STATE_STOPPING") {
		t.Error("it heard of its own end")
	}
}

// holds: PROC-053
func TestAFastCGIProgramHasItsSocketInAGroupToo(t *testing.T) {
	t.Parallel()
	d := start(t, `
[fcgi-program:a]
command=/usr/bin/python3 -u ${DIR}/which.py
socket=unix://${DIR}/a.sock
process_name=a%(process_num)s
numprocs=2
stdout_logfile=${DIR}/out
startsecs=0

[fcgi-program:b]
command=/usr/bin/python3 -u ${DIR}/which.py
socket=unix://${DIR}/b.sock
stdout_logfile=${DIR}/out
startsecs=0

[program:c]
command=/usr/bin/python3 -u ${DIR}/which.py
stdout_logfile=${DIR}/out
startsecs=0

[fcgi-program:bad]
command=/usr/bin/python3 -u ${DIR}/which.py
socket=nonsense
stdout_logfile=${DIR}/bad.out
startsecs=0

[group:g]
programs=a,b,c,bad
`, map[string]string{"which.py": `import os, socket, time
try: what = os.path.basename(socket.socket(fileno=0).getsockname())
except OSError as e: what = str(e)
os.write(1, (os.environ['SUPERVISOR_PROCESS_NAME'] + ' ' + what + '\n').encode())
time.sleep(1000)
`})
	until(t, d, "out", "a0 a.sock\n", "a1 a.sock\n", "b b.sock\n", "c [Errno 88]")
	until(t, d, "bad.out", "bad [Errno 88]")
	for _, line := range []string{"Creating socket unix://" + d.Dir + "/a.sock", "Creating socket unix://" + d.Dir + "/b.sock"} {
		if n := strings.Count(d.ReadFile("main.log"), line); n != 2 {
			t.Errorf("%d times %q", n, line)
		}
	}
	until(t, d, "main.log", "For [fcgi-program:bad], its processes have no socket: ")
}

// Supervisor makes it again only when no process of the program is left.
func TestAFastCGISocketThatWasRemovedIsMadeAgainForTheNextProcess(t *testing.T) {
	t.Parallel()
	d := start(t, `
[fcgi-program:f]
command=/usr/bin/python3 -u ${DIR}/accept.py
socket=unix://${DIR}/f.sock
socket_mode=0640
process_name=f%(process_num)s
numprocs=2
startsecs=0
`, map[string]string{"accept.py": `import os, socket
s = socket.socket(fileno=0)
while True:
    c, _ = s.accept()
    c.sendall(os.environ['SUPERVISOR_PROCESS_NAME'].encode())
    c.close()
`})
	sock := filepath.Join(d.Dir, "f.sock")
	served := func() string {
		c, err := net.Dial("unix", sock)
		if err != nil {
			return err.Error()
		}
		defer c.Close()
		text, _ := io.ReadAll(c)
		return string(text)
	}
	until(t, d, "main.log", "success: f0 ", "success: f1 ")
	if got := served(); got != "f0" && got != "f1" {
		t.Errorf("before, %q answers", got)
	}
	if err := os.Remove(sock); err != nil {
		t.Fatal(err)
	}
	call := func(method, name string) {
		t.Helper()
		if status, body, err := d.Call(method, name); err != nil || !strings.Contains(body, "<boolean>1") {
			t.Fatal(status, body, err)
		}
	}
	restart := func(name string) {
		t.Helper()
		call("supervisor.stopProcess", name)
		call("supervisor.startProcess", name)
	}
	restart("f:f1")
	for range 10 {
		if got := served(); got != "f1" {
			t.Errorf("after f1's restart %q answers", got)
		}
	}
	if st, err := os.Lstat(sock); err != nil || st.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v, %v", st, err)
	}
	restart("f:f0")
	restart("f:f0")
	call("supervisor.stopProcess", "f:f1")
	if got := served(); got != "f0" {
		t.Errorf("after f0's restart %q answers", got)
	}
	call("supervisor.stopProcess", "f:f0")
	log := d.ReadFile("main.log")
	if n := strings.Count(log, "socket "+sock+" had been removed (made again; "); n != 1 {
		t.Errorf("it is said %d times", n)
	}
	if n := strings.Count(log, "Closing socket unix://"); n != 3 { // one was tried out
		t.Errorf("%d sockets were closed", n)
	}
}

// holds: LOG-026
func TestALogHostGetsTheLinesOfAProgram(t *testing.T) {
	t.Parallel()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	d := start(t, `
[program:x]
command=/bin/sh -c 'echo one; printf "two\nthr"; sleep 0.3; echo ee; printf last'
stdout_logfile=syslog@`+c.LocalAddr().String()+`
autorestart=false
startsecs=0
`, nil)
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	buf := make([]byte, 1<<16)
	for _, want := range []string{"one", "two", "three", "last"} {
		n, _, err := c.ReadFrom(buf)
		if err != nil {
			t.Fatalf("no %s: %v\n%s", want, err, d.ReadFile("main.log"))
		}
		if got := string(buf[:n]); !strings.HasPrefix(got, "<14>1 ") || !strings.HasSuffix(got, " - - "+want) || !strings.Contains(got, " x ") {
			t.Errorf("%q, want the end %q", got, want)
		}
	}
	if _, body, _ := d.Call("supervisor.getProcessInfo", "x"); !strings.Contains(body, "<name>stdout_logfile</name>\n<value><string></string></value>") {
		t.Errorf("its log file is %s", body)
	}
}

// fault: 6
// holds: EVT-016 LOG-019
func TestNoByteInALogBreaksWhatReadsIt(t *testing.T) {
	t.Parallel()
	d := start(t, `
[eventlistener:l]
command=/usr/bin/python3 ${DIR}/l.py
directory=${DIR}
events=PROCESS_LOG
buffer_size=1000
startsecs=0

[program:x]
command=/usr/bin/python3 ${DIR}/x.py
directory=${DIR}
stdout_logfile=${DIR}/out
stdout_events_enabled=true
startsecs=0
`, map[string]string{"l.py": `from supervisor import childutils
while True:
    h, p = childutils.listener.wait()
    open('told', 'a').write(repr(childutils.eventdata(p)[1]) + '\n')
    childutils.listener.ok()
`, "x.py": `import os, time
while not os.path.exists('go'): time.sleep(0.02)
time.sleep(0.3)
for chunk in [bytes(range(256)), b'\x1b[31mred\x1b[0m', 'é'.encode()[:1], 'é'.encode()[1:], b'later\n']:
    os.write(1, chunk)
    time.sleep(0.1)
time.sleep(1000)
`})
	until(t, d, "main.log", "success: l entered")
	if err := d.WriteFile("go", ""); err != nil {
		t.Fatal(err)
	}
	until(t, d, "out", "later\n")
	want := make([]byte, 256)
	for i := range want {
		want[i] = byte(i)
	}
	if got := d.ReadFile("out"); got != string(want)+"\x1b[31mred\x1b[0mélater\n" {
		t.Errorf("the log is %q", got)
	}
	until(t, d, "told", `'Undecodable: b\'\\x00\\x01`, `'\x1b[31mred\x1b[0m'`, `"Undecodable: b'\\xc3'"`, `'later\n'`)
	for _, call := range [][3]string{
		{"supervisor.readProcessStdoutLog", "0", "0"}, {"supervisor.tailProcessStdoutLog", "0", "10000"},
		{"supervisor.tailProcessStdoutLog", "0", "7"}, {"supervisor.readProcessStdoutLog", "200", "60"},
	} {
		status, body, err := d.Call(call[0], "x", json.Number(call[1]), json.Number(call[2]))
		if err != nil || !strings.HasPrefix(status, "200") || strings.Contains(body, "<fault>") {
			t.Errorf("%v: %s %v\n%s", call, status, err, body)
			continue
		}
		dec := xml.NewDecoder(strings.NewReader(body))
		for {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Errorf("%v: %v\n%q", call, err, body)
				break
			}
		}
	}
}
