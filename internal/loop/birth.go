package loop

import (
	"errors"
	"syscall"

	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// birth is one child to come. A preparer fills in what the disk has to say; then it belongs to the loop again.
type birth struct {
	m     *member
	begun proc.Time // when its preparation was asked for; zero before
	env   []string
	path  string // our own PATH
	ready bool
	late  bool // its preparation hangs, and others overtake
	asked bool // by a client
	given bool // given up: whatever comes of its preparation is thrown away

	why    string // not empty: there will be no child, and this is the reason
	child  kernel.Child
	ours   [3]int // our ends of stdin, stdout and stderr; -1 for none
	theirs [3]int
	logs   [3][]*logfile.File // 1 and 2
	grip   *grip              // on the shared socket of a FastCGI program; nil for others
}

// overtake is how long a child that is not ready holds up the ones behind it: longer than a busy machine needs, since
// who listens hears of starts in their order.
const overtake = proc.Second / 2

// ahead is how many children are prepared before their turn. Each holds descriptors, and every fork copies and closes
// all that there are.
const ahead = 2 * forks

// foresee hands the next children in line to the preparers. One that hangs does not count.
func (l *Loop) foresee() {
	under := 0
	for _, b := range l.line {
		if under == ahead {
			return
		}
		if b.begun == 0 {
			b.begun = l.o.Kernel.Now()
			b.env, b.path = l.environ(b.m), l.path
			l.prep.want(b)
		}
		if !b.late {
			under++
		}
	}
}

// bear forks the children whose turn it is, a budget of them. They are born in the order in which they were asked
// for; one whose preparation hangs is overtaken after a while. True says that more could be born at once.
func (l *Loop) bear() bool {
	defer l.foresee()
	now := l.o.Kernel.Now()
	n := 0
	for i := 0; i < len(l.line) && n < forks; {
		b := l.line[i]
		if !b.ready {
			if b.begun == 0 || now-b.begun < overtake {
				return false
			}
			if !b.late {
				b.late = true
				l.prep.stuck()
				l.sayStarting(b.m)
			}
			if st, _ := l.fleet.State(b.m.id); st.Doomed {
				l.line = append(l.line[:i], l.line[i+1:]...)
				b.given = true
				l.feed(fleet.SpawnFailed{ID: b.m.id})
				continue
			}
			i++
			continue
		}
		l.line = append(l.line[:i], l.line[i+1:]...)
		n++
		l.birth(b)
	}
	return n == forks && len(l.line) > 0
}

// patience is when the first child that holds up others, or may do so, is to be overtaken; zero when there is none.
func (l *Loop) patience() proc.Time {
	for _, b := range l.line {
		switch {
		case b.ready || b.begun == 0:
			return 0
		case !b.late:
			return b.begun + overtake
		}
	}
	return 0
}

// prepared takes a birth back from its preparer.
func (l *Loop) prepared(b *birth) {
	b.ready = true
	if b.late {
		l.prep.unstuck()
	}
	if b.given {
		b.drop()
	}
}

// birth forks one child and connects it.
func (l *Loop) birth(b *birth) {
	m := b.m
	l.sayStarting(m)
	l.born = b
	defer func() { l.born = nil }()
	defer closeAll(b.theirs[:])
	if b.why != "" {
		b.discard()
		l.spawnFailed(m, b.why)
		b.grip.release()
		return
	}
	b.child.Files = b.theirs
	pid, err := l.o.Kernel.Spawn(b.child)
	if err != nil {
		b.discard()
		why := "unknown error during fork for '" + m.conf.Name + "': " + kernel.ErrnoName(err)
		if errors.Is(err, syscall.EAGAIN) {
			why = "Too many processes in process table to spawn '" + m.conf.Name + "'"
		}
		l.spawnFailed(m, why)
		b.grip.release()
		return
	}
	m.grip, m.slain = b.grip, false
	l.o.Memory.Look(l.o.Kernel.Now())
	l.connect(m, b, pid)
	l.o.Journal.Spawned(m.conf.Name, pid)
	l.feed(fleet.Spawned{ID: m.id, Pid: pid})
}

// connect hands our pipe ends to capture.
func (l *Loop) connect(m *member, b *birth, pid int) {
	streams := l.o.Capture.Child()
	if b.ours[0] >= 0 {
		if in, err := streams.Input(b.ours[0]); err == nil {
			m.in = in
		}
	}
	for ch := 1; ch <= 2; ch++ {
		if b.ours[ch] < 0 {
			continue
		}
		if out, err := streams.Output(b.ours[ch], l.sink(m, ch, pid, b.logs[ch])); err == nil {
			m.outputs = append(m.outputs, out)
		}
	}
}

// drop gives everything back that a birth holds which is nobody's any more.
func (b *birth) drop() {
	b.discard()
	closeAll(b.theirs[:])
	b.grip.release()
}

// discard closes what was opened for a child that will not be.
func (b *birth) discard() {
	closeAll(b.ours[:])
	for _, logs := range b.logs {
		for _, f := range logs {
			f.Close()
		}
	}
}

func closeAll(fds []int) {
	for _, fd := range fds {
		if fd >= 0 {
			syscall.Close(fd)
		}
	}
}
