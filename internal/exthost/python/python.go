// Package python is the bridge to plug-ins written in Python for Supervisor. One interpreter per generation of the
// daemon runs them all, in a process that the loop supervises; it has our own package "supervisor", which
// extensions/python holds, and a copy of what is known of all processes. Reading that copy costs no message: whenever
// it is out of date, what has changed goes down the pipe before whatever is sent next, so nothing that a plug-in hears
// or is answered is older than what it can see.
//
// A section with a factory that nobody has compiled in is a plugin here, a guest whose methods are offered as soon as
// the interpreter has made them. A plug-in that is slow costs its callers time and nobody else; an interpreter that
// dies costs them a fault, and is started again.
package python

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/ext"
	lib "github.com/reeve-sh/reeve/extensions/python"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/exthost"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

// Ears are told of the lives of the interpreter, one after the other, by one goroutine at a time.
type Ears interface {
	// Born begins a life. write sends bytes to it without waiting.
	Born(write func([]byte) error)
	// Hear takes one line that it has sent, without its end. It is the hearer's to keep.
	Hear(line []byte)
	// Leave is told when it is time for the interpreter to end. It does not wait.
	Leave()
	// Gone ends the life.
	Gone()
}

// Launch has an interpreter run, and run again when it ends, until stop is called, which waits for its end.
type Launch func(ctx context.Context, argv []string, ears Ears) (stop func(), err error)

// Options are what the bridge stands on.
type Options struct {
	Journal *journal.Journal
	Bus     *bus.Bus
	Launch  Launch
	// Interpreters are tried in their order: the first that can resolve what is asked for is taken. No spec is
	// resolved by none.
	Interpreters []string
	Argv         []string // the daemon's own, as plug-ins see sys.argv
	Servers      int
	About        map[string]any // what does not change about the daemon, by the names of ServerOptions
	View         func(context.Context) (*loop.View, error)
	Service      *service.Service
	Loop         *loop.Loop
	Compiled     func(spec string) bool // whether a factory has been compiled in; nil for none
	// Call calls any method of the API.
	// It is the built-in one, also when a section has put its own in its place.
	Call func(ctx context.Context, method string, args []any) (any, error)
}

// Bridge is the interpreter of one generation, if there is one. Its methods may be called from any goroutine.
type Bridge struct {
	o Options

	changing sync.Mutex // held while plug-ins come and go

	mu      sync.Mutex    // guards what follows
	stop    func()        // nil while no interpreter runs
	life    *life         // nil between two lives
	ready   chan struct{} // closed when the interpreter is there
	stunted chan struct{} // told when it has ended before
	plugins []*plugin
	closed  bool
	leaving bool // the interpreter has been told to end
	work    sync.WaitGroup
}

// startup is how long an interpreter may take to say that it is there, to import and to make plug-ins.
const startup = 60 * time.Second

// patience is how long a call may take, unless its section says otherwise with call_timeout. Supervisor waits for ever.
const patience = 10 * time.Minute

// New is a bridge without an interpreter.
func New(o Options) *Bridge {
	return &Bridge{o: o, ready: make(chan struct{}), stunted: make(chan struct{}, 1)}
}

// Unresolved is a spec that no interpreter can resolve, with the section that asked for it.
type Unresolved struct {
	Spec
	Why string
}

// Error says it in Supervisor's words.
func (e *Unresolved) Error() string {
	return fmt.Sprintf("%s cannot be resolved within [%s]: %s", e.Spec.Spec, e.Section, e.Why)
}

// Spec is something that a section names as module:attribute.
type Spec struct {
	Spec, Section string
	Where         string // file and line; may be empty
}

