package fleet_test

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

// Two requests are 117,000 worlds and half a minute.
var maxRequests = flag.Int("requests", 1, "how many requests are made in the worlds that are all visited")

// walked is the fleet of the walks: two groups, three processes, one of which comes back by itself.
func walked() []fleet.Group {
	p := proc.Policy{StartSecs: proc.Second, StopWait: 2 * proc.Second, StopSignal: 15}
	again := p
	again.Restart, again.StartSecs, again.StartRetries = proc.Always, 0, 1
	return []fleet.Group{
		{Name: "a", Priority: 1, Members: []fleet.Member{{Name: "a", Priority: 1, Autostart: true, Policy: again}}},
		{Name: "b", Priority: 2, Members: []fleet.Member{
			{Name: "x", Priority: 2, Policy: p}, {Name: "y", Priority: 1, Policy: p},
		}},
	}
}

// holds: PROC-015 PROC-021 PROC-026 PROC-028 RPC-020 RPC-021 RPC-022 RPC-027 SIG-003 SIG-007
func TestEveryFleetKeepsTheInvariants(t *testing.T) {
	t.Parallel()
	first := newWorld()
	for _, g := range walked() {
		first.does(t, fleet.AddGroup{Group: g})
	}
	seen := map[string]bool{first.fingerprint(): true}
	queue := []*world{first}
	steps, visited := 0, 0
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if visited%4 == 0 {
			end(t, at.clone())
		}
		visited++
		for _, e := range at.events() {
			next := at.clone()
			next.happens(t, e)
			steps++
			if print := next.fingerprint(); !seen[print] {
				seen[print] = true
				queue = append(queue, next)
			}
		}
	}
	t.Logf("%d worlds, %d steps", len(seen), steps)
}

// Where there are too many worlds to visit them all, chance visits some, and goes deeper.
//
// fault: 12
func TestRandomFleetsKeepTheInvariants(t *testing.T) {
	t.Parallel()
	walks := 3000
	if testing.Short() {
		walks = 400
	}
	for seed := range uint64(walks) {
		luck := rand.New(rand.NewPCG(seed, 1))
		w := newWorld()
		w.made = -200
		w.history = []string{}
		for _, g := range walked() {
			w.does(t, fleet.AddGroup{Group: g})
		}
		for range 60 {
			events := w.events()
			e := events[luck.IntN(len(events))]
			if _, down := e.(fleet.Shutdown); down && luck.IntN(8) > 0 {
				continue
			}
			w.happens(t, e)
		}
		end(t, w)
	}
}

// Any string of events: each byte is one of those that can happen next.
func FuzzStep(f *testing.F) {
	f.Add([]byte{1, 1, 2, 3, 5, 8, 13, 21, 34, 55})
	f.Add([]byte("begin, start, stop and a way down"))
	f.Fuzz(func(t *testing.T, choices []byte) {
		w := newWorld()
		w.made = -len(choices)
		w.history = []string{}
		for _, g := range walked() {
			w.does(t, fleet.AddGroup{Group: g})
		}
		for _, choice := range choices {
			events := w.events()
			w.happens(t, events[int(choice)%len(events)])
		}
		end(t, w)
	})
}

// later is the moment after which something is due, as an event.
type later struct{ fleet.Event }

// happens lets an event happen; a later waits for the next deadline first.
func (w *world) happens(t *testing.T, e fleet.Event) {
	t.Helper()
	if l, waits := e.(later); waits {
		w.now, e = max(w.now, w.f.Next()), l.Event
	}
	switch e.(type) {
	case fleet.Start, fleet.Stop, fleet.GiveUp, fleet.Signal, fleet.AddGroup, fleet.RemoveGroup, fleet.AddProcesses, fleet.RemoveProcess:
		w.made++
	}
	w.does(t, e)
}

