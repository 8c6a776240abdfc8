package capture

import (
	"sync"
	"syscall"
)

// Output is what one child writes to one of its descriptors, on the way to a sink.
type Output struct {
	set   *Set
	shard *shard
	fd    int
	sink  Sink
	brake Brake // the sink, when it is one

	mu     sync.Mutex // guards what follows, and is held while the sink is written to
	open   bool
	paused bool // not watched, because the sink is full
	wide   bool // the pipe has been widened
	full   int  // reads in a row that brought a whole pipe's worth
}

// Output takes over fd, the reading end of a child's pipe, and gives what comes from it to sink until the child closes
// it or Drain is called. fd is made nonblocking and belongs to the Output, also when an error is returned.
func (c Child) Output(fd int, sink Sink) (*Output, error) {
	o := &Output{set: c.set, shard: c.shard, fd: fd, sink: sink, open: true}
	o.brake, _ = sink.(Brake)
	o.mu.Lock()
	defer o.mu.Unlock()
	err := syscall.SetNonblock(fd, true)
	if err == nil {
		err = o.shard.enter(fd, o)
	}
	if err == nil {
		if err = o.shard.poll.watchRead(fd); err != nil {
			o.shard.leave(fd)
		}
	}
	if err != nil {
		o.open = false
		syscall.Close(fd)
		return nil, err
	}
	return o, nil
}

// Drain takes what is in the pipe at this moment, gives it to the sink and closes the descriptor. It is for the time
// right after the child was reaped: what it wrote last is in the log before its end is announced (PROC-023). It does
// not wait for the end of the stream, which a grandchild may hold open, and takes no more than was there however
// much the grandchild goes on writing (PROC-045). A full sink is no reason to wait either. After Drain the sink is not
// called. A second Drain, or one after the end of the stream, does nothing.
func (o *Output) Drain() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.open {
		return
	}
	o.set.drainMu.Lock()
	defer o.set.drainMu.Unlock()
	if o.set.drainBuf == nil {
		o.set.drainBuf = make([]byte, chunk)
	}
	for rest := waiting(o.fd); rest > 0; {
		n, err := read(o.fd, o.set.drainBuf[:min(rest, chunk)])
		if n <= 0 || err != nil {
			break
		}
		_, _ = o.sink.Write(o.set.drainBuf[:n])
		rest -= n
	}
	o.close()
}

// close ends the stream. The caller holds the mutex.
func (o *Output) close() {
	if !o.paused {
		o.shard.poll.unwatch(o.fd)
	}
	o.shard.leave(o.fd)
	syscall.Close(o.fd)
	o.open = false
}

// ready reads for one turn.
func (o *Output) ready(buf []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for range turn {
		if !o.open || o.paused {
			return
		}
		n, err := read(o.fd, buf)
		if err == syscall.EAGAIN {
			return
		}
		if n <= 0 || err != nil {
			o.close() // the child closed it (PROC-047)
			return
		}
		_, _ = o.sink.Write(buf[:n])
		o.pause()
		if n < usualPipe {
			o.full = 0
			return
		}
		o.grow()
		if n < len(buf) {
			return
		}
	}
}

// pause stops reading while the sink is full. The mutex keeps resume waiting until that is done.
func (o *Output) pause() {
	if o.brake != nil && o.brake.Wait(o.resume) {
		o.shard.poll.unwatch(o.fd)
		o.paused = true
	}
}

// resume reads on.
func (o *Output) resume() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.open || !o.paused {
		return
	}
	if o.brake.Wait(o.resume) {
		return // another of several targets is full
	}
	o.paused = false
	if o.shard.poll.watchRead(o.fd) != nil {
		o.paused = true
		o.close()
	}
}

// grow widens the pipe of a child that fills it faster than we come round.
func (o *Output) grow() {
	if o.wide {
		return
	}
	if o.full++; o.full >= 4 {
		o.wide = true
		widen(o.fd, widePipe)
	}
}

// abandon closes the descriptor when the set is closed.
func (o *Output) abandon() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open {
		o.close()
	}
}

// read reads once.
func read(fd int, p []byte) (int, error) {
	for {
		n, err := syscall.Read(fd, p)
		if err != syscall.EINTR {
			return n, err
		}
	}
}
