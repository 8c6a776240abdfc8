package proc

// sigkill ends what outlives its grace. The number is the same on every Unix.
const sigkill = 9

// State is all that is known about one process. There is no pointer in it: a copy is a snapshot and == is equality.
// The zero value is a process that was never started.
type State struct {
	Phase    Phase
	Pid      int  // 0 when there is no child
	Deadline Time // next moment at which time alone changes something; 0 is never
	Started  Time // when the latest start began; once there is a child, when it was born
	Failures int  // consecutive starts that did not reach Running; a stop does not reset it (PROC-018)
	Code     int  // of the latest end that counts: 0 after a start that did not reach Running (PROC-005)
	Spawning bool // a Spawn has not been answered yet
	Doomed   bool // and when it is, stop at once
}

// Event is something that happened to the process or is wanted of it: one of the types below.
type Event interface{ event() }

// What is wanted.
type (
	// Start starts a process that is Stopped, Exited or Fatal; in any other phase it means nothing.
	Start struct{}
	// Stop stops a process that counts as running; in any other phase it means nothing.
	Stop struct{}
	// GiveUp ends the retries of a Backoff for good: the daemon goes down (PROC-026), or a plug-in wants it.
	GiveUp struct{}
	// Tick says that time has passed. It may come early, late or twice.
	Tick struct{}
)

// What happened.
type (
	// Spawned answers Spawn: there is a child now.
	Spawned struct{ Pid int }
	// SpawnFailed answers Spawn: there is none.
	SpawnFailed struct{}
	// Died says that a child was reaped; only Pid says whose. Code is the exit code, or -1 for a death by signal.
	Died struct{ Pid, Code int }
	// SignalLost says that a signal could not be sent for a reason other than the child being gone (PROC-019).
	SignalLost struct{}
)

// Action is something to do: one of the types below. They are to be done in order.
type Action interface{ action() }

type (
	// Spawn asks for a child. It is answered by Spawned or SpawnFailed, once.
	Spawn struct{}
	// Signal asks for a signal to a child that has not been reaped, or to its process group.
	Signal struct {
		Pid     int
		Sig     int
		Group   bool
		Overdue bool // the grace is over: Sig is SIGKILL
	}
	// Announce is a change of phase.
	Announce struct {
		From, To Phase
		Expected bool // of To == Exited: the code is one of ExitCodes
		Tries    int  // Failures at that moment (EVT-008)
		Pid      int  // the child that is, or of an end: that was
		GaveUp   bool // of To == Fatal: the retries are used up
	}
)

func (Start) event()       {}
func (Stop) event()        {}
func (GiveUp) event()      {}
func (Tick) event()        {}
func (Spawned) event()     {}
func (SpawnFailed) event() {}
func (Died) event()        {}
func (SignalLost) event()  {}

func (Spawn) action()    {}
func (Signal) action()   {}
func (Announce) action() {}

// Step takes what is known, what just happened and what time it is, and returns what is known now and what to do
// about it. It starts nothing, signals nothing, logs nothing, reads no clock and holds no lock. Whoever calls it does
// the work and feeds the outcome back in as the next event. A Tick that is not due changes nothing and allocates
// nothing. Events that do not fit the phase (a stranger's death, an answer nobody waits for) change nothing either.
func Step(p Policy, s State, e Event, now Time) (State, []Action) {
	m := machine{p: p, s: s, now: now}
	switch e := e.(type) {
	case Start:
		m.begin()
	case Stop:
		m.stop()
	case GiveUp:
		m.giveUp()
	case Tick:
		m.tick()
	case Spawned:
		m.spawned(e.Pid)
	case SpawnFailed:
		m.spawnFailed()
	case Died:
		m.died(e.Pid, e.Code)
	case SignalLost:
		m.signalLost()
	}
	return m.s, m.acts
}

// machine is one Step under way.
type machine struct {
	p    Policy
	s    State
	now  Time
	acts []Action
}

// do appends what is to be done.
func (m *machine) do(a Action) { m.acts = append(m.acts, a) }

// become changes the phase and says so. The deadline of the phase that ends goes with it.
func (m *machine) become(to Phase, a Announce) {
	a.From, a.To, a.Tries, a.Pid = m.s.Phase, to, m.s.Failures, m.s.Pid
	m.s.Phase, m.s.Deadline = to, 0
	m.do(a)
}

// begin obeys a request to start.
func (m *machine) begin() {
	switch m.s.Phase {
	case Stopped, Exited, Fatal:
		m.start()
	}
}

// start asks for a child unless nothing is to be started any more.
func (m *machine) start() {
	if m.p.Hold {
		return
	}
	m.s.Started, m.s.Code, m.s.Spawning = m.now, 0, true
	m.become(Starting, Announce{})
	m.do(Spawn{})
}

