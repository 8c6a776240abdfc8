package events

import (
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/event"
)

// Frame is one event as it is sent.
func Frame(n bus.Note, g bus.Gap) string { return string(frame(nil, n, g)) }

// Wishes is whether an event passes what a query asks for.
func Wishes(query string, e event.Event) (bool, error) {
	w, err := parse(query, "")
	return err == nil && w.Filter[e.Type] && (w.Match == nil || w.Match(&e)), err
}

// Begins is where a query and a Last-Event-ID begin.
func Begins(query, lastID string) (replay bool, after uint64, follow bool, err error) {
	w, err := parse(query, lastID)
	return w.Replay, w.After, w.follow, err
}
