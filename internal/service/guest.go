package service

import (
	"context"
	"net/http"
	"slices"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/loop"
)

// Guests are the extensions of one generation, as an operator deals with them. A guest is called by the title of its
// section and comes and goes as a group does.
type Guests interface {
	// Active are the sections whose guests are here.
	Active() []config.Plugin
	// Add makes the guest of a section; the error says why it cannot be.
	Add(ctx context.Context, p config.Plugin) error
	// Remove ends a guest and takes its methods back.
	Remove(ctx context.Context, section string) error
	// MayStart asks those guests that have a say.
	MayStart(ctx context.Context, i Info) error
}

// Method is one that a guest adds to the API. It never changes.
type Method struct {
	Name string // namespace.method
	Help string
	// Signature is the result's type, then those of the parameters; nil for one that has none to tell.
	Signature []string
	Params    []MethodParam // for faces that make forms and commands of them; may be nil
	Access    MethodAccess
	Unlisted  bool // it can be called, and nobody is told of it
	// Call does it. Arguments are values as package wire/xmlrpc decodes them, the result is one that it encodes. An
	// error that is no *fault.Error is internal: its text is logged and the client sees HTTP 500.
	Call func(ctx context.Context, args []any) (any, error)
}

// Form is how the result of a guest's method is wanted. What has no form of its own is a plain value.
type Form uint8

// The forms.
const (
	Values   Form = iota // values as package wire/xmlrpc decodes them
	Spelled              // as above, or what spells itself
	Together             // likewise, for one of several results that stand in one array
)

type formKey struct{}

// WithForm says in ctx how a result is wanted.
func WithForm(ctx context.Context, f Form) context.Context {
	return context.WithValue(ctx, formKey{}, f)
}

// FormOf is how a result is wanted.
func FormOf(ctx context.Context) Form {
	f, _ := ctx.Value(formKey{}).(Form)
	return f
}

// Crash is an exception inside of a guest: the client sees HTTP 500, and the log the trace.
type Crash struct {
	Text  string // of the exception, with its class
	Trace string
	Whole bool // it makes a multicall fail as a whole
}

func (c *Crash) Error() string { return c.Text }

// MethodParam is one parameter of a guest's method.
type MethodParam struct {
	Name, Kind, Help string
	Optional, Rest   bool
}

// MethodAccess is the least that whoever calls must be allowed to do.
type MethodAccess uint8

// The accesses; what says nothing is for administrators.
const (
	AccessAdmin MethodAccess = iota
	AccessOperate
	AccessRead
)

// Methods is where a face finds what guests have added, after its own table.
type Methods interface {
	Method(name string) (*Method, bool)
	MethodNames() []string
}

// Page is what a guest shows over HTTP, at /ext/NAME/.
type Page struct {
	Name    string
	Title   string // in the menu; empty for no entry
	Access  MethodAccess
	Handler http.Handler
}

// role is the least role for an access.
func (a MethodAccess) role() Role {
	return [...]Role{AccessAdmin: Admin, AccessOperate: Operate, AccessRead: Read}[a]
}

// MayVisit refuses a guest's page to somebody whose role is too small.
func (s *Service) MayVisit(ctx context.Context, p *Page) error {
	return mayAs(ctx, doGuestPage, p.Access.role())
}

// Invoke calls a guest's method for whoever is asking.
func (s *Service) Invoke(ctx context.Context, m *Method, args []any) (result any, err error) {
	if m.Access != AccessRead {
		defer func() { s.enterInto(ctx, guestCall, m.Name, err) }()
	}
	if err := mayAs(ctx, doGuestMethod, m.Access.role()); err != nil {
		return nil, err
	}
	return m.Call(ctx, args)
}

// guest tells whether a guest of that section is here.
func (s *Service) guest(section string) bool {
	return s.o.Guests != nil && slices.ContainsFunc(s.o.Guests.Active(), func(p config.Plugin) bool { return p.Section == section })
}

// addGuest makes the guest of a section of the configuration as last read.
func (s *Service) addGuest(ctx context.Context, conf *config.Config, section string) error {
	at := slices.IndexFunc(conf.Plugins, func(p config.Plugin) bool { return p.Section == section && !p.BuiltIn() })
	switch {
	case at < 0 || s.o.Guests == nil:
		return fault.About(fault.BadName, section)
	case s.guest(section):
		return fault.About(fault.AlreadyAdded, section)
	}
	if err := s.o.Guests.Add(ctx, conf.Plugins[at]); err != nil {
		return fault.New(fault.Failed, err.Error())
	}
	return nil
}

// removeGuest ends a guest.
func (s *Service) removeGuest(ctx context.Context, section string) error {
	if !s.guest(section) {
		return fault.About(fault.BadName, section)
	}
	if err := s.o.Guests.Remove(ctx, section); err != nil {
		return fault.New(fault.Failed, err.Error())
	}
	return nil
}

// allowed asks the guests that have a say about a start. Theirs is the text of the refusal.
func (s *Service) allowed(ctx context.Context, p *loop.Process) *fault.Error {
	if s.o.Guests == nil {
		return nil
	}
	if err := s.o.Guests.MayStart(ctx, s.now().info(p)); err != nil {
		return fault.New(fault.Failed, err.Error())
	}
	return nil
}
