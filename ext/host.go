package ext

import (
	"context"
	"io"
	"time"
)

// Level is how loud a line of the main log is.
type Level int

// The levels, with Supervisor's numbers.
const (
	Blather  Level = 3
	Trace    Level = 5
	Debug    Level = 10
	Info     Level = 20
	Warn     Level = 30
	Error    Level = 40
	Critical Level = 50
)

// Log is what may be used anywhere, also where nothing may wait.
type Log interface {
	// Log writes a line to the main log, with the guest's name before it.
	Log(level Level, format string, args ...any)
}

// Host is the daemon as a guest may use it, from any goroutine, until Close returns. Everything that takes a context
// may wait; none of it waits for this guest, so a method may call the API that it is itself a part of.
type Host interface {
	Log
	// Name is the name of the guest's section.
	Name() string
	// Daemon tells about the daemon; it does not change while the guest lives.
	Daemon() Daemon
	// Call calls any method of the API, such as supervisor.startProcess or another guest's. Arguments and results are
	// the values of XML-RPC as Go has them: see Value. A refusal is a *Fault.
	Call(ctx context.Context, method string, args ...any) (any, error)
	// Processes lists all processes, by group and name.
	Processes(ctx context.Context) ([]Process, error)
	// Publish publishes a REMOTE_COMMUNICATION event.
	Publish(ctx context.Context, kind string, data []byte) error
	// Run runs a command and waits for its end. It is killed with its process group when ctx ends or the daemon goes
	// down. The error is about a command that could not be started; how one ended is in Exit.
	Run(ctx context.Context, c Command) (Exit, error)
}

// Daemon is what does not change about the daemon.
type Daemon struct {
	Identifier string
	Version    string // of Supervisor, whose behaviour this is
	ConfigFile string
	Directory  string // of ConfigFile
	PID        int
}

// Command is a command to run. No shell is involved.
type Command struct {
	Argv      []string // Argv[0] is a path, or a name that is looked up in PATH
	Directory string   // empty for the daemon's
	Env       []string // NAME=value, all of it; nil for the daemon's own, with [supervisord] environment
	AddEnv    []string // NAME=value, laid over Env
	User      string   // name or number; empty for the daemon's. It takes root
	Umask     int      // -1, and 0 by its nature, for the daemon's
	Stdin     []byte
	// Stdout and Stderr take the output as it comes, from one goroutine each; nil drops it.
	Stdout, Stderr io.Writer
	// Grace is how long the command may take to end after SIGTERM when ctx ends, before SIGKILL; 0 is 10 seconds.
	Grace time.Duration
}

// Exit is how a command ended.
type Exit struct {
	Code   int // -1 when it was killed by a signal
	Signal int // 0 when it was not
	Core   bool
	Took   time.Duration
}
