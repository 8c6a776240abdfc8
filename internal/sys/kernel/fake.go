package kernel

import (
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// Fake is a Kernel for tests: it forks nothing, its children live until they are told to die, and what is done to
// them can be read afterwards. Its clocks follow time.Now, so that inside testing/synctest a week passes at once; it
// must be made inside the bubble then. Its fields are set before the first use, or in Behave.
type Fake struct {
	// Refuse, when set, is asked before each birth; an error means that there is no child.
	Refuse func(Child) error
	// Lose, when set, is asked before each signal to a living child; an error means that it is not sent.
	Lose func(pid, sig int) error
	// Obey, when set, is told each signal that a child has got. Left out, SIGKILL ends the child and nothing else does.
	Obey func(f *Fake, pid, sig int)
	// Talk keeps the children's descriptors open, so that Say works.
	Talk bool

	bell  chan os.Signal
	start time.Time

	mu    sync.Mutex // guards what follows
	ahead time.Duration
	skew  time.Duration
	pid   int
	alive map[int]*FakeChild
	born  []*FakeChild
	sent  []Sent
	dead  []death
}

// FakeChild is one child that was born.
type FakeChild struct {
	Child
	Pid int
	own [3]int // copies of its descriptors; only with Talk
}

// Sent is one signal that reached a child.
type Sent struct {
	Pid, Sig int
	Group    bool
	At       proc.Time
}

type death struct {
	pid int
	st  Status
}

var _ Kernel = (*Fake)(nil)

// NewFake returns a kernel without children. Pids count from 1001.
func NewFake() *Fake {
	return &Fake{bell: make(chan os.Signal, 1), start: time.Now(), pid: 1000, alive: map[int]*FakeChild{}}
}

// Behave changes the fields while the kernel is in use.
func (f *Fake) Behave(change func(*Fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// Now is an hour at first, and goes on as time.Now does.
func (f *Fake) Now() proc.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return proc.Time(time.Hour + time.Since(f.start) + f.ahead)
}

// Wall is time.Now, moved by all Jumps.
func (f *Fake) Wall() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Now().Add(f.ahead + f.skew)
}

// Jump sets the time of day forward, or back. The monotonic clock does not notice.
func (f *Fake) Jump(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.skew += d
}

// Advance lets time pass on both clocks and rings the bell, since whoever sleeps until then would not know.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	f.ahead += d
	f.mu.Unlock()
	f.ring()
}

// Bell rings when children died.
func (f *Fake) Bell() <-chan os.Signal { return f.bell }

func (f *Fake) ring() {
	select {
	case f.bell <- syscall.SIGCHLD:
	default:
	}
}

// Spawn bears a child, unless Refuse has a reason not to.
func (f *Fake) Spawn(c Child) (int, error) {
	f.mu.Lock()
	refuse := f.Refuse
	f.mu.Unlock()
	if refuse != nil {
		if err := refuse(c); err != nil {
			return 0, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pid++
	child := &FakeChild{Child: c, Pid: f.pid, own: [3]int{-1, -1, -1}}
	for i, fd := range c.Files {
		if !f.Talk {
			break
		}
		if n, err := syscall.Dup(fd); err == nil {
			syscall.CloseOnExec(n)
			child.own[i] = n
		}
	}
	f.alive[f.pid] = child
	f.born = append(f.born, child)
	return f.pid, nil
}

// Kill records the signal. A pid that is no living child's is ESRCH, and the door's own check holds here too.
func (f *Fake) Kill(pid, sig int, group bool) error {
	if pid < 2 {
		return ErrPid
	}
	f.mu.Lock()
	lose, obey := f.Lose, f.Obey
	f.mu.Unlock()
	if lose != nil {
		if err := lose(pid, sig); err != nil {
			return err
		}
	}
	now := f.Now()
	f.mu.Lock()
	_, here := f.alive[pid]
	if here {
		f.sent = append(f.sent, Sent{pid, sig, group, now})
	}
	f.mu.Unlock()
	switch {
	case !here:
		return syscall.ESRCH
	case obey != nil:
		obey(f, pid, sig)
	case sig == int(syscall.SIGKILL):
		f.End(pid, Status{Code: -1, Signal: sig})
	}
	return nil
}

// Wait reaps one dead child, the first that died.
func (f *Fake) Wait() (int, Status, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.dead) == 0 {
		return 0, Status{}, false
	}
	d := f.dead[0]
	f.dead = f.dead[1:]
	return d.pid, d.st, true
}

// Exit ends a child by its own will.
func (f *Fake) Exit(pid, code int) { f.End(pid, Status{Code: code}) }

// End ends a child. One that is not alive is a stranger's death: it is reaped like any other.
func (f *Fake) End(pid int, st Status) {
	f.mu.Lock()
	if c := f.alive[pid]; c != nil {
		delete(f.alive, pid)
		c.hangUp()
	}
	f.dead = append(f.dead, death{pid, st})
	f.mu.Unlock()
	f.ring()
}

func (c *FakeChild) hangUp() {
	for i, fd := range c.own {
		if fd >= 0 {
			syscall.Close(fd)
			c.own[i] = -1
		}
	}
}

// Say lets a living child write to descriptor 1 or 2. It needs Talk.
func (f *Fake) Say(pid, fd int, text string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.alive[pid]
	if c == nil || c.own[fd] < 0 {
		return syscall.EBADF
	}
	_, err := syscall.Write(c.own[fd], []byte(text))
	return err
}

// Born lists all children there ever were, in the order of their births.
func (f *Fake) Born() []FakeChild {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]FakeChild, len(f.born))
	for i, c := range f.born {
		out[i] = *c
	}
	return out
}

// Forget drops what is only remembered for tests: the dead, and the signals that were sent.
func (f *Fake) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.born = slices.Clone(slices.DeleteFunc(f.born, func(c *FakeChild) bool { return f.alive[c.Pid] != c }))
	f.sent = nil
}

// Alive lists the pids of the living, in the order of their births.
func (f *Fake) Alive() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]int, 0, len(f.alive))
	for pid := range f.alive {
		out = append(out, pid)
	}
	slices.Sort(out)
	return out
}

// Sent lists the signals that reached living children.
func (f *Fake) Sent() []Sent {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sent)
}

// Close ends what is still open of the children.
func (f *Fake) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.alive {
		c.hangUp()
	}
}
