package python

import (
	"context"
	"strconv"

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
		text := appendEvent(nil, &f.Event)
		if l.send(context.Background(), 0, "event", func(dst []byte, _ int64) []byte { return append(dst, text...) }).err == errGone {
			return
		}
	}
}

// appendEvent is an event as the host makes an object of it. What a process was at that moment goes along.
func appendEvent(dst []byte, e *event.Event) []byte {
	dst = appendString(append(dst, `{"type":`...), e.Type.String())
	switch {
	case e.Type <= event.ProcessStateUnknown:
		dst = appendProcess(dst, e)
		dst = appendInt(append(dst, `,"from":`...), int64(e.From.Code()))
		dst = strconv.AppendBool(append(dst, `,"expected":`...), e.Type != event.ProcessStateExited || e.Expected)
		dst = appendInt(append(dst, `,"fields":{"pid":`...), int64(e.Pid))
		dst = appendInt(append(dst, `,"backoff":`...), int64(e.Tries))
		if e.More != nil {
			dst = appendInt(append(dst, `,"state":`...), int64(e.More.To.Code()))
			if e.More.Why != "" {
				dst = appendString(append(dst, `,"spawnerr":`...), e.More.Why)
			}
		}
		dst = append(dst, '}')
	case e.Type <= event.ProcessLogStderr:
		dst = appendInt(append(appendProcess(dst, e), `,"pid":`...), int64(e.Pid))
		dst = appendBytes(append(dst, `,"data":`...), e.Data)
	case e.Type == event.RemoteCommunication:
		dst = appendString(append(dst, `,"kind":`...), e.Kind)
		dst = appendString(append(dst, `,"data":`...), string(e.Data))
	case e.Type == event.ProcessGroupAdded || e.Type == event.ProcessGroupRemoved:
		dst = appendString(append(dst, `,"group":`...), e.Group)
	case e.When != 0:
		dst = appendInt(append(dst, `,"when":`...), e.When)
	}
	return append(dst, '}')
}

func appendProcess(dst []byte, e *event.Event) []byte {
	dst = appendString(append(dst, `,"group":`...), e.Group)
	return appendString(append(dst, `,"name":`...), e.Process)
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
