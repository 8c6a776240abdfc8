package ctl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// lines reads lines of input one at a time, and can be interrupted while it
// waits: what was typed by then is the next reader's. It takes no more from
// the operating system than it needs to, but keeps what came with a line.
type lines struct {
	r    io.Reader
	file *os.File // r, when it is one and can be waited for

	mu     sync.Mutex // guards what follows; held while somebody waits for input
	held   []byte
	closed bool
}

// errNoInput is the end of input. The words are Python's.
var errNoInput = errors.New("EOF when reading a line")

func newLines(r io.Reader) *lines {
	file, _ := r.(*os.File)
	return &lines{r: r, file: file}
}

// read returns the next line without its newline; a last line without one
// counts. The error is errNoInput, or errInterrupted when ctx ended first.
func (l *lines) read(ctx context.Context) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if line, rest, ok := bytes.Cut(l.held, []byte("\n")); ok {
			l.held = rest
			return strings.TrimSuffix(string(line), "\r"), nil
		}
		if l.closed {
			line := string(l.held)
			l.held = nil
			if line == "" {
				return "", errNoInput
			}
			return line, nil
		}
		if err := l.await(ctx); err != nil {
			return "", err
		}
		chunk := make([]byte, 4096)
		n, err := l.r.Read(chunk)
		l.held = append(l.held, chunk[:n]...)
		if err != nil {
			if l.onTerminal() && len(l.held) == 0 {
				return "", errNoInput
			}
			l.closed = true
		}
	}
}

// maxRest bounds what rest reads, in bytes: no daemon takes more.
const maxRest = 16 << 20

// rest reads everything up to the end of input. The error is errInterrupted when ctx ended first.
func (l *lines) rest(ctx context.Context) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed {
		if err := l.await(ctx); err != nil {
			return nil, err
		}
		chunk := make([]byte, 64<<10)
		n, err := l.r.Read(chunk)
		l.held = append(l.held, chunk[:n]...)
		switch {
		case len(l.held) > maxRest:
			return nil, fmt.Errorf("cannot hand on more than %d bytes", maxRest)
		case err != nil && l.onTerminal():
			all := l.held
			l.held = nil
			return all, nil
		case err != nil:
			l.closed = true
		}
	}
	all := l.held
	l.held = nil
	return all, nil
}

// onTerminal tells whether the end of input is only the user's Ctrl-D, after
// which there may be more.
func (l *lines) onTerminal() bool { return l.file != nil && isTerminal(l.file) }

// await waits until there is something to read or ctx ends.
func (l *lines) await(ctx context.Context) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	if l.file == nil {
		return nil
	}
	bell, ring, err := os.Pipe()
	if err != nil {
		return nil
	}
	defer bell.Close()
	// The pipe is closed by whoever comes first, and then its other end can be read.
	silence := context.AfterFunc(ctx, func() { ring.Close() })
	defer func() {
		if silence() {
			ring.Close()
		}
	}()
	fds := []unix.PollFd{{Fd: int32(l.file.Fd()), Events: unix.POLLIN}, {Fd: int32(bell.Fd()), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		switch {
		case err == unix.EINTR:
		case fds[1].Revents != 0:
			return errInterrupted
		default:
			return nil
		}
	}
}
