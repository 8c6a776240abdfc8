// Package listener is the dialogue with Supervisor's event listeners as a pure thing. A Machine is one listener: its
// bytes go in, at any split, and steps come out. A Pool is the listeners of one section with the queue of events that
// wait for them: it says what to send to whom and when something is lost. Nothing here reads, writes or waits.
package listener

import "bytes"

// State is where a listener stands in its dialogue. The zero value is where every listener begins.
type State uint8

// The states (EVT-018). Unknown is for good: only another process gets out of it.
const (
	Acknowledged State = iota
	Ready
	Busy
	Unknown
)

// String is Supervisor's name of the state.
func (s State) String() string {
	return [...]string{"ACKNOWLEDGED", "READY", "BUSY", "UNKNOWN"}[s]
}

// What is what a listener has just told.
type What uint8

// The things a listener can tell. A result is Processed, Rejected or Failed by the verdict of its handler.
const (
	SaidReady What = iota
	Stray          // output that the state does not allow; Data is what there was of it (EVT-020, EVT-021)
	BadResult      // a result line that is none; Data is the line (EVT-024)
	Asked          // a result is complete and waits for its verdict; Data is the result
	Processed
	Rejected // the event is to be sent again (EVT-025)
	Failed   // so is this one, but not to this listener
)

// Step is one thing told, and the states before and after. Data is only good until the next Hear.
type Step struct {
	What     What
	From, To State
	Data     []byte
}

// Default is supervisor.dispatchers:default_handler: only OK is a success (EVT-025).
func Default(result []byte) What {
	if string(result) == "OK" {
		return Processed
	}
	return Rejected
}

// Sizes, in bytes. Supervisor has no limits; a listener that is beyond these does not speak the protocol.
const (
	lineLimit   = 64 << 10 // of a result line, and of what is kept while a verdict is awaited
	resultLimit = 1 << 20  // of what is kept of a result for its handler; more is counted and dropped
)

const (
	ready  = "READY\n"
	prefix = len("RESULT ") // skipped, whatever it is (EVT-023)
)

// Machine is one listener's side of the dialogue. The zero value is a listener that has just been started, whose results
// Default judges.
type Machine struct {
	state  State
	asks   bool   // somebody else judges the results
	asked  bool   // and has not yet
	held   []byte // arrived and not decided on
	lined  bool   // the result line of this event has been read
	want   int    // of the result, still to come
	result []byte
	steps  []Step
}

// New is a listener that has just been started. If it asks, its results are Asked for and wait for Judged.
func New(asks bool) Machine { return Machine{asks: asks} }

// State is where the listener stands.
func (m *Machine) State() State { return m.state }

// Sent says that an event was given to a listener that is Ready.
func (m *Machine) Sent() { m.state = Busy }

// Hear takes what the listener wrote and returns what that meant, in order; the slice is reused by the next call. How
// the bytes were split makes no difference as long as nothing is Sent in between, but for how much a Stray quotes.
func (m *Machine) Hear(p []byte) []Step {
	m.steps = m.steps[:0]
	if m.state == Unknown {
		return nil
	}
	if m.asked {
		// Six bytes are all that may come before the next event: more is a breach, however much of it is kept.
		m.held = append(m.held, p[:min(len(p), lineLimit-min(len(m.held), lineLimit))]...)
		return nil
	}
	if len(m.held) > 0 {
		p = append(m.held, p...)
	}
	return m.read(p)
}

// Judged is the verdict on what was Asked: Processed, Rejected or Failed. What the listener has written since is read
// after it. Nothing comes of a verdict that nobody awaits.
func (m *Machine) Judged(verdict What) []Step {
	m.steps = m.steps[:0]
	if !m.asked {
		return nil
	}
	m.asked = false
	m.verdict(verdict)
	return m.read(m.held)
}

// read takes things off p until it is empty or has nothing complete any more, and keeps the rest.
func (m *Machine) read(p []byte) []Step {
	for len(p) > 0 && m.state != Unknown {
		rest, more := m.once(p)
		p = rest
		if !more {
			break
		}
	}
	if m.state == Unknown {
		p = nil
	}
	m.held = append(m.held[:0], p...)
	return m.steps
}

// once takes the first thing off p; more is false when it is not complete.
func (m *Machine) once(p []byte) (rest []byte, more bool) {
	switch m.state {
	case Acknowledged:
		if len(p) < len(ready) {
			return p, false
		}
		if string(p[:len(ready)]) != ready {
			return m.breach(Stray, p)
		}
		m.step(SaidReady, Ready, nil)
		return p[len(ready):], true
	case Ready:
		return m.breach(Stray, p)
	case Busy:
		if m.lined {
			return m.gather(p), !m.asked
		}
		return m.line(p)
	}
	return nil, false
}

// line reads the result line.
func (m *Machine) line(p []byte) (rest []byte, more bool) {
	end := bytes.IndexByte(p[:min(len(p), lineLimit)], '\n')
	if end < 0 {
		if len(p) >= lineLimit {
			return m.breach(BadResult, p[:lineLimit])
		}
		return p, false
	}
	n, ok := number(p[min(prefix, end):end])
	if !ok {
		return m.breach(BadResult, p[:end])
	}
	m.lined, m.want, m.result = true, n, m.result[:0]
	return p[end+1:], true
}

// gather takes bytes of the result, which is judged once it is complete. It is only called when there are bytes: a
// result of none waits for the first byte after it (EVT-026).
func (m *Machine) gather(p []byte) []byte {
	n := min(m.want, len(p))
	m.want -= n
	m.result = append(m.result, p[:min(n, resultLimit-len(m.result))]...)
	if m.want > 0 {
		return nil
	}
	m.lined = false
	if m.asks {
		m.asked = true
		m.step(Asked, Busy, m.result)
	} else {
		m.verdict(Default(m.result))
	}
	return p[n:]
}

func (m *Machine) verdict(v What) {
	if v == Failed {
		m.step(v, Unknown, nil)
		return
	}
	m.step(v, Acknowledged, nil)
}

func (m *Machine) step(w What, to State, data []byte) {
	m.steps = append(m.steps, Step{What: w, From: m.state, To: to, Data: data})
	m.state = to
}

// breach ends the dialogue; what else there is to read of it is dropped.
func (m *Machine) breach(w What, data []byte) ([]byte, bool) {
	m.step(w, Unknown, bytes.Clone(data))
	return nil, false
}
