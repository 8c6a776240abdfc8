// Package ext is everything that an extension of Reeve sees, and the only package of Reeve that it imports.
//
// An extension is a guest. It is asked for by a section of the configuration, lives from that section's coming to its
// going, and has the abilities that it chooses to have: a method table (Methods), events (EventSink), what programs
// write (LogSink), a say in what may be started (Policy), pages of its own (Pages). An ability is an interface that
// the guest's type implements, found once when the guest is admitted; a guest guards each with a line such as
//
//	var _ ext.EventSink = (*Mailer)(nil)
//
// A guest is compiled in by a blank import in a copy of cmd/supervisord/main.go; its package registers a Factory under
// the name that the configuration will use:
//
//	func init() { ext.Register("acme.ops:make", newOps) }
//
//	[rpcinterface:ops]
//	supervisor.rpcinterface_factory = acme.ops:make
//	greeting = hello
//
// A guest never forks: the daemon waits for every child of the process, so a command that a guest started itself would
// lose its exit status. Host.Run starts commands. A panic in a guest ends that guest and nothing else.
package ext

import (
	"context"
	"net/http"
)

// Extension is a guest from its making to its end.
type Extension interface {
	// Init is called once, before any ability is used and before programs are started. The Host may be kept. An error
	// refuses the guest, and with it the start of the daemon.
	Init(Host) error
	// Close ends the guest: whatever it started has ended when Close returns. It is called exactly once, also when
	// Init failed half way. After ten seconds it is waited for no longer.
	Close() error
}

// Methods is the ability to add methods to the API. They appear in the namespace that the section names, in every
// face. The table is asked for once, after Init.
type Methods interface {
	Methods() []Method
}

// EventSink is the ability to hear what happens.
type EventSink interface {
	// Events lists types and families, such as PROCESS_STATE_EXITED, PROCESS_STATE or EVENT. It is asked once, after
	// Init.
	Events() []string
	// Handle is told each event, one after the other, in a goroutine of the guest's own. A guest that is slow holds up
	// nobody: its queue is bounded, and what is lost is counted in the next Event that comes.
	Handle(context.Context, Event)
}

// LogSink is the ability to take what programs write.
type LogSink interface {
	// TakeLog is told each chunk as it was read, in order for one stream. The chunk is the guest's to keep. As with
	// events, who is slow loses chunks and is told how many.
	TakeLog(context.Context, Output)
}

// Policy is the ability to decide about starts that an operator asks for. What the daemon does by itself (autostart,
// restarts) is not asked about.
type Policy interface {
	// MayStart refuses a start by an error, whose text the operator is told. It has a second to answer; no answer is
	// no refusal, and is logged.
	MayStart(context.Context, Process) error
}

// Pages is the ability to answer HTTP below /ext/NAME/, NAME being that of the section. Requests come with the prefix
// taken off, from operators who may do what Access says.
type Pages interface {
	http.Handler
	// Page describes the entry in the menu of the web page; an empty Title makes none.
	Page() Page
}

// Page is how Pages want to be offered.
type Page struct {
	Title  string
	Access Access
}
