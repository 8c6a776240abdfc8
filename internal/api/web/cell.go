package web

import (
	"math"
	"strconv"

	"github.com/reeve-sh/reeve/internal/api/usage"
)

// cell is what a process uses, in the words and the line of its row.
type cell struct{ cpu, memory, path string }

// Size of a line in its own units; the style says how large it is shown.
const lineWidth, lineHeight = 2 * (usage.Points - 1), 16

func newCell(t usage.Tree) cell {
	c := cell{memory: bytesIn(t.Memory), cpu: "–"}
	if t.Processes == 0 {
		return cell{}
	}
	if t.Known {
		c.cpu = short(t.CPU) + " %"
	}
	c.path = trace(t.Line)
	return c
}

// trace draws the processor time of a line, the newest at the right end. Full height is what was most, and ten percent
// at least, so that idling is flat.
func trace(points []usage.Point) string {
	if len(points) < 2 {
		return ""
	}
	top := float32(10)
	for _, p := range points {
		top = max(top, p.CPU)
	}
	b := make([]byte, 0, 5*len(points))
	b = strconv.AppendInt(append(b, 'M'), int64(lineWidth-2*(len(points)-1)), 10)
	y := func(p usage.Point) int64 {
		return int64(lineHeight-1) - int64(math.Round(float64(p.CPU/top)*(lineHeight-2)))
	}
	last := y(points[0])
	b = strconv.AppendInt(append(b, ' '), last, 10)
	flat := 0
	level := func() {
		if flat > 0 {
			b = strconv.AppendInt(append(b, 'h'), int64(2*flat), 10)
			flat = 0
		}
	}
	for _, p := range points[1:] {
		to := y(p)
		if to == last {
			flat++
			continue
		}
		level()
		b = strconv.AppendInt(append(b, "l2 "...), to-last, 10)
		last = to
	}
	level()
	return string(b)
}

// appendHTML appends the two columns.
func (c cell) appendHTML(dst []byte) []byte {
	if c == (cell{}) {
		return append(dst, `<td class="cpu"></td><td class="mem"></td>`...)
	}
	dst = append(dst, `<td class="cpu"><svg class="spark" viewBox="0 0 `...)
	dst = append(strconv.AppendInt(dst, lineWidth, 10), ' ')
	dst = append(strconv.AppendInt(dst, lineHeight, 10), `" preserveAspectRatio="none" aria-hidden="true"><path d="`...)
	dst = append(append(append(dst, c.path...), `"/></svg><span>`...), c.cpu...)
	return append(append(append(dst, `</span></td><td class="mem">`...), c.memory...), "</td>"...)
}

// appendJSON appends an entry to an object that has been opened.
func (c cell) appendJSON(dst []byte, key string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(append(append(dst, '"'), key...), `":["`...)
	dst = append(append(append(dst, c.cpu...), `","`...), c.memory...)
	return append(append(append(dst, `","`...), c.path...), `"]`...)
}
