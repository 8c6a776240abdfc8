package logfile

import (
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"syscall"

	"github.com/reeve-sh/reeve/internal/core/fault"
)

// MaxAnswer is the most one Read or Tail returns, in bytes. A client that wants more asks again with a later offset.
const MaxAnswer = 64 << 20

// Read returns part of a log as readLog does (RPC-009): from offset to the end for length 0, length bytes from offset,
// or the last -offset bytes for a negative offset with length 0. An answer longer than MaxAnswer ends early, or starts
// late for a negative offset. The error is a *fault.Error: NoFile with the path (LOG-024), BadArguments, or Failed.
func Read(path string, offset, length int64) ([]byte, error) {
	f, size, err := openLog(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NoFile, path)
	}
	if err != nil {
		return nil, fault.New(fault.Failed, "")
	}
	defer f.Close()
	if length < 0 || (offset < 0 && length != 0) {
		return nil, fault.New(fault.BadArguments, "")
	}
	if offset < 0 {
		offset = max(0, size+max(offset, -MaxAnswer))
	}
	data, err := part(f, size, offset, length)
	if err != nil {
		return nil, fault.New(fault.Failed, "")
	}
	return data, nil
}

// Tail returns the end of a log as tailProcessStdoutLog does (RPC-039 to RPC-041): data are the last length bytes
// whatever the offset, unless the offset is the end or beyond it; overflow tells that there is more than offset+length.
// size is that of the file. A missing file is no data, size 0 and no overflow.
func Tail(path string, offset, length int64) (data []byte, size int64, overflow bool) {
	f, size, err := openLog(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, false
	}
	if err != nil {
		return nil, offset, false
	}
	defer f.Close()
	if size > sum(offset, length) {
		overflow = true
		offset = size - 1
	}
	if sum(offset, length) > size {
		if offset > size-1 {
			length = 0
		}
		offset = size - length
	}
	offset = max(0, offset)
	if length <= 0 {
		return nil, size, overflow
	}
	if length > MaxAnswer {
		offset = max(offset, size-MaxAnswer)
	}
	data, err = part(f, size, offset, length)
	if err != nil {
		return nil, size, overflow
	}
	return data, size, overflow
}

// openLog opens a log for reading without ever waiting for a writer. Only files can be read by offset; a device that
// swallows what is written to it reads as empty, everything else is refused.
func openLog(path string) (*os.File, int64, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, 0, fs.ErrNotExist // what cannot be looked at does not exist for Supervisor either
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, 0, syscall.EACCES
	}
	st, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	sys, _ := st.Sys().(*syscall.Stat_t)
	switch {
	case st.Mode().IsRegular():
		return f, st.Size(), nil
	case sys != nil && st.Mode()&fs.ModeCharDevice != 0 && isMemoryDevice(sys):
		return f, 0, nil
	}
	f.Close()
	return nil, 0, syscall.ESPIPE
}

// part reads length bytes at offset, or all there is for length 0, within size and MaxAnswer.
func part(f *os.File, size, offset, length int64) ([]byte, error) {
	rest := min(max(0, size-offset), MaxAnswer)
	if length > 0 {
		rest = min(rest, length)
	}
	data := make([]byte, rest)
	n, err := f.ReadAt(data, offset)
	if err != nil && err != io.EOF {
		return nil, err
	}
	return data[:n], nil
}

// sum adds without running over.
func sum(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}
