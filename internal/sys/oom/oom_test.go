package oom_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/oom"
)

// plant makes files below a root of its own.
func plant(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const (
	mountV2   = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
	mountV1   = "33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	mountBind = "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
)

func TestTheCounterIsThatOfOurOwnGroup(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, cgroup, mounts, counter string
	}{
		{"v2", "0::/system.slice/s.service\n", mountV2, "sys/fs/cgroup/system.slice/s.service/memory.events"},
		{"v2 in a container", "0::/\n", mountV2, "sys/fs/cgroup/memory.events"},
		{"v2 outside of the namespace", "0::/../other\n", mountV2, "sys/fs/cgroup/memory.events"},
		{"v2 below a group without the controller", "0::/a/b/c\n", mountV2, "sys/fs/cgroup/a/memory.events"},
		{"v1", "4:memory:/x/y\n3:cpu,cpuacct:/\n", mountV1, "sys/fs/cgroup/memory/x/y/memory.oom_control"},
		{"v1 in a container", "4:memory:/docker/abc\n", mountBind, "sys/fs/cgroup/memory/memory.oom_control"},
		{"v1 below a container", "4:memory:/docker/abc/d\n", mountBind, "sys/fs/cgroup/memory/d/memory.oom_control"},
		{"v1 beside a container", "4:memory:/docker/abcd\n", mountBind, "sys/fs/cgroup/memory/memory.oom_control"},
		{"both, and v2 without memory", "4:memory:/x\n0::/\n", mountV1 + mountV2, "sys/fs/cgroup/memory/x/memory.oom_control"},
		{"neither", "", "", "proc/vmstat"},
		{"rubbish", "a\n1:2\n::\n", "a b c\n - \n - cgroup2\n1 2 3 - cgroup2 x y\n", "proc/vmstat"},
	} {
		root := plant(t, map[string]string{
			"proc/self/cgroup": c.cgroup, "proc/self/mountinfo": c.mounts, "proc/vmstat": "nr 1\noom_kill 0\n",
			c.counter: "max 3\noom 1\noom_kill 0\noom_group_kill 0\n",
		})
		w := oom.Open(root)
		if w.Blames(0) {
			t.Errorf("%s: blamed for nothing", c.name)
		}
		if err := os.WriteFile(filepath.Join(root, c.counter), []byte("oom 1\noom_kill 1\noom_group_kill 7\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if !w.Blames(0) || w.Blames(0) {
			t.Errorf("%s: the counter is not read, or its kill told twice", c.name)
		}
		w.Close()
	}
}

func TestWithoutACounterNobodyIsBlamed(t *testing.T) {
	t.Parallel()
	for _, files := range []map[string]string{{}, {"proc/vmstat": "oom_kill many\n"}, {"proc/vmstat": "nr 3\n"}} {
		w := oom.Open(plant(t, files))
		if w != nil {
			t.Errorf("%v: opened", files)
		}
		w.Look(0)
		if w.Blames(0) {
			t.Errorf("%v: blamed", files)
		}
		w.Close()
	}
}

// TestAKillExplainsOneEndAndNotForLong plays what is looked at and when: + is a kill, l a look, b an end by SIGKILL that
// is put down to it, - one that is not, and a digit lets so many seconds pass.
func TestAKillExplainsOneEndAndNotForLong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ counter, story string }{
		{"group", "-+b-"},
		{"group", "++bb-"},
		{"group", "+l+4bb-"},
		{"group", "+l6-"},
		{"group", "+l3+l4bb-"},
		{"group", "+9b-"}, // unnoticed for long, which is how a quiet daemon sees its first
		{"machine", "+l9b-"},
		{"machine", "-+b-"},
	} {
		path := map[string]string{"group": "sys/fs/cgroup/memory.events", "machine": "proc/vmstat"}[c.counter]
		root := plant(t, map[string]string{"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": mountV2, path: "oom_kill 7\n"})
		w, kills, now := oom.Open(root), 7, proc.Time(1000)*proc.Second
		for i, b := range []byte(c.story) {
			switch b {
			case '+':
				kills++
				if err := os.WriteFile(filepath.Join(root, path), []byte("oom_kill "+strconv.Itoa(kills)+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			case 'l':
				w.Look(now)
			case 'b', '-':
				if got := w.Blames(now); got != (b == 'b') {
					t.Errorf("%s %q: blames %v at %d", c.counter, c.story, got, i)
				}
			default:
				now += proc.Time(b-'0') * proc.Second
			}
		}
		w.Close()
	}
}

// FuzzFiles: whatever the kernel may print, nothing is opened outside of the root.
func FuzzFiles(f *testing.F) {
	f.Add("0::/a/b\n4:memory:/x\n", mountV1+mountV2)
	f.Add("0::/../../..\n", "1 2 3 /x /../../.. - cgroup2 a b\n")
	f.Fuzz(func(t *testing.T, cgroup, mounts string) {
		for _, path := range oom.Groups("/r", cgroup, mounts) {
			if filepath.Clean(path) != path || len(path) < 3 || path[:3] != "/r/" {
				t.Errorf("%q", path)
			}
		}
	})
}
