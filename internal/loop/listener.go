package loop

import (
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/capture"
)

// Pools makes who talks with the processes of a group: the pools of event listeners, and the other ends of executable
// guests. It is called in the loop's goroutine.
type Pools interface {
	// Open makes the pool of a group, which takes events from then on if it is one of listeners. Nil is for nobody.
	Open(g *config.Group) Pool
}

// Pool is the event listeners of one group, or the one guest. None of its methods may block. Born, Phase, Gone, Seal, Settled and Close are called in
// the loop's goroutine, what Born returns by whoever reads the process's stdout, Remark by anybody.
type Pool interface {
	// Born says that a process has been forked; write sends to its stdin and is nil when it has none. The sink gets
	// what the process writes to its stdout.
	Born(process string, write func([]byte) error) capture.Sink
	// Phase follows the event that tells of the change.
	Phase(process string, to proc.Phase)
	// Gone says that a process was reaped, after its last words were heard and its end was told.
	Gone(process string)
	// Remark is what status is to say of a process beside its phase; empty for nothing.
	Remark(process string) string
	// Seal says that the daemon goes down and the listeners with it: what is told from now on is not for them. Settled
	// is whether they are done with what was told before, or do not get on with it.
	Seal()
	Settled(now proc.Time) bool
	Close()
}

// open makes the pool of a group that talks, before the group's own arrival is told (EVT-010).
func (l *Loop) open(g *config.Group) {
	if (g.Kind == config.Listener || g.Kind == config.Guest) && l.o.Pools != nil {
		if p := l.o.Pools.Open(g); p != nil {
			l.pools[g.Name] = p
		}
	}
}

// shut ends the pool of a group, before its removal is told (EVT-035).
func (l *Loop) shut(group string) {
	if p := l.pools[group]; p != nil {
		p.Close()
		delete(l.pools, group)
	}
}

// Remark is what there is to say about a process beside its phase; empty for nothing.
func (p *Process) Remark() string {
	if p.pool == nil {
		return ""
	}
	return p.pool.Remark(p.Conf.Name)
}