// Resolve starts the interpreter if there are specs and there is none, and has them imported. The first that cannot be
// is an *Unresolved.
func (b *Bridge) Resolve(ctx context.Context, specs []Spec) error {
	if len(specs) == 0 {
		return nil
	}
	b.changing.Lock()
	defer b.changing.Unlock()
	if l := b.running(); l != nil {
		return l.resolve(ctx, specs)
	}
	if len(b.o.Interpreters) == 0 {
		return &Unresolved{specs[0], "there is no python3 on PATH"}
	}
	var first error
	for i, interpreter := range b.o.Interpreters {
		err := b.start(ctx, interpreter)
		if err != nil {
			err = &Unresolved{specs[0], err.Error()}
		} else {
			err = b.running().resolve(ctx, specs)
		}
		if err == nil {
			if i > 0 {
				b.o.Journal.PythonInstead(interpreter, b.o.Interpreters[0], first)
			}
			return nil
		}
		if first == nil {
			first = err
		}
		b.halt()
	}
	return first
}

// start has one interpreter run and waits until it is there.
func (b *Bridge) start(ctx context.Context, interpreter string) error {
	ctx, cancel := context.WithTimeout(ctx, startup)
	defer cancel()
	b.mu.Lock()
	ready, stunted := make(chan struct{}), make(chan struct{}, 1)
	b.ready, b.stunted, b.leaving = ready, stunted, false
	b.mu.Unlock()
	stop, err := b.o.Launch(ctx, []string{interpreter, "-c", lib.Boot}, &ears{b: b})
	if err != nil {
		return fmt.Errorf("cannot run %q: %w", interpreter, err)
	}
	b.mu.Lock()
	b.stop = stop
	b.mu.Unlock()
	select {
	case <-ready:
		return nil
	case <-stunted:
		err = fmt.Errorf("%q ends before it says that it is there", interpreter)
	case <-ctx.Done():
		err = fmt.Errorf("%q does not say that it is there", interpreter)
	}
	b.halt()
	return err
}

// halt ends the interpreter.
func (b *Bridge) halt() {
	b.mu.Lock()
	stop := b.stop
	b.stop = nil
	b.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// running is the life that is going on, or nil.
func (b *Bridge) running() *life {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.life
}

// Moved has the interpreter follow the daemon, which has gone into the background: into another directory, if there is
// one, and to another umask.
func (b *Bridge) Moved(directory string, umask int) {
	l := b.running()
	if l == nil {
		return
	}
	_ = l.post(context.Background(), "moved", func(dst []byte, _ int64) []byte {
		dst = appendString(append(dst, `{"directory":`...), directory)
		return append(appendInt(append(dst, `,"umask":`...), int64(umask)), '}')
	})
}

// Close ends the interpreter. The guests have been closed before.
func (b *Bridge) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.halt()
	b.work.Wait()
}

// Maker makes the guests of sections whose factories nobody has compiled in.
func (b *Bridge) Maker(p *config.Plugin) (ext.Extension, error) {
	if !strings.HasPrefix(p.Section, "rpcinterface:") || p.Factory == "" || b.o.Compiled != nil && b.o.Compiled(p.Factory) {
		return nil, nil
	}
	return newPlugin(b, p)
}

// Sections are the titles of those whose plug-ins live here. ready is false between two lives, and until a life begins.
func (b *Bridge) Sections() (titles []string, ready bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.plugins {
		titles = append(titles, p.conf.Section)
	}
	return titles, b.life != nil
}

var _ exthost.Maker = (*Bridge)(nil).Maker

// admit has a plug-in made, on every server.
func (b *Bridge) admit(ctx context.Context, p *plugin) error {
	if err := b.Resolve(ctx, []Spec{{Spec: p.conf.Factory, Section: p.conf.Section}}); err != nil {
		return err
	}
	b.changing.Lock()
	defer b.changing.Unlock()
	l := b.running()
	if l == nil {
		return errGone
	}
	if err := l.make(ctx, p); err != nil {
		return err
	}
	b.mu.Lock()
	b.plugins = append(b.plugins, p)
	b.mu.Unlock()
	return nil
}

// dismiss forgets a plug-in. What it has made stays in the interpreter until that ends, as nothing tells Python to let
// go of it.
func (b *Bridge) dismiss(p *plugin) {
	b.mu.Lock()
	if at := slices.Index(b.plugins, p); at >= 0 {
		b.plugins = slices.Delete(b.plugins, at, at+1)
	}
	l := b.life
	b.mu.Unlock()
	if l != nil {
		l.forget(p)
	}
}

var errGone = errors.New("the Python interpreter has ended")
