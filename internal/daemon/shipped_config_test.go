package daemon_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/client"
)

// keeping is a daemon whose config extension keeps programs in files that it includes.
func keeping(t *testing.T, dir string, persist bool, more string) (conf string, c *client.Client, out *bufio.Reader) {
	t.Helper()
	section := "[rpcinterface:config]\nsupervisor.rpcinterface_factory = reeve.config:make\n"
	if persist {
		section += "persist = " + dir + "/conf.d\n"
	}
	if err := os.Mkdir(dir+"/conf.d", 0o755); err != nil {
		t.Fatal(err)
	}
	conf = settings(t, dir, section+"[program:x]\ncommand=/bin/sleep 600\nstartsecs=0\n[group:g]\nprograms=x\n"+more)
	_, out = foreground(t, conf)
	until(t, out, "supervisord started")
	return conf, connect(t, dir), out
}

// running are the processes with their states and pids.
func running(t *testing.T, c *client.Client) (out []string, pids map[string]int) {
	t.Helper()
	list, err := c.AllProcessInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pids = map[string]int{}
	for _, p := range list {
		out = append(out, p.Group+":"+p.Name+" "+p.StateName)
		pids[p.Group+":"+p.Name] = p.Pid
	}
	return out, pids
}

func sees(t *testing.T, c *client.Client, want ...string) map[string]int {
	t.Helper()
	got, pids := running(t, c)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	return pids
}

type options = map[string]any

var nothing = []any{[]any{[]any{}, []any{}, []any{}}}

// TestProgramsAreAddedChangedRemovedAndThatIsUndone, without a file.
func TestProgramsAreAddedChangedRemovedAndThatIsUndone(t *testing.T) {
	t.Parallel()
	dir := short(t)
	_, c, out := keeping(t, dir, false, "")
	sleep := options{"command": "/bin/sleep 600", "startsecs": 0}
	value(t, c, []any{"a"}, "config.addProgram", "g", "a", sleep)
	value(t, c, []any{"own"}, "config.addProgram", "", "own", sleep)
	value(t, c, []any{"n0", "n1"}, "config.addProgram", "g", "n", options{"command": "/bin/sleep 600", "Startsecs": 0, "numprocs": 2, "process_name": "n%(process_num)d"})
	sees(t, c, "g:a RUNNING", "g:n0 RUNNING", "g:n1 RUNNING", "g:x RUNNING", "own:own RUNNING")
	for _, call := range []struct {
		want   string
		method string
		args   []any
	}{
		{"ALREADY_ADDED: a", "config.addProgram", []any{"g", "a", sleep}},
		{"ALREADY_ADDED: x", "config.addProgram", []any{"g", "x", sleep}},
		{"ALREADY_ADDED: g", "config.addProgram", []any{"g", "g", sleep}},
		{"BAD_NAME: group: h", "config.addProgram", []any{"h", "a", sleep}},
		{"BAD_NAME: g:x was not added here", "config.removeProgram", []any{"g", "x"}},
		{"BAD_NAME: g:x was not added here", "config.setProgram", []any{"g", "x", sleep}},
		{"INCORRECT_PARAMETERS: option command is there twice", "config.addProgram", []any{"g", "b", options{"command": "x", "Command": "y"}}},
		{"INCORRECT_PARAMETERS: join_group is said by the group", "config.addProgram", []any{"g", "b", options{"command": "x", "join_group": "y"}}},
		{"INCORRECT_PARAMETERS: Invalid name: 'b/c' because of character: '/' in section 'program:b/c' (file: '" + dir + "/s.conf')", "config.addProgram", []any{"g", "b/c", sleep}},
	} {
		value(t, c, call.want, call.method, call.args...)
	}
	// What ran runs again, with other options, and what did not does not.
	if _, err := c.Call(t.Context(), "supervisor.stopProcess", "g:n1"); err != nil {
		t.Fatal(err)
	}
	before := sees(t, c, "g:a RUNNING", "g:n0 RUNNING", "g:n1 STOPPED", "g:x RUNNING", "own:own RUNNING")
	value(t, c, []any{"n0", "n1"}, "config.setProgram", "g", "n", options{"command": "/bin/sleep 601", "startsecs": 0, "autostart": false, "numprocs": 2, "process_name": "n%(process_num)d"})
	after := sees(t, c, "g:a RUNNING", "g:n0 RUNNING", "g:n1 STOPPED", "g:x RUNNING", "own:own RUNNING")
	if before["g:n0"] == after["g:n0"] || before["g:x"] != after["g:x"] {
		t.Errorf("%v %v", before, after)
	}
	value(t, c, []any{"own"}, "config.setProgram", "own", "own", options{"command": "/bin/sleep 602", "startsecs": 0, "priority": 5})
	value(t, c, "INCORRECT_PARAMETERS: program section program:own does not specify a command in section 'program:own' (file: '"+dir+"/s.conf')", "config.setProgram", "own", "own", options{})
	value(t, c, true, "config.removeProgram", "g", "a")
	value(t, c, true, "config.removeProgram", "own", "own")
	sees(t, c, "g:n0 RUNNING", "g:n1 STOPPED", "g:x RUNNING")
	undone := func(n int, action, group, name string) {
		t.Helper()
		got, err := c.Call(t.Context(), "config.undo")
		if err != nil {
			t.Fatal(err)
		}
		if said := fmt.Sprintf("%+v", got); !strings.Contains(said, action) || !strings.Contains(said, group) || !strings.Contains(said, name) || !strings.Contains(said, strconv.Itoa(n)) {
			t.Errorf("%s, want %d %s %s %s", said, n, action, group, name)
		}
	}
	undone(7, "removed", "own", "own")
	undone(6, "removed", "g", "a")
	sees(t, c, "g:a RUNNING", "g:n0 RUNNING", "g:n1 STOPPED", "g:x RUNNING", "own:own RUNNING")
	undone(5, "changed", "own", "own")
	undone(4, "changed", "g", "n")
	undone(3, "added", "g", "n")
	undone(2, "added", "own", "own")
	undone(1, "added", "g", "a")
	value(t, c, "FAILED: there is nothing to undo", "config.undo")
	sees(t, c, "g:x RUNNING")
	value(t, c, []any{}, "config.getPrograms")
	value(t, c, nothing, "supervisor.reloadConfig")
	// What somebody else removes is forgotten.
	value(t, c, []any{"own"}, "config.addProgram", "", "own", sleep)
	if _, err := c.Call(t.Context(), "supervisor.stopProcess", "own"); err != nil {
		t.Error(err)
	}
	value(t, c, true, "supervisor.removeProcessGroup", "own")
	value(t, c, []any{}, "config.getPrograms")
	value(t, c, "BAD_NAME: own:own was not added here", "config.setProgram", "", "own", sleep)
	value(t, c, []any{"own"}, "config.addProgram", "", "own", sleep)
	all := until(t, out, "has undone change 1: program a of group g was added")
	if want := "unix socket (uid " + strconv.Itoa(os.Getuid()) + ") has changed program n of group g (change 4)\n"; !strings.Contains(all, want) {
		t.Errorf("the main log has no %q", want)
	}
}

