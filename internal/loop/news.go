package loop

import (
	"slices"
	"strconv"

	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

// news is one change of phase on its way to the bus, to the process's own pool and, as a line, to the journal.
//
// Under Supervisor a start is one move: a process is STARTING and, if there can be no child, in BACKOFF before the next
// one is looked at; what becomes of those that start by themselves shows after the last of them has had its move. Our
// starts are decided at once and prepared side by side, so it is the telling that waits for the turn to be born.
type news struct {
	m    *member
	e    event.Event
	to   proc.Phase
	gone bool   // the child has been reaped
	line func() // nil for none
}

// announce tells a change of phase, or keeps it for its turn.
func (l *Loop) announce(m *member, a fleet.Announce) {
	n := &news{m: m, to: a.To, gone: m.death != nil && a.To != proc.Running, line: l.lineOf(m, a)}
	n.e = event.Event{
		Type: event.Of(a.To), Process: m.conf.Name, Group: m.group, From: a.From, Tries: a.Tries, Pid: a.Pid,
		Expected: a.Expected, More: l.more(m, a),
	}
	switch {
	case a.To == proc.Starting:
		m.unborn = n
	case l.born != nil && l.born.m == m && (a.To == proc.Backoff || l.born.asked && a.To != proc.Fatal):
		l.tell(n)
	default:
		l.sayStarting(m)
		l.held = append(l.held, n)
		if !l.crowded(a.To == proc.Fatal) {
			l.release()
		}
	}
}

// crowded is whether somebody is still to be born before more is told: any, or only those that start by themselves.
// Whoever hangs is not waited for.
func (l *Loop) crowded(all bool) bool {
	return slices.ContainsFunc(l.line, func(b *birth) bool { return !b.late && (all || !b.asked) })
}

// sayStarting tells that a process is STARTING, which is known already, after what is to be told of its life before.
func (l *Loop) sayStarting(m *member) {
	if m.unborn == nil {
		return
	}
	if slices.ContainsFunc(l.held, func(n *news) bool { return n.m == m }) {
		l.release()
	}
	n := m.unborn
	m.unborn = nil
	l.tell(n)
}

// release tells what was held back.
func (l *Loop) release() {
	held := l.held
	l.held = nil
	for _, n := range held {
		l.tell(n)
	}
}

// publish tells a fact that is no process's, after those that were held back.
func (l *Loop) publish(e event.Event) {
	l.release()
	l.o.Publish(e)
}

// tell writes the line of a change of phase and publishes it, then lets the process's own pool know, as the pool would
// get the event first. What somebody who hears of it does at once comes after the line in the log.
func (l *Loop) tell(n *news) {
	m := n.m
	if n.line != nil {
		n.line()
	}
	last := l.down && n.to == proc.Stopping && m.pool != nil
	if last {
		m.pool.Seal()
	}
	if !m.conf.Hidden { // it is none of the processes that anybody knows
		l.o.Publish(n.e)
	}
	if m.pool != nil && !last {
		m.pool.Phase(m.conf.Name, n.to)
	}
	if m.pool != nil && n.gone {
		m.pool.Gone(m.conf.Name)
	}
}

// lineOf is the journal's line about a change of phase.
func (l *Loop) lineOf(m *member, a fleet.Announce) func() {
	j, name := l.o.Journal, m.conf.Name
	switch {
	case a.From == proc.Backoff && a.To == proc.Stopped:
		j.KillInBackoff(name) // it comes before the event
		return nil
	case a.To == proc.Running:
		return func() { j.Success(name, m.conf.Startsecs) }
	case a.GaveUp:
		return func() { j.GaveUp(name) }
	case m.death == nil || a.To != proc.Backoff && a.To != proc.Stopped && a.To != proc.Exited:
		return nil
	}
	death := *m.death
	switch {
	case a.To == proc.Backoff:
		m.spawnErr, m.exit = tooQuick, 0
		return func() { j.Exited(name, ending(death), false) }
	case a.To == proc.Stopped:
		return func() { j.Stopped(name, ending(death), policy(m.conf).ExitCodes.Has(death.Code)) }
	case !a.Expected:
		m.spawnErr = "Bad exit code " + strconv.Itoa(death.Code)
	}
	return func() { j.Exited(name, ending(death), a.Expected) }
}
