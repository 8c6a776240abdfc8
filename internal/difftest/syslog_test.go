package difftest_test

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// overheard runs a supervisord for three seconds in a /dev of its own, and returns what came to the system's log there.
const overheard = `mount -t tmpfs tmpfs /dev &&
mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/zero c 1 5 && mknod -m 666 /dev/urandom c 1 9 || exit 77
/usr/bin/python3 -c '
import select, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
open("listening", "w").close()
while select.select([s], [], [], 6)[0]:
    line = s.recv(9999)
    print(repr(line), flush=True)
    if line.endswith(b"last"): break
' >heard &
until test -e listening; do :; done
"$1" -n -c conf >/dev/null 2>&1 &
wait %1
kill %2; wait
`

// holds: LOG-026
func TestTheSystemsLogGetsWhatItGetsFromDebians(t *testing.T) {
	t.Parallel()
	debian, err := difftest.Debian()
	if err != nil {
		t.Skip(err)
	}
	if _, err := exec.LookPath("unshare"); err != nil || os.Getuid() != 0 {
		t.Skip("a /dev of its own can only be made by root, with unshare")
	}
	var heard [2]string
	for i, p := range []difftest.Programs{debian, built} {
		d, err := difftest.NewDaemon(p, difftest.Ordinary(`
[program:x]
command=/usr/bin/python3 ${DIR}/x.py
stdout_syslog=true
stderr_logfile=syslog
stdout_logfile=${DIR}/out
`))
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		_ = os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755)
		if err := d.WriteFile("x.py", `import array, fcntl, os, termios, time
left = array.array('i', [1])
for c in (b'one\ntwo\n\n', b'part', b'\n', 'é\n'.encode(), b'a\n\nb', b'\n\n\n', b' blanks \n'):
    os.write(1, c)
    left[0] = 1
    while left[0]:  # until it has been read, so that the next is a read of its own
        time.sleep(0.01)
        fcntl.ioctl(1, termios.FIONREAD, left)
    time.sleep(0.3)  # until it has been told, too: what waits together is told together
os.write(2, b'last\n')
time.sleep(100)
`); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "unshare", "-m", "bash", "-c", overheard, "overheard", p.Supervisord)
		cmd.Dir = d.Dir
		if out, err := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() == 77 {
			t.Skipf("no /dev of its own can be made: %v\n%s", err, out)
		}
		heard[i] = regexp.MustCompile(`\w{3} [ \d]\d \d\d:\d\d:\d\d`).ReplaceAllString(d.ReadFile("heard"), "then")
		if log := d.ReadFile("out"); log != "one\ntwo\n\npart\né\na\n\nb\n\n\n blanks \n" {
			t.Errorf("%s: the file has %q", p.Name, log)
		}
	}
	if strings.Count(heard[0], "\n") < 10 || heard[0] != heard[1] {
		t.Errorf("from Debian's:\n%s\nfrom ours:\n%s", heard[0], heard[1])
	}
}

// TestTheMainLogGoesToALogHost, which must find what it says in the words of RFC 5424, and nothing goes to a file.
func TestTheMainLogGoesToALogHost(t *testing.T) {
	t.Parallel()
	if *self {
		t.Skip("a log host is an option of ours")
	}
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	d, err := difftest.NewDaemon(built, strings.Replace(difftest.Ordinary(""), "${DIR}/main.log", "syslog@"+c.LocalAddr().String(), 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	_ = os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755)
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"supervisor.readLog", "supervisor.clearLog"} {
		args := []any{json.Number("0"), json.Number("0")}
		if method == "supervisor.clearLog" {
			args = nil
		}
		if _, body, err := d.Call(method, args...); err != nil || !strings.Contains(body, "NO_FILE") {
			t.Errorf("%s: %s, %v", method, body, err)
		}
	}
	if err := d.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, err := d.Wait(t.Context()); code != 0 || err != nil {
		t.Errorf("status %d, %v", code, err)
	}
	var got []string
	buf := make([]byte, 9000)
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
	for len(got) == 0 || !strings.Contains(got[len(got)-1], "received SIGTERM") {
		n, _, err := c.ReadFrom(buf)
		if err != nil {
			t.Fatalf("%v after %q", err, got)
		}
		m := regexp.MustCompile(`^<(\d+)>1 \S+ \S+ supervisord (\d+) - - (.*)$`).FindStringSubmatch(string(buf[:n]))
		if m == nil || m[2] != strconv.Itoa(d.Pid) {
			t.Fatalf("%q is no line of the daemon %d", buf[:n], d.Pid)
		}
		got = append(got, m[1]+" "+m[3])
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{"14 INFO supervisord started with pid " + strconv.Itoa(d.Pid), "12 WARN received SIGTERM indicating exit request"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
	if names, _ := filepath.Glob(d.Dir + "/*syslog*"); len(names) > 0 {
		t.Errorf("there are files %q", names)
	}
}
