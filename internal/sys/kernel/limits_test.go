package kernel_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// limitMain sets limits as a shell before us might have, raises them, and shows what a child gets. Its words are the
// soft and the hard limit, and the minimum that is asked for.
func limitMain(args []string) {
	if len(args) == 3 {
		soft, _ := strconv.ParseUint(args[0], 10, 64)
		hard, _ := strconv.ParseUint(args[1], 10, 64)
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: soft, Max: hard}); err != nil {
			fmt.Print(err)
			os.Exit(1)
		}
		// A process of its own, so that the limit is one it was started with.
		self, _ := os.Executable()
		err := syscall.Exec(self, []string{limitRole, args[2]}, os.Environ())
		fmt.Print(err)
		os.Exit(1)
	}
	k := kernel.Open()
	min, _ := strconv.Atoi(args[0])
	raised, hard, err := kernel.Raise(kernel.Files, min)
	fmt.Println(raised, hard, err)
	c := kernel.Child{Path: "/bin/sh", Argv: []string{"sh", "-c", "ulimit -Sn; ulimit -Hn"}, Files: [3]int{0, 1, 2}, Umask: -1}
	for _, umask := range []int{-1, 0o22} {
		c.Umask = umask
		if _, err := k.Spawn(c); err != nil {
			fmt.Print(err)
			os.Exit(1)
		}
		<-k.Bell()
		k.Wait()
	}
	os.Exit(0)
}

// mayRaiseHard tells whether we have CAP_SYS_RESOURCE, which a container may not.
func mayRaiseHard(t *testing.T) bool {
	caps, err := strconv.ParseUint(status(t, "self")["CapEff"], 16, 64)
	return err == nil && caps&(1<<24) != 0
}

// TestLimitIsRaisedForUsAndOurChildrenAndNeverLowered starts us with known limits each time.
// holds: CFG-064
func TestLimitIsRaisedForUsAndOurChildrenAndNeverLowered(t *testing.T) {
	t.Parallel()
	needRoot(t)
	for _, c := range []struct{ soft, hard, min, want string }{
		{"256", "1000", "512", "true 1000 <nil>|512 1000"},
		{"256", "1000", "100", "false 1000 <nil>|256 1000"},
		{"256", "1000", "256", "false 1000 <nil>|256 1000"},
		{"256", "1000", "1000", "true 1000 <nil>|1000 1000"},
		{"999", "1000", "500", "false 1000 <nil>|999 1000"},
		{"1000", "1000", "500", "false 1000 <nil>|1000 1000"},
		{"256", "1000", "-1", "false 1000 <nil>|256 1000"},
		{"256", "512", "1024", "true 1024 <nil>|1024 1024"}, // we are root
	} {
		if c.min == "1024" && !mayRaiseHard(t) {
			t.Log("hard limits cannot be raised here, not even by root")
			continue
		}
		out, errs, st := run(t, role(t, limitRole, c.soft, c.hard, c.min))
		got := strings.Join(strings.Split(strings.TrimSpace(out), "\n"), " ")
		report, child, _ := strings.Cut(c.want, "|")
		if want := report + " " + child + " " + child; got != want || st.Code != 0 {
			t.Errorf("soft %s, hard %s, min %s: %q %q\nwant %q", c.soft, c.hard, c.min, got, errs, want)
		}
	}
}

// TestLimitThatCannotBeHadIsAnErrorWithTheHardOne that was tried, as Supervisor says it: more than any kernel gives. the hard limit that is told is
// the one that was tried.
// holds: CFG-064
func TestLimitThatCannotBeHadIsAnErrorWithTheHardOne(t *testing.T) {
	t.Parallel()
	needRoot(t)
	out, _, _ := run(t, role(t, limitRole, "256", "1000", "2000000000"))
	if !strings.HasPrefix(out, "false 2000000000 operation not permitted\n") {
		t.Errorf("%q", out)
	}
}
