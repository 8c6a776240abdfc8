package stdio

import (
	"context"
	"io"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/config"
)

// Dialogue is one with a process that a test plays.
type Dialogue struct {
	io.Writer
	l *life
}

// Talk begins a dialogue without a process: write gets what the daemon says.
func Talk(host ext.Host, keeper Keeper, write func([]byte) error) *Dialogue {
	g := &guest{
		h: New(Options{Keeper: func() Keeper { return keeper }}), host: host, settled: make(chan struct{}),
		conf: config.Plugin{Name: "x", Section: "rpcinterface:x"},
	}
	g.ctx, g.end = context.WithCancel(context.Background())
	g.life = newLife(g, write)
	return &Dialogue{g.life, g.life}
}

// Ask asks the process something.
func (d *Dialogue) Ask(ctx context.Context, method string) error {
	_, err := d.l.request(ctx, method, nil)
	return err
}

// End ends the guest and waits for what it has begun.
func (d *Dialogue) End() {
	d.l.finish("the test is over")
	d.l.g.end()
	d.l.g.work.Wait()
}

// Spelled is an event on its way to a guest.
var Spelled = spelled
