package journal

import (
	"fmt"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// GuestSays is a line that a guest writes itself; guest is the title of its section.
func (j *Journal) GuestSays(level config.Level, guest, text string) {
	j.logf(level, "[%s] %s", guest, text)
}

// GuestRefused says why a guest cannot be made.
func (j *Journal) GuestRefused(guest string, err error) {
	j.logf(config.Warn, "cannot make [%s]: %v", guest, err)
}

// GuestPanicked says that a guest is out because of a bug in it; where is the line of the bug.
func (j *Journal) GuestPanicked(guest, doing string, what any, where string) {
	j.logf(config.Critical, "[%s] panicked in %s: %s at %s (its methods are taken back)", guest, doing, fmt.Sprint(what), where)
}

// GuestLost counts what a guest was too slow for.
func (j *Journal) GuestLost(guest, what string, n uint64) {
	j.logf(config.Warn, "[%s] is too slow: %d %s lost", guest, n, what)
}

// GuestUndecided says that a guest did not say in time whether a process may be started.
func (j *Journal) GuestUndecided(guest, process string) {
	j.logf(config.Warn, "[%s] did not say in time whether %s may start (it may)", guest, Repr(process))
}

// GuestLeft says that a guest goes on although it has been told that it is over.
func (j *Journal) GuestLeft(guest string) {
	j.logf(config.Warn, "[%s] does not end when its context does (going on without it)", guest)
}

// GuestEnded says that a guest is gone; err is what it could not do on the way.
func (j *Journal) GuestEnded(guest string, err error) {
	if err != nil {
		j.logf(config.Warn, "[%s] did not end well: %v", guest, err)
		return
	}
	j.logf(config.Info, "[%s] ended", guest)
}

// GuestShadowed says that a method is not offered, and why.
func (j *Journal) GuestShadowed(guest, method, why string) {
	j.logf(config.Warn, "[%s] method %s is not offered: %s", guest, Repr(method), why)
}
