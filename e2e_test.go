package reeve_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/reeve-sh/reeve/internal/difftest"
)

var original = flag.Bool("original", false, "run the scripts with Debian's Supervisor, to see that they ask for what is so")

var programs difftest.Programs

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		if *original {
			programs, _ = difftest.Debian()
			return m.Run()
		}
		dir, err := os.MkdirTemp("", "reeve")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		// Built as it is shipped: one static binary each.
		programs, err = difftest.Build(context.Background(), ".", dir, false)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// TestScripts runs testdata/script: ordinary programs under our daemon, as somebody would run them.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			path := filepath.Dir(programs.Supervisord) + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
			env.Setenv("PATH", path)
			env.Setenv("LANG", "C.UTF-8")
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if program, ok := strings.CutPrefix(cond, "has:"); ok {
				for _, dir := range []string{"/usr/bin", "/usr/sbin", "/bin", "/sbin"} {
					if _, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
						return true, nil
					}
				}
				return false, nil
			}
			return cond == "root" && os.Getuid() == 0 || cond == "original" && *original, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"supervisord":   startDaemon,
			"supervisorctl": supervisorctl,
			"until":         until,
			"port":          port,
			"fill":          fill,
			"get":           func(ts *testscript.TestScript, neg bool, args []string) { check(ts, neg, get(ts, args)) },
			"redis":         func(ts *testscript.TestScript, neg bool, args []string) { check(ts, neg, redis(ts, args)) },
			"gone":          gone,
		},
	})
}

// check fails unless err is as neg wants it.
func check(ts *testscript.TestScript, neg bool, err error) {
	if (err != nil) != neg {
		ts.Fatalf("unexpected outcome: %v", err)
	}
}

// startDaemon is "supervisord [ARG...]": it runs in the foreground with supervisord.conf until the script ends, and is
// waited for until its socket, sock, answers. Its pid is $DAEMON; its output is in daemon.out.
func startDaemon(ts *testscript.TestScript, neg bool, args []string) {
	out, err := os.OpenFile(ts.MkAbs("daemon.out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	ts.Check(err)
	defer out.Close()
	cmd := exec.Command(programs.Supervisord, append([]string{"-n", "-c", "supervisord.conf"}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), out, out
	cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.MkAbs("."), "LANG=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	ts.Check(cmd.Start())
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	ts.Setenv("DAEMON", strconv.Itoa(cmd.Process.Pid))
	ts.Defer(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(15 * time.Second):
			cmd.Process.Kill()
			<-done
		}
	})
	err = poll(func() error {
		select {
		case <-done:
			return nil
		default:
		}
		c, err := net.Dial("unix", ts.MkAbs("sock"))
		if err == nil {
			c.Close()
		}
		return err
	})
	if err != nil {
		ts.Fatalf("supervisord does not answer: %v\n%s", err, ts.ReadFile("daemon.out"))
	}
}

// supervisorctl is "supervisorctl ARG..." with supervisord.conf.
func supervisorctl(ts *testscript.TestScript, neg bool, args []string) {
	check(ts, neg, ts.Exec(programs.Supervisorctl, append([]string{"-c", "supervisord.conf"}, args...)...))
}

// until is "until [!] COMMAND...": again and again until it succeeds (or fails).
func until(ts *testscript.TestScript, neg bool, args []string) {
	want := true
	if args[0] == "!" {
		want, args = false, args[1:]
	}
	err := poll(func() error {
		var err error
		switch args[0] {
		case "get":
			err = get(ts, args[1:])
		case "redis":
			err = redis(ts, args[1:])
		default:
			err = ts.Exec(args[0], args[1:]...)
		}
		if (err == nil) != want {
			return fmt.Errorf("outcome %v", err)
		}
		return nil
	})
	if err != nil {
		ts.Fatalf("it never came: %v", err)
	}
}

// poll calls try until it is content, for half a minute.
func poll(try func() error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var last error
	if err := difftest.Poll(ctx, func() bool { last = try(); return last == nil }); err != nil {
		return last
	}
	return nil
}

// port is "port NAME...": each variable becomes a TCP port that nobody has.
func port(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		defer l.Close()
		ts.Setenv(name, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
}

// fill is "fill FILE...": $NAMEs in the files become their values.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
	}
}

// get is "get URL TEXT": the page answers 200 and holds the text.
func get(ts *testscript.TestScript, args []string) error {
	client := http.Client{Timeout: 2 * time.Second}
	r, err := client.Get(args[0])
	if err != nil {
		return err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err == nil && (r.StatusCode != 200 || !strings.Contains(string(body), args[1])) {
		return fmt.Errorf("%s: %q", r.Status, body)
	}
	return err
}

// redis is "redis PORT COMMAND ANSWER": one line there, one line back.
func redis(ts *testscript.TestScript, args []string) error {
	c, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", args[0]), 2*time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Second))
	fmt.Fprintf(c, "%s\r\n", args[1])
	line, err := bufio.NewReader(c).ReadString('\n')
	if err == nil && strings.TrimSpace(line) != args[2] {
		return fmt.Errorf("answer %q", line)
	}
	return err
}

// gone is "gone": no process is left of the session that the daemon led.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	leader, _ := strconv.Atoi(ts.Getenv("DAEMON"))
	if left := difftest.Session(leader); (len(left) > 0) != neg {
		ts.Fatalf("left over: %v", left)
	}
}
