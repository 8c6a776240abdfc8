package listener

import (
	"unicode/utf8"

	"github.com/reeve-sh/reeve/internal/core/listener"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

// host does for the pure pool what it decides, and writes the journal's lines. It runs under the pool's mutex.
type host struct{ *pool }

// Send writes an event to a listener; see listener.Host.
func (h host) Send(i int, e listener.Entry) bool {
	m := &h.members[i]
	if m.write == nil {
		return false
	}
	h.buf = listener.Envelope(h.buf[:0], h.hall.o.Server, h.conf.Name, e, h.conf.EventBytes)
	h.moved = h.hall.o.Now()
	return m.write(h.buf) == nil
}

// Told tells of a listener's step.
func (h host) Told(i int, s listener.Step) {
	h.moved = h.hall.o.Now()
	j, m := h.hall.o.Journal, &h.members[i]
	switch s.What {
	case listener.BadResult:
		line := string(s.Data)
		if !utf8.Valid(s.Data) {
			line = "Undecodable: " + journal.BytesRepr(s.Data)
		}
		j.BadResult(m.name, line)
	case listener.Processed:
		m.breaches = 0
		j.EventProcessed(m.name)
	case listener.Rejected:
		j.EventRejected(m.name)
	case listener.Failed:
		j.EventFailed(m.name)
	}
	j.ListenerState(m.name, s.From.String(), s.To.String())
	if s.To != listener.Unknown {
		return
	}
	j.ListenerUnknown(m.name)
	m.wrong = "got " + quoted(s.Data)
	if s.What == listener.Failed {
		m.wrong = "its result_handler failed"
	}
	if s.What == listener.Stray {
		j.ListenerStray(m.name, s.Data)
	}
	h.breached(i)
}

// Sent tells that an event is on its way.
func (h host) Sent(i int, e listener.Entry) { h.hall.o.Journal.EventSent(e.Serial, h.members[i].name) }

// Unsent tells of a listener that does not read.
func (h host) Unsent(i int, e listener.Entry) {
	h.hall.o.Journal.EventEPIPE(e.Serial, h.members[i].name)
}

// Rebuffered tells of an event that goes back into the queue.
func (h host) Rebuffered(e listener.Entry, queued int) {
	h.hall.o.Journal.Rebuffering(e.Serial, h.conf.Name, queued, h.conf.BufferSize)
}

// Discarded tells of an event that is lost.
func (h host) Discarded(e listener.Entry) {
	h.lost++
	h.hall.o.Journal.Overflow(h.conf.Name, e.Serial)
}
