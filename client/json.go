package client

import "time"

// These are the objects of the JSON face, /api/v1. What is absent is nil or
// zero.

// Process is what is told of one process.
type Process struct {
	// Name is how operators call it: "web" for process web of group web,
	// else "group:process".
	Name    string `json:"name"`
	Group   string `json:"group"`
	Process string `json:"process"`
	// State is STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL or
	// UNKNOWN.
	State string `json:"state"`
	// Description is what status says of it, for people.
	Description string     `json:"description"`
	PID         int        `json:"pid"`                // 0 when there is no child
	Started     *time.Time `json:"started"`            // null when it never was
	Stopped     *time.Time `json:"stopped"`            // when it was last stopped or ended by itself, or null
	Uptime      *float64   `json:"uptime,omitempty"`   // seconds since the start, while the child lives
	Restarts    *int       `json:"restarts,omitempty"` // starts after the first, since its group came
	// The end of the last child that has ended: either ExitCode or Signal,
	// such as "SIGKILL". Before the first end there is neither.
	ExitCode   *int   `json:"exitcode,omitempty"`
	Signal     string `json:"signal,omitempty"`
	CoreDumped bool   `json:"core_dumped,omitempty"`
	OOM        bool   `json:"oom,omitempty"` // it was killed, or a child of its, for want of memory
	Why        string `json:"why,omitempty"` // why it could not be started, of BACKOFF and FATAL
	// The files of its output; empty for none.
	StdoutLogfile string `json:"stdout_logfile"`
	StderrLogfile string `json:"stderr_logfile"`
}

// Group is an active group with its processes.
type Group struct {
	Name      string    `json:"name"`
	Priority  int       `json:"priority"`
	Processes []Process `json:"processes"`
}

// Result is what became of one process, or of one group, of a request.
type Result struct {
	Name    string `json:"name"`
	Group   string `json:"group"`
	Process string `json:"process,omitempty"`
	Code    int    `json:"code"`  // 80 for success, else the code of a fault
	Fault   string `json:"fault"` // SUCCESS, else the name of a fault
	Message string `json:"message"`
}

// Results are those of all processes that a request was for.
type Results struct {
	Results []Result `json:"results"`
}

// Problem is why a request was refused.
type Problem struct {
	Code    int    `json:"code"`    // of Supervisor's faults, as XML-RPC tells it
	Fault   string `json:"fault"`   // its name, such as BAD_NAME
	Message string `json:"message"` // the reason in words
}

// Error is the problem's message.
func (p *Problem) Error() string { return p.Message }

// Daemon is supervisord itself.
type Daemon struct {
	Identifier string `json:"identifier"`
	State      string `json:"state"` // RUNNING
	PID        int    `json:"pid"`
	// Version is the version of Supervisor that the daemon behaves as, and
	// APIVersion that of its XML-RPC interface.
	Version    string `json:"version"`
	APIVersion string `json:"api_version"`
	Logfile    string `json:"logfile"`
	ConfigFile string `json:"config_file"`
	// Warnings say what an operator should know about how the daemon stands.
	Warnings []string `json:"warnings"`
}

// Call asks for one method.
type CallRequest struct {
	Method string `json:"method"` // namespace.method
	// Params are its arguments, in order. Whole numbers are ints, others
	// doubles; {"$base64": "..."} are bytes and {"$datetime":
	// "2026-01-31T12:00:00"} is a moment.
	Params []any `json:"params,omitempty"`
}

// CallResponse is what the method answers, spelled as CallRequest's Params.
type CallResponse struct {
	Result any `json:"result"`
}

// Done says that what was asked for is done or has begun.
type Done struct {
	Done bool `json:"done"` // always true; what is not done is a Problem
}

// Method is one that can be called.
type Method struct {
	Name string `json:"name"`
	// Signature is the type of the result and those of the parameters; absent
	// for a method that does not tell.
	Signature []string `json:"signature,omitempty"`
	Help      string   `json:"help,omitempty"`
}

