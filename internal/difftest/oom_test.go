package difftest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestAProgramThatTheKernelKillsForMemoryIsSaidToHaveBeen puts the daemon into a control group with a limit, where a
// program reads without end into its memory.
func TestAProgramThatTheKernelKillsForMemoryIsSaidToHaveBeen(t *testing.T) {
	t.Parallel()
	group, err := limitedGroup()
	if err != nil {
		t.Skipf("no control group with a memory limit is to be had: %v", err)
	}
	t.Cleanup(func() { os.Remove(group) })
	d := daemon(t, `
[program:glutton]
command=/usr/bin/tail /dev/zero
autostart=false
autorestart=false
startsecs=0
`)
	pid := regexp.MustCompile(`<int>(\d+)</int>`).FindStringSubmatch(call(t, d, "supervisor.getPID"))[1]
	if err := os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(pid), 0); err != nil {
		t.Skipf("the daemon cannot be put into a control group: %v", err)
	}
	// The next generation looks where it is.
	call(t, d, "supervisor.restart")
	eventually(t, "the next generation", func() bool { return strings.Count(d.ReadFile("main.log"), "supervisord started") == 2 })
	call(t, d, "supervisor.startProcess", "glutton")
	until(t, d, "main.log", "WARN out of memory: the kernel has killed 'glutton' (", "WARN exited: glutton (terminated by SIGKILL; not expected)")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"events", "PROCESS_STATE_EXITED"}, "terminated by SIGKILL (out of memory), not expected"},
		{[]string{"events", "--json", "PROCESS_STATE_EXITED"}, `"signal":"SIGKILL","oom":true`},
		{[]string{"--json", "status", "glutton"}, `"oom":true`},
	} {
		args := append([]string{"-c", filepath.Join(d.Dir, "conf")}, c.args...)
		out, _ := exec.CommandContext(t.Context(), d.Programs.Supervisorctl, args...).CombinedOutput()
		if said := strings.ReplaceAll(string(out), ": true", ":true"); !strings.Contains(said, c.want) {
			t.Errorf("supervisorctl %q says %s", c.args, out)
		}
	}
	d.Close() // before the group
}

// limitedGroup makes a control group of 64 MiB.
func limitedGroup() (string, error) {
	name := "reeve-" + strconv.Itoa(os.Getpid())
	var whys []error
	for _, v := range []struct{ top, limit string }{
		{"/sys/fs/cgroup", "memory.max"}, {"/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
	} {
		dir := filepath.Join(v.top, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			whys = append(whys, err)
			continue
		}
		f, err := os.OpenFile(filepath.Join(dir, v.limit), os.O_WRONLY, 0)
		if err == nil {
			_, err = f.WriteString("67108864")
			f.Close()
		}
		if err == nil {
			return dir, nil
		}
		os.Remove(dir)
		whys = append(whys, err)
	}
	return "", errors.Join(whys...)
}
