package capture

import (
	"syscall"
	"unsafe"
)

// poller is an epoll set, level-triggered: a stream that was not read to its end is reported again.
type poller struct {
	epfd   int
	r, w   int // a pipe; closing w wakes the shard for good
	events []syscall.EpollEvent
}

func newPoller() (*poller, error) {
	epfd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	var p [2]int
	if err := syscall.Pipe2(p[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		syscall.Close(epfd)
		return nil, err
	}
	pl := &poller{epfd: epfd, r: p[0], w: p[1], events: make([]syscall.EpollEvent, 128)}
	if err := pl.watchRead(pl.r); err != nil {
		syscall.Close(pl.w)
		pl.close()
		return nil, err
	}
	return pl, nil
}

func (p *poller) control(op, fd int, events uint32) error {
	return syscall.EpollCtl(p.epfd, op, fd, &syscall.EpollEvent{Events: events, Fd: int32(fd)})
}

// watchRead begins to wait for bytes from fd, watchWrite for room in it; unwatch ends either.
func (p *poller) watchRead(fd int) error {
	return p.control(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN)
}

func (p *poller) watchWrite(fd int) error {
	return p.control(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLOUT)
}

func (p *poller) unwatch(fd int) { _ = p.control(syscall.EPOLL_CTL_DEL, fd, 0) }

// wait sleeps until some descriptors are ready and appends them to fds; false is the end.
func (p *poller) wait(fds []int) ([]int, bool) {
	n, err := syscall.EpollWait(p.epfd, p.events, -1)
	if err != nil && err != syscall.EINTR {
		return fds, false
	}
	for i := range max(n, 0) {
		fd := int(p.events[i].Fd)
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
	syscall.Close(p.epfd)
}

const (
	fSetPipeSize = 1031   // F_SETPIPE_SZ
	fionread     = 0x541b // FIONREAD
)

// widen makes the pipe hold more, as far as we may.
func widen(fd, size int) {
	_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), fSetPipeSize, uintptr(size))
}

// waiting is how many bytes are in the pipe.
func waiting(fd int) int {
	var n int32
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), fionread, uintptr(unsafe.Pointer(&n))); e != 0 {
		return chunk
	}
	return int(n)
}
