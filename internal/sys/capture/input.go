package capture

import (
	"sync"
	"syscall"
)

// Input is the standard input of one child. What the pipe does not take at once is kept and written as the child reads.
type Input struct {
	shard *shard
	fd    int

	mu      sync.Mutex // guards what follows
	open    bool
	ending  bool   // nothing more is to come; it is closed when nothing is pending
	pending []byte // not yet written; the descriptor is watched exactly when there is something
	done    int    // how much of pending is written
}

// Input takes over fd, the writing end of a child's pipe. It stays open until Close or until the child is found not to
// read any more (PROC-046). fd is made nonblocking and belongs to the Input, also when an error is returned.
func (c Child) Input(fd int) (*Input, error) {
	i := &Input{shard: c.shard, fd: fd, open: true}
	err := syscall.SetNonblock(fd, true)
	if err == nil {
		err = i.shard.enter(fd, i)
	}
	if err != nil {
		syscall.Close(fd)
		return nil, err
	}
	return i, nil
}

// Write sends p to the child and never waits. It returns ErrClosed when the child does not read any more, and ErrFull,
// having taken nothing of p, when more than 16 MiB would have to be kept. What was taken is delivered in order
// (RPC-046), unless the child ends or closes its input first.
func (i *Input) Write(p []byte) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.open || i.ending {
		return ErrClosed
	}
	kept := len(i.pending) - i.done
	if kept+len(p) > InputLimit {
		return ErrFull
	}
	if kept == 0 {
		n, err := i.send(p)
		if err != nil {
			return err
		}
		p = p[n:]
		if len(p) == 0 {
			return nil
		}
		if err := i.shard.poll.watchWrite(i.fd); err != nil {
			i.close()
			return ErrClosed
		}
	}
	if i.done > len(i.pending)/2 {
		i.pending = append(i.pending[:0], i.pending[i.done:]...)
		i.done = 0
	}
	i.pending = append(i.pending, p...)
	return nil
}

// send writes what the pipe takes now.
func (i *Input) send(p []byte) (int, error) {
	sent := 0
	for sent < len(p) {
		n, err := syscall.Write(i.fd, p[sent:])
		switch err {
		case nil:
			sent += n
		case syscall.EINTR:
		case syscall.EAGAIN:
			return sent, nil
		default:
			i.close()
			return sent, ErrClosed
		}
	}
	return sent, nil
}

// ready writes on when there is room, and finds out when there is no reader.
func (i *Input) ready([]byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.open || i.done == len(i.pending) {
		return
	}
	n, err := i.send(i.pending[i.done:])
	if err != nil {
		return
	}
	i.done += n
	if i.done == len(i.pending) {
		i.pending, i.done = nil, 0
		i.shard.poll.unwatch(i.fd)
		if i.ending {
			i.close()
		}
	}
}

// End says that nothing more will be written: the child's input ends once it has read what was. A second End does
// nothing.
func (i *Input) End() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ending = true
	if i.open && i.done == len(i.pending) {
		i.close()
	}
}

// close gives up the descriptor and what was kept for it. The caller holds the mutex.
func (i *Input) close() {
	i.shard.poll.unwatch(i.fd)
	i.shard.leave(i.fd)
	syscall.Close(i.fd)
	i.open, i.pending, i.done = false, nil, 0
}

// Close closes the child's input; what it has not read from us is dropped. A second Close does nothing.
func (i *Input) Close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.open {
		i.close()
	}
}

func (i *Input) abandon() { i.Close() }
