package listener

import (
	"context"
	"time"
)

// Waits before a listener that broke the protocol is restarted: longer each time it does so without having processed an
// event, so that one that cannot do better does not keep the machine busy.
const (
	firstWait = time.Second
	lastWait  = time.Minute
)

// breached lets a listener that left the protocol be restarted, when its section says protocol_error=restart. The
// caller holds the mutex.
func (p *pool) breached(i int) {
	if !p.conf.HealBreach || p.hall.o.Restart == nil || p.sealed || p.closed {
		return
	}
	m := &p.members[i]
	wait := min(firstWait<<min(m.breaches, 10), lastWait)
	m.breaches++
	p.hall.o.Journal.ListenerHealing(m.name, wait)
	life, ctx := m.lives, p.hall.ctx
	p.hall.work.Go(func() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
			p.heal(ctx, i, life)
		}
	})
}

// heal restarts the listener, unless somebody else has.
func (p *pool) heal(ctx context.Context, i, life int) {
	p.mu.Lock()
	m := p.members[i]
	still := m.lives == life && m.wrong != "" && !p.closed
	p.mu.Unlock()
	if still {
		p.hall.o.Restart(ctx, p.conf.Name, m.name)
	}
}
