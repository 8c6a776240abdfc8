package loop

import (
	"os"
	"strings"
	"sync"
	"syscall"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// preparers is how many births are prepared at a time. More gains nothing where forks are serial.
const preparers = 4

// mostPreparers bounds those that hang and those that stand in for them.
const mostPreparers = 256

// preparer does what may block before a fork: finds the command, opens the logs and the pipes, looks the user up.
// The queue has no bound, so that the loop never waits for a preparer.
type preparer struct {
	l   *Loop
	all sync.WaitGroup

	// mu guards the fields below; change is told of every change to them.
	mu     sync.Mutex
	change *sync.Cond
	queue  []*birth
	closed bool
	idle   int
	alive  int
	hung   int // births that take too long; each has a preparer more
}

func newPreparer(l *Loop) *preparer {
	p := &preparer{l: l}
	p.change = sync.NewCond(&p.mu)
	return p
}

// want queues a birth; its end is told to the loop by mail.
func (p *preparer) want(b *birth) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, b)
	p.staff()
	p.change.Signal()
}

// staff starts a preparer if there is work for one. The caller holds the mutex.
func (p *preparer) staff() {
	if len(p.queue) > p.idle && p.alive < min(preparers+p.hung, mostPreparers) {
		p.alive++
		p.all.Add(1)
		go p.work()
	}
}

// stuck says that a birth takes too long, so that whoever prepares it cannot be counted on; unstuck, that it came to
// an end after all.
func (p *preparer) stuck() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hung++
	p.staff()
}

func (p *preparer) unstuck() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hung--
}

func (p *preparer) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.change.Broadcast()
}

func (p *preparer) work() {
	defer p.all.Done()
	for {
		b := p.next()
		if b == nil {
			return
		}
		b.prepare()
		select {
		case p.l.mail <- func() { p.l.prepared(b) }:
		case <-p.l.done:
			b.drop()
		}
	}
}

func (p *preparer) next() *birth {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle++
	for len(p.queue) == 0 && !p.closed {
		p.change.Wait()
	}
	p.idle--
	if p.closed || p.alive > preparers+p.hung {
		p.alive--
		p.change.Signal()
		return nil
	}
	b := p.queue[0]
	p.queue = p.queue[1:]
	return b
}

// prepare fills in the birth. It runs in a preparer's goroutine and touches nothing of the loop's but the member's
// configuration, which never changes.
func (b *birth) prepare() {
	c := b.m.conf
	b.ours, b.theirs = [3]int{-1, -1, -1}, [3]int{-1, -1, -1}
	if b.grip != nil {
		var err error
		if b.theirs[0], err = b.grip.take(); err != nil {
			b.why = "Could not create FastCGI socket " + c.Socket.URL + ": " + err.Error()
			return
		}
	}
	file, argv, err := kernel.Command(c.Command, SearchPath(c, b.path))
	if err != nil {
		b.why = err.Error()
		return
	}
	touch(file)
	b.child = kernel.Child{Path: file, Argv: argv, Env: b.env, Dir: c.Directory, Umask: c.Umask, UID: c.UID}
	b.child.Cred, b.child.Refused = kernel.CredFor(c.UID)
	if err := b.open(); err != nil {
		closeAll(b.theirs[:])
		b.theirs = [3]int{-1, -1, -1}
		b.why = "unknown error making dispatchers for '" + c.Name + "': " + kernel.ErrnoName(err)
		if err == syscall.EMFILE || err == syscall.ENFILE {
			b.why = "too many open files to spawn '" + c.Name + "'"
		}
	}
}

// touch reads the first page of an executable, so that a disk that hangs hangs here and not in the fork.
func touch(file string) {
	f, err := os.Open(file)
	if err != nil {
		return
	}
	defer f.Close()
	var page [512]byte
	_, _ = f.Read(page[:])
}

// open makes the pipes and opens the logs.
func (b *birth) open() error {
	c := b.m.conf
	var err error
	if b.grip == nil {
		if b.theirs[0], b.ours[0], err = pipe(); err != nil {
			return err
		}
	}
	if b.ours[1], b.theirs[1], err = pipe(); err != nil {
		return err
	}
	if c.Redirect {
		b.theirs[2], err = dup(b.theirs[1])
	} else {
		b.ours[2], b.theirs[2], err = pipe()
	}
	if err != nil {
		return err
	}
	for _, fd := range b.ours {
		if fd >= 0 {
			if err := syscall.SetNonblock(fd, true); err != nil {
				return err
			}
		}
	}
	for ch, conf := range []*config.Channel{1: &c.Stdout, 2: &c.Stderr} {
		if conf == nil || b.ours[ch] < 0 {
			continue
		}
		if err := b.openLogs(ch, conf); err != nil {
			return err
		}
	}
	return nil
}

// openLogs opens all files of one channel, the one that clients read first.
func (b *birth) openLogs(ch int, conf *config.Channel) error {
	o := logfile.Options{MaxBytes: conf.LogfileMaxbytes, Backups: conf.LogfileBackups}
	for i := -1; i < len(conf.Also); i++ {
		path := conf.Log.Path
		if i >= 0 {
			path = conf.Also[i]
		}
		if path == "" {
			continue
		}
		f, err := logfile.Open(path, o)
		if err != nil {
			return err
		}
		b.logs[ch] = append(b.logs[ch], f)
	}
	return nil
}

// SearchPath is where a program's command is looked for: its own PATH, even an empty one, or ours (PROC-039).
func SearchPath(c *config.Process, ours string) []string {
	for _, v := range c.Environment {
		if v.Name == "PATH" {
			return strings.Split(v.Value, ":")
		}
	}
	return kernel.Path(ours)
}
