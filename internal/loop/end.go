package loop

import (
	"syscall"

	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// End is how the last child of a process ended; it stays until the next one has.
type End struct {
	Ended    bool // there has been one, and the rest means something
	Code     int  // exit status; -1 after a signal
	Signal   int  // 0 after an exit
	Core     bool // it has left a core dump
	OOM      bool // the kernel killed it, or a child of its, for want of memory
	Expected bool // it was told to stop, or its exit status is one of exitcodes
	Lived    proc.Time
}

// String is the end in words, such as "terminated by SIGKILL (out of memory)"; empty when there has been none.
func (e End) String() string {
	switch {
	case !e.Ended:
		return ""
	case e.Signal != 0:
		return event.Ending(0, journal.SignalName(e.Signal), e.Core, e.OOM)
	}
	return event.Ending(e.Code, "", e.Core, e.OOM)
}

// killed is the exit status that a shell has when the command that it waited for was killed.
const killed = 128 + int(syscall.SIGKILL)

// ended keeps how a child of m ended, before anybody is told.
func (l *Loop) ended(m *member, pid int, st kernel.Status) {
	now := l.o.Kernel.Now()
	m.end = End{Ended: true, Code: st.Code, Signal: st.Signal, Core: st.Core, Lived: now - m.since}
	if m.slain || st.Signal != int(syscall.SIGKILL) && st.Code != killed {
		l.o.Memory.Look(now)
		return
	}
	if m.end.OOM = l.o.Memory.Blames(now); m.end.OOM {
		l.o.Journal.OutOfMemory(m.conf.Name, pid)
	}
}

// expected keeps whether an end was one that had to be expected.
func (m *member) expected(a fleet.Announce) {
	switch a.To {
	case proc.Stopped:
		m.end.Expected = true
	case proc.Exited:
		m.end.Expected = a.Expected
	}
}

// ending is how the journal tells a death.
func ending(st kernel.Status) string {
	return journal.Status(st.Signal == 0, st.Code, journal.SignalName(st.Signal), st.Core)
}
