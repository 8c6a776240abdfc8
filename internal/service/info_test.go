package service_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/standin"
)

// TestDescriptionOfEveryPhase is the last column of status. The bubble's clock starts at midnight of 2000-01-01, UTC.
// holds: RPC-031 RPC-032 RPC-033
func TestDescriptionOfEveryPhase(t *testing.T) {
	t.Parallel()
	stopTime := func(sec int64) string { return time.Unix(sec, 0).Format("Jan 02 03:04 PM") }
	const y2k = 946684800
	for phase, want := range map[string]string{
		"STOPPED": "Not started", "STARTING": "", "RUNNING": "pid 1001, uptime 0:00:02",
		"BACKOFF": "Too many processes in process table to spawn 'a'", "STOPPING": "", "EXITED": stopTime(y2k + 2),
		"FATAL": "Too many processes in process table to spawn 'a'", "UNKNOWN": "",
	} {
		withDesk(t, []config.Group{group("g", 1, program("a"))}, func(d *desk) {
			d.put(phase)
			i, err := d.ProcessInfo(ctx, "g:a")
			if err != nil || i.Description != want {
				t.Errorf("%s: %q, want %q", phase, i.Description, want)
			}
			if phase == "BACKOFF" { // stopped without ever having been reaped: the epoch is formatted
				d.Stop(ctx, "g:a", true)
				if i, _ := d.ProcessInfo(ctx, "g:a"); i.Description != stopTime(0) || i.Start == 0 || i.Stop != 0 {
					t.Errorf("%+v", i)
				}
			}
		})
	}
}

// TestSpanIsPythonsTimedelta, asked of Python itself.
// holds: RPC-032
func TestSpanIsPythonsTimedelta(t *testing.T) {
	t.Parallel()
	var args []string
	var got strings.Builder
	for _, n := range []int{0, 1, 59, 60, 61, 3599, 3600, 35999, 36000, 86399, 86400, 86401, 172799, 172800, 259201, 31536000, math.MaxInt32} {
		args = append(args, fmt.Sprint(n))
		fmt.Fprintln(&got, service.Span(n))
	}
	if _, err := os.Stat("/usr/bin/python3"); err != nil {
		t.Skip("no Python to ask: ", err)
	}
	script := "import datetime, sys\nfor n in sys.argv[1:]: print(datetime.timedelta(seconds=int(n)))"
	want, err := exec.Command("/usr/bin/python3", append([]string{"-c", script}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s\nPython has\n%s", got.String(), want)
	}
}

// TestUptimeStaysRightWhenTheClockIsSet, whichever way and how often, also beyond 2038.
// holds: RPC-031 RPC-032
// fault: 15
func TestUptimeStaysRightWhenTheClockIsSet(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{time.Hour, -time.Hour, 24 * time.Hour, -24 * time.Hour, 50 * 365 * 24 * time.Hour, -50 * 365 * 24 * time.Hour} {
		withDesk(t, []config.Group{group("g", 1, program("a"))}, func(d *desk) {
			d.put("RUNNING")
			d.Kernel.Jump(jump)
			standin.Pass(3 * time.Hour)
			i, err := d.ProcessInfo(ctx, "g:a")
			if err != nil || i.Description != "pid 1001, uptime 3:00:02" {
				t.Errorf("jump of %v: %q %v", jump, i.Description, err)
			}
			if i.Now > math.MaxInt32 || i.Start > i.Now || i.Start < math.MinInt32 {
				t.Errorf("jump of %v: %+v", jump, i)
			}
			d.Kernel.Exit(i.Pid, 0)
			synctest.Wait()
			before, _ := d.ProcessInfo(ctx, "g:a")
			d.Kernel.Jump(jump)
			if after, _ := d.ProcessInfo(ctx, "g:a"); after.Start != before.Start || after.Stop != before.Stop {
				t.Errorf("jump of %v: what is over changes from %+v to %+v", jump, before, after)
			}
		})
	}
}

// TestRereadTellsWhatAnUpdateWouldDoAndDoesNothing; logs that were made for AUTO are no change.
// holds: RPC-014 RPC-015 RPC-018 RPC-019 RPC-037 CFG-065
func TestRereadTellsWhatAnUpdateWouldDoAndDoesNothing(t *testing.T) {
	t.Parallel()
	auto := func(p *config.Process) { p.Stdout.Log, p.Autostart = config.Log{Kind: config.LogAuto}, true }
	withDesk(t, []config.Group{group("keep", 1, program("keep", auto)), group("alter", 1, program("alter")), group("drop", 1, program("drop"))}, func(d *desk) {
		i, _ := d.ProcessInfo(ctx, "keep")
		if base := filepath.Base(i.Stdout); !strings.HasPrefix(base, "keep-stdout---desk-") || !strings.HasSuffix(base, ".log") {
			t.Errorf("its log is %q", i.Stdout)
		}
		next := *d.conf
		next.Daemon.Identifier = "new"
		next.Groups = []config.Group{group("keep", 1, program("keep", auto)), group("alter", 1, program("alter", priority(1))), group("more", 1, program("more"))}
		d.mu.Lock()
		d.conf = &next
		d.mu.Unlock()
		for range 2 {
			added, changed, removed, err := d.Reload(ctx)
			if got := fmt.Sprint(added, changed, removed, err); got != "[more] [alter] [drop] <nil>" {
				t.Error(got)
			}
		}
		if id, _ := d.Identification(ctx); id != "new" {
			t.Error(id)
		}
		if kind := kind(d.RemoveGroup(ctx, "drop")); kind != "ok" {
			t.Error(kind)
		}
		if kind := kind(d.AddGroup(ctx, "more")); kind != "ok" {
			t.Error(kind)
		}
		if kind := kind(d.AddGroup(ctx, "drop")); kind != "BAD_NAME: drop" {
			t.Error(kind)
		}
		var names []string
		list, _ := d.Programs(ctx)
		for _, p := range list {
			names = append(names, fmt.Sprint(p.Conf.Name, p.InUse))
		}
		if got := fmt.Sprint(names); got != "[altertrue keeptrue moretrue]" {
			t.Error(got)
		}
		d.mu.Lock()
		d.broken = errBroken
		d.mu.Unlock()
		if _, _, _, err := d.Reload(ctx); kind(err) != "CANT_REREAD: the file is broken" {
			t.Error(err)
		}
		if err := d.Restart(ctx); kind(err) != "CANT_REREAD: the file is broken" {
			t.Error(err)
		}
		if i, err := d.ProcessInfo(ctx, "keep"); err != nil || i.Pid == 0 {
			t.Errorf("the broken file stopped a program: %+v %v", i, err)
		}
	})
}

// TestCommandThatCannotBeRunIsRefusedBeforeItsStateIsLookedAt.
// holds: RPC-021
func TestCommandThatCannotBeRunIsRefusedBeforeItsStateIsLookedAt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "prog")
	os.WriteFile(file, []byte("#!/bin/sh\n"), 0o755)
	withDesk(t, []config.Group{group("g", 1, program("a", func(p *config.Process) { p.Command = file }))}, func(d *desk) {
		d.put("RUNNING")
		os.Chmod(file, 0o644)
		if _, _, err := d.Start(ctx, "g:a", true); kind(err) != "NOT_EXECUTABLE: command at '"+file+"' is not executable" {
			t.Error(err)
		}
		os.Remove(file)
		if _, _, err := d.Start(ctx, "g:a", true); kind(err) != "NO_FILE: can't find command '"+file+"'" {
			t.Error(err)
		}
		if list, err := d.StartGroup(ctx, "g", true); err != nil || len(list) != 0 {
			t.Error("a running one is left out of a group's start, whatever its command: ", list, err)
		}
	})
}

