package events

import (
	"math"
	"unicode/utf8"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

// tell words a note for clients.
func tell(n bus.Note) client.Event {
	e := client.Event{
		ID: n.ID, Time: n.Time.UTC(), Type: n.Type.String(), Group: n.Group, Process: n.Process, PID: n.Pid,
		Kind: n.Kind, When: n.When,
	}
	switch n.Type {
	case event.ProcessLogStdout, event.ProcessLogStderr, event.ProcessCommunicationStdout,
		event.ProcessCommunicationStderr, event.RemoteCommunication:
		data := whole(n.Data, n.Length)
		e.Length = &n.Length
		if utf8.Valid(data) {
			e.Data = string(data)
		} else {
			e.Bytes = n.Data
		}
	}
	if n.More != nil {
		change(&e, n.Event)
	}
	return e
}

// whole drops the character that clipping has cut through, if that makes the rest text.
func whole(data []byte, length int) []byte {
	if len(data) == length {
		return data
	}
	for cut := 0; cut < utf8.UTFMax && cut < len(data); cut++ {
		if utf8.Valid(data[:len(data)-cut]) {
			return data[:len(data)-cut]
		}
	}
	return data
}

// change adds what there is to say of a change of state.
func change(e *client.Event, n event.Event) {
	m := n.More
	e.From, e.To, e.Restarts, e.Why, e.CoreDumped, e.OOM = n.From.String(), m.To.String(), &m.Restarts, m.Why, m.Core, m.OOM
	switch n.Type {
	case event.ProcessStateStarting, event.ProcessStateBackoff:
		e.Tries = &n.Tries
	case event.ProcessStateExited:
		e.Expected = &n.Expected
	}
	if n.Pid != 0 {
		up := math.Round(float64(m.Uptime)/float64(proc.Second)*1000) / 1000
		e.Uptime = &up
	}
	switch {
	case m.Signal != "":
		e.Signal = m.Signal
	case m.Ended:
		e.ExitCode = &m.Code
	}
}
