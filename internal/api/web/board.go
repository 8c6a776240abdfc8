package web

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/internal/api/usage"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
)

// board is the list of processes as it hangs on everybody's wall: each row is rendered when it has changed and
// somebody looks, once for all viewers.
type board struct {
	o     *Options
	epoch string // tells this board from that of an earlier daemon

	// mu guards the fields below, and is held while rows are rendered and copied.
	mu      sync.Mutex
	view    *loop.View
	edit    uint64 // counts changes of rows
	layout  uint64 // counts changes of which rows there are
	rows    []*row // as they are shown: single programs, then groups with their processes
	byID    map[fleet.ID]*row
	heads   map[string]*row
	counts  [len(phases)]int
	counted uint64 // edit of the last change of counts

	sample *usage.Sample
	cells  map[fleet.ID]cell
	news   []byte // what the last sample changed, as it is sent
}

// phases are those that are counted, in the order in which they are shown.
var phases = [...]proc.Phase{proc.Running, proc.Starting, proc.Backoff, proc.Stopping, proc.Stopped, proc.Exited, proc.Fatal, proc.Unknown}

// row is one line of the table: a process, or the head of a group.
type row struct {
	key     string // its id in the page
	group   string
	id      fleet.ID // 0 for a head
	edit    uint64   // of the board when it changed last
	proc    loop.Process
	remark  string
	up, all int         // of a head
	drawn   [2]*drawing // without and with what acts; nil until somebody wants it
}

// drawing is the HTML of a row around what changes by itself: uptime, CPU, memory.
type drawing struct{ head, uptime, tail []byte }

func newBoard(o *Options) *board {
	return &board{
		o: o, epoch: strconv.FormatInt(o.Now().UnixNano(), 36), byID: map[fleet.ID]*row{}, heads: map[string]*row{},
		sample: &usage.Sample{},
	}
}

// fresh brings the board up to date. The caller holds mu.
func (b *board) fresh(ctx context.Context) error {
	v, err := b.o.Service.View(ctx)
	if err != nil || v == b.view {
		return err
	}
	if b.view == nil || !sameRows(b.view, v) {
		b.arrange(v)
	}
	b.view = v
	counts := [len(phases)]int{}
	for i := range v.Processes {
		p := &v.Processes[i]
		if p.Conf.Hidden {
			continue // it belongs to an extension
		}
		counts[slices.Index(phases[:], p.Phase)]++
		r := b.byID[p.ID]
		remark := p.Remark()
		if r.proc == *p && r.remark == remark && r.edit > 0 {
			continue
		}
		b.edit++
		r.proc, r.remark, r.edit, r.drawn = *p, remark, b.edit, [2]*drawing{}
	}
	if counts != b.counts {
		b.edit++
		b.counts, b.counted = counts, b.edit
	}
	b.tally()
	return nil
}

// sameRows tells whether two views have the same processes in the same groups.
func sameRows(a, b *loop.View) bool {
	return slices.EqualFunc(a.Processes, b.Processes, func(x, y loop.Process) bool { return x.ID == y.ID })
}

// arrange decides which rows there are.
func (b *board) arrange(v *loop.View) {
	b.layout++
	old := b.byID
	b.rows, b.byID = nil, map[fleet.ID]*row{}
	heads := map[string]*row{}
	var grouped []*row
	for i := range v.Processes {
		p := &v.Processes[i]
		if p.Conf.Hidden {
			continue
		}
		r := old[p.ID]
		if r == nil {
			r = &row{key: "p" + strconv.Itoa(int(p.ID)), id: p.ID, group: p.Group}
		}
		b.byID[p.ID] = r
		if p.Group == p.Conf.Name && alone(v, i) {
			b.rows = append(b.rows, r)
			continue
		}
		if heads[p.Group] == nil {
			h := b.heads[p.Group]
			if h == nil {
				h = &row{key: "g" + strconv.Itoa(int(p.ID)), group: p.Group}
			}
			heads[p.Group] = h
			grouped = append(grouped, h)
		}
		grouped = append(grouped, r)
	}
	b.heads = heads
	b.rows = append(b.rows, grouped...)
}

// alone tells whether the i-th process has its group for itself; a group's processes stand together.
func alone(v *loop.View, i int) bool {
	g := v.Processes[i].Group
	return (i == 0 || v.Processes[i-1].Group != g) && (i == len(v.Processes)-1 || v.Processes[i+1].Group != g)
}

// tally counts for the heads of groups.
func (b *board) tally() {
	up, all := map[string]int{}, map[string]int{}
	for _, r := range b.byID {
		if b.heads[r.group] != nil {
			all[r.group]++
			if r.proc.Phase == proc.Running {
				up[r.group]++
			}
		}
	}
	for g, h := range b.heads {
		if h.up == up[g] && h.all == all[g] && h.edit > 0 {
			continue
		}
		b.edit++
		h.up, h.all, h.edit, h.drawn = up[g], all[g], b.edit, [2]*drawing{}
	}
}

