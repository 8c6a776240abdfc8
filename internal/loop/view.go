package loop

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

// View is everything that can be asked about the fleet at one moment. It is immutable and shared by all readers; one
// is made per burst of changes, when somebody asks.
type View struct {
	Mood      fleet.Mood
	Processes []Process // by group name, then process name (RPC-035)
	Hidden    []Process // those of guests, likewise; they are in nothing else but ByID
	*table
}

// table is the part of a View that only groups change.
type table struct {
	groups []fleet.GroupInfo
	active []*config.Group
	ids    []fleet.ID // in the order of View.Processes, then of View.Hidden
	shown  int        // how many of them are in View.Processes
	at     map[fleet.ID]int
	byName map[string]map[string]int
}

// Process is one process in a View.
type Process struct {
	ID       fleet.ID
	Group    string
	Conf     *config.Process
	Phase    proc.Phase
	Pid      int
	Started  time.Time // wall clock; zero when it never was
	Since    proc.Time // Started on the monotonic clock
	Stopped  time.Time
	SpawnErr string
	Exit     int
	Restarts int // starts after the first, since its group came
	Failures int // starts in a row that did not reach RUNNING
	End      End
	pool     Pool
}

// View is the fleet as it is now: at least as new as everything that was answered before it was asked for.
func (l *Loop) View(ctx context.Context) (*View, error) {
	if v := l.view.Load(); v != nil {
		return v, nil
	}
	var v *View
	err := l.post(ctx, func() {
		if v = l.view.Load(); v == nil {
			v = l.look()
			l.view.Store(v)
		}
	})
	return v, err
}

// Glance is the same for who must not wait: nil when one would have to be made.
func (l *Loop) Glance() *View { return l.view.Load() }

// Groups are the active groups in the order in which they came in.
func (v *View) Groups() []fleet.GroupInfo { return v.groups }

// Active are the configurations of the active groups, in the same order.
func (v *View) Active() []*config.Group { return v.active }

// Find is the place in Processes of a process; ok is false when group or process is unknown.
func (v *View) Find(group, process string) (at int, ok bool) {
	at, ok = v.byName[group][process]
	return at, ok
}

// ByID is the process of that id.
func (v *View) ByID(id fleet.ID) (*Process, bool) {
	at, ok := v.at[id]
	if !ok {
		return nil, false
	}
	if at >= len(v.Processes) {
		return &v.Hidden[at-len(v.Processes)], true
	}
	return &v.Processes[at], true
}

func (l *Loop) look() *View {
	if l.table == nil {
		l.table = l.index()
	}
	all := make([]Process, len(l.table.ids))
	v := &View{Mood: l.fleet.Mood(), table: l.table, Processes: all[:l.table.shown:l.table.shown], Hidden: all[l.table.shown:]}
	for i, id := range l.table.ids {
		m := l.members[id]
		st, _ := l.fleet.State(id)
		all[i] = Process{
			ID: id, Group: m.group, Conf: m.conf, Phase: st.Phase, Pid: st.Pid,
			Started: m.started, Since: m.since, Stopped: m.stopped, SpawnErr: m.spawnErr, Exit: m.exit, pool: m.pool,
			Restarts: max(m.starts-1, 0), Failures: st.Failures, End: m.end,
		}
	}
	return v
}

func (l *Loop) index() *table {
	t := &table{at: map[fleet.ID]int{}, byName: map[string]map[string]int{}}
	for _, g := range l.fleet.Groups() {
		t.ids = append(t.ids, g.IDs...)
		if l.groups[g.Name].Kind == config.Guest {
			continue
		}
		t.groups = append(t.groups, g)
		t.byName[g.Name] = map[string]int{}
		t.active = append(t.active, l.groups[g.Name])
		t.shown += len(g.IDs)
	}
	slices.SortFunc(t.ids, func(a, b fleet.ID) int {
		x, y := l.members[a], l.members[b]
		if x.conf.Hidden != y.conf.Hidden {
			if x.conf.Hidden {
				return 1
			}
			return -1
		}
		if c := strings.Compare(x.group, y.group); c != 0 {
			return c
		}
		return strings.Compare(x.conf.Name, y.conf.Name)
	})
	for i, id := range t.ids {
		m := l.members[id]
		t.at[id] = i
		if !m.conf.Hidden {
			t.byName[m.group][m.conf.Name] = i
		}
	}
	return t
}