// stop obeys a request to stop. Between Spawn and its answer there is no child to signal: the wish is kept.
func (m *machine) stop() {
	switch {
	case m.s.Spawning:
		m.s.Doomed = true
	case m.s.Phase == Backoff:
		m.become(Stopped, Announce{})
	case m.s.Phase == Starting || m.s.Phase == Running:
		m.terminate()
	}
}

// terminate asks the child to end and starts its grace.
func (m *machine) terminate() {
	m.become(Stopping, Announce{})
	m.s.Deadline = after(m.now, max(m.p.StopWait, 0))
	m.do(Signal{Pid: m.s.Pid, Sig: m.p.StopSignal, Group: m.p.StopAsGroup})
}

// giveUp leaves Backoff for good.
func (m *machine) giveUp() {
	if m.s.Phase == Backoff {
		m.s.Failures = 0
		m.become(Fatal, Announce{})
	}
}

// tick does what the passing of time alone calls for, and nothing early.
func (m *machine) tick() {
	if m.s.Deadline == 0 {
		return
	}
	if m.s.Phase == Backoff && m.p.Hold {
		m.s.Deadline = 0 // not retried any more (PROC-021)
		return
	}
	if m.now < m.s.Deadline {
		return
	}
	switch m.s.Phase {
	case Starting:
		m.succeed()
	case Backoff:
		m.start()
	case Stopping:
		// At least a second between two SIGKILLs, or a grace of zero would spin.
		m.s.Deadline = after(m.now, max(m.p.StopWait, Second))
		m.do(Signal{Pid: m.s.Pid, Sig: sigkill, Group: m.p.KillAsGroup, Overdue: true})
	}
}

// succeed says that the child stayed up for long enough.
func (m *machine) succeed() {
	m.s.Failures = 0
	m.become(Running, Announce{})
}

// spawned takes note of the child, and of the wish that came before it.
func (m *machine) spawned(pid int) {
	if !m.s.Spawning {
		return
	}
	if pid <= 0 {
		m.spawnFailed()
		return
	}
	doomed := m.s.Doomed
	m.s.Pid, m.s.Started, m.s.Spawning, m.s.Doomed = pid, m.now, false, false
	switch {
	case doomed:
		m.terminate()
	case m.p.StartSecs <= 0:
		m.succeed()
	default:
		m.s.Deadline = after(m.now, m.p.StartSecs)
	}
}

// spawnFailed counts a start that brought no child; if a stop was wanted meanwhile, it is stopped.
func (m *machine) spawnFailed() {
	if !m.s.Spawning {
		return
	}
	doomed := m.s.Doomed
	m.s.Spawning, m.s.Doomed = false, false
	m.fail(doomed)
}

// fail leaves Starting for Backoff: to wait, to give up, or because of a stop to be left at once.
func (m *machine) fail(doomed bool) {
	m.s.Failures++
	m.become(Backoff, Announce{})
	m.s.Pid = 0
	switch {
	case doomed:
		m.become(Stopped, Announce{})
	case m.s.Failures > m.p.StartRetries:
		m.s.Failures = 0
		m.become(Fatal, Announce{GaveUp: true})
	case !m.p.Hold:
		m.s.Deadline = after(m.now, Time(m.s.Failures)*Second)
	}
}

// died compares pids: another's death is not this one's. A child that outlived StartSecs was running, even when
// nobody ticked in time to say so.
func (m *machine) died(pid, code int) {
	if m.s.Pid == 0 || pid != m.s.Pid {
		return
	}
	if m.s.Phase == Starting {
		m.tick()
	}
	switch m.s.Phase {
	case Starting:
		m.fail(false)
	case Running:
		m.ended(code)
	case Stopping, Unknown:
		m.s.Code = code
		m.become(Stopped, Announce{})
		m.s.Pid = 0
	}
}

// ended leaves Running by the child's own end, and starts it again where the policy says so.
func (m *machine) ended(code int) {
	expected := m.p.ExitCodes.Has(code)
	m.s.Code = code
	m.become(Exited, Announce{Expected: expected})
	m.s.Pid = 0
	if m.p.Restart == Always || m.p.Restart == Unexpected && !expected {
		m.start()
	}
}

// signalLost leaves the living child alone: what becomes of it is not known until it dies (PROC-019).
func (m *machine) signalLost() {
	switch m.s.Phase {
	case Starting, Running, Stopping:
		if m.s.Pid != 0 {
			m.become(Unknown, Announce{})
		}
	}
}

// after is d past now, and never the zero that means never.
func after(now, d Time) Time {
	if t := now + d; t != 0 {
		return t
	}
	return 1
}
