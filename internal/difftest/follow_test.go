package difftest_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/difftest"
)

// followed is a supervisord of ours whose programs wait to be started.
func followed(t *testing.T) *difftest.Daemon {
	t.Helper()
	if *self {
		t.Skip("Debian's Supervisor tells nobody who asks over HTTP")
	}
	d, err := difftest.NewDaemon(built, strings.Replace(difftest.Ordinary(`
[program:crash]
command=/bin/sh -c "sleep 0.3; echo dying; exit 3"
autostart=false
startsecs=0
startretries=1
autorestart=false
stdout_events_enabled=true

[program:stay]
command=/bin/sleep 1000
autostart=false
startsecs=0
`), "file=${DIR}/s\n", "file=${DIR}/s\nusername=me\npassword=secret\n", 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if err := os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func dial(t *testing.T, d *difftest.Daemon) *client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{URL: "unix://" + d.Dir + "/s", Username: "me", Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// next is the next event, which must be of this type.
func next(t *testing.T, s *client.EventStream, want string) client.Event {
	t.Helper()
	e, _, err := s.Next()
	if err != nil || e.Type != want {
		t.Fatalf("%+v, %v; want %s", e, err, want)
	}
	return e
}

func TestADaemonTellsWhatItsProgramsDoUntilItGoesDown(t *testing.T) {
	t.Parallel()
	d := followed(t)
	stranger, err := client.Dial(client.Options{URL: "unix://" + d.Dir + "/s"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Events(t.Context(), client.EventsOptions{}); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("without the password: %v", err)
	}
	c := dial(t, d)
	s, err := c.Events(t.Context(), client.EventsOptions{Follow: true, Types: []string{"EVENT"}, Programs: []string{"crash", "stay:*"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := c.StartProcess(t.Context(), "crash", true); err != nil {
		t.Fatal(err)
	}
	if e := next(t, s, "PROCESS_STATE_STARTING"); e.From != "STOPPED" || e.To != "STARTING" || *e.Tries != 0 || e.ID == 0 {
		t.Errorf("%+v", e)
	}
	running := next(t, s, "PROCESS_STATE_RUNNING")
	if e := next(t, s, "PROCESS_LOG_STDOUT"); e.Data != "dying\n" || e.PID != running.PID || e.ID != 0 || *e.Length != 6 {
		t.Errorf("%+v", e)
	}
	e := next(t, s, "PROCESS_STATE_EXITED")
	if *e.ExitCode != 3 || *e.Expected || e.Signal != "" || e.PID != running.PID || e.Group != "crash" || e.ID != running.ID+1 {
		t.Errorf("%+v", e)
	}
	if err := c.StartProcess(t.Context(), "stay", true); err != nil {
		t.Fatal(err)
	}
	next(t, s, "PROCESS_STATE_STARTING")
	pid := next(t, s, "PROCESS_STATE_RUNNING").PID
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if e := next(t, s, "PROCESS_STATE_EXITED"); e.Signal != "SIGKILL" || e.ExitCode != nil {
		t.Errorf("%+v", e)
	}
	if e := next(t, s, "PROCESS_STATE_STARTING"); *e.Restarts != 1 {
		t.Errorf("%+v", e)
	}
	next(t, s, "PROCESS_STATE_RUNNING")
	if err := c.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	next(t, s, "PROCESS_STATE_STOPPING")
	if e := next(t, s, "PROCESS_STATE_STOPPED"); e.Signal != "SIGTERM" {
		t.Errorf("%+v", e)
	}
	if _, _, err := s.Next(); err != io.EOF {
		t.Errorf("the end is %v", err)
	}
	if code, err := d.Wait(t.Context()); code != 0 || err != nil {
		t.Errorf("status %d, %v", code, err)
	}
}

func TestSupervisorctlShowsWhatHasHappenedAndWhatHappens(t *testing.T) {
	t.Parallel()
	d := followed(t)
	ctl := func(args ...string) *exec.Cmd {
		conf := []string{"-u", "me", "-p", "secret", "-s", "unix://" + d.Dir + "/s"}
		cmd := exec.CommandContext(t.Context(), d.Programs.Supervisorctl, append(conf, args...)...)
		cmd.Dir = d.Dir
		return cmd
	}
	follow := ctl("events", "-f", "--json", "PROCESS_STATE_EXITED")
	pipe, err := follow.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := follow.Start(); err != nil {
		t.Fatal(err)
	}
	if err := dial(t, d).StartProcess(t.Context(), "crash", true); err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(pipe)
	line, _ := br.ReadBytes('\n')
	var e client.Event
	if err := json.Unmarshal(line, &e); err != nil || e.Process != "crash" || *e.ExitCode != 3 {
		t.Errorf("%s: %v", line, err)
	}
	if err := follow.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if rest, _ := io.ReadAll(br); len(rest) > 0 {
		t.Errorf("after Ctrl-C: %s", rest)
	}
	if err := follow.Wait(); err != nil {
		t.Error(err)
	}
	out, err := ctl("events").Output()
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, want := range []string{
		"PROCESS_GROUP_ADDED crash\n", "SUPERVISOR_STATE_CHANGE_RUNNING\n", "PROCESS_STATE_STARTING crash from STOPPED\n",
		"PROCESS_STATE_RUNNING crash from STARTING, pid ", "PROCESS_STATE_EXITED crash from RUNNING, pid ", "exit status 3, not expected",
	} {
		i := strings.Index(string(out[at:]), want)
		if i < 0 {
			t.Fatalf("%q is missing or out of place in\n%s", want, out)
		}
		at += i
	}
}