// TestProgramsAreKeptInFiles: an update has nothing to do, a restart brings them back, and they can be changed then.
func TestProgramsAreKeptInFiles(t *testing.T) {
	t.Parallel()
	dir := short(t)
	_, c, out := keeping(t, dir, true, "[include]\nfiles="+dir+"/conf.d/*.conf\n")
	odd := options{"command": `/bin/sh -c "exec /bin/sleep 600 # x"`, "startsecs": 0}
	value(t, c, "INCORRECT_PARAMETERS: option command cannot stand in a file: what stands behind a blank and # is a comment there", "config.addProgram", "g", "z", odd)
	odd = options{"command": "/bin/sh -c \"exec\n/bin/sleep 600\"", "environment": `A="1;2#3",B="%(program_name)s = x"`, "startsecs": 0, "stdout_logfile": "NONE"}
	value(t, c, []any{"z"}, "config.addProgram", "g", "z", odd)
	value(t, c, []any{"a"}, "config.addProgram", "g", "a", options{"command": "/bin/sleep 600", "startsecs": 0})
	value(t, c, []any{"own"}, "config.addProgram", "own", "own", options{"command": "/bin/sleep 600", "startsecs": 0})
	value(t, c, nothing, "supervisor.reloadConfig") // which has read the group of its own from its file
	value(t, c, []any{"own"}, "config.setProgram", "", "own", options{"command": "/bin/sleep 602", "startsecs": 0})
	value(t, c, true, "config.removeProgram", "", "own")
	if _, err := c.Call(t.Context(), "config.undo"); err != nil {
		t.Error(err)
	}
	sees(t, c, "g:a RUNNING", "g:x RUNNING", "g:z RUNNING", "own:own RUNNING")
	value(t, c, nothing, "supervisor.reloadConfig")
	value(t, c, "BAD_NAME: group: nowhere", "config.addProgram", "nowhere", "p", options{"command": "/bin/sleep 600"})
	for _, name := range []string{"x]y", "x\ny"} {
		value(t, c, fmt.Sprintf("INCORRECT_PARAMETERS: %q cannot be the name of a file's section", name), "config.addProgram", "", name, options{"command": "/bin/sleep 600"})
	}
	write(t, dir+"/conf.d", "theirs.conf", "[program:theirs]\ncommand=/bin/sleep 600\n")
	value(t, c, "ALREADY_ADDED: theirs", "config.addProgram", "", "theirs", options{"command": "/bin/sleep 600"})
	if err := os.Remove(dir + "/conf.d/theirs.conf"); err != nil {
		t.Fatal(err)
	}
	value(t, c, []any{"a"}, "config.setProgram", "g", "a", options{"command": "/bin/sleep 601", "startsecs": 0})
	value(t, c, nothing, "supervisor.reloadConfig")
	text, err := os.ReadFile(dir + "/conf.d/g:a.conf")
	if want := "; Written by the config extension: change this program by its methods.\n[program:a]\njoin_group = g\ncommand = /bin/sleep 601\nstartsecs = 0\n"; err != nil || string(text) != want {
		t.Errorf("%v %s", err, text)
	}
	if info, err := os.Stat(dir + "/conf.d/g:a.conf"); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(err, info)
	}
	if err := c.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, out, "supervisord started")
	c = connect(t, dir)
	quick(t, "return of all", func() bool {
		got, _ := running(t, c)
		return len(got) == 4 && !strings.Contains(fmt.Sprint(got), "STARTING")
	})
	sees(t, c, "g:a RUNNING", "g:x RUNNING", "g:z RUNNING", "own:own RUNNING")
	value(t, c, nothing, "supervisor.reloadConfig")
	value(t, c, true, "config.removeProgram", "own", "own")
	value(t, c, true, "config.removeProgram", "g", "z")
	value(t, c, nothing, "supervisor.reloadConfig")
	sees(t, c, "g:a RUNNING", "g:x RUNNING")
	if _, err := c.Call(t.Context(), "config.undo"); err != nil {
		t.Fatal(err)
	}
	value(t, c, nothing, "supervisor.reloadConfig")
	sees(t, c, "g:a RUNNING", "g:x RUNNING", "g:z RUNNING")
	files, _ := os.ReadDir(dir + "/conf.d")
	if len(files) != 2 {
		t.Errorf("%v", files)
	}
	// A file that is somebody else's stays, and a broken configuration changes nothing.
	write(t, dir+"/conf.d", "g:b.conf", "[program:other]\ncommand=x\n")
	value(t, c, "FAILED: cannot keep the program: there is a file "+dir+"/conf.d/g:b.conf", "config.addProgram", "g", "b", options{"command": "/bin/sleep 600"})
	write(t, dir+"/conf.d", "g:b.conf", "[program:other]\n")
	got, err := c.Call(t.Context(), "config.addProgram", "g", "c", options{"command": "/bin/sleep 600"})
	if err == nil || !strings.HasPrefix(err.Error(), "CANT_REREAD: program section program:other does not specify a command") {
		t.Error(got, err)
	}
	if _, err := os.Stat(dir + "/conf.d/g:c.conf"); err == nil {
		t.Error("it is kept all the same")
	}

}

