package exthost

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
)

// guest is one guest from its making to its end.
type guest struct {
	house   *Guests
	conf    config.Plugin
	ext     ext.Extension
	inited  bool             // Init was called, so Close is owed
	methods []service.Method // of one that is no stranger; never changes once it is in
	out     atomic.Bool      // it panicked or is ending: nothing of it is used any more

	refused map[string]string // methods that are not offered and why, as told; guarded by house.building

	ctx  context.Context // ends with the guest
	end  context.CancelFunc
	ears ears

	closing sync.Once
	work    sync.WaitGroup // what runs on its behalf

	mu     sync.Mutex // guards what follows
	closed bool       // nothing more is begun on its behalf
}

var errOut = errors.New("the extension has ended")

// open makes the guest and starts what it needs.
func (o *guest) open() (err error) {
	o.ctx, o.end = context.WithCancel(context.Background())
	if fenced := o.fence("its factory", func() { o.ext, err = o.house.make(&o.conf) }); fenced != nil {
		return fenced
	}
	if err != nil {
		return err
	}
	if o.ext == nil {
		return errors.New("its factory made nothing")
	}
	o.inited = true
	if fenced := o.fence("Init", func() { err = o.ext.Init(o.host()) }); fenced != nil || err != nil {
		return errors.Join(fenced, err)
	}
	if err := o.learn(); err != nil {
		return err
	}
	return o.listen()
}

// learn asks for the method table.
func (o *guest) learn() error {
	if s, ok := o.ext.(Stranger); ok {
		return o.fence("Watch", func() { s.Watch(o.house.rebuild) })
	}
	m, ok := o.ext.(ext.Methods)
	if !ok {
		return nil
	}
	var list []ext.Method
	if err := o.fence("Methods", func() { list = m.Methods() }); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range list {
		if err := list[i].Check(); err != nil {
			return err
		}
		if seen[list[i].Name] {
			return fmt.Errorf("cannot offer method %q: there are two of that name", list[i].Name)
		}
		seen[list[i].Name] = true
		o.methods = append(o.methods, o.method(list[i]))
	}
	return nil
}

// offer is what the guest has to offer on one server.
func (o *guest) offer(server int) []service.Method {
	if o.out.Load() {
		return nil
	}
	if s, ok := o.ext.(Stranger); ok {
		var list []service.Method
		_ = o.fence("Offer", func() { list = s.Offer(server) })
		return list
	}
	return o.methods
}

// farewell is how long a guest may take over its Close, and lateness how long its goroutines may go on after their
// context has ended. What is ours waits for processes and bounds itself.
const (
	farewell = 10 * time.Second
	lateness = time.Second
)

// close ends what open began, in reverse, once; a second caller waits for the first. A guest that does not end is left
// behind.
func (o *guest) close() {
	o.closing.Do(func() {
		o.mu.Lock()
		o.closed = true
		o.mu.Unlock()
		o.deafen()
		o.out.Store(true)
		o.end()
		end := func() {
			var err error
			if o.inited && o.fence("Close", func() { err = o.ext.Close() }) == nil {
				o.house.o.Journal.GuestEnded(o.conf.Section, err)
			}
		}
		if _, ours := o.ext.(Stranger); ours {
			end()
			o.work.Wait()
		} else if !within(farewell, end) || !within(lateness, o.work.Wait) {
			o.house.o.Journal.GuestLeft(o.conf.Section)
		}
	})
}

// within does something and tells whether it came to its end in time.
func within(limit time.Duration, do func()) bool {
	done := make(chan struct{})
	go func() { do(); close(done) }()
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-done:
		return true
	case <-late.C:
		return false
	}
}

// begin runs something on the guest's behalf, unless it is on its way out.
func (o *guest) begin(do func()) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.work.Go(do)
	}
	return !o.closed
}

// fence calls into the guest. A panic is the guest's end: it is told with its place, the error says so, and the guest
// is closed behind the back of whoever called.
func (o *guest) fence(doing string, do func()) (err error) {
	defer func() {
		what := recover()
		if what == nil {
			return
		}
		o.house.o.Journal.GuestPanicked(o.conf.Section, doing, what, culprit())
		err = errOut
		if !o.out.Swap(true) {
			o.house.ends.Go(func() { o.house.rebuild(); o.close() })
		}
	}()
	do()
	return nil
}

// culprit is the place of a panic that is being recovered: the first line outside of the runtime.
func culprit() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
