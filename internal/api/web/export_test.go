package web

import (
	"net/url"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// Paper lets tests at what renders logs.
type Paper struct{ paper }

// Lines renders a chunk.
func (p *Paper) Lines(text []byte) ([]string, bool) { return p.lines(text) }

// Differs tells whether the page of a configuration shows a difference.
func Differs(a, b *config.Process) bool {
	for _, c := range compare(settings(a), settings(b)) {
		if c.Differs {
			return true
		}
	}
	return false
}

// Ending is how an end is told.
var Ending = ending

// Order is what a form asks for.
func Order(form url.Values) (verb string, names []string, all bool, err error) {
	o, err := read(form)
	return o.verb, o.names, o.all, err
}
