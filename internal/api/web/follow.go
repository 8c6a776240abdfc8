package web

import (
	"os"
	"strconv"

	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

const (
	mostBehind = 1 << 20   // bytes that a viewer may be behind a log; then some are left out
	keptBehind = 64 << 10  // and this is what it goes on with
	oneRead    = 128 << 10 // bytes of a log that are sent in one go
)

// logSource follows one log for one viewer.
type logSource struct {
	key, path string
	offset    int64
	file      *logfile.Follower // nil until there is a file
	sheet     paper
	buf       []byte
}

// watchLogs are the logs that a viewer wants to follow: log=NAME with out=OFFSET and err=OFFSET, or main=OFFSET. A
// broken stream that comes again begins at the end.
func (v *visit) watchLogs() ([]source, error) {
	var list []source
	add := func(key, path string) {
		offset, err := strconv.ParseInt(v.q.Get(key), 10, 64)
		if path == "" || err != nil {
			return
		}
		list = append(list, &logSource{key: key, path: path, offset: offset, buf: make([]byte, oneRead)})
	}
	if v.q.Has("main") {
		if err := v.o.Service.Up(v.ctx); err != nil {
			return nil, err
		}
		add("main", v.o.Service.MainLog())
	}
	if !v.q.Has("log") {
		return list, nil
	}
	for _, s := range streams {
		path, err := v.o.Service.LogPath(v.ctx, v.q.Get("log"), s.of)
		if err != nil {
			return nil, err
		}
		add(s.key, path)
	}
	return list, nil
}

func (s *logSource) more(dst []byte) ([]byte, bool, error) {
	if s.file == nil {
		if info, err := os.Stat(s.path); err != nil || !info.Mode().IsRegular() {
			return dst, false, nil // it may come to be
		}
		f, err := logfile.FollowFrom(s.path, s.offset)
		if err != nil {
			return dst, false, nil
		}
		s.file = f
	}
	if n := s.file.Skip(mostBehind, keptBehind); n > 0 {
		s.sheet = paper{}
		dst = append(append(append(dst, "event: "...), s.key...), "\ndata: <i class=\"gap\">"...)
		dst = append(append(dst, bytesIn(uint64(n))...), " left out: this page cannot keep up</i>\n\n"...)
	}
	text, err := s.file.Next(s.buf)
	if err != nil || len(text) == 0 {
		return dst, false, nil
	}
	lines, goes := s.sheet.lines(text)
	if len(lines) == 0 {
		return dst, true, nil
	}
	dst = append(append(dst, "event: "...), s.key...)
	if goes {
		dst = append(dst, '+') // the first line goes on with the last one
	}
	for _, line := range lines {
		dst = append(append(dst, "\ndata: "...), line...)
	}
	return append(dst, "\n\n"...), len(text) == len(s.buf), nil
}

func (s *logSource) close() {
	if s.file != nil {
		s.file.Close()
	}
}
