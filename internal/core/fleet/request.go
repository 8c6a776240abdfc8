package fleet

import (
	"cmp"
	"slices"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

// stillStoppingEvery is how often a stop that is waited for is spoken of (PROC-028).
const stillStoppingEvery = 2 * proc.Second

// together is how close in time outcomes must be settled to be told in the order of the request (RPC-026): Supervisor
// looks at the waiting parts of a request one after the other, some twenty times a second.
const together = proc.Second / 20

// request is one request that is not answered yet.
type request struct {
	id       Req
	at       proc.Time // when it came
	open     int       // parts not settled yet; the answer goes out when it falls to zero
	parts    int       // parts begun
	outcomes []settled
}

// settled is an outcome with what orders it: those that were settled at once come first, then the others as they came,
// and each of both in the order of the request.
type settled struct {
	Outcome
	part  int // of the request
	round int // 0 for at once
}

// goal is what a wait waits for.
type goal uint8

const (
	fork    goal = iota // the answer to Spawn
	running             // Running, or Starting left otherwise
	stopped             // a stopped phase
	tried               // the answer to Spawn, which is no outcome
)

// wait is one part of a request, kept with the process that it waits for.
type wait struct {
	req  *request
	goal goal
	part int
}

// sent is a signal that was asked for on request, and whose outcome is good unless SignalLost says otherwise.
type sent struct {
	req   *request
	id    ID
	index int // of the outcome in the request's list
}

// open begins a request that cannot be answered before close.
func (f *Fleet) open(id Req) *request { return &request{id: id, at: f.now, open: 1} }

// close settles one part of r and answers when it was the last.
func (f *Fleet) close(r *request) {
	if r.open--; r.open == 0 && r.id != 0 {
		f.do(Answer{Req: r.id, Outcomes: r.inOrder()})
	}
}

// inOrder is the outcomes as they are told.
func (r *request) inOrder() []Outcome {
	slices.SortStableFunc(r.outcomes, func(a, b settled) int {
		return cmp.Or(cmp.Compare(a.round, b.round), cmp.Compare(a.part, b.part))
	})
	out := make([]Outcome, len(r.outcomes))
	for i, s := range r.outcomes {
		out[i] = s.Outcome
	}
	return out
}

// reply answers a request that has one outcome and no process.
func (f *Fleet) reply(id Req, why *fault.Error) {
	r := f.open(id)
	r.add(0, why)
	f.close(r)
}

// add takes the outcome of a part that is settled as soon as it is begun; nil is success.
func (r *request) add(id ID, why *fault.Error) {
	r.parts++
	r.outcomes = append(r.outcomes, settled{Outcome{ID: id, Fault: why}, r.parts, 0})
}

// await lets r wait for p.
func (r *request) await(p *process, g goal) {
	r.open++
	r.parts++
	p.waits = append(p.waits, wait{r, g, r.parts})
}

// got takes the outcome of a part that was waited for. The answer to a fork belongs to the beginning of the part:
// Supervisor forks before it looks at the next one.
func (f *Fleet) got(w wait, id ID, why *fault.Error) {
	round := 0
	if !f.forked {
		round = 1 + int((f.now-w.req.at)/together)
	}
	w.req.outcomes = append(w.req.outcomes, settled{Outcome{ID: id, Fault: why}, w.part, round})
	f.close(w.req)
}

func (f *Fleet) start(e Start) {
	r := f.open(e.Req)
	for _, t := range e.Targets {
		f.startOne(r, t, e)
	}
	f.close(r)
}

// startOne asks its questions in Supervisor's order (RPC-021, RPC-025).
func (f *Fleet) startOne(r *request, t Target, e Start) {
	p := f.procs[t.ID]
	switch {
	case f.mood < Running:
		r.add(t.ID, fault.New(fault.ShutdownState, ""))
	case p == nil:
		r.add(t.ID, fault.New(fault.BadName, ""))
	case e.Omit && p.state.Phase.IsRunning():
	case t.Refused != nil:
		r.add(t.ID, t.Refused)
	case f.mood == Booting:
		r.add(t.ID, fault.New(fault.Failed, p.namespec+" cannot be started before the boot is over"))
	case p.state.Phase == proc.Stopping || p.state.Doomed:
		f.startOver(r, p, e.Wait)
	case p.state.Phase.IsRunning():
		r.add(t.ID, fault.New(fault.AlreadyStarted, p.namespec))
	case p.state.Phase == proc.Unknown:
		r.add(t.ID, fault.New(fault.Failed, p.namespec+" is in an unknown process state"))
	case e.Wait:
		r.await(p, running)
		f.feed(p, proc.Start{})
	default:
		r.await(p, fork)
		f.feed(p, proc.Start{})
	}
}

// startOver answers a start of what is about to stop: nothing is done about it (PROC-015).
func (f *Fleet) startOver(r *request, p *process, wait bool) {
	f.do(AlreadyAlive{ID: p.id})
	if wait {
		r.add(p.id, fault.New(fault.AbnormalTermination, p.namespec))
		return
	}
	r.add(p.id, nil)
}

func (f *Fleet) stop(e Stop) {
	r := f.open(e.Req)
	for _, id := range e.IDs {
		f.stopOne(r, id, e)
	}
	f.close(r)
}

// stopOne stops one process (RPC-027, RPC-028).
func (f *Fleet) stopOne(r *request, id ID, e Stop) {
	p := f.procs[id]
	switch {
	case p == nil:
		r.add(id, fault.New(fault.BadName, ""))
	case !p.state.Phase.IsRunning():
		if !e.Omit {
			r.add(id, fault.New(fault.NotRunning, p.namespec))
		}
	case e.Wait:
		r.await(p, stopped)
		f.feed(p, proc.Stop{})
	default:
		f.feed(p, proc.Stop{})
		if p.state.Phase == proc.Stopping {
			f.confirmable(r, p)
			return
		}
		r.add(id, nil)
	}
}

func (f *Fleet) giveUp(e GiveUp) {
	p := f.procs[e.ID]
	switch {
	case p == nil:
		f.reply(e.Req, fault.New(fault.BadName, ""))
	case p.state.Phase != proc.Backoff:
		f.reply(e.Req, fault.New(fault.NotRunning, p.namespec))
	default:
		f.feed(p, proc.GiveUp{})
		f.reply(e.Req, nil)
	}
}

func (f *Fleet) signal(e Signal) {
	r := f.open(e.Req)
	for _, id := range e.IDs {
		f.signalOne(r, id, e)
	}
	f.close(r)
}

// signalOne signals one process, never its group (RPC-029, RPC-030, PROC-044). Before the fork there is nobody to
// signal, whatever the phase says.
func (f *Fleet) signalOne(r *request, id ID, e Signal) {
	p := f.procs[id]
	switch {
	case p == nil:
		r.add(id, fault.New(fault.BadName, ""))
	case !p.state.Phase.IsSignallable() || p.state.Pid == 0:
		if !e.Omit {
			r.add(id, fault.New(fault.NotRunning, p.namespec))
		}
	default:
		f.do(Kill{ID: id, Pid: p.state.Pid, Sig: e.Sig, Asked: true})
		f.confirmable(r, p)
	}
}

// confirmable adds a success that SignalLost may still turn into a failure.
func (f *Fleet) confirmable(r *request, p *process) {
	r.open++
	r.add(p.id, nil)
	f.unconfirmed = append(f.unconfirmed, sent{req: r, id: p.id, index: len(r.outcomes) - 1})
	f.confirmAt = f.now
}

// confirm lets the successes stand: an event came that is no SignalLost.
func (f *Fleet) confirm() {
	if f.confirmAt == 0 {
		return
	}
	for _, s := range f.unconfirmed {
		f.close(s.req)
	}
	clear(f.unconfirmed)
	f.unconfirmed, f.confirmAt = f.unconfirmed[:0], 0
}

// signalLost turns successes into failures and the phase into Unknown (PROC-019).
func (f *Fleet) signalLost(e SignalLost) {
	for _, s := range f.unconfirmed {
		if s.id == e.ID {
			s.req.outcomes[s.index].Fault = fault.New(fault.Failed, e.Why)
		}
	}
	f.why = e.Why
	f.feedID(e.ID, proc.SignalLost{})
}

// settle gives everybody who waits for p what the change of phase means to them.
func (f *Fleet) settle(p *process, a proc.Announce) {
	p.waits = slices.DeleteFunc(p.waits, func(w wait) bool {
		why, settled := f.verdict(p, a, w.goal)
		if settled {
			f.got(w, p.id, why)
		}
		return settled
	})
}

// verdict says whether the change of phase settles a wait, and how (RPC-022, RPC-027).
func (f *Fleet) verdict(p *process, a proc.Announce, g goal) (*fault.Error, bool) {
	switch {
	case g == stopped && a.To == proc.Unknown:
		return fault.New(fault.Failed, f.why), true
	case g == stopped:
		return nil, a.To.IsStopped()
	case g == tried:
		return nil, false
	case a.From != proc.Starting:
		return nil, false
	case a.To == proc.Backoff:
		return fault.New(fault.SpawnError, p.namespec), true
	case g == fork:
		return nil, false
	case a.To == proc.Running:
		return nil, true
	default:
		return fault.New(fault.AbnormalTermination, p.namespec), true
	}
}

// settleFork gives those who waited for a fork their success, once there is a child.
func (f *Fleet) settleFork(p *process) {
	if p.state.Spawning || len(p.waits) == 0 {
		return
	}
	p.waits = slices.DeleteFunc(p.waits, func(w wait) bool {
		switch w.goal {
		case fork:
			f.got(w, p.id, nil)
		case tried:
			f.close(w.req)
		default:
			return false
		}
		return true
	})
}

// watch speaks of a stop as soon as somebody waits for it, and no longer.
func (f *Fleet) watch(p *process) {
	waited := p.state.Phase == proc.Stopping &&
		slices.ContainsFunc(p.waits, func(w wait) bool { return w.goal == stopped })
	switch {
	case !waited:
		p.reportAt = 0
	case p.reportAt == 0:
		f.report(p)
	}
}

func (f *Fleet) report(p *process) {
	f.do(StillStopping{ID: p.id})
	p.reportAt = f.now + stillStoppingEvery
}
