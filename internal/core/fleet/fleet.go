// Package fleet is the pure life of all processes together: groups and priorities, ordered start and stop, the mood
// of the daemon, and the requests that wait for an answer. It is Step one size up from proc.Step: one event and the
// time go in, actions come out, and whoever calls it does them and feeds the outcome back in as the next event.
package fleet

import (
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

// ID names one process for as long as it is in the fleet. It is never used twice.
type ID int32

// Req names one request that will be answered exactly once. Zero is nobody's: it gets no Answer.
type Req uint64

// Mood is what the daemon is about to do. The numbers are Supervisor's.
type Mood int8

// The moods. A fleet is Booting until Begin; nothing is started before.
const (
	ShuttingDown Mood = -1
	Restarting   Mood = 0
	Running      Mood = 1
	Booting      Mood = 2
)

// Member is one process of a group as the configuration has it.
type Member struct {
	Name      string
	Priority  int
	Autostart bool
	Policy    proc.Policy
}

// Group is what AddGroup brings in. Members are started in this order.
type Group struct {
	Name     string
	Priority int
	Members  []Member
	Early    bool // it does not wait for Begin
}

// Event is something that happened or is wanted: one of the types below.
type Event interface{ event() }

// What is wanted.
type (
	// Begin ends the boot: every group's autostart processes are started, groups by priority then name.
	Begin struct{}
	// AddGroup adds a group; its autostart processes start at once unless the fleet is Booting.
	// Answered with one Outcome: nil or AlreadyAdded.
	AddGroup struct {
		Req   Req
		Group Group
	}
	// RemoveGroup is answered with one Outcome: nil, BadName, or StillRunning when a member is not in a stopped phase.
	RemoveGroup struct {
		Req  Req
		Name string
	}
	// AddProcesses adds processes to a group, all or none; those with autostart start at once unless the fleet is
	// Booting. It is answered with one Outcome once the forks have been answered, whatever the answer was: nil, BadName
	// for a group that is not there, or AlreadyAdded for a name that is in the group or comes twice.
	AddProcesses struct {
		Req     Req
		Group   string
		Members []Member
	}
	// RemoveProcess takes a process out of its group, which stays. It is answered with one Outcome: nil, BadName, or
	// StillRunning when it is not in a stopped phase or has a child.
	RemoveProcess struct {
		Req         Req
		Group, Name string
	}
	// Start starts processes. With Omit (a group's or everybody's start) those that count as running are left out of
	// the answer; without, they are refused with AlreadyStarted. Without Wait the answer comes once every fork has
	// been answered; with Wait once each has become Running or failed to.
	Start struct {
		Req     Req
		Targets []Target
		Wait    bool
		Omit    bool
	}
	// Stop stops processes; Omit and Wait as in Start (NotRunning instead of AlreadyStarted). Without Wait the answer
	// comes with the first event after the signals that is not a SignalLost; Next is due at once for its sake.
	Stop struct {
		Req  Req
		IDs  []ID
		Wait bool
		Omit bool
	}
	// GiveUp ends the retries of a process that is in Backoff; NotRunning when it is in none.
	GiveUp struct {
		Req Req
		ID  ID
	}
	// Signal sends a signal to each process's own pid. Omit leaves out those that cannot be signalled. It is answered
	// as a Stop without Wait is.
	Signal struct {
		Req  Req
		IDs  []ID
		Sig  int
		Omit bool
	}
	// Shutdown stops every group, the highest priority first, one group at a time, and ends in Over.
	// With Restart the mood is Restarting; a later Shutdown without it wins (SIG-003).
	Shutdown struct{ Restart bool }
	// Tick says that time has passed. It may come early, late or twice.
	Tick struct{}
)

// Target is one process to start. Refused, when not nil, is why it cannot be tried (its command is missing, say):
// found out beforehand by whoever may touch the disk, and reported only if the process is one that would be started.
type Target struct {
	ID      ID
	Refused *fault.Error
}

// What happened.
type (
	// Spawned answers Spawn: there is a child now.
	Spawned struct {
		ID  ID
		Pid int
	}
	// SpawnFailed answers Spawn: there is none.
	SpawnFailed struct{ ID ID }
	// Died says that the child was reaped. Code is the exit code, or -1 for a death by signal.
	Died struct {
		ID   ID
		Pid  int
		Code int
	}
	// SignalLost says that a signal could not be sent for a reason other than the child being gone (PROC-019). It is
	// fed in before any other event: requests that need not wait are answered by the first event that is none.
	SignalLost struct {
		ID  ID
		Why string
	}
)

// Action is something to do: one of the types below. They are to be done in order.
type Action interface{ action() }

type (
	// Spawn asks for a child; it is answered by Spawned or SpawnFailed.
	Spawn struct{ ID ID }
	// Kill asks for a signal to a living child, or to its process group.
	Kill struct {
		ID      ID
		Pid     int
		Sig     int
		Group   bool
		Overdue bool // the grace is over: Sig is SIGKILL and the journal says so
		Asked   bool // an operator sends it, and it is no part of a stop
	}
	// Announce is a change of phase.
	Announce struct {
		ID       ID
		From, To proc.Phase
		Expected bool // of To == Exited: the code is one of exitcodes
		Tries    int  // consecutive starts that did not reach Running (EVT-008)
		Pid      int
		GaveUp   bool // of To == Fatal: the retries are used up (and not: the daemon goes down)
	}
	// AlreadyAlive says that a start was asked of a process that is still Stopping (PROC-015).
	AlreadyAlive struct{ ID ID }
	// Answer is the one answer to a request. Outcomes are in the order in which they were settled (RPC-026).
	Answer struct {
		Req      Req
		Outcomes []Outcome
	}
	// GroupAdded and GroupRemoved follow AddGroup and RemoveGroup.
	GroupAdded   struct{ Name string }
	GroupRemoved struct{ Name string }
	// ProcessesAdded and ProcessRemoved follow AddProcesses and RemoveProcess.
	ProcessesAdded struct {
		Group string
		IDs   []ID
	}
	ProcessRemoved struct {
		ID          ID
		Group, Name string
	}
	// GoingDown is said once, when the mood leaves Running.
	GoingDown struct{ Mood Mood }
	// StillAlive lists who keeps the daemon from going down, at once and then every 3 s (PROC-028).
	StillAlive struct{ IDs []ID }
	// StillStopping names a process that a stop request waits for, at most every 2 s (PROC-028).
	StillStopping struct{ ID ID }
	// Over says that nothing is alive and the mood's end is reached. Only refusals of late requests follow it.
	Over struct{ Mood Mood }
)

// Outcome is what became of one process of a request. Fault is nil when all went well.
type Outcome struct {
	ID    ID // zero in the answers to requests that add or remove
	Fault *fault.Error
}

func (Begin) event()         {}
func (AddGroup) event()      {}
func (RemoveGroup) event()   {}
func (AddProcesses) event()  {}
func (RemoveProcess) event() {}
func (Start) event()         {}
func (Stop) event()          {}
func (GiveUp) event()        {}
func (Signal) event()        {}
func (Shutdown) event()      {}
func (Tick) event()          {}
func (Spawned) event()       {}
func (SpawnFailed) event()   {}
func (Died) event()          {}
func (SignalLost) event()    {}

func (Spawn) action()          {}
func (Kill) action()           {}
func (Announce) action()       {}
func (AlreadyAlive) action()   {}
func (Answer) action()         {}
func (GroupAdded) action()     {}
func (GroupRemoved) action()   {}
func (ProcessesAdded) action() {}
func (ProcessRemoved) action() {}
func (GoingDown) action()      {}
func (StillAlive) action()     {}
func (StillStopping) action()  {}
func (Over) action()           {}
