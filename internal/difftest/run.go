package difftest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Outcome is what one step let its user see, normalised.
type Outcome struct {
	Step Step
	Text string
}

// stuck marks an outcome that is no answer: the scenario could not go on.
const stuck = "STUCK: "

// runner is one scenario on one pair of daemon and supervisorctl.
type runner struct {
	d       *Daemon
	ctl     Programs
	stdin   string
	pending map[string]chan string // answers of calls that were not waited for
	log     string                 // how the main log is compared at the end
}

// Run plays s on a daemon of one implementation with the supervisorctl of another (or the same). The last outcomes are
// those of an orderly end: exit status, stderr and the main log.
func Run(ctx context.Context, s Scenario, daemon, ctl Programs) ([]Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	defer cancel()
	d, err := NewDaemon(daemon, s.config())
	if err != nil {
		return nil, err
	}
	defer d.Close()
	if err := os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755); err != nil {
		return nil, err
	}
	for _, f := range s.Files {
		if f.Name != "conf" && f.Name != "programs" {
			if err := d.WriteFile(f.Name, string(f.Data)); err != nil {
				return nil, err
			}
		}
	}
	r := &runner{d: d, ctl: ctl, pending: map[string]chan string{}, log: "by process"}
	var out []Outcome
	for _, st := range slices.Concat(s.Steps, []Step{{Text: "(the end)", Verb: "end"}}) {
		text, err := verbs[st.Verb](r, ctx, st.Rest)
		if err != nil {
			return out, fmt.Errorf("line %d: %s: %w", st.Line, st.Text, err)
		}
		text = r.d.normal(r.ctl.hide(text))
		if !st.Quiet && st.Verb != "log" && st.Verb != "nolog" {
			out = append(out, Outcome{st, text})
		}
		if strings.HasPrefix(text, stuck) {
			return out, nil
		}
	}
	return out, nil
}

type verb func(r *runner, ctx context.Context, rest string) (string, error)

var verbs map[string]verb

// The table cannot be written where it is declared: parsing asks it for names and verbs call what parses.
func init() {
	verbs = map[string]verb{
		"start":     (*runner).start,     // start [ARG...]: in the foreground, until it answers or ends
		"bare":      (*runner).bare,      // bare [ARG...]: start with the whole command line
		"daemonize": (*runner).daemonize, // daemonize [ARG...]
		"run":       (*runner).run,       // run PROGRAM [ARG...]: to its end; exit status and output
		"ctl":       (*runner).runCtl,    // ctl [ARG...]: supervisorctl -c conf
		"stdin":     (*runner).setStdin,  // stdin "TEXT": for the next run or ctl
		"env":       (*runner).setEnv,    // env NAME=VALUE: for everything started from now on
		"rpc":       (*runner).rpc,       // rpc METHOD JSON...
		"rpcset":    (*runner).rpcSet,    // the same; the order of the structs in the answer does not matter
		"post":      (*runner).post,      // post XML: a request body as it stands
		"later":     (*runner).later,     // later KEY METHOD JSON...: rpc that is not waited for
		"await":     (*runner).await,     // await KEY: the answer of a later
		"http":      (*runner).http,      // http N "BYTES": N answers
		"httpinet":  (*runner).httpInet,  // the same over TCP
		"stream":    (*runner).stream,    // stream "BYTES" "TEXT" [SHELL]: read an endless answer until TEXT
		"until":     (*runner).until,     // until NAME STATE
		"untillog":  (*runner).untilLog,  // untillog "TEXT": in the main log
		"untilfile": (*runner).untilFile, // untilfile FILE "TEXT"
		"untilsh":   (*runner).untilSh,   // untilsh COMMAND: succeeds
		"signal":    (*runner).signal,    // signal TERM: to supervisord
		"sh":        (*runner).sh,        // sh COMMAND, in the daemon's directory
		"wait":      (*runner).wait,      // wait: for supervisord to end
		"log":       (*runner).setLog,    // log ordered: compare the main log as it stands
		"nolog":     (*runner).noLog,     // nolog: do not compare the main log
		"end":       (*runner).end,
	}
}

func (r *runner) start(ctx context.Context, rest string) (string, error) {
	return r.begin(ctx, rest, r.d.Start)
}

func (r *runner) bare(ctx context.Context, rest string) (string, error) {
	return r.begin(ctx, rest, r.d.StartBare)
}

func (r *runner) begin(ctx context.Context, rest string, start func(context.Context, ...string) error) (string, error) {
	args, err := words(r.d.Expand(rest))
	if err != nil {
		return "", err
	}
	if err := start(ctx, args...); err != nil {
		return stuck + "does not start: " + err.Error(), nil
	}
	if r.d.Exited() {
		return fmt.Sprintf("exit %d\n%s", r.d.end.code, r.d.ReadFile("stderr")), nil
	}
	return "up", nil
}

