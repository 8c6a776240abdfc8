// Package exthost invites the guests: it makes one for each section of the configuration that asks for an extension,
// finds out what it can do, gives it a Host, and stands between it and the daemon. Nothing that a guest does gets
// further than that: its panic ends it alone, its slowness costs itself events, and its methods stand in a table
// under its own namespace, beside the built-in ones and never before them.
//
// A guest is compiled in, or it is a stranger: a program or a Python plug-in, which a Maker makes look like one.
package exthost

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

// Maker makes the guest of a section that names no compiled-in factory. It answers nil when the section is none of
// its business.
type Maker func(p *config.Plugin) (ext.Extension, error)

// Stranger is a guest whose methods come and go with the process behind it, and may differ from server to server.
// It stands in for ext.Methods.
type Stranger interface {
	// Offer is what it offers now on the server of that index. Names are whole: namespace.method.
	Offer(server int) []service.Method
	// Watch is told once whom to call whenever that changes.
	Watch(changed func())
}

// Late is an optional ability of a Stranger: Init only begins, and Settle waits, for a while, until it is known what has
// become of it. All guests of a configuration begin before the first is waited for.
type Late interface {
	Settle() error
}

// Told is an error that the main log tells in full already, a Python traceback for example.
type Told struct {
	Why string // in a few words
}

func (t *Told) Error() string { return t.Why }

// Finder is a Stranger that may have more methods than it tells.
type Finder interface {
	Stranger
	// Find is one of them, by its name without the namespace; that there is none may turn out when it is called.
	Find(server int, name string) (*service.Method, bool)
}

// Options are what the guests of one generation share.
type Options struct {
	Factories map[string]ext.Factory // by "module:function"
	Sections  map[string]ext.Factory // by the kind of section that the guest owns
	Strangers []Maker                // asked in order
	Journal   *journal.Journal
	Bus       *bus.Bus
	Daemon    ext.Daemon
	Servers   int // how many HTTP servers there are; methods are offered on each
	// Run runs a command for a guest.
	Run func(ctx context.Context, c ext.Command) (ext.Exit, error)
}

// API is what guests can ask of the daemon; it exists later than they are thought of.
type API struct {
	Service *service.Service
	// Call calls any method of the API, as package wire/xmlrpc spells values.
	Call func(ctx context.Context, method string, args []any) (any, error)
}

// Guests are all guests of one generation. Its methods may be called from any goroutine.
type Guests struct {
	o   Options
	api API

	changing sync.Mutex              // held while guests come and go
	building sync.Mutex              // held while the tables are made
	table    []atomic.Pointer[table] // one for each server
	taps     atomic.Pointer[[]*tap]
	ends     sync.WaitGroup // of guests that have panicked

	mu   sync.Mutex // guards what follows
	list []*guest   // in the order of the file, then of their coming
}

// New is a house without guests.
func New(o Options) *Guests {
	g := &Guests{o: o, table: make([]atomic.Pointer[table], max(o.Servers, 1))}
	g.rebuild()
	return g
}

// Open says what guests may ask, and admits those of the configuration in their order. The first that cannot be made
// is an error, and its section is answered with it; those before it are ended by Close.
func (g *Guests) Open(ctx context.Context, api API, plugins []config.Plugin) (failed *config.Plugin, err error) {
	g.api = api
	g.changing.Lock()
	defer g.changing.Unlock()
	for i := range plugins {
		if plugins[i].BuiltIn() {
			continue
		}
		if err := g.admit(plugins[i]); err != nil {
			return &plugins[i], err
		}
	}
	for _, one := range g.guests() {
		if err := g.settle(one); err != nil {
			return &one.conf, err
		}
	}
	return nil, nil
}

// Add makes the guest of one section and lets it in.
func (g *Guests) Add(ctx context.Context, p config.Plugin) error {
	g.changing.Lock()
	defer g.changing.Unlock()
	if err := g.admit(p); err != nil {
		return err
	}
	list := g.guests()
	return g.settle(list[len(list)-1])
}

// admit makes a guest, which may not be ready yet.
func (g *Guests) admit(p config.Plugin) error {
	one := &guest{house: g, conf: p, refused: map[string]string{}}
	if err := one.open(); err != nil {
		return g.refused(one, err)
	}
	g.mu.Lock()
	g.list = append(g.list, one)
	g.mu.Unlock()
	g.rebuild()
	return nil
}

// settle waits for a guest that is not ready yet.
func (g *Guests) settle(one *guest) error {
	late, is := one.ext.(Late)
	if !is {
		return nil
	}
	var err error
	if fenced := one.fence("Settle", func() { err = late.Settle() }); fenced == nil && err == nil {
		return nil
	} else if fenced != nil {
		err = fenced
	}
	g.drop(one.conf.Section)
	return g.refused(one, err)
}

// refused ends a guest that has not come to be.
func (g *Guests) refused(one *guest, err error) error {
	var told *Told
	if !errors.As(err, &told) {
		g.o.Journal.GuestRefused(one.conf.Section, err)
	}
	one.close()
	return err
}

// drop takes a guest off the list, and its methods back.
func (g *Guests) drop(section string) *guest {
	g.mu.Lock()
	at := slices.IndexFunc(g.list, func(o *guest) bool { return o.conf.Section == section })
	if at < 0 {
		g.mu.Unlock()
		return nil
	}
	one := g.list[at]
	g.list = slices.Delete(slices.Clone(g.list), at, at+1)
	g.mu.Unlock()
	g.rebuild()
	return one
}

// Remove ends the guest of a section. Its methods are taken back first.
func (g *Guests) Remove(ctx context.Context, section string) error {
	g.changing.Lock()
	defer g.changing.Unlock()
	one := g.drop(section)
	if one == nil {
		return fmt.Errorf("cannot remove [%s]: it is not here", section)
	}
	one.close()
	return nil
}

// Close ends all guests, the last one first.
func (g *Guests) Close() {
	g.changing.Lock()
	defer g.changing.Unlock()
	g.mu.Lock()
	list := g.list
	g.list = nil
	g.mu.Unlock()
	g.rebuild()
	for _, one := range slices.Backward(list) {
		one.close()
	}
	g.ends.Wait()
}

// Active are the sections whose guests are here.
func (g *Guests) Active() []config.Plugin {
	var out []config.Plugin
	for _, one := range g.guests() {
		out = append(out, one.conf)
	}
	return out
}

func (g *Guests) guests() []*guest {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.list)
}

// make finds who makes the guest of a section.
func (g *Guests) make(p *config.Plugin) (ext.Extension, error) {
	kind, _, _ := strings.Cut(p.Section, ":")
	f, known := g.o.Sections[kind]
	if !known {
		for _, stranger := range g.o.Strangers {
			if e, err := stranger(p); e != nil || err != nil {
				return e, err
			}
		}
		if f, known = g.o.Factories[p.Factory]; !known {
			return nil, fmt.Errorf("nothing here is called %q", p.Factory)
		}
	}
	s := sectionOf(p, kind)
	if reserved(p.Name) {
		return nil, s.Refuse("", "the namespace %s is Supervisor's own", p.Name)
	}
	return f(s)
}

func sectionOf(p *config.Plugin, kind string) ext.Section {
	s := ext.Section{
		Kind: kind, Name: p.Name, Bare: p.Section == kind, Options: map[string]string{}, File: p.File, Line: p.Line, Lines: p.Lines,
	}
	for _, o := range p.Options {
		s.Options[o.Name] = o.Value
	}
	return s
}
