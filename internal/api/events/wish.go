package events

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/event"
)

// wish is what one request asks for.
type wish struct {
	bus.Wish
	follow bool
}

// parse reads a query: type= and program=, each as often as wanted and with commas, after=ID, and follow=false. after
// goes before the header, which browsers send by themselves. Without follow the kept events are the answer.
func parse(query, lastID string) (wish, error) {
	w := wish{follow: true}
	values, err := url.ParseQuery(query)
	if err != nil {
		return w, fmt.Errorf("cannot read the query: %v", err)
	}
	for name := range values {
		switch name {
		case "type", "program", "after", "follow":
		default:
			return w, fmt.Errorf("unknown parameter %q", name)
		}
	}
	if w.Filter, err = filter(words(values["type"])); err != nil {
		return w, err
	}
	w.Match = match(words(values["program"]))
	if v := values.Get("follow"); v != "" {
		if w.follow, err = strconv.ParseBool(v); err != nil {
			return w, fmt.Errorf("follow is true or false, not %q", v)
		}
	}
	after := strings.TrimSpace(lastID)
	if values.Has("after") {
		after = values.Get("after")
	}
	w.Replay = !w.follow || after != ""
	if after == "" {
		return w, nil
	}
	if w.After, err = strconv.ParseUint(after, 10, 64); err != nil {
		return w, fmt.Errorf("the last event's id is a number, not %q", after)
	}
	return w, nil
}

// words splits values at commas.
func words(values []string) []string {
	var out []string
	for _, v := range values {
		for w := range strings.SplitSeq(v, ",") {
			if w = strings.TrimSpace(w); w != "" {
				out = append(out, w)
			}
		}
	}
	return out
}

// filter is the filter of these names, in whatever case. None is what is kept: output and ticks want to be asked for.
func filter(names []string) (bus.Filter, error) {
	if len(names) == 0 {
		return bus.Kept, nil
	}
	for i, name := range names {
		names[i] = strings.ToUpper(name)
		if !event.Known(names[i]) {
			return bus.Filter{}, fmt.Errorf("unknown event type %q", name)
		}
	}
	return bus.Of(names...), nil
}

// match is true for events of these programs; nil when none is named. The arrival of a group is an event of
// group:*, and of a name that is the group's.
func match(names []string) func(*event.Event) bool {
	if len(names) == 0 {
		return nil
	}
	return func(e *event.Event) bool {
		for _, name := range names {
			if named(e, name) {
				return true
			}
		}
		return false
	}
}

func named(e *event.Event, name string) bool {
	group, process, both := strings.Cut(name, ":")
	switch {
	case !both && e.Process == "":
		return e.Group == name
	case !both:
		return e.Process == name
	}
	return e.Group == group && (process == "" || process == "*" || e.Process == process)
}