// TestWhatTheConfigurationDoesNotReadIsNotKept.
func TestWhatTheConfigurationDoesNotReadIsNotKept(t *testing.T) {
	t.Parallel()
	dir := short(t)
	_, c, _ := keeping(t, dir, true, "[include]\nfiles="+dir+"/conf.d/*.ini\n")
	for _, group := range []string{"g", "a"} {
		value(t, c, "FAILED: the configuration does not read "+dir+"/conf.d/"+group+":a.conf", "config.addProgram", group, "a", options{"command": "/bin/sleep 600"})
	}
	if files, _ := os.ReadDir(dir + "/conf.d"); len(files) != 0 {
		t.Errorf("%v", files)
	}
	sees(t, c, "g:x RUNNING")
}

// TestAChangeIsWholeOrNone: what cannot be put in place of a program leaves it, and a caller who leaves half way leaves
// nothing half done.
func TestAChangeIsWholeOrNone(t *testing.T) {
	t.Parallel()
	dir := short(t)
	_, c, out := keeping(t, dir, true, "[include]\nfiles="+dir+"/conf.d/*.conf\n")
	deaf := options{"command": `/bin/sh -c "trap '' TERM; echo deaf; while :; do sleep 0.05; done"`, "startsecs": 0, "stopwaitsecs": 1, "stdout_logfile": dir + "/deaf"}
	value(t, c, []any{"a"}, "config.addProgram", "g", "a", deaf)
	before, _ := os.ReadFile(dir + "/conf.d/g:a.conf")
	quick(t, "word", func() bool { text, _ := os.ReadFile(dir + "/deaf"); return len(text) > 0 })
	value(t, c, "ALREADY_ADDED: x", "config.setProgram", "g", "a", options{"command": "/bin/sleep 601", "process_name": "x"})
	sees(t, c, "g:a RUNNING", "g:x RUNNING")
	if after, _ := os.ReadFile(dir + "/conf.d/g:a.conf"); string(after) != string(before) {
		t.Errorf("its file is now\n%s", after)
	}
	until(t, out, "killing 'a'") // of the first try
	quick(t, "word", func() bool { text, _ := os.ReadFile(dir + "/deaf"); return strings.Count(string(text), "deaf") == 2 })
	leave, cancel := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := c.Call(leave, "config.setProgram", "g", "a", options{"command": "/bin/sleep 601", "startsecs": 0})
		gone <- err
	}()
	until(t, out, "waiting for a to stop")
	cancel()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	until(t, out, "has changed program a of group g (change 2)")
	sees(t, c, "g:a RUNNING", "g:x RUNNING")
	value(t, c, nothing, "supervisor.reloadConfig")
}
