package daemon_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/client"
)

// TestDebiansSupervisorctlTellsWhy somebody may not: for one process it knows the reasons of its own time alone, and
// would say "Unknown result code 403". Clients that read faults get the fault.
func TestDebiansSupervisorctlTellsWhy(t *testing.T) {
	t.Parallel()
	const ctl = "/usr/bin/supervisorctl"
	if _, err := os.Stat(ctl); err != nil {
		t.Skip("Debian's supervisor is not installed")
	}
	dir, addr := short(t), freePort(t)
	_, out := foreground(t, settings(t, dir, fmt.Sprintf(people, addr)+"[user:web]\npassword=web\nrole=operate\ngroups=other\n"))
	until(t, out, "entered RUNNING state")
	go io.Copy(io.Discard, out)
	conf := write(t, dir, "ctl.conf", "[supervisorctl]\nserverurl=http://"+addr+"\n")
	for _, c := range []struct{ user, password, line, want string }{
		{"eve", "pw", "start cat", "403 FORBIDDEN: role read may not start>"},
		{"eve", "pw", "stop cat", "403 FORBIDDEN: role read may not stop>"},
		{"eve", "pw", "signal HUP cat", "403 FORBIDDEN: role read may not signal>"},
		{"eve", "pw", "clear cat", "403 FORBIDDEN: role read may not clear logs>"},
		{"eve", "pw", "stop cat:*", "<Fault 403: 'FORBIDDEN: role read may not stop'>"},
		{"eve", "pw", "stop all", "<Fault 403: 'FORBIDDEN: role read may not stop'>"},
		{"eve", "pw", "shutdown", "<Fault 403: 'FORBIDDEN: role read may not shut down'>"},
		{"web", "web", "stop cat", `403 FORBIDDEN: group "cat" is not among those that "web" may operate>`},
		{"eve", "wrong", "stop cat", "Server requires authentication"},
		{"eve", "pw", "stop nobody", "403 FORBIDDEN: role read may not stop>"},
		{"bob", "pw", "stop nobody", "nobody: ERROR (no such process)"},
		{"bob", "pw", "stop cat", "cat: stopped"},
	} {
		text, err := exec.Command(ctl, append([]string{"-c", conf, "-u", c.user, "-p", c.password}, strings.Fields(c.line)...)...).CombinedOutput()
		if !strings.Contains(string(text), c.want) || (err == nil) != (c.want == "cat: stopped") {
			t.Errorf("%s by %s: %v, %s", c.line, c.user, err, text)
		}
	}
	eve, err := client.Dial(client.Options{URL: "http://" + addr, Username: "eve", Password: "pw"})
	if err != nil {
		t.Fatal(err)
	}
	defer eve.Close()
	var f *client.Fault
	if err := eve.StopProcess(t.Context(), "cat", true); !errors.As(err, &f) || f.Code != 403 {
		t.Errorf("%v", err)
	}
}
