package metrics

import (
	"math"
	"strconv"
	"strings"
)

// page is an answer in one of the two formats that Prometheus reads: OpenMetrics, or the older one. They differ in how
// a counter is announced, in the types they know, and in the end.
type page struct {
	b    []byte
	old  bool
	name string // of the family, as its samples have it
}

// The types of families.
const (
	counter = "counter"
	gauge   = "gauge"
	info    = "info"
)

// family begins a family of samples. Samples of counters end in _total and those of infos in _info; name does not.
func (p *page) family(name, kind, help string) {
	p.name = name
	switch kind {
	case counter:
		p.name += "_total"
	case info:
		p.name += "_info"
	}
	announced := name
	if p.old {
		announced = p.name
		if kind == info {
			kind = gauge
		}
	}
	p.b = append(append(append(append(p.b, "# HELP "...), announced...), ' '), help...)
	p.b = append(append(append(append(p.b, "\n# TYPE "...), announced...), ' '), kind...)
	p.b = append(p.b, '\n')
}

// sample adds one value; labels are names and values by turns.
func (p *page) sample(value float64, labels ...string) {
	p.b = append(p.b, p.name...)
	for i := 0; i+1 < len(labels); i += 2 {
		if i == 0 {
			p.b = append(p.b, '{')
		} else {
			p.b = append(p.b, ',')
		}
		p.b = append(append(p.b, labels[i]...), '=', '"')
		p.b = appendEscaped(p.b, labels[i+1])
		p.b = append(p.b, '"')
	}
	if len(labels) > 0 {
		p.b = append(p.b, '}')
	}
	p.b = append(p.b, ' ')
	if value == math.Trunc(value) && math.Abs(value) < 1<<53 {
		p.b = strconv.AppendInt(p.b, int64(value), 10)
	} else {
		p.b = strconv.AppendFloat(p.b, value, 'g', -1, 64)
	}
	p.b = append(p.b, '\n')
}

// appendEscaped writes a label's value, which both formats escape alike. What is no UTF-8 becomes U+FFFD.
func appendEscaped(b []byte, s string) []byte {
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch r {
		case '\\':
			b = append(b, '\\', '\\')
		case '"':
			b = append(b, '\\', '"')
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = append(b, string(r)...)
		}
	}
	return b
}

// end is the whole answer.
func (p *page) end() []byte {
	if !p.old {
		p.b = append(p.b, "# EOF\n"...)
	}
	return p.b
}

// flag is 1 for true.
func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