// measure takes a sample of what the processes use, if it is time for one. That takes long where there are thousands, so
// the caller does not hold mu.
func (b *board) measure(ctx context.Context) *usage.Sample {
	return b.o.Usage.Look(func() []int {
		v, err := b.o.Service.View(context.WithoutCancel(ctx)) // it is for all viewers, also if this one is gone
		if err != nil {
			return nil
		}
		return pids(v)
	})
}

// show brings a sample to the board. The caller holds mu.
func (b *board) show(s *usage.Sample) {
	if b.view == nil || s.Number <= b.sample.Number {
		return
	}
	cells := make(map[fleet.ID]cell, len(s.Of))
	b.news = append(b.news[:0], "event: usage\ndata: {"...)
	for _, r := range b.rows {
		if r.id == 0 || r.proc.Pid == 0 {
			continue
		}
		c := newCell(s.Of[r.proc.Pid])
		cells[r.id] = c
		if c != b.cells[r.id] {
			b.news = c.appendJSON(b.news, r.key)
		}
	}
	b.news = append(b.news, "}\n\n"...)
	b.sample, b.cells = s, cells
}

// pids are the children.
func pids(v *loop.View) []int {
	var list []int
	for i := range v.Processes {
		if pid := v.Processes[i].Pid; pid != 0 {
			list = append(list, pid)
		}
	}
	return list
}

// cursor is how much of the board somebody has seen.
type cursor struct {
	edit, layout, sample uint64
	epoch                string
}

// String is the cursor as browsers keep it.
func (c cursor) String() string {
	return c.epoch + "." + strconv.FormatUint(c.layout, 10) + "." + strconv.FormatUint(c.edit, 10)
}

// look says where the board stands now.
func (b *board) now() cursor { return cursor{b.edit, b.layout, b.sample.Number, b.epoch} }

// seen is which rows a viewer wants, and which of them it may act on.
type seen struct {
	only fleet.ID // 0 for all
	may  func(group string) bool
}

// table appends all rows; hide says which of them are there but not shown.
func (b *board) table(dst []byte, s seen, hide func(*row) bool, now time.Time) []byte {
	may := map[string]bool{}
	dst = append(dst, "<tbody>"...)
	for i, r := range b.rows {
		if s.only != 0 && r.id != s.only {
			continue
		}
		if r.id == 0 && i > 0 && s.only == 0 {
			dst = append(dst, "</tbody><tbody>"...)
		}
		dst = b.draw(dst, r, b.allowed(may, s, r.group), hide != nil && hide(r), now)
	}
	return append(dst, "</tbody>"...)
}

// delta appends what c has not seen, as events, and moves c.
func (b *board) delta(dst []byte, c *cursor, s seen, now time.Time) []byte {
	was := *c
	*c = b.now()
	if was.epoch != c.epoch || was.layout != c.layout {
		return append(append(append(dst, "id: "...), c.String()...), "\nevent: layout\ndata:\n\n"...)
	}
	if was.edit < c.edit {
		start := len(dst)
		dst = append(append(append(dst, "id: "...), c.String()...), "\nevent: rows\ndata: "...)
		n := len(dst)
		may := map[string]bool{}
		for _, r := range b.rows {
			if r.edit > was.edit && (s.only == 0 || r.id == s.only) {
				dst = b.draw(dst, r, b.allowed(may, s, r.group), false, now)
			}
		}
		if len(dst) == n {
			dst = dst[:start]
		} else {
			dst = append(dst, "\n\n"...)
		}
	}
	if s.only == 0 && was.edit < b.counted {
		dst = append(b.summary(append(dst, "event: summary\ndata: "...), "", ""), "\n\n"...)
	}
	switch {
	case was.sample == c.sample:
	case was.sample+1 == c.sample:
		dst = append(dst, b.news...)
	default:
		dst = append(dst, "event: usage\ndata: {"...)
		for _, r := range b.rows {
			if cell, ok := b.cells[r.id]; ok {
				dst = cell.appendJSON(dst, r.key)
			}
		}
		dst = append(dst, "}\n\n"...)
	}
	return dst
}

func (b *board) allowed(known map[string]bool, s seen, group string) bool {
	may, ok := known[group]
	if !ok {
		may = s.may(group)
		known[group] = may
	}
	return may
}

// find is the row of a process by its name.
func (b *board) find(name string) *row {
	for _, r := range b.rows {
		if r.id != 0 && service.Namespec(r.group, r.proc.Conf.Name) == name {
			return r
		}
	}
	return nil
}
