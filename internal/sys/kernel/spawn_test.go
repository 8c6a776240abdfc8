package kernel_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// TestChildIsBornAsItWasDescribed looks at a child that needed nothing special.
// holds: PROC-031 PROC-035 PROC-042 PROC-043
func TestChildIsBornAsItWasDescribed(t *testing.T) {
	t.Parallel()
	c := sh(`echo "$0|$A|$(pwd)|$(umask)|$(ps -o pgid= -p $$ | tr -d ' ')|$$"; exit 7`)
	c.Argv = []string{"as written", "-c", c.Argv[2], "zero"}
	c.Env = append(c.Env, "A=b c")
	c.Dir = "/usr"
	out, _, st := run(t, c)
	f := strings.Split(strings.TrimSpace(out), "|")
	if len(f) != 6 || f[0] != "zero" || f[1] != "b c" || f[2] != "/usr" || f[4] != f[5] {
		t.Errorf("the child says %q", out)
	}
	if st != (kernel.Status{Code: 7}) {
		t.Errorf("it ended with %+v", st)
	}
}

// TestHelperRoleTakesTheLastSteps is the same through our own binary: a umask can be set no other way.
// holds: PROC-035 PROC-038 PROC-042 PROC-043
func TestHelperRoleTakesTheLastSteps(t *testing.T) {
	t.Parallel()
	c := sh(`tr '\0' ' ' </proc/$$/cmdline; umask; pwd; ps -o pgid= -p $$ | tr -d ' '; echo $$; echo $A; exit 3`)
	c.Argv[0] = "my shell"
	c.Umask, c.Dir, c.Env = 0o027, "/usr", append(c.Env, "A=b")
	out, errs, st := run(t, c)
	cmdline, rest, _ := strings.Cut(out, "exit 3 ")
	if !strings.HasPrefix(cmdline, "my shell -c ") {
		t.Errorf("argv is %q", cmdline)
	}
	f := strings.Split(strings.TrimSpace(rest), "\n")
	if len(f) != 5 || f[0] != "0027" || f[1] != "/usr" || f[2] != f[3] || f[4] != "b" {
		t.Errorf("the child says %q %q", rest, errs)
	}
	if st.Code != 3 {
		t.Errorf("it ended with %+v", st)
	}
}

// TestChildThatCannotBecomeItsProgramSaysWhy holds the words on its stderr and the status of it.
// holds: PROC-037 PROC-038 PROC-040
func TestChildThatCannotBecomeItsProgramSaysWhy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	garbage := file("garbage", "neither script nor program\n", 0o755)
	plain := file("plain", "#!/bin/sh\n", 0o644)
	orphan := file("orphan", "#!/no/such/interpreter\n", 0o755)
	for _, c := range []struct {
		name  string
		child kernel.Child
		want  string
	}{
		{"a directory that is not there", kernel.Child{Path: "/bin/true", Argv: []string{"true"}, Dir: "/no/such", Umask: -1},
			"supervisor: couldn't chdir to /no/such: ENOENT\n"},
		{"a directory that is a file", kernel.Child{Path: "/bin/true", Argv: []string{"true"}, Dir: plain, Umask: 0o22},
			"supervisor: couldn't chdir to " + plain + ": ENOTDIR\n"},
		{"a program that is gone", kernel.Child{Path: "/no/such", Argv: []string{"such"}, Umask: -1},
			"supervisor: couldn't exec such: ENOENT\n"},
		{"a path that means something else there", kernel.Child{Path: "./rel.sh", Argv: []string{"./rel.sh"}, Dir: dir, Umask: -1},
			"supervisor: couldn't exec ./rel.sh: ENOENT\n"},
		{"an argument that is too long", kernel.Child{Path: "/bin/true", Argv: []string{"true", strings.Repeat("x", 200_000)}, Umask: -1},
			"supervisor: couldn't exec true: E2BIG\n"},
		{"an environment that is too large, and a umask", kernel.Child{Path: "/bin/true", Argv: []string{"true"}, Umask: 0o22,
			Env: []string{"A=" + strings.Repeat("x", 200_000)}}, "supervisor: couldn't exec true: E2BIG\n"},
		{"garbage", kernel.Child{Path: garbage, Argv: []string{garbage, "x"}, Umask: -1},
			"supervisor: couldn't exec " + garbage + ": ENOEXEC\n"},
		{"no right to run it", kernel.Child{Path: plain, Argv: []string{"plain"}, Umask: 0o77},
			"supervisor: couldn't exec plain: EACCES\n"},
		{"an interpreter that is gone", kernel.Child{Path: orphan, Argv: []string{"orphan"}, Umask: -1},
			"supervisor: couldn't exec orphan: ENOENT\n"},
		{"a user who was refused", kernel.Child{Path: "/bin/true", Argv: []string{"true"}, Umask: -1, UID: 4711, Refused: "Can't find uid 4711"},
			"supervisor: couldn't setuid to 4711: Can't find uid 4711\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, errs, st := run(t, c.child)
			if want := c.want + "supervisor: child process was not spawned\n"; errs != want || out != "" {
				t.Errorf("it says %q and %q\nwant     %q", out, errs, want)
			}
			if st != (kernel.Status{Code: 127}) {
				t.Errorf("it ended with %+v", st)
			}
		})
	}
}

