package daemon

import (
	"time"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/exthost/listener"
)

// news is how one generation tells what happens in it: the bus, the ticks on it, and the event listeners.
type news struct {
	bus       *bus.Bus
	ticks     *bus.Ticks
	listeners *listener.Hall
}

// openNews begins to tell. It needs the journal.
func (g *generation) openNews() {
	b := bus.New()
	g.news = &news{bus: b, ticks: b.Tick(time.Now), listeners: listener.New(listener.Options{
		Bus: b, Journal: g.journal, Server: g.conf.Daemon.Identifier, Serials: &g.p.serials, Now: g.p.kernel.Now,
	})}
}

// closeNews ends the telling. Nothing is published any more when it returns.
func (g *generation) closeNews() {
	if g.news != nil {
		g.news.ticks.Close()
		g.news.bus.Close()
	}
}
