package loop

import (
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

// On the way down everything stops within milliseconds, and listeners last. So that they hear of it, the signal to a
// listener waits while its pool gets on with what it has been told so far, looked at every glance and never longer
// than lingerLimit. A pool that does not get on is not waited for.
const (
	glance      = 5 * proc.Second / 1000
	lingerLimit = 2 * proc.Second
)

// lingering is a signal that waits for the listener to finish what it was told.
type lingering struct {
	kill  fleet.Kill
	until proc.Time
}

// linger puts a signal off; false says that it is to be sent at once.
func (l *Loop) linger(m *member, a fleet.Kill) bool {
	if !l.down || m.pool == nil {
		return false
	}
	_, waits := l.lingering[m.id]
	now := l.o.Kernel.Now()
	if a.Overdue || waits || m.pool.Settled(now) {
		delete(l.lingering, m.id)
		m.pool.Phase(m.conf.Name, proc.Stopping)
		return false
	}
	l.lingering[m.id] = lingering{kill: a, until: now + lingerLimit}
	return true
}

// part sends the signals that have waited long enough.
func (l *Loop) part() {
	now := l.o.Kernel.Now()
	for id, w := range l.lingering {
		m := l.members[id]
		switch st, ok := l.fleet.State(id); {
		case !ok || st.Pid != w.kill.Pid:
			delete(l.lingering, id)
		case now >= w.until || m.pool.Settled(now):
			l.kill(m, w.kill)
		}
	}
}

// nextGlance is when part has to look again; zero when nothing lingers.
func (l *Loop) nextGlance() proc.Time {
	if len(l.lingering) == 0 {
		return 0
	}
	return l.o.Kernel.Now() + glance
}
