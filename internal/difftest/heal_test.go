package difftest_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestAListenerThatBrokeTheProtocolIsHealed by a restart when its section says so, and what it missed it hears then.
// fault: 7
// holds: EVT-021
func TestAListenerThatBrokeTheProtocolIsHealed(t *testing.T) {
	t.Parallel()
	d := daemon(t, `
[eventlistener:loud]
command=/bin/sh ${DIR}/loud.sh
directory=${DIR}
events=REMOTE_COMMUNICATION
protocol_error=restart
startsecs=0
autostart=false

[eventlistener:left]
command=/bin/sh -c "echo JUNKJUNK; exec sleep 1000"
events=REMOTE_COMMUNICATION
startsecs=0
`)
	if err := d.WriteFile("loud.sh", `printf 'READY\n'
if ! test -e second; then touch second; read h; echo "loading plugins"; exec sleep 1000; fi
while read h; do
  dd bs=1 count="${h##*len:}" 2>/dev/null >>heard; echo >>heard
  printf 'RESULT 2\nOKREADY\n'
done
`); err != nil {
		t.Fatal(err)
	}
	call(t, d, "supervisor.startProcess", "loud")
	call(t, d, "supervisor.sendRemoteCommEvent", "n", "missed")
	until(t, d, "main.log", `WARN loud: bad result line: 'loading plugins'`, "loud: broke the event listener protocol (restarting in 1s)")
	body := call(t, d, "supervisor.getProcessInfo", "loud")
	if !strings.Contains(body, "listener protocol broken: got") || !strings.Contains(body, "loading plugins") {
		t.Errorf("its description says nothing of it: %s", body)
	}
	until(t, d, "heard", "type:n\nmissed\n")
	if strings.Contains(call(t, d, "supervisor.getProcessInfo", "loud"), "broken") {
		t.Error("a healed listener is still called broken")
	}
	if !strings.Contains(call(t, d, "supervisor.getProcessInfo", "left"), `listener protocol broken: got &quot;JUNKJUNK\n&quot;`) &&
		!strings.Contains(call(t, d, "supervisor.getProcessInfo", "left"), `listener protocol broken: got "JUNKJUNK\n"`) {
		t.Errorf("the one that is left as it is: %s", call(t, d, "supervisor.getProcessInfo", "left"))
	}
}

// TestAHundredThousandEventsAreHeardOrCounted: a listener that keeps up hears each of them, one that does not loses as
// many as the main log says, and everybody else is answered meanwhile.
// fault: 7
// holds: EVT-029
func TestAHundredThousandEventsAreHeardOrCounted(t *testing.T) {
	t.Parallel()
	n := 100_000
	if testing.Short() || raceDetector {
		n = 10_000
	}
	d := daemon(t, fmt.Sprintf(`
[eventlistener:quick]
command=/usr/bin/python3 ${DIR}/count.py quick 0
directory=${DIR}
events=PROCESS_COMMUNICATION
buffer_size=%[1]d
autostart=false

[eventlistener:slow]
command=/usr/bin/python3 ${DIR}/count.py slow 0.02
directory=${DIR}
events=PROCESS_COMMUNICATION
buffer_size=100
autostart=false

[program:speaker]
command=/usr/bin/python3 ${DIR}/speak.py %[1]d
directory=${DIR}
stdout_capture_maxbytes=1KB
stdout_logfile=NONE
autostart=false
`, n))
	for name, text := range map[string]string{
		"count.py": `import sys, time
name, pause = sys.argv[1], float(sys.argv[2])
seen, last, wrong = 0, -1, 0
while True:
    sys.stdout.write('READY\n'); sys.stdout.flush()
    size = int(sys.stdin.readline().rsplit(':', 1)[1])
    number = int(sys.stdin.read(size).split('\n')[1])
    seen += 1
    if number <= last or pause == 0 and number != last + 1: wrong += 1
    last = number
    time.sleep(pause)
    sys.stdout.write('RESULT 2\nOK')
    if pause or number % 1000 == 999:
        with open(name, 'w') as f: f.write('%d seen, last %d, %d wrong.' % (seen, last, wrong))
`,
		"speak.py": `import os, sys, time
n = int(sys.argv[1])
for i in range(0, n, 50):
    os.write(1, ''.join('<!--XSUPERVISOR:BEGIN-->%d<!--XSUPERVISOR:END-->' % j for j in range(i, i + 50)).encode())
os.write(1, b'z' * 64)
time.sleep(1000)
`} {
		if err := d.WriteFile(name, text); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range []string{"quick", "slow"} {
		call(t, d, "supervisor.startProcess", l)
	}
	call(t, d, "supervisor.startProcess", "speaker", false)
	last := "last " + strconv.Itoa(n-1) + ","
	answers := 0
	eventually(t, "the last event", func() bool {
		call(t, d, "supervisor.getState")
		answers++
		return strings.Contains(d.ReadFile("quick"), last) && strings.Contains(d.ReadFile("slow"), last)
	})
	if got := d.ReadFile("quick"); got != fmt.Sprintf("%d seen, %s 0 wrong.", n, last) {
		t.Errorf("the one that keeps up: %s", got)
	}
	m := regexp.MustCompile(`^(\d+) seen, last \d+, 0 wrong\.$`).FindStringSubmatch(d.ReadFile("slow"))
	if m == nil {
		t.Fatalf("the slow one: %s", d.ReadFile("slow"))
	}
	seen, _ := strconv.Atoi(m[1])
	log := d.ReadFile("main.log")
	lost := strings.Count(log, "ERRO pool slow event buffer overflowed, discarding event ")
	if seen+lost != n || strings.Contains(log, "pool quick event buffer") {
		t.Errorf("the slow one heard %d and lost %d of %d", seen, lost, n)
	}
	t.Logf("%d events: the slow one heard %d; %d calls were answered meanwhile", n, seen, answers)
}
