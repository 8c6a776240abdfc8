package loop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// Command is something to run once beside the programs, for whoever waits for its end.
type Command struct {
	Name  string       // how the journal calls it; empty for Argv
	Argv  []string     // Argv[0] is a path, or a name that is looked for in the PATH of its environment
	Env   []config.Var // all of it, the later of two of one name counts; nil is what every program starts from
	Dir   string       // empty for ours
	UID   int          // -1 for ours
	Umask int          // -1 for ours
	Stdin []byte       // 16 MiB at most; its standard input ends after it, unless there is a Talk
	// Talk is handed its pid and what writes to its standard input, which then stays open, as soon as the command is there. It is
	// called by the loop and must not wait; nor does what it is handed.
	Talk func(pid int, write func([]byte) error)
	// Farewell, when there is one, is called in place of SIGTERM; it must not wait either. SIGKILL follows all the same.
	Farewell func()
	// Stays lets it live until the last program has ended, when everything goes down.
	Stays bool
	// Stdout and Stderr take the output in whoever's goroutine reads it, so they must not wait; nil drops it. Neither
	// is called once Run has returned.
	Stdout, Stderr capture.Sink
	// Grace is the time between SIGTERM and SIGKILL; zero is ten seconds.
	Grace time.Duration
}

// usualGrace is a program's stopwaitsecs when nothing is said.
const usualGrace = 10 * time.Second

// errand is a command on its way: prepared by its own goroutine, then the loop's.
type errand struct {
	c     Command
	child kernel.Child
	ours  [3]int
	grace proc.Time

	pid     int
	in      *capture.Input
	outputs []*capture.Output
	ended   bool      // it was told to end
	killAt  proc.Time // when it will have had its grace; zero is never
	done    chan kernel.Status
}

// Run runs a command in a process group of its own and tells how it ended, once everything that it has written was
// taken. What its own children write later is not waited for. When ctx ends, and when everything goes down, the group
// is told to end by SIGTERM, and by SIGKILL after its grace; that it was told so is no error. An error means that
// there was no command: a *kernel.CommandError when it cannot be found or run.
func (l *Loop) Run(ctx context.Context, c Command) (kernel.Status, error) {
	e := &errand{c: c, ours: none, done: make(chan kernel.Status, 1), grace: proc.Time(c.Grace)}
	e.child.Files = none
	if e.grace <= 0 {
		e.grace = proc.Time(usualGrace)
	}
	if c.Env == nil {
		e.c.Env = l.o.Environ
	}
	if err := e.ready(ctx); err != nil {
		return kernel.Status{}, err
	}
	var err error
	if posted := l.post(ctx, func() { err = l.send(e) }); posted != nil {
		e.discard()
		select {
		case st := <-e.done: // it had its whole life before the loop's end was noticed
			return st, nil
		default:
			return kernel.Status{}, posted
		}
	}
	if err != nil {
		return kernel.Status{}, err
	}
	select {
	case st := <-e.done:
		return st, nil
	case <-ctx.Done():
		_ = l.post(context.Background(), func() { l.dismiss(e) })
	}
	return <-e.done, nil
}

