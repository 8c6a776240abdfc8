//go:build darwin || freebsd

package capture

import "syscall"

// poller is a kqueue, level-triggered like its Linux sister.
type poller struct {
	kq     int
	r, w   int // a pipe; closing w wakes the shard for good
	events []syscall.Kevent_t
}

func newPoller() (*poller, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	kq, err := syscall.Kqueue()
	if err != nil {
		return nil, err
	}
	var p [2]int
	if err := syscall.Pipe(p[:]); err != nil {
		syscall.Close(kq)
		return nil, err
	}
	for _, fd := range []int{kq, p[0], p[1]} {
		syscall.CloseOnExec(fd)
	}
	pl := &poller{kq: kq, r: p[0], w: p[1], events: make([]syscall.Kevent_t, 128)}
	if err := pl.watchRead(pl.r); err != nil {
		syscall.Close(pl.w)
		pl.close()
		return nil, err
	}
	return pl, nil
}

func (p *poller) control(fd, filter, flags int) error {
	change := make([]syscall.Kevent_t, 1)
	syscall.SetKevent(&change[0], fd, filter, flags)
	_, err := syscall.Kevent(p.kq, change, nil, nil)
	return err
}

// watchRead begins to wait for bytes from fd, watchWrite for room in it; unwatch ends either.
func (p *poller) watchRead(fd int) error {
	return p.control(fd, syscall.EVFILT_READ, syscall.EV_ADD)
}

func (p *poller) watchWrite(fd int) error {
	return p.control(fd, syscall.EVFILT_WRITE, syscall.EV_ADD)
}

func (p *poller) unwatch(fd int) {
	_ = p.control(fd, syscall.EVFILT_READ, syscall.EV_DELETE)
	_ = p.control(fd, syscall.EVFILT_WRITE, syscall.EV_DELETE)
}

// wait sleeps until some descriptors are ready and appends them to fds; false is the end.
func (p *poller) wait(fds []int) ([]int, bool) {
	n, err := syscall.Kevent(p.kq, nil, p.events, nil)
	if err != nil && err != syscall.EINTR {
		return fds, false
	}
	for i := range max(n, 0) {
		fd := int(p.events[i].Ident)
		if fd == p.r {
			return fds, false
		}
		fds = append(fds, fd)
	}
	return fds, true
}

// wake ends the wait in progress and all later ones.
func (p *poller) wake() { syscall.Close(p.w) }

func (p *poller) close() {
	syscall.Close(p.r)
	syscall.Close(p.kq)
}

// widen does nothing: here pipes grow by themselves.
func widen(int, int) {}

// waiting is the most a drain takes; it ends earlier at an empty pipe.
func waiting(int) int { return chunk }
