// Package stdio is the other end of executable guests: programs that speak JSON-RPC 2.0 on their standard input and
// output, one message a line. Each is a process like any other, started, watched and started again by the loop, and
// seen by the rest of the house as a guest whose methods come with its handshake. Whatever such a program does wrong is
// its own harm: everything that it can make us keep is bounded, nothing of ours waits for it but the call that it was
// asked, and a program that leaves the protocol is killed and has its policy to thank for another life.
package stdio

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

// The bounds of what one guest can make us keep or do.
const (
	longestLine   = 16 << 20         // bytes
	mostCalls     = 1024             // of ours that are not answered yet, or will never be
	mostRequests  = 64               // of the guest's that are being served
	mostMethods   = 1000             // in a handshake
	backlog       = 1024             // events that wait for the guest
	greeting      = 30 * time.Second // for the handshake
	longestLog    = 64 << 10         // bytes of a line for the main log
	logASecond    = 256 << 10        // bytes of such lines that are taken at once; then the guest waits
	aroundLog     = 64               // bytes that the main log puts around each
	protocol      = 1
	longestName   = 100 // bytes of a method's name
	shownOfBreach = 200 // bytes
	shownOfBad    = 10  // methods that cannot be offered
)

// Keeper is who starts and ends the processes of guests: the service.
type Keeper interface {
	// Host brings a process in and starts it; Evict stops it and takes it out; Strike kills it and leaves the rest to
	// its policy.
	Host(ctx context.Context, g config.Group) error
	Evict(ctx context.Context, name string) error
	Strike(ctx context.Context, name string) error
}

// Options are what all executable guests of one generation share.
type Options struct {
	Journal *journal.Journal
	Bus     *bus.Bus
	Capture *capture.Set
	Keeper  func() Keeper
	// Patience is how long those who start the daemon, or add an extension, wait for a handshake.
	Patience time.Duration
}

// House is the executable guests of one generation.
type House struct {
	o Options

	mu     sync.Mutex // guards what follows
	guests map[string]*guest
}

// New is a house without guests.
func New(o Options) *House { return &House{o: o, guests: map[string]*guest{}} }

// Maker makes the guest of a section that has a command; see exthost.Maker.
func (h *House) Maker(p *config.Plugin) (ext.Extension, error) {
	if p.Process == nil {
		return nil, nil
	}
	if p.Name == "supervisor" || p.Name == "system" {
		return nil, fmt.Errorf("the namespace %s is Supervisor's own", p.Name)
	}
	g := &guest{h: h, conf: *p, settled: make(chan struct{}), why: "it has not begun yet"}
	g.ctx, g.end = context.WithCancel(context.Background())
	return g, nil
}

// Open finds who talks with the process of a group. It is called in the loop's goroutine.
func (h *House) Open(g *config.Group) loop.Pool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if one := h.guests[g.Name]; one != nil {
		return talk{one}
	}
	return nil
}