// ready prepares the command, and comes back without when ctx ends first: a disk may hang.
func (e *errand) ready(ctx context.Context) error {
	prepared := make(chan error)
	go func() {
		err := e.prepare()
		select {
		case prepared <- err:
		case <-ctx.Done():
			e.discard()
		}
	}()
	select {
	case err := <-prepared:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// prepare does what may block.
func (e *errand) prepare() error {
	e.ours, e.child.Files = none, none
	if len(e.c.Argv) == 0 {
		return &kernel.CommandError{Text: "command is empty"}
	}
	if len(e.c.Stdin) > capture.InputLimit {
		return fmt.Errorf("cannot run %q: its standard input is longer than 16 MiB", e.c.Argv[0])
	}
	file, err := kernel.Executable(e.c.Argv[0], e.path())
	if err != nil {
		return err
	}
	if e.c.Dir != "" {
		if info, err := os.Stat(e.c.Dir); err != nil || !info.IsDir() {
			return fmt.Errorf("cannot run %q: there is no directory %q", e.c.Argv[0], e.c.Dir)
		}
	}
	touch(file)
	e.child = kernel.Child{
		Path: file, Argv: e.c.Argv, Env: pairs(e.c.Env), Dir: e.c.Dir, Umask: e.c.Umask, UID: e.c.UID,
		Files: e.child.Files,
	}
	var refused string
	if e.child.Cred, refused = kernel.CredFor(e.c.UID); refused != "" {
		return fmt.Errorf("cannot run %q: %s", e.c.Argv[0], refused)
	}
	if err := e.open(); err != nil {
		e.discard()
		return fmt.Errorf("cannot run %q: %w", e.c.Argv[0], err)
	}
	return nil
}

// path is where its name is looked for.
func (e *errand) path() []string {
	value := ""
	for _, v := range e.c.Env {
		if v.Name == "PATH" {
			value = v.Value
		}
	}
	return kernel.Path(value)
}

// pairs spells an environment, each name once.
func pairs(vars []config.Var) []string {
	at := make(map[string]int, len(vars))
	out := make([]string, 0, len(vars))
	for _, v := range vars {
		if i, twice := at[v.Name]; twice {
			out[i] = v.Name + "=" + v.Value
			continue
		}
		at[v.Name] = len(out)
		out = append(out, v.Name+"="+v.Value)
	}
	return out
}

// open makes the pipes.
func (e *errand) open() (err error) {
	if e.child.Files[0], e.ours[0], err = pipe(); err != nil {
		return err
	}
	for ch := 1; ch <= 2; ch++ {
		if e.ours[ch], e.child.Files[ch], err = pipe(); err != nil {
			return err
		}
	}
	return nil
}

// discard closes what was opened for a command that will not be; a second one finds nothing to close.
func (e *errand) discard() {
	closeAll(e.ours[:])
	closeAll(e.child.Files[:])
	e.ours, e.child.Files = none, none
}

// none are three descriptors that are not there.
var none = [3]int{-1, -1, -1}

// send forks a command and connects it.
func (l *Loop) send(e *errand) error {
	if l.down || l.over {
		e.discard()
		return ErrOver
	}
	pid, err := l.o.Kernel.Spawn(e.child)
	if err != nil {
		e.discard()
		if errors.Is(err, syscall.EAGAIN) {
			return fmt.Errorf("cannot run %q: there are too many processes", e.c.Argv[0])
		}
		return fmt.Errorf("cannot run %q: %s", e.c.Argv[0], kernel.ErrnoName(err))
	}
	e.pid = pid
	l.errands[pid] = e
	name := e.c.Name
	if name == "" {
		name = strings.Join(e.c.Argv, " ")
	}
	l.o.Journal.CommandSent(name, pid)
	l.attend(e)
	return nil
}

// attend hands our pipe ends to capture, which closes them from then on.
func (l *Loop) attend(e *errand) {
	ours := e.ours
	e.ours = none
	e.discard()
	streams := l.o.Capture.Child()
	if in, err := streams.Input(ours[0]); err == nil {
		_ = in.Write(e.c.Stdin)
		if e.in = in; e.c.Talk == nil {
			in.End()
		}
	}
	for ch, sink := range []capture.Sink{1: e.c.Stdout, 2: e.c.Stderr} {
		if ch == 0 {
			continue
		}
		if sink == nil {
			sink = capture.Func(func([]byte) {})
		}
		if out, err := streams.Output(ours[ch], sink); err == nil {
			e.outputs = append(e.outputs, out)
		}
	}
	if e.c.Talk != nil && e.in != nil {
		e.c.Talk(e.pid, e.in.Write)
	}
}

// dismiss tells a command to end, once.
func (l *Loop) dismiss(e *errand) {
	if e.ended || l.errands[e.pid] != e {
		return
	}
	e.ended, e.killAt = true, l.o.Kernel.Now()+e.grace
	if e.c.Farewell != nil {
		e.c.Farewell()
		return
	}
	_ = l.o.Kernel.Kill(e.pid, int(syscall.SIGTERM), true)
}

// dismissAll is for the way down, and for its end, when those leave that stayed.
func (l *Loop) dismissAll(stayed bool) {
	for _, e := range l.errands {
		if stayed || !e.c.Stays {
			l.dismiss(e)
		}
	}
}

// lapse kills the commands that have had their grace.
func (l *Loop) lapse() {
	for _, e := range l.errands {
		if e.killAt != 0 && e.killAt <= l.o.Kernel.Now() {
			e.killAt = 0
			_ = l.o.Kernel.Kill(e.pid, int(syscall.SIGKILL), true)
		}
	}
}

// nextLapse is when lapse has to look; zero is never.
func (l *Loop) nextLapse() proc.Time {
	next := proc.Time(0)
	for _, e := range l.errands {
		if e.killAt != 0 && (next == 0 || e.killAt < next) {
			next = e.killAt
		}
	}
	return next
}

// returned takes a command's end; false says that the pid is none of a command. What is left of the group of one that
// was told to end goes with it: as long as there is any of it, no other process can have its number.
func (l *Loop) returned(pid int, st kernel.Status) bool {
	e, ok := l.errands[pid]
	if !ok {
		return false
	}
	delete(l.errands, pid)
	if e.ended {
		_ = l.o.Kernel.Kill(pid, int(syscall.SIGKILL), true)
	}
	for _, o := range e.outputs {
		o.Drain()
	}
	if e.in != nil {
		e.in.Close()
	}
	l.o.Journal.CommandReturned(pid, ending(st))
	e.done <- st
	return true
}
