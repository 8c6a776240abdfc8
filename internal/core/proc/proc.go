// Package proc is the life of one process as a pure function. Step takes what is known, what just happened and what
// time it is, and returns what is known now and what to do about it. The deadline is a number in the state, so there
// is no timer that could fire into the wrong life; a pid that died is compared, so a neighbour's death is nobody
// else's. The published diagram is printed from the edges that the tests walk.
package proc

// Time is nanoseconds of CLOCK_MONOTONIC. It cannot go back and means the same after an exec. Zero is "never".
type Time int64

// Second is one second of Time.
const Second Time = 1e9

// Phase is where a process stands. The zero value is Stopped.
type Phase uint8

// The phases; Code gives Supervisor's numbers (PROC-001).
const (
	Stopped Phase = iota
	Starting
	Running
	Backoff
	Stopping
	Exited
	Fatal
	Unknown
)

var phases = [...]struct {
	name string
	code int
}{
	Stopped: {"STOPPED", 0}, Starting: {"STARTING", 10}, Running: {"RUNNING", 20}, Backoff: {"BACKOFF", 30},
	Stopping: {"STOPPING", 40}, Exited: {"EXITED", 100}, Fatal: {"FATAL", 200}, Unknown: {"UNKNOWN", 1000},
}

// String is Supervisor's name of the phase.
func (p Phase) String() string { return phases[p].name }

// Code is Supervisor's number of the phase.
func (p Phase) Code() int { return phases[p].code }

// IsStopped is true where Supervisor counts the process as stopped (PROC-001).
func (p Phase) IsStopped() bool { return p == Stopped || p == Exited || p == Fatal || p == Unknown }

// IsRunning is true where Supervisor counts it as running: a second start is refused, a stop is obeyed.
func (p Phase) IsRunning() bool { return p == Running || p == Backoff || p == Starting }

// IsSignallable is true where a signal may be sent on request.
func (p Phase) IsSignallable() bool { return p == Running || p == Starting || p == Stopping }

// Restart says when a process that ended is started again.
type Restart uint8

// The values of the autorestart option; the zero value is its default.
const (
	Unexpected Restart = iota
	Always
	Never
)

// Codes is a set of exit codes 0..255.
type Codes [4]uint64

// Has is true when code is in the set; a death by signal has code -1 and is in no set.
func (c Codes) Has(code int) bool {
	return code >= 0 && code < 256 && c[code/64]&(1<<(code%64)) != 0
}

// With returns the set with code added.
func (c Codes) With(code int) Codes {
	if code >= 0 && code < 256 {
		c[code/64] |= 1 << (code % 64)
	}
	return c
}

// Policy is what the configuration says about one process's life. Only Hold ever changes during that life, and only
// from false to true: whoever sets it feeds a Tick to what is in Backoff.
type Policy struct {
	StartSecs    Time // how long it must stay up to count as Running; zero or less: at once
	StartRetries int
	StopWait     Time // grace before SIGKILL, and between one SIGKILL and the next
	StopSignal   int
	StopAsGroup  bool
	KillAsGroup  bool
	Restart      Restart
	ExitCodes    Codes
	Hold         bool // the daemon goes down: nothing is started again, retries are not taken (PROC-021)
}
