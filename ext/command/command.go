// Package command is for commands of supervisorctl that are written in Go and compiled in. A package registers a
// factory under the name that configurations use, and a copy of cmd/supervisorctl/main.go imports it:
//
//	func init() { command.Register("acme.ops:make_commands", newCommands) }
//
//	[ctlplugin:ops]
//	supervisor.ctl_factory = acme.ops:make_commands
//
// A plug-in is made when its command, help or a completion needs it, and not before.
package command

import (
	"context"
	"fmt"
	"io"
	"maps"
	"sync"

	"github.com/reeve-sh/reeve/ext"
)

// Plugin is what a factory makes.
type Plugin interface {
	// Commands are asked for once. Of two of one name the first counts.
	Commands() []Command
}

// Command is one command.
type Command struct {
	Name string // letters, digits and underscores
	// Help is what "help NAME" prints, without the last line feed. A command without is left out of the list of help.
	Help string
	// Run does it; arg is what follows the name, without blanks around it. An error is printed as "error: ..." and
	// means exit status 1; an Exit ends supervisorctl.
	Run func(ctx context.Context, s Session, arg string) error
	// Complete lists what the word that is being typed may become; nil when there is nothing to offer.
	Complete func(ctx context.Context, s Session, w Word) []string
}

// Word is a word that is being typed.
type Word struct {
	Line string // all of the line
	Text string // the word, up to the cursor
}

// Exit is an error that ends supervisorctl with that status.
type Exit int

func (e Exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// Session is supervisorctl, for one run of a command. Any goroutine may use it until Run returns.
type Session interface {
	// Stdout and Stderr take text at once; a Write is not torn by another's.
	Stdout() io.Writer
	Stderr() io.Writer
	// Server is where the daemon is and who asks, for those who dial it themselves.
	Server() (url, username, password string)
	// Call calls a method of the daemon's, with the values that ext.Value describes. A refusal is an *ext.Fault.
	Call(ctx context.Context, method string, args ...any) (any, error)
	// Up tells whether there is a daemon that speaks our language; if not, that has been printed.
	Up(ctx context.Context) bool
	// Command does what a line says, as if it had been typed, and returns the exit status that came of it.
	Command(ctx context.Context, line string) (status int)
	// SetStatus sets the exit status, which is 0 unless somebody does.
	SetStatus(status int)
}

// Factory makes the plug-in of one section.
type Factory func(ext.Section) (Plugin, error)

// A Registry is the factories of a program. The zero value is empty and ready.
type Registry struct {
	mu        sync.Mutex // guards what follows
	factories map[string]Factory
}

// Add offers a factory under a name of the form "module:function". A name that is taken or has another form panics:
// that is a mistake of whoever builds the program.
func (r *Registry) Add(name string, f Factory) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !ext.IsFactoryName(name) || f == nil {
		panic(fmt.Sprintf("command: cannot register %q: a factory's name is module:function", name))
	}
	if _, taken := r.factories[name]; taken {
		panic(fmt.Sprintf("command: cannot register %q twice", name))
	}
	if r.factories == nil {
		r.factories = map[string]Factory{}
	}
	r.factories[name] = f
}

// Factories is a copy of what has been registered.
func (r *Registry) Factories() map[string]Factory {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.factories)
}

// Default is the registry that supervisorctl takes.
var Default Registry

// Register adds to Default; a plug-in's package calls it in init.
func Register(name string, f Factory) { Default.Add(name, f) }