func (r *runner) daemonize(ctx context.Context, rest string) (string, error) {
	args, err := words(r.d.Expand(rest))
	if err != nil {
		return "", err
	}
	code, out, err := r.d.Daemonize(ctx, args...)
	if err != nil {
		return stuck + "does not daemonize: " + err.Error(), nil
	}
	return fmt.Sprintf("exit %d\n%s", code, out), nil
}

func (r *runner) run(ctx context.Context, rest string) (string, error) {
	args, err := words(r.d.Expand(rest))
	if err != nil {
		return "", err
	}
	switch args[0] {
	case "supervisorctl":
		return r.program(ctx, r.ctl, args[0], args[1:]...)
	case "supervisord":
		return r.program(ctx, r.d.Programs, args[0], args[1:]...)
	}
	return r.command(ctx, r.d.Programs.path(args[0]), args[1:]...)
}

func (r *runner) runCtl(ctx context.Context, rest string) (string, error) {
	args, err := words(r.d.Expand(rest))
	if err != nil {
		return "", err
	}
	return r.program(ctx, r.ctl, "supervisorctl", append([]string{"-c", filepath.Join(r.d.Dir, "conf")}, args...)...)
}

// program runs supervisord or supervisorctl to its end.
func (r *runner) program(ctx context.Context, p Programs, name string, args ...string) (string, error) {
	if p.Nursery == nil {
		return r.command(ctx, p.path(name), args...)
	}
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	stdin := r.stdin
	r.stdin = ""
	code, out, errs, err := p.Nursery.run(ctx, name, p.path(name), args, r.d.Dir, r.d.Env, stdin)
	if err != nil {
		return "", err
	}
	return ended(ctx, code, out, errs), nil
}

// commandLimit is how long a command may run.
const commandLimit = 30 * time.Second

// ended shows how a command went.
func ended(ctx context.Context, code int, out, errs string) string {
	if ctx.Err() != nil {
		return stuck + "does not end\n" + out + errs
	}
	text := fmt.Sprintf("exit %d\n%s", code, out)
	if errs != "" {
		text += "(stderr)\n" + errs
	}
	return text
}

// command runs something to its end. A program that does not end within 30 s is stuck.
func (r *runner) command(ctx context.Context, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	var out, errs strings.Builder
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = r.d.Dir, r.d.Env, &out, &errs
	cmd.Stdin = strings.NewReader(r.stdin)
	cmd.WaitDelay = 5 * time.Second
	r.stdin = ""
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && ctx.Err() == nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		return stuck + "does not start: " + err.Error(), nil
	}
	return ended(ctx, cmd.ProcessState.ExitCode(), out.String(), errs.String()), nil
}

func (r *runner) setStdin(_ context.Context, rest string) (string, error) {
	w, err := words(r.d.Expand(rest))
	if err == nil {
		r.stdin = w[0]
	}
	return "", err
}

func (r *runner) setEnv(_ context.Context, rest string) (string, error) {
	r.d.Env = append(r.d.Env, r.d.Expand(rest))
	return "", nil
}

func (r *runner) signal(_ context.Context, rest string) (string, error) {
	sig, ok := map[string]syscall.Signal{
		"TERM": syscall.SIGTERM, "INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT, "HUP": syscall.SIGHUP,
		"USR1": syscall.SIGUSR1, "USR2": syscall.SIGUSR2, "KILL": syscall.SIGKILL,
	}[rest]
	if !ok {
		return "", fmt.Errorf("no such signal %q", rest)
	}
	return "", r.d.Signal(sig)
}

func (r *runner) sh(ctx context.Context, rest string) (string, error) {
	return r.command(ctx, "/bin/sh", "-c", r.d.Expand(rest))
}

func (r *runner) wait(ctx context.Context, _ string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	code, err := r.d.Wait(ctx)
	if err != nil {
		return stuck + err.Error(), nil
	}
	return fmt.Sprintf("exit %d", code), nil
}

func (r *runner) setLog(_ context.Context, rest string) (string, error) {
	r.log = rest
	return "", nil
}

func (r *runner) noLog(context.Context, string) (string, error) {
	r.log = ""
	return "", nil
}

// end stops the daemon if it still runs and shows what remains to be seen.
func (r *runner) end(ctx context.Context, _ string) (string, error) {
	var b strings.Builder
	if r.d.end != nil {
		if !r.d.Exited() && alive(r.d.Pid) {
			r.d.Signal(syscall.SIGTERM)
		}
		text, err := r.wait(ctx, "")
		if err != nil || strings.HasPrefix(text, stuck) {
			return text, err
		}
		b.WriteString(text + "\n")
	}
	if text := r.d.ReadFile("stderr"); text != "" {
		b.WriteString("(stderr)\n" + text)
	}
	log := r.d.normal(r.d.ReadFile("main.log"))
	if r.log == "by process" {
		log = ByProcess(log)
	}
	if r.log != "" {
		b.WriteString("(main.log)\n" + log)
	}
	return b.String(), nil
}

// Stuck tells whether the scenario could not go on after o.
func (o Outcome) Stuck() bool { return strings.HasPrefix(o.Text, stuck) }
