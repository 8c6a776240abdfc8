package exec_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/extensions/exec"
)

// host runs nothing: it keeps what it was told to run, and writes and ends as it is told.
type host struct {
	ext.Host
	run func(context.Context, ext.Command) (ext.Exit, error)

	mu  sync.Mutex // guards what follows
	ran []ext.Command
	log []string
}

func (h *host) Log(l ext.Level, format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, fmt.Sprintf("%d ", l)+fmt.Sprintf(format, args...))
}

func (h *host) Run(ctx context.Context, c ext.Command) (ext.Exit, error) {
	h.mu.Lock()
	h.ran = append(h.ran, c)
	h.mu.Unlock()
	if h.run != nil {
		return h.run(ctx, c)
	}
	return ext.Exit{}, nil
}

func guest(t *testing.T, h *host, options map[string]string) *exec.Exec {
	t.Helper()
	e, err := exec.New(section(options))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Init(h); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e.(*exec.Exec)
}

func wordsOf(line string) []any {
	var out []any
	for _, w := range strings.Fields(line) {
		out = append(out, w)
	}
	return out
}

// section is one of these options.
func section(options map[string]string) ext.Section {
	return ext.Section{Kind: "rpcinterface", Name: "ops", Options: options}
}

// rooms makes a directory one with programs, and with links that lead everywhere.
func rooms(t testing.TB, dir string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bin/tool", "bin/other", "scripts/a.sh", "scripts/deep/b.sh", "secret/kill"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{
		"scripts/out.sh": "../secret/kill", "scripts/in.sh": "a.sh", "sbin": "bin", "bin/alias": "tool", "bin/multi": "../secret/kill",
		"bin/rm": "../secret/kill", "scripts/up": "../secret",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestOnlyWhatIsAllowedRuns whatever way is taken to it. "=" is refused; everything else is what runs, below the
// directory.
func TestOnlyWhatIsAllowedRuns(t *testing.T) {
	t.Parallel()
	dir := rooms(t, t.TempDir())
	for _, c := range []struct{ allow, command, runs string }{
		{"/bin/tool", "/bin/tool", "/bin/tool"},
		{"/bin/tool", "tool", "/bin/tool"},
		{"/bin/tool", "/bin/tool any words -x ..", "/bin/tool any words -x .."},
		{"/bin/tool", "/bin/other", ""},
		{"/bin/tool", "other", ""},
		{"/bin/tool", "bin/tool", ""},
		{"/bin/tool", "./tool", ""},
		{"/bin/tool", "/bin/../bin/tool", ""},
		{"/bin/tool", "/scripts/deep/../../bin/tool", ""},
		{"/bin/tool", "/bin//tool", "/bin/tool"},
		{"/bin/tool", "/sbin/tool", "/bin/tool"},   // the same file, by another name of its directory
		{"/bin/tool", "/bin/alias", ""},            // a link may be called otherwise and do otherwise
		{"/bin/multi", "/bin/multi", "/bin/multi"}, // the link itself is allowed
		{"/bin/multi", "/bin/rm", ""},              // though it leads to the same file
		{"/bin/multi", "/secret/kill", ""},
		{"/nowhere/tool", "/bin/tool", ""},
		{"/scripts/*", "/scripts/a.sh", "/scripts/a.sh"},
		{"/scripts/*", "/scripts/in.sh", "/scripts/a.sh"},
		{"/scripts/*", "/scripts/out.sh", ""},
		{"/scripts/*", "/scripts/up/kill", ""},
		{"/scripts/*", "/scripts/deep/b.sh", ""},
		{"/scripts/*/*.sh", "/scripts/deep/b.sh", "/scripts/deep/b.sh"},
		{"/scripts/*", "/scripts/../secret/kill", ""},
		{"/scripts/*", "/scripts/nothing", ""},
		{"/scripts/*", "a.sh", ""},
		{"/scripts/?.sh", "/scripts/a.sh", "/scripts/a.sh"},
		{"/scripts/?.sh", "/scripts/in.sh", ""},
		{"/sbin/*", "/sbin/tool", "/bin/tool"},
		{"/bin/tool status", "tool status", "/bin/tool status"},
		{"/bin/tool status", "tool", ""},
		{"/bin/tool status", "tool status now", ""},
		{"/bin/tool status", "tool stop", ""},
		{"/bin/tool status *", "tool status x", "/bin/tool status x"},
		{"/bin/tool status w*b", "tool status web", "/bin/tool status web"},
		{"/bin/tool status w*b", "tool status web2", ""},
		{"/bin/tool status ...", "tool status", "/bin/tool status"},
		{"/bin/tool status ...", "tool status a b c", "/bin/tool status a b c"},
		{"/bin/tool ...", "tool a", "/bin/tool a"},
		{"/bin/tool --user=?", "tool --user=x", "/bin/tool --user=x"},
		{"/bin/tool --file *", "tool --file x", "/bin/tool --file x"},
		{"/bin/tool *", "tool --exec=evil", ""},
		{"/bin/tool ?x", "tool -x", ""},
		{"/bin/tool -*", "tool -x", "/bin/tool -x"},
		{"/bin/tool /srv/*", "tool /srv/a/b..c", "/bin/tool /srv/a/b..c"},
		{"/bin/tool /srv/*", "tool /srv/../etc/shadow", ""},
		{"/bin/tool /srv/*", "tool /srv/a/..", ""},
		{"/bin/tool --in=/srv/*", "tool --in=/srv/../etc/shadow", ""},
		{"/bin/tool ../*", "tool ../a", "/bin/tool ../a"},
		{"/bin/tool a*b*c", "tool aXbYbZc", "/bin/tool aXbYbZc"},
	} {
		h := &host{}
		x := guest(t, h, map[string]string{"allow": dir + c.allow})
		command := wordsOf(c.command)
		if first := command[0].(string); strings.HasPrefix(first, "/") {
			command[0] = dir + first
		}
		_, err := x.Run(t.Context(), command, nil)
		got := ""
		if len(h.ran) > 0 {
			got = strings.TrimPrefix(strings.Join(h.ran[0].Argv, " "), dir)
		}
		var f *ext.Fault
		if refused := errors.As(err, &f) && f.Code == ext.NotExecutable; got != c.runs || refused != (c.runs == "") {
			t.Errorf("%+v: runs %q, %v", c, got, err)
		}
	}
}

// TestWhatACallMaySay beside the command: what is refused runs nothing and stands in the log.
func TestWhatACallMaySay(t *testing.T) {
	t.Parallel()
	section := map[string]string{
		"allow": "/bin/true,/bin/false", "users": "www, deploy", "user": "nobody", "environment": "LANG\nAPP_*", "directory": "/srv",
		"timeout": "10", "max_output": "100",
	}
	for _, c := range []struct {
		command any
		options exec.Options
		want    string
	}{
		{[]any{"true"}, exec.Options{}, `as nobody in /srv with []`},
		{[]any{"true"}, exec.Options{User: "www", Directory: "/tmp", Environment: map[string]string{"APP_X": "a=b"}}, `as www in /tmp with [APP_X=a=b]`},
		{[]any{"true"}, exec.Options{User: "root"}, `fault 3: user "root" is not among those that are allowed`},
		{[]any{"true"}, exec.Options{User: "nobody"}, `fault 3: user "nobody" is not among those that are allowed`},
		{[]any{"true"}, exec.Options{Directory: "tmp"}, `fault 3: no absolute path: "tmp"`},
		{[]any{"true"}, exec.Options{Environment: map[string]string{"LD_PRELOAD": "x"}}, `fault 3: variable "LD_PRELOAD" is not among those that may be set`},
		{[]any{"true"}, exec.Options{Environment: map[string]string{"APP_=LD_PRELOAD": "x"}}, `fault 3: variable "APP_=LD_PRELOAD" is not among those that may be set`},
		{[]any{"true"}, exec.Options{Timeout: 11}, `fault 3: timeout must be between 0 and 10 seconds`},
		{[]any{"true"}, exec.Options{Timeout: -1}, `fault 3: timeout must be between 0 and 10 seconds`},
		{[]any{"true"}, exec.Options{MaxOutput: 101}, `fault 3: max_output must be between 1 and 100 bytes`},
		{[]any{"true", int64(3)}, exec.Options{}, `fault 3: the words of a command are strings`},
		{[]any{"true", "a\x00b"}, exec.Options{}, `fault 3: the words of a command are strings`},
		{[]any{}, exec.Options{}, `fault 3: a command is a list of words, or with shell one line`},
		{[]any{"true"}, exec.Options{Shell: true}, `fault 3: a command is a list of words, or with shell one line`},
		{"true", exec.Options{}, `fault 3: a line for a shell is not allowed; send a list of words`},
		{"true", exec.Options{Shell: true}, `fault 3: a line for a shell is not allowed; send a list of words`},
		{int64(1), exec.Options{}, `fault 2: a command is a list of words`},
	} {
		h := &host{}
		x := guest(t, h, section)
		_, err := x.Run(ext.WithCaller(t.Context(), ext.Caller{Name: "ann", Address: "10.0.0.1:5"}), c.command, &c.options)
		got := fmt.Sprint(err)
		if err == nil && len(h.ran) == 1 {
			got = fmt.Sprintf("as %s in %s with %v", h.ran[0].User, h.ran[0].Directory, h.ran[0].AddEnv)
		}
		if got != c.want {
			t.Errorf("%v %+v: %s, want %s", c.command, c.options, got, c.want)
		}
		if err != nil && (len(h.ran) > 0 || len(h.log) != 1 || !strings.HasPrefix(h.log[0], `30 "ann" (10.0.0.1:5) may not run `)) {
			t.Errorf("%v: ran %v, log %q", c.command, h.ran, h.log)
		}
	}
	// With a shell, one line; its words are for the shell to find.
	h := &host{}
	x := guest(t, h, map[string]string{"shell": "true"})
	if _, err := x.Run(t.Context(), "echo $HOME | cat", &exec.Options{Shell: true}); err != nil || fmt.Sprintf("%q", h.ran[0].Argv) != `["/bin/sh" "-c" "echo $HOME | cat"]` {
		t.Errorf("%v %+v", err, h.ran)
	}
	if _, err := x.Run(t.Context(), []any{"/bin/true"}, nil); err == nil {
		t.Error("a shell for lines allows lists")
	}
}

// TestAnswerTellsAllAboutTheCommand and the main log who, what and how it ended.
func TestAnswerTellsAllAboutTheCommand(t *testing.T) {
	t.Parallel()
	h := &host{}
	x := guest(t, h, map[string]string{"allow": "/bin/true", "max_output": "10"})
	h.run = func(_ context.Context, c ext.Command) (ext.Exit, error) {
		fmt.Fprint(c.Stdout, "\x1b[1mx")
		fmt.Fprintf(c.Stderr, "%s", "123456")
		fmt.Fprintf(c.Stderr, "%s", "789abcd")
		fmt.Fprintf(c.Stderr, "%s", "e")
		return ext.Exit{Code: -1, Signal: 9, Took: 1500 * time.Millisecond}, nil
	}
	a, err := x.Run(ext.WithCaller(t.Context(), ext.Caller{Address: "unix socket (uid 7)"}), []any{"true", "a b", "", "ü"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%+v", *a); got != `{ExitCode:-1 Signal:9 Stdout:[27 91 49 109 120] Stderr:123456789a Cut:true TimedOut:false Seconds:1.5}` {
		t.Error(got)
	}
	want := []string{`20 unix socket (uid 7) runs /bin/true "a b" "" "ü"`, `20 unix socket (uid 7) ran /bin/true "a b" "" "ü": killed by signal 9 after 1.500 s`}
	if fmt.Sprint(h.log) != fmt.Sprint(want) {
		t.Errorf("%q", h.log)
	}
	h.run = func(context.Context, ext.Command) (ext.Exit, error) {
		return ext.Exit{}, ext.Refuse(ext.NoFile, "gone")
	}
	if _, err := x.Run(t.Context(), []any{"true"}, nil); err == nil || err.Error() != "fault 20: gone" {
		t.Error(err)
	}
	if last := h.log[len(h.log)-1]; last != "30 the daemon could not run /bin/true: fault 20: gone" {
		t.Error(last)
	}
}

// TestTimeAndNumberAreBounded: a command that takes too long is told to end, and says so; too many are refused.
func TestTimeAndNumberAreBounded(t *testing.T) {
	t.Parallel()
	h := &host{}
	x := guest(t, h, map[string]string{"allow": "/bin/true", "max_running": "2"})
	here, free := make(chan bool, 9), make(chan bool)
	h.run = func(ctx context.Context, _ ext.Command) (ext.Exit, error) {
		here <- true
		select {
		case <-ctx.Done():
			return ext.Exit{Code: -1, Signal: 15}, nil
		case <-free:
			return ext.Exit{}, nil
		}
	}
	answers := make(chan *exec.Answer, 2)
	for range 2 {
		go func() {
			a, _ := x.Run(context.Background(), []any{"true"}, nil)
			answers <- a
		}()
	}
	<-here
	<-here
	if _, err := x.Run(t.Context(), []any{"true"}, nil); err == nil || err.Error() != "fault 30: 2 commands are running already" {
		t.Error(err)
	}
	close(free)
	for range 2 {
		if a := <-answers; a == nil || a.TimedOut || a.Signal != 0 {
			t.Errorf("%+v", a)
		}
	}
	free = nil
	left, leave := context.WithCancel(t.Context())
	leave()
	if a, err := x.Run(left, []any{"true"}, nil); err != nil || a.TimedOut || a.Signal != 15 {
		t.Errorf("whose caller has left: %+v %v", a, err)
	}
	a, err := x.Run(t.Context(), []any{"true"}, &exec.Options{Timeout: 0.001})
	if err != nil || !a.TimedOut || a.Signal != 15 {
		t.Errorf("%+v %v", a, err)
	}
}

// TestASectionThatMakesNoSenseIsRefused by the name of its option.
func TestASectionThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ option, value, want string }{
		{"allow", "", "nothing is allowed"}, {"allow", "tool", `no absolute path without detours: "tool"`},
		{"allow", "/a/../b", `no absolute path without detours: "/a/../b"`}, {"allow", "/a/[", `no pattern: "/a/["`},
		{"shell", "yes", `neither true nor false: "yes"`}, {"access", "read", `neither admin nor operate: "read"`},
		{"timeout", "0", `not a number from 1 to 1073741824: "0"`}, {"max_output", "1GB", `not a number from 1 to 16777216: "1GB"`},
		{"max_running", "-1", `not a number from 1 to 65536: "-1"`}, {"directory", "srv", `no absolute path: "srv"`},
		{"alow", "x", `unknown option "alow"`},
	} {
		options := map[string]string{"allow": "/bin/true"}
		options[c.option] = c.value
		_, err := exec.New(ext.Section{Kind: "rpcinterface", Name: "ops", Options: options})
		if want := c.want + " in [rpcinterface:ops] option " + c.option; err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
