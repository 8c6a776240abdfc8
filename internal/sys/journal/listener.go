package journal

import (
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// ListenerState tells of a listener's step in its dialogue; the states are names such as READY (EVT-018).
func (j *Journal) ListenerState(name, from, to string) {
	j.logf(config.Debug, "%s: %s -> %s", name, from, to)
}

// ListenerUnknown says that a listener broke the rules and is deaf from now on (EVT-021).
func (j *Journal) ListenerUnknown(name string) {
	j.logf(config.Warn, "%s: has entered the UNKNOWN state and will no longer receive events, this usually indicates the "+
		"process violated the eventlistener protocol", name)
}

// ListenerStray shows what it said instead.
func (j *Journal) ListenerStray(name string, data []byte) {
	j.logf(config.Warn, "%s: output outside of the protocol: %s", name, BytesRepr(data))
}

// ListenerHealing says that a listener that broke the rules is given a new life.
func (j *Journal) ListenerHealing(name string, wait time.Duration) {
	j.logf(config.Warn, "%s: broke the event listener protocol (restarting in %ds)", name, int(wait.Seconds()))
}

// BadResult shows a result line that is none (EVT-024).
func (j *Journal) BadResult(name, line string) {
	j.logf(config.Warn, "%s: bad result line: '%s'", name, line)
}

// EventProcessed says that a listener is done with an event (EVT-025).
func (j *Journal) EventProcessed(name string) { j.logf(config.Debug, "%s: event was processed", name) }

// EventRejected says that it is not, and gets the event again (EVT-025).
func (j *Journal) EventRejected(name string) { j.logf(config.Warn, "%s: event was rejected", name) }

// EventFailed says that its result could not be handled.
func (j *Journal) EventFailed(name string) { j.logf(config.Warn, "%s: event caused an error", name) }

// HandlerFailed says what went wrong with a result_handler; EventFailed tells what follows.
func (j *Journal) HandlerFailed(name, handler string, err error) {
	j.logf(config.Warn, "%s: cannot judge its result by %s: %v", name, handler, err)
}

// EventSent says that an event is on its way.
func (j *Journal) EventSent(serial uint64, name string) {
	j.logf(config.Debug, "event %d sent to listener %s", serial, name)
}

// EventEPIPE says that a listener does not read (EVT-028).
func (j *Journal) EventEPIPE(serial uint64, name string) {
	j.logf(config.Debug, "epipe occurred while sending event %d to listener %s, listener state unchanged", serial, name)
}

// Rebuffering says that an event goes back to the head of its queue (EVT-027, EVT-031).
func (j *Journal) Rebuffering(serial uint64, pool string, size, limit int) {
	j.logf(config.Debug, "rebuffering event %d for pool %s (buf size=%d, max=%d)", serial, pool, size, limit)
}

// Overflow says that a pool's oldest event was dropped (EVT-029).
func (j *Journal) Overflow(pool string, serial uint64) {
	j.logf(config.Error, "pool %s event buffer overflowed, discarding event %d", pool, serial)
}