// events are all that can happen next.
func (w *world) events() []fleet.Event {
	events := []fleet.Event{fleet.Tick{}}
	if w.f.Mood() == fleet.Booting {
		events = append(events, fleet.Begin{})
	}
	if w.f.Next() != 0 {
		events = append(events, later{fleet.Tick{}})
	}
	events = append(events, fleet.Shutdown{}, fleet.Shutdown{Restart: true})
	if !w.over {
		events = append(events, w.kernelEvents()...)
	}
	if w.made < *maxRequests {
		events = append(events, w.requests()...)
	}
	return events
}

func (w *world) kernelEvents() []fleet.Event {
	var events []fleet.Event
	for i, id := range w.ids() {
		if w.asked[id] {
			events = append(events, fleet.SpawnFailed{ID: id}, fleet.Spawned{ID: id, Pid: pidOf(id)})
		}
		if pid := w.alive[id]; pid != 0 {
			events = append(events, fleet.Died{ID: id, Pid: pid, Code: i}, later{fleet.Died{ID: id, Pid: pid, Code: -1}})
		}
		if slices.Contains(w.lostable, id) {
			events = append(events, fleet.SignalLost{ID: id, Why: "not permitted"})
		}
		events = append(events, fleet.Died{ID: id, Pid: 999}, fleet.Died{ID: id, Pid: pidOf(id) + 1})
	}
	return events
}

func (w *world) requests() []fleet.Event {
	req := fleet.Req(1000 + w.made)
	var events []fleet.Event
	ids := w.ids()
	var all []fleet.Target
	for _, id := range ids {
		all = append(all, fleet.Target{ID: id})
	}
	for _, wait := range []bool{false, true} {
		for i, id := range ids {
			if i == 1 {
				continue // as good as the other one of its group
			}
			events = append(events,
				fleet.Start{Req: req, Targets: []fleet.Target{{ID: id}}, Wait: wait},
				fleet.Stop{Req: req, IDs: []fleet.ID{id}, Wait: wait})
		}
		events = append(events,
			fleet.Start{Req: req, Targets: all, Wait: wait, Omit: true},
			fleet.Stop{Req: req, IDs: ids, Wait: wait, Omit: true})
	}
	if w.made < 0 && len(ids) > 0 { // the walk through everything is long enough
		events = append(events, fleet.GiveUp{Req: req, ID: ids[0]})
	}
	events = append(events, fleet.Signal{Req: req, IDs: ids, Sig: 1, Omit: true}, fleet.Signal{Req: req, IDs: ids, Sig: 1})
	groups := walked()
	for _, g := range groups {
		events = append(events, fleet.RemoveGroup{Req: req, Name: g.Name})
	}
	again := groups[0].Members[0]
	again.Name = "new"
	return append(events, fleet.AddGroup{Req: req, Group: groups[0]},
		fleet.RemoveProcess{Req: req, Group: "a", Name: "a"}, fleet.RemoveProcess{Req: req, Group: "b", Name: "x"},
		fleet.RemoveProcess{Req: req, Group: "a", Name: "new"},
		fleet.AddProcesses{Req: req, Group: "b", Members: []fleet.Member{again, {Name: "still"}}},
		fleet.AddProcesses{Req: req, Group: "a", Members: groups[0].Members})
}

// end takes the world down with children that obey nothing but SIGKILL, and wants it to come to an end.
func end(t *testing.T, w *world) {
	t.Helper()
	if w.over {
		return
	}
	w.does(t, fleet.Shutdown{})
	for turn := 0; !w.over; turn++ {
		if turn > 40 {
			w.fail(t, nil, "the way down has no end")
		}
		for _, id := range w.ids() {
			if w.asked[id] {
				w.does(t, fleet.Spawned{ID: id, Pid: pidOf(id)})
			}
		}
		w.now = max(w.now, w.f.Next())
		w.does(t, fleet.Tick{})
		killed := slices.Clone(w.lostable)
		for _, id := range killed {
			if pid := w.alive[id]; pid != 0 && turn%2 == 1 {
				w.does(t, fleet.Died{ID: id, Pid: pid, Code: -1})
			}
		}
	}
	if len(w.open) != 0 {
		w.fail(t, nil, "%v never answered", w.open)
	}
}
