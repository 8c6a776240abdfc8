package logfile

import "io/fs"

// FollowFrom is Follow from an offset on, for a reader who has what is before it. An offset behind the end, which is what
// a rotation or clearing leaves, is the start.
func FollowFrom(path string, offset int64) (*Follower, error) {
	f, size, err := openLog(path)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	if offset > size || offset < 0 {
		offset = 0
	}
	return &Follower{path: path, file: f, offset: offset}, nil
}

// Skip moves on to the last keep bytes when more than most are waiting, and tells how many it left out.
func (f *Follower) Skip(most, keep int64) int64 {
	st, err := f.file.Stat()
	if err != nil || st.Size()-f.offset <= most {
		return 0
	}
	to := max(f.offset, st.Size()-keep)
	n := to - f.offset
	f.offset = to
	return n
}
