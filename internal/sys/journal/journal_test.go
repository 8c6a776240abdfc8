package journal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

var noon = time.Date(2026, 11, 22, 16, 21, 28, 123_900_000, time.FixedZone("", 3600))

func open(t *testing.T, o journal.Options) *journal.Journal {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	j, err := journal.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

// said is what f writes into a journal of the lowest level, without the time stamp.
func said(t *testing.T, f func(*journal.Journal)) string {
	t.Helper()
	var out bytes.Buffer
	f(open(t, journal.Options{Level: config.Blather, Stdout: &out}))
	line, ok := strings.CutPrefix(out.String(), "2026-11-22 16:21:28,123 ")
	if !ok || !strings.HasSuffix(line, "\n") {
		t.Fatalf("no line: %q", out.String())
	}
	return strings.TrimSuffix(line, "\n")
}

// holds: LOG-002 LOG-003 LOG-004 LOG-006 LOG-007 LOG-008 LOG-009 LOG-032 CFG-055 CFG-063 CFG-081 CFG-082
// holds: PROC-003 PROC-005 PROC-007 PROC-008 PROC-009 PROC-012 PROC-013 PROC-028 PROC-044 PROC-049
// holds: EVT-018 EVT-021 EVT-024 EVT-025 EVT-027 EVT-029 EVT-031 SEC-006
func TestLinesAreThoseOfSupervisor(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(recorded)
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		s, err := strconv.Unquote(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		theirs[s] = true
	}
	type J = *journal.Journal
	ours := []func(J){
		func(j J) { j.UIDSet(0) },
		func(j J) { j.Notice(config.Warn, `No file matches via include "/D/none*.conf"`) },
		func(j J) {
			j.Notice(config.Warn, "For [program:auto], AUTO logging used for stdout_logfile without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally")
		},
		func(j J) {
			j.Notice(config.Warn, "For [program:redir], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored")
		},
		func(j J) { j.RPCInterface("supervisor") },
		func(j J) { j.NoAuth("unix_http_server") },
		func(j J) { j.Started(4711) },
		func(j J) { j.Spawned("cat", 5) },
		func(j J) { j.SpawnErr("can't find command '/nonexistent'") },
		func(j J) { j.Success("cat", 1) },
		func(j J) { j.Exited("fine", "exit status 0", true) },
		func(j J) { j.Exited("three", "exit status 3", false) },
		func(j J) { j.Exited("crash", "terminated by SIGSEGV", false) },
		func(j J) { j.Stopped("cat", "terminated by SIGTERM", false) },
		func(j J) { j.GaveUp("quick") },
		func(j J) { j.WaitingToStop("grouped") },
		func(j J) {
			j.WaitingToDie([]string{"ears", "auto", "cat", "fast", "raw", "redir", "stubborn", "talk"})
		},
		func(j J) { j.State("cat", "RUNNING") },
		func(j J) { j.Killing("stubborn", 12) },
		func(j J) { j.KillingDebug("cat", 12, false, 15) },
		func(j J) { j.KillingDebug("stubborn", 12, true, 9) },
		func(j J) { j.Sending("cat", 9, 18) },
		func(j J) { j.Output("fine", "stderr", []byte("oops\n")) },
		func(j J) { j.Output("raw", "stdout", []byte("\xff\n")) },
		func(j J) { j.ListenerOutput("ears", "stdout", []byte("RESULT 4\nFAILREADY\n")) },
		func(j J) { j.CommEvent("talk", "stdout") },
		func(j J) { j.ListenerState("ears", "ACKNOWLEDGED", "READY") },
		func(j J) { j.ListenerUnknown("ears") },
		func(j J) { j.BadResult("ears", "RESULT x") },
		func(j J) { j.EventRejected("ears") },
		func(j J) { j.EventProcessed("ears") },
		func(j J) { j.EventSent(7, "ears") },
		func(j J) { j.Rebuffering(7, "ears", 2, 2) },
		func(j J) { j.Overflow("ears", 3) },
		func(j J) { j.CreatingSocket("unix:///D/fcgi.sock") },
		func(j J) { j.ClosingSocket("unix:///D/fcgi.sock") },
		func(j J) { j.ExitRequest(15) },
		func(j J) { j.RestartIgnored(1) },
		func(j J) { j.ReopenRequest(12) },
		func(j J) { j.LogReopen() },
		func(j J) { j.ChildQuit(17) },
		func(j J) { j.RPCCalled("supervisor.getPID") },
		func(j J) { j.RPCReturned("supervisor.getPID") },
		func(j J) { j.RPCFault("supervisor.getProcessInfo", 10, "BAD_NAME: nope") },
		func(j J) { j.RPCUnmarshallable([]byte("it's no \"XML\"")) },
		func(j J) {
			j.RPCNoMethod([]byte("<methodCall><methodName></methodName><params></params></methodCall>"))
		},
		func(j J) { j.Access("localhost", 0, noon, "POST /RPC2 HTTP/1.1", 200, 401) },
	}
	for _, f := range ours {
		if line := settled(said(t, f)); !theirs[line] {
			t.Errorf("Supervisor did not say %q", line)
		}
	}
	if line := "INFO reopening log file"; !theirs[line] { // TestClearSaysSoToTheOldFile has ours
		t.Errorf("Supervisor did not say %q", line)
	}
}

// These are rare in a run; their texts are those of the source.
//
// holds: LOG-004 LOG-008 LOG-022 CFG-063 CFG-064 CLI-010 CLI-011 EVT-028 PROC-015 PROC-019 PROC-020 PROC-022
func TestRareLinesAreThoseOfSupervisorToo(t *testing.T) {
	t.Parallel()
	type J = *journal.Journal
	for want, f := range map[string]func(J){
		"CRIT Supervisor is running as root.  Privileges were not dropped because no user is specified in the config file.  If you intend to run as root, you can set user=root in the config file to avoid this message.": func(j J) { j.RunningAsRoot() },
		"INFO Increased RLIMIT_NOFILE limit to 2000":                                                               func(j J) { j.LimitIncreased("RLIMIT_NOFILE", 2000) },
		"INFO daemonizing the supervisord process":                                                                 func(j J) { j.Daemonizing() },
		"BLAT supervisord forked; parent exiting":                                                                  func(j J) { j.ParentExiting() },
		"INFO set current directory: '/tmp'":                                                                       func(j J) { j.CurrentDirectory("/tmp") },
		"CRIT can't chdir into '/no': [Errno 2] No such file or directory: '/no'":                                  func(j J) { j.CannotChdir("/no", &os.PathError{Op: "chdir", Path: "/no", Err: syscall.ENOENT}) },
		"CRIT could not write pidfile /proc/nope":                                                                  func(j J) { j.CouldNotWritePidfile("/proc/nope") },
		"WARN Could not clear childlog dir":                                                                        func(j J) { j.CannotClearChildlogs() },
		"WARN Failed to clean up \"/tmp/it's\"":                                                                    func(j J) { j.CannotCleanUp("/tmp/it's") },
		"WARN received SIGHUP indicating restart request":                                                          func(j J) { j.RestartRequest(1) },
		"BLAT received SIGUSR1 indicating nothing":                                                                 func(j J) { j.SignalIgnored(10) },
		"WARN process 'x' already running":                                                                         func(j J) { j.AlreadyRunning("x") },
		"INFO reaped unknown pid 12 (exit status 0)":                                                               func(j J) { j.ReapedUnknown(12, "exit status 0") },
		"INFO stopped: x (exit status 0)":                                                                          func(j J) { j.Stopped("x", "exit status 0", true) },
		"DEBG Attempted to kill x, which is in BACKOFF state.":                                                     func(j J) { j.KillInBackoff("x") },
		"DEBG unable to signal x (pid 9), it probably just exited on its own: [Errno 3] No such process":           func(j J) { j.KillLost("x", 9, syscall.ESRCH) },
		"DEBG unable to signal x (pid 9), it probably just now exited on its own: [Errno 3] No such process":       func(j J) { j.SendLost("x", 9, syscall.ESRCH) },
		"CRIT unknown problem killing x (9):[Errno 1] Operation not permitted":                                     func(j J) { j.KillFailed("x", 9, syscall.EPERM) },
		"CRIT unknown problem sending sig x (9):[Errno 1] Operation not permitted":                                 func(j J) { j.SendFailed("x", 9, syscall.EPERM) },
		"WARN x: cannot judge its result by a:b: why":                                                              func(j J) { j.HandlerFailed("x", "a:b", errors.New("why")) },
		"WARN out of memory: the kernel has killed 'x' (9), or a child of its":                                     func(j J) { j.OutOfMemory("x", 9) },
		"WARN socket /s had been removed (made again)":                                                             func(j J) { j.SocketAgain("/s") },
		"WARN socket /s had been removed (made again; processes that run keep the old one)":                        func(j J) { j.SharedSocketAgain("/s") },
		"ERRO socket /s has been removed: boom (tried again when something happens there)":                         func(j J) { j.SocketLost("/s", errors.New("boom")) },
		"DEBG cannot watch the sockets: boom (one that is removed is not made again)":                              func(j J) { j.SocketsUnwatched(errors.New("boom")) },
		"WARN x: event caused an error":                                                                            func(j J) { j.EventFailed("x") },
		"DEBG epipe occurred while sending event 4 to listener x, listener state unchanged":                        func(j J) { j.EventEPIPE(4, "x") },
		"CRIT Handling XML-RPC request with data 'x' raised an unexpected exception: boom":                         func(j J) { j.RPCPanic([]byte("x"), "boom") },
		"ERRO XML-RPC request data '" + strings.Repeat("x", 4096) + "'... (5000 bytes) is invalid: unmarshallable": func(j J) { j.RPCUnmarshallable([]byte(strings.Repeat("x", 5000))) },
		"TRAC h:9 - - [22/Nov/2026:15:21:28 +0100] \"GET / HTTP/1.1\" 404 7":                                       func(j J) { j.Access("h", 9, noon, "GET / HTTP/1.1", 404, 7) },
		"CRIT cannot read the moon: boom (please report this)":                                                     func(j J) { j.Internal("read the moon", errors.New("boom")) },
		"ERRO cannot reopen \"/x\": boom (writing goes on in the old file)":                                        func(j J) { j.CannotReopen("/x", errors.New("boom")) },
		"ERRO cannot write \"/x\": no space (output is lost until it can be written again)":                        func(j J) { j.OutputLost("/x", errors.New("no space")) },
		"WARN x: output outside of the protocol: b'junk\\n'":                                                       func(j J) { j.ListenerStray("x", []byte("junk\n")) },
	} {
		if line := said(t, f); line != want {
			t.Errorf("%q, not %q", line, want)
		}
	}
}

// holds: LOG-001
func TestEveryLineHasTimeAndLevelAndContinuationsHaveNone(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	path := filepath.Join(t.TempDir(), "main.log")
	j := open(t, journal.Options{Path: path, Level: config.Blather, Stdout: &out})
	for _, level := range []config.Level{config.Critical, config.Error, config.Warn, config.Info, config.Debug, config.Trace, config.Blather} {
		j.Notice(level, "100%s\nsecond")
	}
	file, err := os.ReadFile(path)
	if err != nil || string(file) != out.String() {
		t.Errorf("file and standard output differ: %v", err)
	}
	want := ""
	for level := range strings.FieldsSeq("CRIT ERRO WARN INFO DEBG TRAC BLAT") {
		want += "2026-11-22 16:21:28,123 " + level + " 100%s\nsecond\n"
	}
	if string(file) != want {
		t.Errorf("%s", file)
	}
}

func TestLinesBelowTheLevelAreNotWritten(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	j := open(t, journal.Options{Level: config.Warn, Stdout: &out})
	j.Started(1)
	j.Output("x", "stdout", []byte("x"))
	if out.Len() != 0 || j.Enabled(config.Info) || !j.Enabled(config.Warn) {
		t.Errorf("%q", out.String())
	}
	var silent *journal.Journal
	silent.Started(1)
	if silent.Enabled(config.Critical) || silent.Reopen() != nil || silent.Close() != nil || silent.Path() != "" {
		t.Error("no journal is a silent one")
	}
}

// holds: LOG-009 RPC-012
func TestClearSaysSoToTheOldFile(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	path := filepath.Join(t.TempDir(), "main.log")
	j := open(t, journal.Options{Path: path, Level: config.Info, Stdout: &out})
	j.Started(1)
	if err := j.Clear(); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || len(data) != 0 {
		t.Errorf("%q, %v", data, err)
	}
	if n := strings.Count(out.String(), "INFO reopening log file\n"); n != 2 {
		t.Errorf("said %d times", n)
	}
	j.LogReopen()
	if data, err := os.ReadFile(path); err != nil || !strings.HasSuffix(string(data), "supervisord logreopen\n") {
		t.Errorf("%q, %v", data, err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := j.Clear(); err == nil || err.Error() != "NO_FILE" {
		t.Errorf("missing: %v", err)
	}
	if err := open(t, journal.Options{}).Clear(); err == nil || err.Error() != "NO_FILE" {
		t.Errorf("none: %v", err)
	}
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if e, ok := fault.As(j.Clear()); !ok || e.Kind != fault.Failed {
		t.Errorf("a directory: %v", e)
	}
}

// holds: LOG-010
func TestReopenGoesByPath(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "main.log")
	j := open(t, journal.Options{Path: path, Level: config.Info})
	j.Started(1)
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	j.LogReopen()
	if err := j.Reopen(); err != nil {
		t.Fatal(err)
	}
	j.Started(2)
	for name, want := range map[string]string{path: "pid 2\n", path + ".1": "logreopen\n"} {
		if data, err := os.ReadFile(name); err != nil || !strings.HasSuffix(string(data), want) {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
	if j.Path() != path {
		t.Error(j.Path())
	}
}

func TestSyslogThatIsNotThereIsNoReasonToStop(t *testing.T) {
	t.Parallel()
	for _, socket := range []string{"/dev/log", "/var/run/syslog", "/var/run/log"} {
		if _, err := os.Stat(socket); err == nil {
			t.Skip("there is a syslog here: " + socket)
		}
	}
	var out, errs bytes.Buffer
	j := open(t, journal.Options{Path: "syslog", Level: config.Info, Stdout: &out, Stderr: &errs})
	j.Started(1)
	if !strings.Contains(out.String(), "started with pid 1\n") || strings.Count(errs.String(), "\n") != 1 ||
		!strings.HasPrefix(errs.String(), "cannot reach syslog: ") {
		t.Errorf("%q, %q", out.String(), errs.String())
	}
}

func TestLinesFromManyGoroutinesStayWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "main.log")
	j := open(t, journal.Options{Path: path, Level: config.Info, MaxBytes: 2000, Backups: 1000})
	done := make(chan bool)
	for range 4 {
		go func() {
			for range 200 {
				j.Spawned("a", 1)
			}
			done <- true
		}()
	}
	for range 4 {
		<-done
	}
	files, _ := filepath.Glob(path + "*")
	whole := regexp.MustCompile(`(?m)^2026-11-22 16:21:28,123 INFO spawned: 'a' with pid 1$`)
	n := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n += len(whole.FindAll(data, -1))
	}
	if n != 800 {
		t.Errorf("%d lines of 800", n)
	}
}

// holds: PROC-009
func TestStatusSaysHowAProcessEnded(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"exit status 3":                       journal.Status(true, 3, "", false),
		"terminated by SIGSEGV (core dumped)": journal.Status(false, 0, journal.SignalName(11), true),
		"terminated by SIGKILL":               journal.Status(false, 0, journal.SignalName(9), false),
		"terminated by signal 99":             journal.Status(false, 0, journal.SignalName(99), false),
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func FuzzReprIsOneLineThatReadsBack(f *testing.F) {
	f.Add([]byte("it's \"x\"\n\xff\x00\u200b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s := journal.BytesRepr(b); strings.ContainsAny(s, "\n\r\x00\x1b") || strings.Contains(s, "\xff") || !strings.HasPrefix(s, "b") {
			t.Errorf("%q", s)
		}
		if s := journal.Repr(string(b)); strings.ContainsAny(s, "\n\r\x00\x1b") {
			t.Errorf("%q", s)
		}
	})
}
