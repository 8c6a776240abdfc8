package kernel_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// daemonMain is the detached half: it does what its first word says.
func daemonMain(args []string) {
	switch args[0] {
	case "fail":
		fmt.Fprint(os.Stderr, "no luck;")
		os.Exit(5)
	case "die":
		k := kernel.Open()
		k.Kill(os.Getpid(), int(syscall.SIGKILL), false)
		select {}
	case "stand":
		report := os.NewFile(2, "stderr")
		keep, _ := syscall.Dup(int(report.Fd()))
		sid, _, _ := syscall.Syscall(syscall.SYS_GETSID, 0, 0, 0)
		kernel.Ready()
		null := ""
		for fd := range 3 {
			to, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
			null += to + " "
		}
		fmt.Fprintf(os.NewFile(uintptr(keep), ""), ";leads its session %v;%s%v", int(sid) == os.Getpid(), null, args)
	}
	os.Exit(0)
}

// TestCallerOfADetachedDaemonLearnsWhetherItStands: its own status when it failed, 0 once it is ready.
// holds: CLI-009
func TestCallerOfADetachedDaemonLearnsWhetherItStands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		status int
		says   []string
	}{
		{"fail", 5, []string{"no luck;", "5 <nil>"}},
		{"die", 1, []string{"1 <nil>"}},
		{"stand", 0, []string{"0 <nil>", ";leads its session true;/dev/null /dev/null /dev/null [stand a b]"}},
	} {
		_, errs, st := run(t, role(t, detachRole, c.what, "a", "b"))
		if st.Code != c.status {
			t.Errorf("%s: %+v %q", c.what, st, errs)
		}
		for _, want := range c.says {
			if !strings.Contains(errs, want) {
				t.Errorf("%s: %q does not say %q", c.what, errs, want)
			}
		}
	}
}
