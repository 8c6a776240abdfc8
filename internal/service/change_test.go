package service_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// options reads "command=x startsecs=0".
func options(line string) []config.Var {
	var out []config.Var
	for _, word := range strings.Fields(line) {
		name, value, _ := strings.Cut(word, "=")
		out = append(out, config.Var{Name: name, Value: value})
	}
	return out
}

// told is what is told of all processes: by the fleet, and as configuration.
func (d *desk) told() string {
	d.t.Helper()
	var out []string
	infos, err := d.AllProcessInfo(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, i := range infos {
		out = append(out, i.Group+":"+i.Name+" "+i.Phase.String())
	}
	programs, err := d.Programs(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	out = append(out, "|")
	for _, p := range programs {
		out = append(out, fmt.Sprintf("%s:%s %v", p.Group, p.Conf.Name, p.InUse))
	}
	return strings.Join(out, " ")
}

func (d *desk) expect(want string) {
	d.t.Helper()
	if got := d.told(); got != want {
		d.t.Errorf("%s\nwant %s", got, want)
	}
}

// diff is what a reload says.
func (d *desk) diff() string {
	d.t.Helper()
	a, c, r, err := d.Reload(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	return fmt.Sprint(a, c, r)
}

// TestProcessesComeIntoARunningGroupAndGo, as with supervisor_twiddler.
func TestProcessesComeIntoARunningGroupAndGo(t *testing.T) {
	t.Parallel()
	withDesk(t, []config.Group{group("g", 1, program("a")), group("void", 2)}, func(d *desk) {
		file := d.conf
		got, err := d.AddProcesses(ctx, "void", "p", options("command=/bin/cat numprocs=2 process_name=%(program_name)s_%(process_num)d startsecs=0"))
		if err != nil || !slices.Equal(got, []string{"p_0", "p_1"}) {
			t.Fatal(got, err)
		}
		// They are running, without a moment in between, and have their logs.
		d.expect("g:a STOPPED void:p_0 RUNNING void:p_1 RUNNING | g:a true void:p_0 true void:p_1 true")
		i, _ := d.ProcessInfo(ctx, "void:p_0")
		if _, err := os.Stat(i.Stdout); err != nil {
			t.Error(err)
		}
		if got, err := d.AddProcesses(ctx, "g", "q", options("command=/bin/cat autostart=false")); err != nil {
			t.Error(got, err)
		}
		for _, c := range []struct{ group, program, line, want string }{
			{"nobody", "p", "command=x", "BAD_NAME: group: nobody"},
			{"g", "a", "command=x", "ALREADY_ADDED: a"},
			{"g", "bad", "", "INCORRECT_PARAMETERS: program section program:bad does not specify a command in section 'program:bad' (file: '')"},
			{"g", "a b", "command=x", "INCORRECT_PARAMETERS: Invalid name: 'a b' because of character: ' ' in section 'program:a b' (file: '')"},
			{"g", "z", "command=x startsecs=often", "INCORRECT_PARAMETERS: invalid literal for int() with base 10: 'often' in section 'program:z' (file: '')"},
			{"g", "z", "command=x process_name=same numprocs=1 stdout_logfile=/no/such/dir/x",
				"INCORRECT_PARAMETERS: The directory named as part of the path /no/such/dir/x does not exist in section 'program:z' (file: '')"},
		} {
			if _, err := d.AddProcesses(ctx, c.group, c.program, options(c.line)); kind(err) != c.want {
				t.Errorf("%v: %s", c, kind(err))
			}
		}
		if logs, _ := os.ReadDir(d.conf.Daemon.Childlogdir); len(logs) != 2*3+1 {
			t.Errorf("what was refused has left logs: %v", logs)
		}
		// A reload sees them as a change, and tells the file alone.
		if got := d.diff(); got != "[] [g void] []" {
			t.Error(got)
		}
		d.expect("g:a STOPPED g:q STOPPED void:p_0 RUNNING void:p_1 RUNNING | g:a true")
		for name, want := range map[string]string{"p_0": "STILL_RUNNING: p_0", "p_9": "BAD_NAME: p_9"} {
			if err := d.RemoveProcess(ctx, "void", name); kind(err) != want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := d.AddProcesses(ctx, "g", "late", options("command=/bin/cat autostart=false")); err != nil {
			t.Error(err)
		}
		d.expect("g:a STOPPED g:late STOPPED g:q STOPPED void:p_0 RUNNING void:p_1 RUNNING | g:a true")
		if err := d.RemoveProcess(ctx, "g", "late"); err != nil {
			t.Error(err)
		}
		if err := d.RemoveProcess(ctx, "nobody", "p"); kind(err) != "BAD_NAME: group: nobody" {
			t.Error(err)
		}
		if _, err := d.StopGroup(ctx, "void", true); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"void p_0", "void p_1", "g q"} {
			group, name, _ := strings.Cut(name, " ")
			if err := d.RemoveProcess(ctx, group, name); err != nil {
				t.Error(err)
			}
		}
		d.expect("g:a STOPPED | g:a true")
		if got := d.diff(); got != "[] [] []" {
			t.Error(got)
		}
		if d := cmp.Diff([]config.Group{group("g", 1, program("a")), group("void", 2)}, file.Groups); d != "" {
			t.Errorf("the configuration as it was read has changed: %s", d)
		}
	})
}

// TestAnUpdateTakesWhatCameWithoutAFile: its group is removed and added as the file has it.
func TestAnUpdateTakesWhatCameWithoutAFile(t *testing.T) {
	t.Parallel()
	withDesk(t, []config.Group{group("g", 1, program("a"))}, func(d *desk) {
		if _, err := d.AddProcesses(ctx, "g", "p", options("command=/bin/cat")); err != nil {
			t.Fatal(err)
		}
		all, _ := d.Programs(ctx)
		if err := d.RemoveProcess(ctx, "g", "a"); err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || all[0].Conf.Name != "a" || all[1].Conf.Name != "p" {
			t.Errorf("what was told has changed: %+v", all)
		}
		before, _ := d.Programs(ctx)
		if _, err := d.AddProcesses(ctx, "g", "q", options("command=/bin/cat autostart=no")); err != nil {
			t.Fatal(err)
		}
		if err := d.RemoveProcess(ctx, "g", "q"); err != nil {
			t.Fatal(err)
		}
		between, _ := d.Programs(ctx)
		d.expect("g:p STARTING | g:p true")
		if len(before) != 1 || before[0].Conf.Name != "p" || len(between) != 1 {
			t.Errorf("what was told has changed: %+v %+v", before, between)
		}
		if got := d.diff(); got != "[] [g] []" {
			t.Error(got)
		}
		if _, err := d.StopGroup(ctx, "g", true); err != nil {
			t.Fatal(err)
		}
		if err := d.RemoveGroup(ctx, "g"); err != nil {
			t.Fatal(err)
		}
		if err := d.AddGroup(ctx, "g"); err != nil {
			t.Fatal(err)
		}
		d.expect("g:a STOPPED | g:a true")
	})
}

// TestAProgramWithoutAFileMayBeAGroupOfItsOwn, and so may nothing.
func TestAProgramWithoutAFileMayBeAGroupOfItsOwn(t *testing.T) {
	t.Parallel()
	withDesk(t, []config.Group{group("g", 1, program("a"))}, func(d *desk) {
		if names, err := d.AddProgram(ctx, "p", options("command=/bin/cat startsecs=0")); err != nil || !slices.Equal(names, []string{"p"}) {
			t.Fatal(names, err)
		}
		if err := d.NewGroup(ctx, "empty", 7); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		d.expect("g:a STOPPED p:p RUNNING | g:a true p:p true")
		for name, want := range map[string]string{"g": "ALREADY_ADDED: g", "p": "ALREADY_ADDED: p", "empty": "ALREADY_ADDED: empty"} {
			if _, err := d.AddProgram(ctx, name, options("command=/bin/cat")); kind(err) != want {
				t.Errorf("%s: %v", name, err)
			}
			if err := d.NewGroup(ctx, name, 1); kind(err) != want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := d.NewGroup(ctx, "a:b", 1); kind(err) != "INCORRECT_PARAMETERS: Invalid name: 'a:b' because of character: ':'" {
			t.Error(err)
		}
		if _, err := d.AddProcesses(ctx, "empty", "q", options("command=/bin/cat autostart=no")); err != nil {
			t.Error(err)
		}
		d.expect("empty:q STOPPED g:a STOPPED p:p RUNNING | g:a true p:p true empty:q true")
		// Removed, it is gone altogether, and can come again.
		if err := d.RemoveGroup(ctx, "empty"); err != nil {
			t.Error(err)
		}
		d.expect("g:a STOPPED p:p RUNNING | g:a true p:p true")
		if err := d.NewGroup(ctx, "empty", 7); err != nil {
			t.Error(err)
		}
		if got := d.diff(); got != "[] [] [p empty]" {
			t.Error(got)
		}
	})
}

// TestOrderOfComingIsNoChange: when the file has what has come meanwhile, an update has nothing to do.
func TestOrderOfComingIsNoChange(t *testing.T) {
	t.Parallel()
	withDesk(t, []config.Group{group("g", 1, program("m"))}, func(d *desk) {
		for _, name := range []string{"z", "a"} {
			if _, err := d.AddProcesses(ctx, "g", name, options("command=/bin/cat autostart=no")); err != nil {
				t.Fatal(err)
			}
		}
		told, _ := d.Programs(ctx)
		file := *d.conf
		file.Groups = []config.Group{group("g", 1, program("m"))}
		for _, p := range told {
			if p.Conf.Name != "m" {
				file.Groups[0].Processes = append(file.Groups[0].Processes, *p.Conf)
			}
		}
		d.mu.Lock()
		d.conf = &file
		d.mu.Unlock()
		if got := d.diff(); got != "[] [] []" {
			t.Error(got)
		}
		if err := d.RemoveProcess(ctx, "g", "z"); err != nil {
			t.Fatal(err)
		}
		if got := d.diff(); got != "[] [g] []" {
			t.Error(got)
		}
	})
}
