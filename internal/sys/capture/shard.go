package capture

import (
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
)

// stream is one end of a pipe that a shard waits for.
type stream interface {
	// ready does one turn's work. buf is the shard's, for the time of the call.
	ready(buf []byte)
	// abandon closes the descriptor at the end of the set.
	abandon()
}

// shard is one goroutine with its set of descriptors. Owned by that goroutine but for the fields under the mutex.
type shard struct {
	poll  *poller
	done  chan struct{}
	turns atomic.Int64 // wake-ups so far; tests look at it

	mu      sync.Mutex // guards streams and stopped
	streams map[int]stream
	stopped bool
}

func newShard() (*shard, error) {
	p, err := newPoller()
	if err != nil {
		return nil, err
	}
	return &shard{poll: p, done: make(chan struct{}), streams: map[int]stream{}}, nil
}

// run serves the streams until stop.
func (sh *shard) run() {
	defer close(sh.done)
	buf := make([]byte, chunk)
	fds := make([]int, 0, 128)
	for {
		var alive bool
		fds, alive = sh.poll.wait(fds[:0])
		if !alive {
			return
		}
		sh.turns.Add(1)
		// Of what is ready at the same time, stdout comes before stderr and older children before younger ones, as under
		// Supervisor; the kernel's order is that of chance.
		slices.Sort(fds)
		for _, fd := range fds {
			// A descriptor may have been closed, and its number given to another stream, since wait returned. That
			// other stream then finds nothing to do.
			if st := sh.find(fd); st != nil {
				st.ready(buf)
			}
		}
	}
}

func (sh *shard) find(fd int) stream {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.streams[fd]
}

// enter makes st the stream of fd. Waiting for fd is a second step.
func (sh *shard) enter(fd int, st stream) error {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.stopped {
		return syscall.EBADF
	}
	sh.streams[fd] = st
	return nil
}

// leave forgets fd; the caller closes it afterwards.
func (sh *shard) leave(fd int) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	delete(sh.streams, fd)
}

// stop ends the goroutine, waits for it and closes what is left.
func (sh *shard) stop() {
	sh.mu.Lock()
	if sh.stopped {
		sh.mu.Unlock()
		return
	}
	sh.stopped = true
	sh.mu.Unlock()
	sh.poll.wake()
	<-sh.done
	sh.mu.Lock()
	rest := sh.streams
	sh.streams = nil
	sh.mu.Unlock()
	for _, st := range rest {
		st.abandon()
	}
	sh.poll.close()
}
