package loop

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/capture"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// member is what the loop knows of a process beyond its state. It is owned by the loop's goroutine.
type member struct {
	id    fleet.ID
	group string
	conf  *config.Process
	pool  Pool // of a listener

	socket *socket // of a FastCGI program
	grip   *grip   // on the socket, while there is a child

	in       *capture.Input
	outputs  []*capture.Output
	sinks    []io.Closer     // what the outputs lead to
	logs     []*logfile.File // of a living child only (RPC-043); owned by the sinks
	spawnErr string
	exit     int
	starts   int // since the group came
	started  time.Time
	since    proc.Time
	stopped  time.Time
	end      End
	death    *kernel.Status // of the Died that is being fed
	unborn   *news          // its STARTING, until its turn to be born comes
	slain    bool           // we have sent SIGKILL to the child
}

// plan is what the fleet has to know of a group. Of two processes of one name the later one stands at the place of
// the first (CFG-088).
func plan(g *config.Group) fleet.Group {
	out := fleet.Group{Name: g.Name, Priority: g.Priority, Early: g.Kind == config.Guest}
	place := map[string]int{}
	for i := range g.Processes {
		p := &g.Processes[i]
		m := fleet.Member{Name: p.Name, Priority: p.Priority, Autostart: p.Autostart, Policy: policy(p)}
		if at, twice := place[p.Name]; twice {
			out.Members[at] = m
			continue
		}
		place[p.Name] = len(out.Members)
		out.Members = append(out.Members, m)
	}
	if len(out.Members) < len(g.Processes) {
		slices.SortStableFunc(out.Members, func(a, b fleet.Member) int { return cmp.Compare(a.Priority, b.Priority) })
	}
	return out
}

func policy(p *config.Process) proc.Policy {
	out := proc.Policy{
		StartSecs: proc.Time(p.Startsecs) * proc.Second, StartRetries: p.Startretries,
		StopWait: proc.Time(p.Stopwaitsecs) * proc.Second, StopSignal: p.Stopsignal,
		StopAsGroup: p.Stopasgroup, KillAsGroup: p.Killasgroup,
		Restart: [...]proc.Restart{
			config.RestartUnexpected: proc.Unexpected, config.RestartAlways: proc.Always, config.RestartNever: proc.Never,
		}[p.Autorestart],
	}
	for _, c := range p.Exitcodes {
		out.ExitCodes = out.ExitCodes.With(c)
	}
	return out
}

// act does one thing that the fleet has decided.
func (l *Loop) act(a fleet.Action) {
	switch a := a.(type) {
	case fleet.Spawn:
		l.spawn(l.members[a.ID])
	case fleet.Kill:
		l.kill(l.members[a.ID], a)
	case fleet.Announce:
		l.announce(l.members[a.ID], a)
	case fleet.AlreadyAlive:
		l.o.Journal.AlreadyRunning(l.members[a.ID].conf.Name)
	case fleet.Answer:
		if answer, ok := l.asked[a.Req]; ok {
			delete(l.asked, a.Req)
			answer <- append([]fleet.Outcome(nil), a.Outcomes...)
		}
	case fleet.GroupAdded:
		l.added(a.Name)
		if l.groups[a.Name].Kind != config.Guest {
			l.publish(event.Event{Type: event.ProcessGroupAdded, Group: a.Name})
		}
	case fleet.GroupRemoved:
		hidden := l.groups[a.Name].Kind == config.Guest
		delete(l.groups, a.Name)
		l.shut(a.Name)
		l.removed()
		if !hidden {
			l.publish(event.Event{Type: event.ProcessGroupRemoved, Group: a.Name})
		}
	case fleet.ProcessesAdded:
		l.joined(a)
	case fleet.ProcessRemoved:
		l.left(a)
	case fleet.GoingDown:
		l.down = true
		l.dismissAll(false)
		l.publish(event.Event{Type: event.SupervisorStateChangeStopping})
	case fleet.StillAlive:
		l.o.Journal.WaitingToDie(l.names(a.IDs))
		for _, id := range a.IDs {
			st, _ := l.fleet.State(id)
			l.o.Journal.State(l.members[id].conf.Name, st.Phase.String())
		}
	case fleet.StillStopping:
		l.o.Journal.WaitingToStop(l.members[a.ID].conf.Name)
	case fleet.Over:
		l.over, l.mood = true, a.Mood
		l.dismissAll(true)
	}
}

func (l *Loop) names(ids []fleet.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = l.members[id].conf.Name
	}
	return out
}

// added gives every process of a new group its member.
func (l *Loop) added(name string) {
	g := l.arrival[name]
	delete(l.arrival, name)
	l.groups[name] = g
	l.open(g)
	for i := range g.Processes {
		p := &g.Processes[i]
		if id, ok := l.fleet.Find(name, p.Name); ok {
			l.members[id] = &member{id: id, group: name, conf: p, pool: l.pools[name], socket: l.share(g, p)}
		}
	}
	l.table = nil
}

// removed forgets the members that the fleet no longer has.
func (l *Loop) removed() {
	for id := range l.members {
		if _, ok := l.fleet.State(id); !ok {
			delete(l.members, id)
		}
	}
	l.table = nil
}

