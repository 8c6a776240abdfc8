package stdio

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/exthost"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/capture"
)

// guest is one section with a command. It outlives its processes.
type guest struct {
	h    *House
	conf config.Plugin
	host ext.Host
	late *time.Timer // rings when the handshake is not waited for any more

	ctx  context.Context // ends with the guest
	end  context.CancelFunc
	work sync.WaitGroup

	mu      sync.Mutex // guards what follows
	life    *life      // of the process that is there
	ready   bool       // and it has shaken hands
	why     string     // it is not ready
	refused error      // what the first handshake said
	methods []service.Method
	changed func()
	settled chan struct{} // closed when the first process is ready, or will not be
	over    bool          // settled is closed
}

var (
	_ ext.Extension    = (*guest)(nil)
	_ exthost.Stranger = (*guest)(nil)
	_ exthost.Late     = (*guest)(nil)
	_ loop.Pool        = talk{}
)

// Init starts the process.
func (g *guest) Init(host ext.Host) error {
	g.host = host
	g.h.mu.Lock()
	g.h.guests[g.conf.Section] = g
	g.h.mu.Unlock()
	g.late = time.NewTimer(g.h.o.Patience)
	return g.h.o.Keeper().Host(g.ctx, g.conf.Group())
}

// Settle waits for the handshake, but not for ever: a guest that is slow or broken comes later or never, and keeps
// nobody from starting. One that refuses its options is refused.
func (g *guest) Settle() error {
	defer g.late.Stop()
	select {
	case <-g.settled:
	case <-g.late.C:
		g.host.Log(ext.Warn, "has not shaken hands within %v (its methods come when it has)", g.h.o.Patience)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.refused
}

// Close stops the process.
func (g *guest) Close() error {
	_ = g.h.o.Keeper().Evict(context.Background(), g.conf.Section) // on the way down it has ended, and nobody is to be asked
	g.h.mu.Lock()
	delete(g.h.guests, g.conf.Section)
	g.h.mu.Unlock()
	g.mu.Lock()
	l := g.life
	g.mu.Unlock()
	if l != nil {
		l.finish("the extension has ended")
	}
	g.end()
	g.work.Wait()
	return nil
}

// Offer is what the last handshake has promised, also while the process is down.
func (g *guest) Offer(int) []service.Method {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.methods
}

// Watch keeps whom to tell of other methods.
func (g *guest) Watch(changed func()) {
	g.mu.Lock()
	g.changed = changed
	g.mu.Unlock()
	changed()
}

// unshaken is why a process is not ready that has just begun.
const unshaken = "it has not shaken hands yet"

// Born begins the dialogue with a new process. It is called in the loop's goroutine.
func (g *guest) Born(_ string, write func([]byte) error) capture.Sink {
	l := newLife(g, write)
	sink := g.h.o.Capture.Slow(l)
	l.close = sink.Close
	g.mu.Lock()
	g.life, g.ready, g.why = l, false, unshaken
	g.mu.Unlock()
	g.work.Go(l.live)
	return sink
}

// Phase keeps why there is no process, if there is none.
func (g *guest) Phase(_ string, to proc.Phase) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if to == proc.Fatal || to == proc.Backoff {
		g.ready, g.why = false, "it is "+to.String()
		if g.life == nil {
			g.settle()
		}
	}
}

// Gone ends a dialogue, when everything that the process has said has been read.
func (g *guest) Gone(string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.life != nil {
		_ = g.life.close()
	}
	switch {
	case g.ready:
		g.why = "its process has ended"
	case g.why == unshaken:
		g.why = "its process has ended before it has shaken hands"
	}
	g.life, g.ready = nil, false
	g.settle()
}

// settle says that nobody has to wait any more for the first handshake. The caller holds the mutex.
func (g *guest) settle() {
	if !g.over {
		g.over = true
		close(g.settled)
	}
}

// Remark tells in status that a process runs and does not speak yet.
func (g *guest) Remark(string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.life != nil && !g.ready {
		return g.why
	}
	return ""
}

// talk is a guest as the loop knows it. Seal, Settled and Close are for listeners: nothing is put off for a guest.
type talk struct{ *guest }

func (talk) Seal()                  {}
func (talk) Settled(proc.Time) bool { return true }
func (talk) Close()                 {}

// begun takes what a handshake has promised. Who has waited for it finds the methods in the table.
func (g *guest) begun(l *life, methods []service.Method) {
	g.mu.Lock()
	mine := g.life == l
	if mine {
		g.ready, g.methods = true, methods
	}
	changed := g.changed
	g.mu.Unlock()
	if mine && changed != nil {
		changed()
	}
	g.mu.Lock()
	g.settle()
	g.mu.Unlock()
}

// refuses takes that a process will not serve this section.
func (g *guest) refuses(why error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.over {
		g.refused = why
	}
	g.why = why.Error()
	g.settle()
}

// speaker is the dialogue with the process, if it is ready for calls.
func (g *guest) speaker() (*life, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.life == nil || !g.ready {
		return nil, fmt.Errorf("extension %s is down: %s", g.conf.Name, g.why)
	}
	return g.life, nil
}