// TestMainLogAndProcessLogsAreRead in parts, and cleared only where somebody lives.
// holds: RPC-009 RPC-012 RPC-038 RPC-039 RPC-042 RPC-043
func TestMainLogAndProcessLogsAreRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.log")
	withDesk(t, []config.Group{group("g", 1, program("a", func(p *config.Process) { p.Stdout.Log = config.Log{Kind: config.LogFile, Path: path} }))}, func(d *desk) {
		if _, err := d.ReadProcessLog(ctx, "g:a", service.Stdout, 0, 0); kind(err) != "NO_FILE: "+path {
			t.Error(err)
		}
		if data, size, more, err := d.TailProcessLog(ctx, "g:a", service.Stdout, 0, 10); data != nil || size != 0 || more || err != nil {
			t.Error(data, size, more, err)
		}
		if _, err := d.FollowPath(ctx, "g:a", service.Stderr); kind(err) != "NO_FILE" {
			t.Error(err)
		}
		d.put("RUNNING")
		d.Kernel.Say(1001, 1, "hello world")
		d.Kernel.Exit(1001, 0)
		synctest.Wait()
		if data, err := d.ReadProcessLog(ctx, "g:a", service.Stdout, -5, 0); string(data) != "world" || err != nil {
			t.Errorf("%q %v", data, err)
		}
		if err := d.ClearProcessLogs(ctx, "g:a"); err != nil || read(path) != "hello world" {
			t.Errorf("cleared the log of the dead: %q %v", read(path), err)
		}
		if _, _, err := d.Start(context.Background(), "g:a", true); err != nil {
			t.Error(err)
		}
		if err := d.ClearProcessLogs(ctx, "g:a"); err != nil || read(path) != "" {
			t.Errorf("%q %v", read(path), err)
		}
		if data, err := d.ReadLog(ctx, 0, 0); err != nil || !strings.Contains(string(data), "spawned: 'a' with pid 1001") {
			t.Errorf("%s %v", data, err)
		}
		if err := d.ClearLog(ctx); err != nil {
			t.Error(err)
		}
	})
}