// Health is the answer of /healthz.
type Health struct {
	Status string `json:"status"` // "ok", "shutting down" or "stuck"
}

// Ready is the answer of /readyz.
type Ready struct {
	Ready     bool           `json:"ready"` // all of Processes are
	Processes []ReadyProcess `json:"processes"`
}

// ReadyProcess is one process that is waited for.
type ReadyProcess struct {
	Name  string `json:"name"`
	State string `json:"state"`
	Ready bool   `json:"ready"`
}

// Log is part of a log.
type Log struct {
	Text string `json:"text"` // bytes that are no UTF-8 are U+FFFD
	// Offset is where the looking began, Next where to go on, and Size how
	// long the log is, in bytes.
	Offset int64 `json:"offset"`
	Next   int64 `json:"next"`
	Size   int64 `json:"size"`
	// Restarted says that the log is shorter than the offset that was asked
	// for: it was rotated or cleared, and is told from its start.
	Restarted bool `json:"restarted,omitempty"`
}

// Config is one configured process, all options resolved.
type Config struct {
	Name          string   `json:"name"`
	Group         string   `json:"group"`
	Process       string   `json:"process"`
	Program       string   `json:"program"` // the section's name
	InUse         bool     `json:"in_use"`  // its group is active
	GroupPriority int      `json:"group_priority"`
	Priority      int      `json:"priority"`
	Command       string   `json:"command"`
	Directory     string   `json:"directory,omitempty"`
	User          string   `json:"user,omitempty"`
	Umask         string   `json:"umask,omitempty"` // octal
	Autostart     bool     `json:"autostart"`
	Autorestart   string   `json:"autorestart"` // true, false or unexpected
	StartSecs     int      `json:"startsecs"`
	StartRetries  int      `json:"startretries"`
	ExitCodes     []int    `json:"exitcodes"`
	StopSignal    string   `json:"stopsignal"` // such as SIGTERM
	StopWaitSecs  int      `json:"stopwaitsecs"`
	StopAsGroup   bool     `json:"stopasgroup"`
	KillAsGroup   bool     `json:"killasgroup"`
	Redirect      bool     `json:"redirect_stderr"`
	Environment   []string `json:"environment"` // names only: values are often secrets
	ServerURL     string   `json:"serverurl,omitempty"`
	Stdout        Channel  `json:"stdout"`
	Stderr        Channel  `json:"stderr"`
}

// Channel is where one output of a process goes.
type Channel struct {
	Logfile         string   `json:"logfile"` // a path, "auto" or "none"
	Also            []string `json:"also,omitempty"`
	Maxbytes        int64    `json:"maxbytes"`
	Backups         int      `json:"backups"`
	CaptureMaxbytes int64    `json:"capture_maxbytes"`
	EventsEnabled   bool     `json:"events_enabled"`
	Syslog          bool     `json:"syslog"`
}

// Plan is what an update would change.
type Plan struct {
	Added   []string    `json:"added"`
	Changed []string    `json:"changed"`
	Removed []string    `json:"removed"`
	Groups  []GroupPlan `json:"groups"`
}

// GroupPlan is what an update would do to one group.
type GroupPlan struct {
	Group  string `json:"group"`
	Change string `json:"change"` // added, changed or removed
	// Of a group that is changed: processes that come and go, and options
	// that are others now. An extension's section has none.
	Come    []string       `json:"come,omitempty"`
	Go      []string       `json:"go,omitempty"`
	Options []OptionChange `json:"options,omitempty"`
}

// OptionChange is one option of a process that is another now.
type OptionChange struct {
	Process string `json:"process"`
	Option  string `json:"option"`
	From    any    `json:"from"`
	To      any    `json:"to"` // of environment, both may name the same variables: then values differ
}

// Updated is what an update did to one group.
type Updated struct {
	Group   string   `json:"group"`
	Change  string   `json:"change"`            // added, changed or removed
	Problem *Problem `json:"problem,omitempty"` // why it was not done, or not to its end
}

// Updates are what an update did.
type Updates struct {
	Results []Updated `json:"results"`
}
