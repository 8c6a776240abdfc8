package logfile

import (
	"bytes"
	"os"
	"sync"
	"syscall"
)

// chunk is what a pipe that says it is writable takes without waiting (PIPE_BUF on Linux).
const chunk = 4096

// writeSlow writes to something that may be full until others read. It waits in poll, not in write, so that it can be
// called off. A descriptor we opened ourselves does not block; a copy of our standard output shares its flags with
// strangers, so these are left alone and it is written to in pieces that fit. A piece ends with a line where it can: what
// strangers write there comes between our lines and not into them.
func (t *target) writeSlow(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		if t.cut.Load() {
			return done, os.ErrClosed
		}
		if t.stale.Swap(false) {
			_ = t.swap() // the old one goes on when there is no new one
		}
		if !waitWritable(t.fd, t.bell.fd()) {
			continue
		}
		piece := p[done:]
		if t.own && len(piece) > chunk {
			piece = piece[:chunk]
			if end := bytes.LastIndexByte(piece, '\n'); end >= 0 {
				piece = piece[:end+1]
			}
		}
		n, err := syscall.Write(t.fd, piece)
		switch {
		case err == syscall.EINTR || err == syscall.EAGAIN:
			continue
		case err != nil:
			return done, &os.PathError{Op: "write", Path: t.path, Err: err}
		}
		done += n
	}
	return done, nil
}

// bell wakes a poll: a byte in a pipe.
type bell struct {
	mu   sync.Mutex
	r, w int
	hung bool
}

// hang makes the pipe; a second time it does nothing.
func (b *bell) hang() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hung {
		return nil
	}
	r, w, err := pipe()
	if err != nil {
		return err
	}
	b.r, b.w, b.hung = r, w, true
	return nil
}

// fd is the end to poll, -1 when there is none.
func (b *bell) fd() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.hung {
		return -1
	}
	return b.r
}

// ring wakes the poll that waits, or the next one.
func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hung {
		_, _ = syscall.Write(b.w, []byte{0})
	}
}

// remove takes the pipe down.
func (b *bell) remove() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.hung {
		syscall.Close(b.r)
		syscall.Close(b.w)
		b.hung = false
	}
}

// pipe makes two descriptors that neither block nor are inherited.
func pipe() (r, w int, err error) {
	var p [2]int
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := syscall.Pipe(p[:]); err != nil {
		return -1, -1, err
	}
	for _, fd := range p {
		syscall.CloseOnExec(fd)
		_ = syscall.SetNonblock(fd, true)
	}
	return p[0], p[1], nil
}
