package logfile

import (
	"io"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// truncated is what a reader is told when the file it follows was cut short (HTTP-020).
const truncated = "==> File truncated <==\n"

// Follower reads a log as it grows, over rotation and clearing. It is for one goroutine; it keeps one descriptor.
type Follower struct {
	path   string
	file   *os.File
	offset int64
}

// Follow starts head bytes before the end of the log, or at its start when it is shorter (HTTP-018). The error for a
// missing file satisfies fs.ErrNotExist.
func Follow(path string, head int64) (*Follower, error) {
	f, size, err := openLog(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return &Follower{path: path, file: f, offset: max(0, size-max(0, head))}, nil
}

// Next returns what has come since the last call, as much as fits into buf, or nothing. The result is valid until the
// next use of buf. After a rotation it finishes the old file before it starts on the next; after a truncation it says
// so in the text and starts over. It never waits.
func (f *Follower) Next(buf []byte) ([]byte, error) {
	for {
		st, err := f.file.Stat()
		if err != nil {
			return nil, err
		}
		if st.Size() < f.offset {
			f.offset = 0
			return append(buf[:0], truncated...), nil
		}
		if n, err := f.read(buf); n > 0 || err != nil {
			return buf[:n], err
		}
		next := f.successor(st)
		if next == nil {
			return nil, nil
		}
		// What was written between our last read and the rotation is still to come from the old file.
		if n, err := f.read(buf); n > 0 || err != nil {
			next.Close()
			return buf[:n], err
		}
		f.file.Close()
		f.file, f.offset = next, 0
	}
}

// read takes what there is at the offset.
func (f *Follower) read(buf []byte) (int, error) {
	n, err := f.file.ReadAt(buf, f.offset)
	f.offset += int64(n)
	if err == io.EOF {
		err = nil
	}
	return n, err
}

// successor opens the file that was begun after the one we have: the path itself, or, when it was rotated more than
// once meanwhile, the backup before the one that ours has become. nil when the path is still ours or nothing is there.
func (f *Follower) successor(ours os.FileInfo) *os.File {
	for range 10 { // a rotation may fall between the looks; then look again
		at, ok := f.place(ours)
		if !ok || at == 0 {
			if ok {
				return nil
			}
			at = 1 // it is gone: the path is what comes next
		}
		next, err := os.OpenFile(f.name(at-1), os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			return nil
		}
		if now, still := f.place(ours); still == ok && (!ok || now == at) {
			return next
		}
		next.Close()
	}
	return nil
}

// place finds under which number our file stands: 0 for the path itself. While a rotation is moving the files there is
// one hole among them, and the path may be missing.
func (f *Follower) place(ours os.FileInfo) (int, bool) {
	holes := 0
	for i := 0; ; i++ {
		st, err := os.Stat(f.name(i))
		if err == nil && os.SameFile(st, ours) {
			return i, true
		}
		if err != nil && i > 0 {
			if holes++; holes > 1 {
				return 0, false
			}
		}
	}
}

// name is the i-th file: 0 the log, then its backups.
func (f *Follower) name(i int) string {
	if i == 0 {
		return f.path
	}
	return f.path + "." + strconv.Itoa(i)
}

// Close ends the following. Next must not be called after it.
func (f *Follower) Close() error { return f.file.Close() }
