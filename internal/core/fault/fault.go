// Package fault says why an operator did not get what was asked for. A refusal is a Kind and a text; one table
// maps each kind to the XML-RPC fault, the HTTP status and the exit code of supervisorctl that stand for it, so that
// no face decides on its own what an error looks like.
package fault

import "errors"

// Kind is one reason for saying no. Its number is the XML-RPC fault code that Supervisor's clients know (RPC-001).
type Kind int

// The kinds, with Supervisor's codes.
const (
	UnknownMethod        Kind = 1
	IncorrectParameters  Kind = 2
	BadArguments         Kind = 3
	SignatureUnsupported Kind = 4
	ShutdownState        Kind = 6
	BadName              Kind = 10
	BadSignal            Kind = 11
	NoFile               Kind = 20
	NotExecutable        Kind = 21
	Failed               Kind = 30
	AbnormalTermination  Kind = 40
	SpawnError           Kind = 50
	AlreadyStarted       Kind = 60
	NotRunning           Kind = 70
	Success              Kind = 80
	AlreadyAdded         Kind = 90
	StillRunning         Kind = 91
	CantReread           Kind = 92
	// Forbidden is ours: Supervisor lets everybody do everything.
	Forbidden Kind = 403
)

// Row is what one kind looks like in each face.
type Row struct {
	Kind Kind
	Name string // Supervisor's name, the first word of every fault string
	HTTP int    // status for faces that speak plain HTTP; XML-RPC faults always travel as 200 (HTTP-004)
	Exit int    // exit status of supervisorctl (CTL-005)
}

// Table is the one source of names, statuses and exit codes, in the order of the codes.
var Table = []Row{
	{UnknownMethod, "UNKNOWN_METHOD", 404, 1},
	{IncorrectParameters, "INCORRECT_PARAMETERS", 400, 1},
	{BadArguments, "BAD_ARGUMENTS", 400, 1},
	{SignatureUnsupported, "SIGNATURE_UNSUPPORTED", 404, 1},
	{ShutdownState, "SHUTDOWN_STATE", 503, 1},
	{BadName, "BAD_NAME", 404, 1},
	{BadSignal, "BAD_SIGNAL", 400, 1},
	{NoFile, "NO_FILE", 404, 1},
	{NotExecutable, "NOT_EXECUTABLE", 409, 1},
	{Failed, "FAILED", 500, 1},
	{AbnormalTermination, "ABNORMAL_TERMINATION", 409, 7},
	{SpawnError, "SPAWN_ERROR", 409, 7},
	{AlreadyStarted, "ALREADY_STARTED", 409, 0},
	{NotRunning, "NOT_RUNNING", 409, 7},
	{Success, "SUCCESS", 200, 0},
	{AlreadyAdded, "ALREADY_ADDED", 409, 0},
	{StillRunning, "STILL_RUNNING", 409, 1},
	{CantReread, "CANT_REREAD", 409, 1},
	{Forbidden, "FORBIDDEN", 403, 4},
}

// Row returns the row of k; for a number that is no kind the name is UNKNOWN.
func (k Kind) Row() Row {
	for _, r := range Table {
		if r.Kind == k {
			return r
		}
	}
	return Row{Kind: k, Name: "UNKNOWN", HTTP: 500, Exit: 1}
}

// String is Supervisor's name of k.
func (k Kind) String() string { return k.Row().Name }

// Error is a refusal.
type Error struct {
	Kind   Kind
	Detail string
	About  bool // there is a detail, even if it is empty
	whole  bool // the detail is the whole text
}

// New refuses for the reason k; an empty detail is none.
func New(k Kind, detail string) *Error { return &Error{Kind: k, Detail: detail, About: detail != ""} }

// About refuses for the reason k and echoes what it is about, be it empty (RPC-005).
func About(k Kind, what string) *Error { return &Error{Kind: k, Detail: what, About: true} }

// Verbatim is a refusal of somebody who makes codes and texts of his own.
func Verbatim(k Kind, text string) *Error {
	return &Error{Kind: k, Detail: text, About: true, whole: true}
}

// Error is the fault string that clients parse: NAME or "NAME: detail".
func (e *Error) Error() string {
	switch {
	case e.whole:
		return e.Detail
	case !e.About:
		return e.Kind.String()
	}
	return e.Kind.String() + ": " + e.Detail
}

// As finds the refusal in err. An error without one is internal and is no operator's fault.
func As(err error) (*Error, bool) {
	if err == nil {
		return nil, false // as nearly always, and it need cost nothing
	}
	var e *Error
	if errors.As(err, &e) {
		return e, true
	}
	return nil, false
}