// TestOddWordsAndEnvironmentsPassThroughTheHelperUntouched sends what a careless spelling would break.
func TestOddWordsAndEnvironmentsPassThroughTheHelperUntouched(t *testing.T) {
	t.Parallel()
	c := kernel.Child{
		Path: "/usr/bin/env", Argv: []string{"env", "-0", "--", "/usr/bin/printf", "%s|", "", "a b", "\"'\\", "\xff\n", "{}"},
		Env: []string{"A=1=2", "B=", "C=\xfe"}, Umask: 0o22,
	}
	c.Argv = slices.Delete(c.Argv, 1, 2)
	out, errs, st := run(t, c)
	if out != "|a b|\"'\\|\xff\n|{}|" || st.Code != 0 {
		t.Errorf("%q %q %+v", out, errs, st)
	}
	c.Argv = []string{"env", "-0"}
	if out, _, _ := run(t, c); out != "A=1=2\x00B=\x00C=\xfe\x00" {
		t.Errorf("the environment arrives as %q", out)
	}
}

// TestChildSeesThreeDescriptorsAndNoMore, by either way, whatever we have open.
// holds: PROC-035
// fault: 11
func TestChildSeesThreeDescriptorsAndNoMore(t *testing.T) {
	t.Parallel()
	for range 20 {
		f, err := os.Open("/dev/null")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
	}
	for _, umask := range []int{-1, 0o22} {
		l := spawn(t, kernel.Child{Path: "/bin/cat", Argv: []string{"cat"}, Umask: umask})
		fmt.Fprintln(l.in, "here")
		if line, err := bufio.NewReader(l.out).ReadString('\n'); err != nil {
			t.Fatal(line, err)
		}
		fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", l.pid))
		if err != nil {
			t.Skip("no /proc to look at: ", err)
		}
		var names []string
		for _, fd := range fds {
			names = append(names, fd.Name())
		}
		if !slices.Equal(names, []string{"0", "1", "2"}) {
			t.Errorf("umask %d: descriptors %v", umask, names)
		}
		l.in.Close()
		await(l.pid)
	}
}

// TestChildIgnoresAndBlocksNoSignal: Supervisor's children ignore SIGPIPE and SIGXFSZ because Python does; ours get
// the defaults that any shell would give them.
// holds: PROC-036
func TestChildIgnoresAndBlocksNoSignal(t *testing.T) {
	t.Parallel()
	for _, umask := range []int{-1, 0o22} {
		c := kernel.Child{Path: "/bin/cat", Argv: []string{"cat", "/proc/self/status"}, Umask: umask}
		out, _, _ := run(t, c)
		// What we were started with ourselves is passed on; the test must not depend on who runs it.
		ours := status(t, "self")
		theirs := fields(out)
		for _, name := range []string{"SigIgn", "SigBlk"} {
			if theirs[name] != ours[name] && theirs[name] != "0000000000000000" {
				t.Errorf("umask %d: %s is %s, ours %s", umask, name, theirs[name], ours[name])
			}
		}
	}
}

// status is /proc/pid/status as a map.
func status(t *testing.T, pid string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		t.Skip("no /proc to look at: ", err)
	}
	return fields(string(text))
}

func fields(text string) map[string]string {
	m := map[string]string{}
	for _, l := range strings.Split(text, "\n") {
		name, value, _ := strings.Cut(l, ":")
		m[name] = strings.Join(strings.Fields(value), " ")
	}
	return m
}

// groupsMain starts cat as nobody, while we have groups that nobody has not.
func groupsMain() {
	k := kernel.Open()
	umask, _ := strconv.Atoi(os.Args[1])
	cred, refused := kernel.CredFor(nobodyID)
	if refused != "" {
		fmt.Print(refused)
		os.Exit(1)
	}
	ours, _ := os.ReadFile("/proc/self/status")
	fmt.Println("OURS", fields(string(ours))["Groups"])
	_, err := k.Spawn(kernel.Child{Path: "/bin/cat", Argv: []string{"cat", "/proc/self/status"}, Files: [3]int{0, 1, 2}, Umask: umask, Cred: cred})
	if err != nil {
		fmt.Print(err)
		os.Exit(1)
	}
	for range k.Bell() {
		if _, st, ok := k.Wait(); ok {
			os.Exit(st.Code)
		}
	}
}

const nobodyID = 65534