// spawn asks for a child: the preparers first, then bear.
func (l *Loop) spawn(m *member) {
	m.grip.release()
	m.spawnErr, m.exit = "", 0
	m.started, m.since = l.o.Kernel.Wall(), l.o.Kernel.Now()
	b := &birth{m: m, asked: l.asking}
	if m.socket != nil {
		b.grip = &grip{s: m.socket}
	}
	l.line = append(l.line, b)
	l.foresee()
}

// spawnFailed says why there is no child.
func (l *Loop) spawnFailed(m *member, why string) {
	m.spawnErr = why
	l.o.Journal.SpawnErr(why)
	l.feed(fleet.SpawnFailed{ID: m.id})
}

func (l *Loop) kill(m *member, a fleet.Kill) {
	if a.Asked {
		l.relay(m, a)
		return
	}
	if l.linger(m, a) {
		return
	}
	if a.Overdue {
		l.o.Journal.Killing(m.conf.Name, a.Pid)
	}
	l.o.Journal.KillingDebug(m.conf.Name, a.Pid, a.Group, a.Sig)
	err := l.signal(m, a)
	switch {
	case err == nil:
	case errors.Is(err, syscall.ESRCH):
		l.o.Journal.KillLost(m.conf.Name, a.Pid, err)
	default:
		l.o.Journal.KillFailed(m.conf.Name, a.Pid, err)
		l.feed(fleet.SignalLost{ID: m.id, Why: "unknown problem killing " + m.conf.Name + " (" + strconv.Itoa(a.Pid) + "):" + err.Error()})
	}
}

// relay is kill for a signal that an operator sends.
func (l *Loop) relay(m *member, a fleet.Kill) {
	l.o.Journal.Sending(m.conf.Name, a.Pid, a.Sig)
	err := l.signal(m, a)
	switch {
	case err == nil:
	case errors.Is(err, syscall.ESRCH):
		l.o.Journal.SendLost(m.conf.Name, a.Pid, err)
	default:
		l.o.Journal.SendFailed(m.conf.Name, a.Pid, err)
		l.feed(fleet.SignalLost{ID: m.id, Why: "unknown problem sending sig " + m.conf.Name + " (" + strconv.Itoa(a.Pid) + "):" + err.Error()})
	}
}

func (l *Loop) signal(m *member, a fleet.Kill) error {
	err := l.o.Kernel.Kill(a.Pid, a.Sig, a.Group)
	m.slain = m.slain || err == nil && a.Sig == int(syscall.SIGKILL)
	return err
}

const tooQuick = "Exited too quickly (process log may have details)"

// more is what only those are told who do not listen in Supervisor's way.
func (l *Loop) more(m *member, a fleet.Announce) *event.More {
	out := &event.More{To: a.To}
	switch {
	case a.To == proc.Starting:
		m.starts++
	case a.Pid != 0:
		out.Uptime = l.o.Kernel.Now() - m.since
	}
	out.Restarts = max(m.starts-1, 0)
	if a.To == proc.Backoff || a.To == proc.Fatal {
		out.Why = m.spawnErr
	}
	if m.death == nil || a.To == proc.Running || a.To == proc.Starting {
		return out
	}
	if a.To == proc.Backoff {
		out.Why = tooQuick
	}
	m.expected(a)
	out.Ended, out.Core, out.OOM, out.Uptime = true, m.death.Core, m.end.OOM, m.end.Lived
	if m.death.Signal != 0 {
		out.Signal = journal.SignalName(m.death.Signal)
	} else {
		out.Code = m.death.Code
	}
	return out
}

// buried takes one reaped child to its process: its last words first, so that they are in the log before anybody is
// told that it is gone (PROC-023).
func (l *Loop) buried(pid int, st kernel.Status) {
	id, ok := l.fleet.ByPid(pid)
	if !ok {
		if !l.returned(pid, st) {
			l.o.Journal.ReapedUnknown(pid, ending(st))
		}
		return
	}
	m := l.members[id]
	l.hangUp(m)
	m.exit, m.stopped, m.death = st.Code, l.o.Kernel.Wall(), &st
	l.ended(m, pid, st)
	l.feed(fleet.Died{ID: id, Pid: pid, Code: st.Code})
	m.death = nil
	m.grip.release()
}

// hangUp drains and closes everything between us and a child.
func (l *Loop) hangUp(m *member) {
	for _, o := range m.outputs {
		o.Drain()
	}
	if m.in != nil {
		m.in.Close()
	}
	for _, s := range m.sinks {
		s.Close()
	}
	m.outputs, m.in, m.sinks, m.logs = nil, nil, nil, nil
}

// Logs are the open logs of one process, or of all when id is zero: those of living children.
func (l *Loop) Logs(ctx context.Context, id fleet.ID) ([]*logfile.File, error) {
	var out []*logfile.File
	err := l.post(ctx, func() {
		for _, m := range l.members {
			if id == 0 || m.id == id {
				out = append(out, m.logs...)
			}
		}
	})
	return out, err
}
