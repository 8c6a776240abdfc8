package difftest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// run starts our supervisord with these programs.
func run(t testing.TB, programs difftest.Programs, text string, args ...string) *difftest.Daemon {
	t.Helper()
	d, err := difftest.NewDaemon(programs, difftest.Ordinary(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if err := os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context(), args...); err != nil {
		t.Fatalf("supervisord does not start: %v\n%s", err, d.ReadFile("main.log"))
	}
	return d
}

// until waits until a file of the daemon holds all words.
func until(t testing.TB, d *difftest.Daemon, file string, words ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := difftest.Poll(ctx, func() bool {
		text := d.ReadFile(file)
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	})
	if err != nil {
		t.Fatalf("%q never came into %s:\n%s\nthe main log:\n%s", words, file, d.ReadFile(file), d.ReadFile("main.log"))
	}
}

func TestTheListenersOfTheManualListen(t *testing.T) {
	t.Parallel()
	if *self {
		t.Skip("they have options of ours")
	}
	if _, err := difftest.Debian(); err != nil {
		t.Skip(err) // one of them is built on its childutils
	}
	examples, err := filepath.Abs(filepath.Join(root, "examples/listeners"))
	if err != nil {
		t.Fatal(err)
	}
	heartbeat := filepath.Join(t.TempDir(), "heartbeat")
	if out, err := exec.Command("go", "build", "-o", heartbeat, filepath.Join(examples, "heartbeat.go")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d := run(t, built, strings.NewReplacer("EXAMPLES", examples, "HEARTBEAT", heartbeat).Replace(`
[eventlistener:states]
command=/bin/sh EXAMPLES/states.sh ${DIR}/states.txt
events=PROCESS_STATE
event_length=bytes
buffer_size=100

[eventlistener:crashes]
command=/usr/bin/python3 EXAMPLES/crashes.py ${DIR}/crashes.txt
events=PROCESS_STATE_EXITED,PROCESS_STATE_FATAL

[eventlistener:said]
command=/usr/bin/python3 EXAMPLES/said.py ${DIR}/said.txt
events=PROCESS_COMMUNICATION,REMOTE_COMMUNICATION

[eventlistener:heartbeat]
command=HEARTBEAT ${DIR}/heartbeat.txt
events=TICK_5
event_length=bytes

[program:bad]
command=/bin/sh -c "sleep 1.2; exit 3"
autorestart=false

[program:missing]
command=/nonexistent/program
startretries=0

[program:speaker]
command=/bin/sh -c 'printf "<!--XSUPERVISOR:BEGIN-->caf\303\251\r\nau lait<!--XSUPERVISOR:END-->"; sleep 100'
stdout_capture_maxbytes=1KB
`))
	until(t, d, "states.txt", "bad PROCESS_STATE_EXITED\n", "missing PROCESS_STATE_FATAL\n", "speaker PROCESS_STATE_RUNNING\n")
	until(t, d, "crashes.txt", "bad:bad PROCESS_STATE_EXITED\n", "missing:missing PROCESS_STATE_FATAL\n")
	until(t, d, "heartbeat.txt", "TICK_5 when:")
	if _, _, err := d.Call("supervisor.sendRemoteCommEvent", "note", "naïve"); err != nil {
		t.Fatal(err)
	}
	until(t, d, "said.txt", "processname:speaker café\r\nau lait\n", "type:note naïve\n")
	if log := d.ReadFile("main.log"); strings.Contains(log, "UNKNOWN") || strings.Contains(log, "rejected") {
		t.Errorf("the main log says\n%s", log)
	}
}

// fixture is one of the configurations that Supervisor's own tests use, with its files under the daemon's directory.
func fixture(t *testing.T, name string) string {
	t.Helper()
	const dir = "/usr/lib/python3/dist-packages/supervisor/tests/fixtures/"
	text, err := os.ReadFile(dir + name)
	if err != nil {
		t.Skip("Supervisor's own tests are not installed:", err)
	}
	at := strings.Index(string(text), "[eventlistener")
	if p := strings.Index(string(text), "[program"); p >= 0 && p < at {
		at = p
	}
	return strings.NewReplacer("%(here)s", dir, "python ", "/usr/bin/python3 ").Replace(string(text[at:]))
}

// holds: EVT-012 EVT-018 EVT-025
func TestSupervisorsOwnTestOfTheProtocolPasses(t *testing.T) {
	t.Parallel()
	d := run(t, built, fixture(t, "issue-663.conf"), "-e", "debug")
	for range 2 {
		until(t, d, "main.log", "DEBG listener: event was processed", "BUSY -> ACKNOWLEDGED", "ACKNOWLEDGED -> READY")
	}
	until(t, d, "main.log", "event 1 sent to listener listener")
}

func TestAListenerOfOneLineShutsTheDaemonDown(t *testing.T) {
	t.Parallel()
	d := run(t, built, fixture(t, "issue-733.conf"))
	until(t, d, "main.log", "gave up: nonexistent entered FATAL state", "received SIGTERM indicating exit request")
	if code, err := d.Wait(t.Context()); code != 0 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
}

// fault: 7
func TestAListenerThatHangsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	d := run(t, built, `
[eventlistener:hung]
command=/bin/sh -c 'printf "READY\n"; read x; exec sleep 1000'
events=EVENT
startsecs=0

[eventlistener:mute]
command=/bin/sleep 1000
events=EVENT
startsecs=0

[program:x]
command=/bin/sleep 1000
startsecs=0
`)
	until(t, d, "main.log", "success: x entered RUNNING state")
	start := time.Now()
	for range 20 {
		if status, body, err := d.Call("supervisor.sendRemoteCommEvent", "a", strings.Repeat("b", 100_000)); err != nil || !strings.HasPrefix(status, "200") {
			t.Fatal(status, body, err)
		}
	}
	if _, _, err := d.Call("supervisor.stopProcess", "x"); err != nil {
		t.Fatal(err)
	}
	if err := d.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := d.Wait(t.Context()); code != 0 || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// Supervisor puts it back into every pool of the same priority.
//
// fault: 7
func TestARejectedEventComesBackToItsOwnPoolOnly(t *testing.T) {
	t.Parallel()
	const listen = "#!/usr/bin/python3\nimport sys\nfrom supervisor import childutils as c\nreject = int(sys.argv[2])\n" +
		"while True:\n  h, p = c.listener.wait()\n  open(sys.argv[1], 'a').write('%(serial)s/%(poolserial)s ' % h)\n" +
		"  if reject: reject -= 1; c.listener.fail()\n  else: c.listener.ok()\n"
	d, err := difftest.NewDaemon(built, difftest.Ordinary(`
[eventlistener:first]
command=/usr/bin/python3 ${DIR}/listen first.txt 3
directory=${DIR}
events=REMOTE_COMMUNICATION

[eventlistener:second]
command=/usr/bin/python3 ${DIR}/listen second.txt 0
directory=${DIR}
events=REMOTE_COMMUNICATION
`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if _, err := difftest.Debian(); err != nil {
		t.Skip(err)
	}
	_ = os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755)
	if err := d.WriteFile("listen", listen); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, d, "main.log", "success: first entered", "success: second entered")
	for i := range 3 {
		if _, _, err := d.Call("supervisor.sendRemoteCommEvent", "n", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, d, "first.txt", "2/2 ")
	until(t, d, "second.txt", "2/2 ")
	if a, b := d.ReadFile("first.txt"), d.ReadFile("second.txt"); a != "0/0 0/0 0/0 0/0 1/1 2/2 " || b != "0/0 1/1 2/2 " {
		t.Errorf("first heard %s, second %s", a, b)
	}
}
