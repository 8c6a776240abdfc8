package fleet

import "github.com/reeve-sh/reeve/internal/core/proc"

// agenda is a binary heap of the processes that have a deadline, the earliest first. Every process knows its place,
// so that a deadline is moved or dropped without a search.
type agenda struct{ heap []*process }

// first is the process that is due next, nil when there is none.
func (a *agenda) first() *process {
	if len(a.heap) == 0 {
		return nil
	}
	return a.heap[0]
}

// put makes due the deadline of p; zero takes p out.
func (a *agenda) put(p *process, due proc.Time) {
	was := p.due
	p.due = due
	switch {
	case due == was:
	case was == 0:
		p.slot = len(a.heap)
		a.heap = append(a.heap, p)
		a.up(p)
	case due == 0:
		a.drop(p)
	case due < was:
		a.up(p)
	default:
		a.down(p)
	}
}

func (a *agenda) drop(p *process) {
	end := len(a.heap) - 1
	moved := a.heap[end]
	a.heap[end] = nil
	a.heap = a.heap[:end]
	if moved == p {
		return
	}
	a.set(p.slot, moved)
	a.up(moved)
	a.down(moved)
}

func (a *agenda) set(slot int, p *process) { a.heap[slot], p.slot = p, slot }

func (a *agenda) up(p *process) {
	i := p.slot
	for i > 0 {
		parent := (i - 1) / 2
		if !sooner(p, a.heap[parent]) {
			break
		}
		a.set(i, a.heap[parent])
		i = parent
	}
	a.set(i, p)
}

func (a *agenda) down(p *process) {
	i := p.slot
	for {
		child := 2*i + 1
		if child >= len(a.heap) {
			break
		}
		if child+1 < len(a.heap) && sooner(a.heap[child+1], a.heap[child]) {
			child++
		}
		if !sooner(a.heap[child], p) {
			break
		}
		a.set(i, a.heap[child])
		i = child
	}
	a.set(i, p)
}

// sooner orders by deadline, and by age where two are due at once, so that the same story always ends the same way.
func sooner(a, b *process) bool {
	if a.due != b.due {
		return a.due < b.due
	}
	return a.id < b.id
}

// earlier is the earlier of two moments of which zero is never.
func earlier(a, b proc.Time) proc.Time {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
