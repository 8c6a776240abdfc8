// Package standin is a daemon for the tests of what stands above the loop: the inside is the real one, but its kernel is
// a fake, its time is that of a bubble of testing/synctest, and its connections are pipes. So a story over a minute is
// told at once, and the same every time.
package standin

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/world"
)

// outputs lives outside of all bubbles, since its goroutines wait in the kernel.
var outputs *capture.Set

// Main is the TestMain of a package whose tests use this one.
func Main(m *testing.M) {
	var err error
	if outputs, err = capture.Open(0); err != nil {
		panic(err)
	}
	code := m.Run()
	outputs.Close()
	os.Exit(code)
}

// Options say what is behind the service.
type Options struct {
	Config *config.Config
	// Reread is what a reread finds; left out, Config again.
	Reread func() (*config.Config, error)
	// Publish is told every event; left out, the bus is.
	Publish func(event.Event)
}

// Daemon is one of them, for one story.
type Daemon struct {
	T       *testing.T
	Kernel  *kernel.Fake
	Loop    *loop.Loop
	Service *service.Service
	Journal *journal.Journal
	Bus     *bus.Bus
	Door    *Door
}

// New makes a daemon in the bubble of t, and lets it end with the bubble. Nothing runs before Begin.
func New(t *testing.T, o Options) *Daemon {
	t.Helper()
	d := &Daemon{T: t, Kernel: kernel.NewFake(), Bus: bus.New(), Door: NewDoor()}
	d.Kernel.Obey, d.Kernel.Talk = obey, true
	if o.Reread == nil {
		o.Reread = func() (*config.Config, error) { return o.Config, nil }
	}
	wanted := d.Bus.Wanted
	if o.Publish == nil {
		o.Publish = d.Bus.Publish
	} else {
		wanted = nil
	}
	var err error
	d.Journal, err = journal.Open(journal.Options{Path: o.Config.Daemon.Logfile, Level: config.Trace, Stdout: io.Discard, Now: d.Kernel.Wall})
	if err != nil {
		t.Fatal(err)
	}
	d.Loop = loop.Start(loop.Options{
		Kernel: d.Kernel, Capture: outputs, Journal: d.Journal, StripANSI: func() bool { return false }, Publish: o.Publish, Wanted: wanted,
	})
	luck := uint64(0)
	d.Service = service.New(service.Options{
		Loop: d.Loop, Kernel: d.Kernel, Journal: d.Journal, Config: o.Config, Reread: o.Reread, World: world.New(nil), Path: "/usr/bin:/bin",
		Rand: func() uint64 { luck += 0x9e3779b97f4a7c15; return luck },
	})
	t.Cleanup(d.end)
	return d
}

// Serve lets these faces answer at the door.
func (d *Daemon) Serve(gate *api.Gate) {
	server := httpd.Serve(d.Door, httpd.Options{Handler: gate, Now: time.Now})
	d.T.Cleanup(func() { server.Close(0) })
}

// Begin starts what starts by itself, and returns when that runs.
func (d *Daemon) Begin() {
	d.T.Helper()
	ctx := context.Background()
	if err := errors.Join(d.Service.Boot(ctx), d.Loop.Begin(ctx)); err != nil {
		d.T.Fatal(err)
	}
	Pass(2 * time.Second)
}

// end lets every child go, whatever the story has made of them.
func (d *Daemon) end() {
	d.Obedient()
	d.Loop.Shutdown(false)
	<-d.Loop.Done()
	d.Bus.Close()
	d.Journal.Close()
	d.Kernel.Close()
}

// Stubborn lets all children ignore what they are told.
func (d *Daemon) Stubborn() {
	d.Kernel.Behave(func(k *kernel.Fake) { k.Obey = func(*kernel.Fake, int, int) {} })
}

// Obedient ends all children, and lets the kernel and the next ones do what they are told.
func (d *Daemon) Obedient() {
	d.Kernel.Behave(func(k *kernel.Fake) { k.Obey, k.Lose, k.Refuse = obey, nil, nil })
	for _, pid := range d.Kernel.Alive() {
		d.Kernel.Exit(pid, 0)
	}
	synctest.Wait()
}

// obey is how children take signals: those that ask for an end get it.
func obey(f *kernel.Fake, pid, sig int) {
	if sig == 9 || sig == 15 {
		f.End(pid, kernel.Status{Code: -1, Signal: sig})
	}
}

// Pass lets time pass.
func Pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// Door is a listener whose connections are pipes.
type Door struct {
	knock chan net.Conn
	once  sync.Once
	done  chan struct{}
}

// NewDoor is one at which nobody stands.
func NewDoor() *Door { return &Door{knock: make(chan net.Conn), done: make(chan struct{})} }

// Knock returns the client's end of a new connection, once it has been accepted.
func (d *Door) Knock() net.Conn {
	ours, theirs := net.Pipe()
	d.knock <- theirs
	return ours
}

// Accept waits for somebody to knock.
func (d *Door) Accept() (net.Conn, error) {
	select {
	case c := <-d.knock:
		return c, nil
	case <-d.done:
		return nil, net.ErrClosed
	}
}

// Close ends Accept. It may be called again.
func (d *Door) Close() error { d.once.Do(func() { close(d.done) }); return nil }

// Addr says that it is no place on a network.
func (d *Door) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }
