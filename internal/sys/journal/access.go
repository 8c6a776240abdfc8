package journal

import (
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// AccessDenied says that somebody could not prove who it is.
func (j *Journal) AccessDenied(user, from, section string) {
	j.logf(config.Warn, "refused %s from %s at %s: credentials that nobody has", Repr(user), from, Repr(section))
}

// Exposed says that a server can be reached from other machines and asks nobody who it is.
func (j *Journal) Exposed(section string) {
	j.logf(config.Critical, "Server %s lets every machine that reaches it start and stop programs: set a password or "+
		"listen on localhost", Repr(section))
}

// CertificateKept says that changed certificates cannot be used and the old ones are.
func (j *Journal) CertificateKept(err error) {
	j.logf(config.Error, "%v (going on with the old certificate)", err)
}

// Audit says what somebody asked for and what came of it.
func (j *Journal) Audit(level config.Level, user, from, section, verb, about, result string) {
	if about != "" {
		about = " " + Repr(about)
	}
	j.logf(level, "audit: %s from %s at %s: %s%s: %s", Repr(user), from, Repr(section), verb, about, oneLine(result))
}

// oneLine keeps a text that may have come from outside to one line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s)
}
