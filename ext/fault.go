package ext

import "fmt"

// Code is the number of a fault, as clients see it.
type Code int

// Supervisor's faults. A guest may use numbers of its own, best above 100; their text begins with UNKNOWN.
const (
	UnknownMethod       Code = 1
	IncorrectParameters Code = 2
	BadArguments        Code = 3
	ShutdownState       Code = 6
	BadName             Code = 10
	BadSignal           Code = 11
	NoFile              Code = 20
	NotExecutable       Code = 21
	Failed              Code = 30
	AbnormalTermination Code = 40
	SpawnError          Code = 50
	AlreadyStarted      Code = 60
	NotRunning          Code = 70
	Success             Code = 80
	AlreadyAdded        Code = 90
	StillRunning        Code = 91
	CantReread          Code = 92
)

// Fault is a refusal that the client sees with its code and text, as NAME: text. A method that returns any other error
// is a fault Failed with that error's text. Host.Call returns faults as *Fault.
type Fault struct {
	Code Code
	Text string
}

// Refuse makes a Fault.
func Refuse(code Code, format string, args ...any) *Fault {
	return &Fault{code, fmt.Sprintf(format, args...)}
}

func (f *Fault) Error() string { return fmt.Sprintf("fault %d: %s", f.Code, f.Text) }
