package ext

import "time"

// Event is something that has happened. Which fields mean something depends on Type, which is Supervisor's name of it,
// such as PROCESS_STATE_EXITED.
type Event struct {
	Type    string
	Number  uint64 // grows from event to event, with gaps where events were not for this guest
	Lost    uint64 // events that were for this guest and came too fast, right before this one
	Process string
	Group   string
	PID     int

	From, To string // of PROCESS_STATE_*: the states' names
	Tries    int    // of STARTING, BACKOFF: failed starts in a row
	Expected bool   // of EXITED
	ExitCode int    // of an end; -1 when there is none
	Signal   int    // of an end; 0 when there was none

	// Of PROCESS_STATE_*, what Supervisor's listeners are not told.
	CoreDumped bool          // of an end
	OOM        bool          // of an end: the kernel killed it, or a child of its, for want of memory
	Uptime     time.Duration // since the start that led here; of an end, how long it lived
	Restarts   int           // how often it has been started again since its group came
	Why        string        // of BACKOFF, FATAL: what went wrong

	Kind    string // of REMOTE_COMMUNICATION: its type
	Data    []byte // of output, captured text and REMOTE_COMMUNICATION
	When    int64  // of TICK_*: unix seconds
	Payload string // what event listeners are told, in Supervisor's form
}

// Output is one chunk that a program wrote.
type Output struct {
	Group, Process string
	PID            int
	Stderr         bool
	Data           []byte
	Lost           uint64 // chunks that came too fast, right before this one
}

// Process is what is known about one process.
type Process struct {
	Name, Group string
	State       string // RUNNING
	StateCode   int
	PID         int // 0 for none
	Start, Stop time.Time
	ExitStatus  int
	SpawnError  string
	Description string
	Stdout      string // path of the log, empty for none
	Stderr      string
	Command     string
	Directory   string
}

// Namespec is how operators call the process.
func (p *Process) Namespec() string {
	if p.Group == p.Name {
		return p.Name
	}
	return p.Group + ":" + p.Name
}
