package python

import "github.com/reeve-sh/reeve/internal/sys/journal"

var (
	AppendValue = appendValue
	Spelled     = spelled
)

// Deaf is a life that nobody answers, to be talked at.
func Deaf(j *journal.Journal) (hear func([]byte), end func()) {
	l := &life{
		b: New(Options{Journal: j}), gone: make(chan struct{}), waiting: map[int64]func(reply){}, deferred: map[int64]chan reply{},
		write: func([]byte) error { return errGone },
	}
	l.waiting[1], l.deferred[1] = func(reply) {}, make(chan reply, 1)
	return l.hear, l.end
}
