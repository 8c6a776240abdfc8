package service

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

// Entry is one change that somebody has asked for, and what came of it.
type Entry struct {
	ID     uint64 // grows by one
	Time   time.Time
	Name   string // of who asked; empty when no name was asked for
	Role   Role
	From   string // an address, as Who.From tells it
	Via    string // the server's section
	Verb   string
	About  string // whom it was done to; empty for the daemon itself
	Result string // OK, or why not
}

// ledger keeps the last entries.
type ledger struct {
	mu   sync.Mutex // guards what follows
	list []Entry
	next uint64
}

const (
	mostEntries = 1000 // that are kept
	mostNamed   = 10   // processes that one entry names; the others are counted
	longestText = 300  // bytes of what an entry is about, and of its result
)

func (l *ledger) add(e *Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	e.ID = l.next
	if len(l.list) >= mostEntries {
		l.list = append(l.list[:0], l.list[len(l.list)-mostEntries+mostEntries/10:]...)
	}
	l.list = append(l.list, *e)
}

// Audit are the last changes that somebody has asked for, the oldest first.
func (s *Service) Audit(ctx context.Context) ([]Entry, error) {
	if err := may(ctx, doAudit); err != nil {
		return nil, err
	}
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	return append([]Entry{}, s.ledger.list...), nil
}

// enterInto writes down a change that somebody asked for, and its outcome. What the daemon does by itself is no news.
func (s *Service) enterInto(ctx context.Context, what, about string, err error) {
	w, asked := Asker(ctx)
	if !asked {
		return
	}
	result := "OK"
	if err != nil {
		result = err.Error()
	}
	if signal, ok := ctx.Value(signalKey{}).(string); ok {
		what += " " + signal
	}
	e := Entry{
		Time: s.o.Kernel.Wall(), Name: w.Name, Role: w.Role, From: w.From(), Via: w.Via, Verb: what,
		About: clip(about), Result: clip(result),
	}
	s.ledger.add(&e)
	level := config.Info
	if what == guestCall {
		level = config.Debug // nobody knows whether it was a change, and busy plug-ins are called all day
	}
	s.o.Journal.Audit(level, e.Name, e.From, e.Via, e.Verb, e.About, e.Result)
}

type signalKey struct{}

// saying is ctx with the name of the signal that an entry tells. One that there is none of stands in the result.
func saying(ctx context.Context, signal string) context.Context {
	sig, err := config.Signal(signal)
	if err != nil {
		return ctx
	}
	return context.WithValue(ctx, signalKey{}, journal.SignalName(sig))
}

// guestCall is the verb of a call to a method of an extension.
const guestCall = "call"

// note is enterInto for the end of a method: err is where its error will stand.
func (s *Service) note(ctx context.Context, v verb, about string, err *error) {
	s.enterInto(ctx, least[v].name, about, *err)
}

// noteOne is note for a request that is noted elsewhere when its name means a whole group.
func (s *Service) noteOne(ctx context.Context, v verb, name string, whole *bool, err *error) {
	if !*whole {
		s.note(ctx, v, name, err)
	}
}

// noteSeveral notes what became of several processes. Whom a request that was refused was for is found out first.
func (s *Service) noteSeveral(ctx context.Context, v verb, whom pick, list []*loop.Process, out []Result, err error) {
	if _, asked := Asker(ctx); !asked {
		return
	}
	if view, wrong := s.o.Loop.View(ctx); err != nil && list == nil && wrong == nil {
		list, _ = whom(view)
	}
	names := make([]string, 0, len(out))
	for _, p := range list {
		names = append(names, Namespec(p.Group, p.Conf.Name))
	}
	if err == nil {
		names = names[:0]
		var bad []string
		for _, r := range out {
			names = append(names, Namespec(r.Group, r.Name))
			if r.Status != fault.Success {
				bad = append(bad, Namespec(r.Group, r.Name)+": "+r.Description)
			}
		}
		if len(bad) > 0 {
			err = fmt.Errorf("%d OK, %s", len(out)-len(bad), someOf(bad))
		}
	}
	s.enterInto(ctx, least[v].name, someOf(names), err)
}

// someOf lists the first names and counts the others.
func someOf(names []string) string {
	if len(names) <= mostNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamed], ", "), len(names)-mostNamed)
}

// clip bounds a text that a client may have made as long as it liked.
func clip(s string) string {
	if len(s) <= longestText {
		return s
	}
	return strings.ToValidUTF8(s[:longestText], "") + "..."
}
