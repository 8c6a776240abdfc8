package python

import (
	"context"
	"encoding/json"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/event"
)

// backlog is how many events plug-ins may be behind.
const backlog = 4096

// news are the events that plug-ins have subscribed to.
type news struct {
	sub    *bus.Subscription
	filter bus.Filter
	done   chan struct{}
}

// listen hears other events from now on. It is called by whoever hears the interpreter, one after the other.
func (l *life) listen(types []string) {
	filter := bus.Filter{}
	wanted := false
	for _, name := range types {
		for t := range event.Types {
			if t.String() == name {
				filter[t], wanted = true, true
			}
		}
	}
	l.mu.Lock()
	old := l.news
	if l.over || old != nil && old.filter == filter || old == nil && !wanted {
		l.mu.Unlock()
		return
	}
	l.news = nil
	if wanted {
		n := &news{sub: l.b.o.Bus.Subscribe(filter, backlog), filter: filter, done: make(chan struct{})}
		l.news = n
		l.work.Go(func() { l.tell(n, old) })
	}
	l.mu.Unlock()
	if old != nil {
		old.sub.Close()
	}
}

// deaf ends that.
func (l *life) deaf() {
	l.mu.Lock()
	old := l.news
	l.news = nil
	l.mu.Unlock()
	if old != nil {
		old.sub.Close()
	}
	l.work.Wait()
}

// tell tells one event after the other, and the next when plug-ins have heard the last. after is who told before.
func (l *life) tell(n, after *news) {
	defer close(n.done)
	if after != nil {
		<-after.done
	}
	for {
		f, lost, err := n.sub.Next(context.Background())
		if err != nil {
			return
		}
		if lost > 0 {
			l.b.o.Journal.GuestLost("python", "events", lost)
		}
		text, err := json.Marshal(eventFields(f))
		if err != nil {
			continue
		}
		if l.send(context.Background(), 0, "event", func(dst []byte, _ int64) []byte { return append(dst, text...) }).err == errGone {
			return
		}
	}
}

// eventFields is an event as the host makes an object of it. What a process was at that moment goes along.
func eventFields(f bus.Fact) map[string]any {
	m := map[string]any{"type": f.Type.String()}
	switch {
	case f.Type <= event.ProcessStateUnknown:
		m["group"], m["name"], m["from"] = f.Group, f.Process, f.From.Code()
		m["expected"] = f.Type != event.ProcessStateExited || f.Expected
		fields := map[string]any{"pid": f.Pid, "backoff": f.Tries}
		if f.More != nil {
			fields["state"] = f.More.To.Code()
			if f.More.Why != "" {
				fields["spawnerr"] = f.More.Why
			}
		}
		m["fields"] = fields
	case f.Type <= event.ProcessLogStderr:
		m["group"], m["name"], m["pid"], m["data"] = f.Group, f.Process, f.Pid, bytesText(f.Data)
	case f.Type == event.RemoteCommunication:
		m["kind"], m["data"] = f.Kind, string(f.Data)
	case f.Type == event.ProcessGroupAdded || f.Type == event.ProcessGroupRemoved:
		m["group"] = f.Group
	case f.When != 0:
		m["when"] = f.When
	}
	return m
}

// bytesText is a text with one character for each byte.
func bytesText(b []byte) string {
	r := make([]rune, len(b))
	for i, c := range b {
		r[i] = rune(c)
	}
	return string(r)
}

// bell rings when a process or a group changes.
type bell chan struct{}

// Take is called by the bus.
func (b bell) Take(bus.Fact) {
	select {
	case b <- struct{}{}:
	default:
	}
}

// attach has the bell rung.
func (l *life) attach() (detach func()) {
	return l.b.o.Bus.Attach(bell(l.bell), bus.Of("PROCESS_STATE", "PROCESS_GROUP", "SUPERVISOR_STATE_CHANGE"))
}
