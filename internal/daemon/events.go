package daemon

import (
	"context"
	"time"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/exthost/listener"
)

// news is how one generation tells what happens in it: the bus, the ticks on it, and the event listeners.
type news struct {
	bus       *bus.Bus
	ring      *bus.Ring
	ticks     *bus.Ticks
	listeners *listener.Hall
}

// openNews begins to tell. It needs the journal.
func (g *generation) openNews() {
	b := bus.New()
	g.news = &news{bus: b, ring: bus.NewRing(b, time.Now), ticks: b.Tick(time.Now), listeners: listener.New(listener.Options{
		Bus: b, Journal: g.journal, Server: g.conf.Daemon.Identifier, Serials: &g.p.serials, Now: g.p.kernel.Now,
		Restart: g.restartListener, Handlers: g.resultHandler,
	})}
}

// closeNews ends the telling. Nothing is published any more when it returns.
func (g *generation) closeNews() {
	if g.news != nil {
		g.news.listeners.Close()
		g.news.ring.Close()
		g.news.ticks.Close()
		g.news.bus.Close()
	}
}

// restartListener stops and starts a listener that has a process.
func (g *generation) restartListener(ctx context.Context, group, process string) {
	v, err := g.loop.View(ctx)
	if err != nil {
		return
	}
	at, ok := v.Find(group, process)
	if !ok || !v.Processes[at].Phase.IsRunning() || v.Processes[at].Pid == 0 {
		return
	}
	id := v.Processes[at].ID
	if _, err := g.loop.StopAll(ctx, []fleet.ID{id}, true, false); err == nil {
		_, _ = g.loop.StartAll(ctx, []fleet.Target{{ID: id}}, false, false)
	}
}
