package web

import (
	"math"
	"strconv"

	"github.com/reeve-sh/reeve/internal/api/usage"
)

// cell is what a process uses, in the words and the lines of its row.
type cell struct{ cpu, memory, cpuLine, memoryLine string }

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
	// Full height is what was most: of one processor a tenth at least, so that idling is flat.
	c.cpuLine = trace(t.Line, 10, func(p usage.Point) float64 { return float64(p.CPU) })
	c.memoryLine = trace(t.Line, 1, func(p usage.Point) float64 { return float64(p.Memory) })
	return c
}

// trace draws one value of a line, the newest at the right end. Full height is what was most, and top at least.
func trace(points []usage.Point, top float64, of func(usage.Point) float64) string {
	if len(points) < 2 {
		return ""
	}
	for _, p := range points {
		top = max(top, of(p))
	}
	b := make([]byte, 0, 5*len(points))
	b = strconv.AppendInt(append(b, 'M'), int64(lineWidth-2*(len(points)-1)), 10)
	y := func(p usage.Point) int64 {
		return int64(lineHeight-1) - int64(math.Round(of(p)/top*(lineHeight-2)))
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
	dst = column(dst, "cpu", c.cpuLine, c.cpu)
	return column(dst, "mem", c.memoryLine, c.memory)
}

// column appends one of them.
func column(dst []byte, class, line, words string) []byte {
	dst = append(append(append(dst, `<td class="`...), class...), `"><svg class="spark" viewBox="0 0 `...)
	dst = append(strconv.AppendInt(dst, lineWidth, 10), ' ')
	dst = append(strconv.AppendInt(dst, lineHeight, 10), `" preserveAspectRatio="none" aria-hidden="true"><path d="`...)
	return append(append(append(append(dst, line...), `"/></svg><span>`...), words...), "</span></td>"...)
}

// appendJSON appends an entry to an object that has been opened.
func (c cell) appendJSON(dst []byte, key string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	dst = append(append(append(dst, '"'), key...), '"', ':')
	for i, text := range []string{c.cpu, c.memory, c.cpuLine, c.memoryLine} {
		dst = append(append(append(dst, "[,,,"[i], '"'), text...), '"')
	}
	return append(dst, ']')
}
