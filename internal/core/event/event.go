// Package event is what happened, in the form that listeners are told: the names of the types with their family
// tree, and the text of each payload. It numbers nothing: serials belong to who delivers (EVT-004).
package event

import (
	"strconv"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// Type is one concrete type of event.
type Type uint8

// The concrete types (EVT-001).
const (
	ProcessStateStopped Type = iota
	ProcessStateExited
	ProcessStateStarting
	ProcessStateStopping
	ProcessStateBackoff
	ProcessStateFatal
	ProcessStateRunning
	ProcessStateUnknown
	ProcessCommunicationStdout
	ProcessCommunicationStderr
	ProcessLogStdout
	ProcessLogStderr
	RemoteCommunication
	SupervisorStateChangeRunning
	SupervisorStateChangeStopping
	Tick5
	Tick60
	Tick3600
	ProcessGroupAdded
	ProcessGroupRemoved
	// Types is how many there are.
	Types
)

// tree gives each concrete type its name and its abstract parent; EVENT is everybody's.
var tree = [Types]struct{ name, parent string }{
	ProcessStateStopped:           {"PROCESS_STATE_STOPPED", "PROCESS_STATE"},
	ProcessStateExited:            {"PROCESS_STATE_EXITED", "PROCESS_STATE"},
	ProcessStateStarting:          {"PROCESS_STATE_STARTING", "PROCESS_STATE"},
	ProcessStateStopping:          {"PROCESS_STATE_STOPPING", "PROCESS_STATE"},
	ProcessStateBackoff:           {"PROCESS_STATE_BACKOFF", "PROCESS_STATE"},
	ProcessStateFatal:             {"PROCESS_STATE_FATAL", "PROCESS_STATE"},
	ProcessStateRunning:           {"PROCESS_STATE_RUNNING", "PROCESS_STATE"},
	ProcessStateUnknown:           {"PROCESS_STATE_UNKNOWN", "PROCESS_STATE"},
	ProcessCommunicationStdout:    {"PROCESS_COMMUNICATION_STDOUT", "PROCESS_COMMUNICATION"},
	ProcessCommunicationStderr:    {"PROCESS_COMMUNICATION_STDERR", "PROCESS_COMMUNICATION"},
	ProcessLogStdout:              {"PROCESS_LOG_STDOUT", "PROCESS_LOG"},
	ProcessLogStderr:              {"PROCESS_LOG_STDERR", "PROCESS_LOG"},
	RemoteCommunication:           {"REMOTE_COMMUNICATION", ""},
	SupervisorStateChangeRunning:  {"SUPERVISOR_STATE_CHANGE_RUNNING", "SUPERVISOR_STATE_CHANGE"},
	SupervisorStateChangeStopping: {"SUPERVISOR_STATE_CHANGE_STOPPING", "SUPERVISOR_STATE_CHANGE"},
	Tick5:                         {"TICK_5", "TICK"},
	Tick60:                        {"TICK_60", "TICK"},
	Tick3600:                      {"TICK_3600", "TICK"},
	ProcessGroupAdded:             {"PROCESS_GROUP_ADDED", "PROCESS_GROUP"},
	ProcessGroupRemoved:           {"PROCESS_GROUP_REMOVED", "PROCESS_GROUP"},
}

// String is the type's name in headers and in events options.
func (t Type) String() string { return tree[t].name }

// Is is true when name is the type's own name or one of its abstract parents, in upper case.
func (t Type) Is(name string) bool {
	return name == "EVENT" || name == tree[t].name || (name != "" && name == tree[t].parent)
}

// Known is true when name, in upper case, is a type that may be subscribed to.
func Known(name string) bool {
	for t := range Types {
		if t.Is(name) {
			return true
		}
	}
	return false
}

// Names lists what may be subscribed to: EVENT, the families, and the types, each family before its types.
func Names() []string {
	out, family := []string{"EVENT"}, ""
	for _, t := range tree {
		if t.parent != family && t.parent != "" {
			out = append(out, t.parent)
		}
		family = t.parent
		out = append(out, t.name)
	}
	return out
}

// Of is the type that announces a process's new phase.
func Of(p proc.Phase) Type {
	return [...]Type{
		proc.Stopped: ProcessStateStopped, proc.Starting: ProcessStateStarting, proc.Running: ProcessStateRunning,
		proc.Backoff: ProcessStateBackoff, proc.Stopping: ProcessStateStopping, proc.Exited: ProcessStateExited,
		proc.Fatal: ProcessStateFatal, proc.Unknown: ProcessStateUnknown,
	}[p]
}

// Event is one fact. Which fields mean something depends on Type.
type Event struct {
	Type     Type
	Process  string
	Group    string
	From     proc.Phase // PROCESS_STATE_*
	Tries    int        // STARTING and BACKOFF
	Pid      int
	Expected bool   // EXITED
	Kind     string // REMOTE_COMMUNICATION: its type
	Data     []byte // output, captured text, or remote data
	When     int64  // TICK_*: unix seconds, floored to the period
	More     *More  // PROCESS_STATE_*: what listeners are not told; may be nil
}

// More is what there is to say about a change of state that has no place in Supervisor's payloads.
type More struct {
	To       proc.Phase
	Restarts int       // how often it has been started again since its group came
	Uptime   proc.Time // since the start that led here; of an end: how long that life was
	Ended    bool      // a child has ended, and the next three tell how
	Code     int       // exit code; means nothing after a signal
	Signal   string    // "SIGKILL"; empty after an exit
	Core     bool      // it has left a core dump
	OOM      bool      // the kernel killed it, or a child of its, for want of memory
	Why      string    // BACKOFF and FATAL: what went wrong, as status tells it
}

// Payload is the event's body, byte for byte what Supervisor's listeners parse (EVT-007, EVT-010 ... EVT-016).
func (e Event) Payload() []byte {
	switch e.Type {
	case ProcessLogStdout, ProcessLogStderr:
		channel := "stdout"
		if e.Type == ProcessLogStderr {
			channel = "stderr"
		}
		return append([]byte(e.who()+" pid:"+strconv.Itoa(e.Pid)+" channel:"+channel+"\n"), text(e.Data)...)
	case ProcessCommunicationStdout, ProcessCommunicationStderr:
		return append([]byte(e.who()+" pid:"+strconv.Itoa(e.Pid)+"\n"), text(e.Data)...)
	case RemoteCommunication:
		return append([]byte("type:"+e.Kind+"\n"), e.Data...)
	case SupervisorStateChangeRunning, SupervisorStateChangeStopping:
		return nil
	case Tick5, Tick60, Tick3600:
		return []byte("when:" + strconv.FormatInt(e.When, 10))
	case ProcessGroupAdded, ProcessGroupRemoved:
		return []byte("groupname:" + e.Group + "\n")
	}
	return []byte(e.who() + " from_state:" + e.From.String() + e.detail())
}

func (e Event) who() string { return "processname:" + e.Process + " groupname:" + e.Group }

// detail is what some process states tell beyond where they came from (EVT-007).
func (e Event) detail() string {
	pid := " pid:" + strconv.Itoa(e.Pid)
	switch e.Type {
	case ProcessStateStarting, ProcessStateBackoff:
		return " tries:" + strconv.Itoa(e.Tries)
	case ProcessStateRunning, ProcessStateStopping, ProcessStateStopped:
		return pid
	case ProcessStateExited:
		if e.Expected {
			return " expected:1" + pid
		}
		return " expected:0" + pid
	}
	return ""
}

// Ending is an end in words: of an exit with its code, or of a death by the signal of that name.
func Ending(code int, signal string, core, oom bool) string {
	words := "exit status " + strconv.Itoa(code)
	if signal != "" {
		words = "terminated by " + signal
	}
	if oom {
		words += " (out of memory)"
	}
	if core {
		words += " (core dumped)"
	}
	return words
}