// TestNobodysChildHasNothingOfOurs: all four ids, exactly the groups of the group database, and no capability.
// holds: PROC-037
// fault: 9
func TestNobodysChildHasNothingOfOurs(t *testing.T) {
	t.Parallel()
	needRoot(t)
	u, err := user.LookupId(strconv.Itoa(nobodyID))
	if err != nil {
		t.Skip("there is no user nobody: ", err)
	}
	ids, err := u.GroupIds()
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ids)
	for _, umask := range []string{"-1", "18"} {
		c := role(t, groupsRole, umask)
		c.Cred = &kernel.Cred{UID: 0, GID: 0, Groups: []int{0, 4, 27}}
		out, errs, st := run(t, c)
		if st.Code != 0 || !strings.HasPrefix(out, "OURS 0 4 27\n") {
			t.Fatalf("umask %s: %q %q %+v", umask, out, errs, st)
		}
		f := fields(out)
		groups := strings.Fields(f["Groups"])
		slices.Sort(groups)
		if !slices.Equal(groups, ids) {
			t.Errorf("umask %s: groups %v, want %v", umask, groups, ids)
		}
		id := strconv.Itoa(nobodyID)
		if want := strings.Join([]string{id, id, id, id}, " "); f["Uid"] != want || f["Gid"] != strings.ReplaceAll(want, id, u.Gid) {
			t.Errorf("umask %s: Uid %s Gid %s", umask, f["Uid"], f["Gid"])
		}
		for _, set := range []string{"CapEff", "CapPrm"} {
			if strings.Trim(f[set], "0") != "" {
				t.Errorf("umask %s: %s is %s", umask, set, f[set])
			}
		}
	}
}

// TestWhoMayBecomeWhom is CredFor, asked as root and as nobody.
// holds: PROC-037
func TestWhoMayBecomeWhom(t *testing.T) {
	t.Parallel()
	needRoot(t)
	asNobody := &kernel.Cred{UID: nobodyID, GID: nobodyID}
	for _, c := range []struct {
		as   *kernel.Cred
		uid  string
		want string
	}{
		{nil, "-1", `<nil> ""`},
		{nil, "0", `<nil> ""`},
		{nil, "4711", `<nil> "Can't find uid 4711"`},
		{asNobody, "0", `<nil> "Can't drop privilege as nonroot user"`},
		{asNobody, strconv.Itoa(nobodyID), `<nil> ""`},
	} {
		child := role(t, credRole, c.uid)
		child.Cred = c.as
		if c.as != nil {
			child.Path = readable(t, child.Path)
		}
		if out, errs, _ := run(t, child); out != c.want {
			t.Errorf("uid %s as %v: %s %s", c.uid, c.as, out, errs)
		}
	}
}

// readable is a copy of our binary where anybody may run it.
func readable(t *testing.T, self string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "r")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	os.Chmod(dir, 0o755)
	path := filepath.Join(dir, "self")
	in, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestKillRefusesWhatIsNoChildsPid: 0 would be our own group, -1 everybody, and 1 init.
func TestKillRefusesWhatIsNoChildsPid(t *testing.T) {
	t.Parallel()
	for _, k := range []kernel.Kernel{sys, kernel.NewFake()} {
		for _, pid := range []int{1, 0, -1, -2, -1 << 31} {
			for _, group := range []bool{false, true} {
				if err := k.Kill(pid, 0, group); err != kernel.ErrPid {
					t.Errorf("%T: pid %d, group %v: %v", k, pid, group, err)
				}
			}
		}
	}
}

// TestKillReachesTheGroupOnlyWhenAsked starts a shell with a child of its own.
// holds: PROC-044
func TestKillReachesTheGroupOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	for _, group := range []bool{false, true} {
		l := spawn(t, sh("sleep 300 & echo $!; wait"))
		line, err := bufio.NewReader(l.out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		grandchild, _ := strconv.Atoi(strings.TrimSpace(line))
		if err := sys.Kill(l.pid, int(syscall.SIGTERM), group); err != nil {
			t.Fatal(err)
		}
		if st := await(l.pid); st.Signal != int(syscall.SIGTERM) || st.Code != -1 || st.Core {
			t.Errorf("%+v", st)
		}
		if group {
			io.Copy(io.Discard, l.out) // ends when the grandchild does
			continue
		}
		if err := sys.Kill(grandchild, 0, false); err != nil {
			t.Errorf("the grandchild died with its parent: %v", err)
		}
		sys.Kill(grandchild, int(syscall.SIGKILL), false)
	}
}

// TestSpawnWithoutDescriptorsIsAnError and leaves no child behind.
func TestSpawnWithoutDescriptorsIsAnError(t *testing.T) {
	t.Parallel()
	c := sh("true")
	c.Files = [3]int{-5, -5, -5}
	if pid, err := sys.Spawn(c); err == nil {
		await(pid)
		t.Skip("this system takes missing descriptors as closed ones")
	}
}
