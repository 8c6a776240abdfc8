package web

import (
	"bytes"
	"errors"
	"html/template"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// A pane shows one log.
type pane struct {
	Key, Title string // "out"
	Path, Size string
	Note       string // why there is nothing, or what is left out
	Lines      []textLine
	Raw, Whole string // links: as it grows, and as a file
}

// textLine is one line of a log. One that is not searched for is there all the same, for whoever searches for something
// else without asking again.
type textLine struct {
	Text   template.HTML
	Hidden bool
}

// logs is the page of one process, or of the main log.
type logs struct {
	listing
	Name         string
	Panes        []pane
	Search       string
	Count        int   // of lines that are shown
	Counts       []int // that may be chosen
	Process      bool
	Live, Action string
}

const (
	usualLines = 200
	mostLines  = 10000
	mostShown  = 4 << 20 // bytes of one log that a page shows
)

// streams are the two logs of a process.
var streams = []struct {
	key, title, raw string
	of              service.Stream
}{{"out", "stdout", "", service.Stdout}, {"err", "stderr", "/stderr", service.Stderr}}

// process is the page of one process: its row, and the ends of its logs (WEB-010).
func (v *visit) process() *httpd.Response {
	name := v.q.Get("processname")
	if name == "" {
		return v.bad(404, "No process name found")
	}
	l := logs{Name: name, Process: true, Action: "tail.html", listing: listing{Back: v.here(), Signals: signals}}
	v.choose(&l)
	b := v.board
	b.mu.Lock()
	err := b.fresh(v.ctx)
	r := b.find(name)
	b.mu.Unlock()
	if err == nil && r == nil {
		err = fault.About(fault.BadName, name)
	}
	if err == nil {
		err = v.fill(&l.listing, r)
	}
	if err != nil {
		return v.sorry(err)
	}
	l.Live = l.listing.Live + "&log=" + url.QueryEscape(name)
	for _, s := range streams {
		path, err := v.o.Service.LogPath(v.ctx, name, s.of)
		if err != nil {
			return v.sorry(err)
		}
		p := pane{Key: s.key, Title: s.title, Path: path}
		if path == "" {
			p.Note = "No file for " + name
			if s.of == service.Stderr && r.proc.Conf.Redirect {
				p.Note = "stderr goes where stdout goes"
			}
		} else {
			p.Raw = "logtail/" + url.PathEscape(name) + s.raw
			p.Whole = "download?processname=" + url.QueryEscape(name) + "&stream=" + s.title
			l.Live += "&" + s.key + "=" + strconv.FormatInt(v.show1(&p, &l), 10)
		}
		l.Panes = append(l.Panes, p)
	}
	return v.show(200, "process", name, l)
}

// mainLog is the page of the daemon's own log.
func (v *visit) mainLog() *httpd.Response {
	if err := v.o.Service.Up(v.ctx); err != nil {
		return v.sorry(err)
	}
	l := logs{Action: "mainlog.html"}
	v.choose(&l)
	p := pane{Key: "main", Title: "Main log", Path: v.o.Service.MainLog(), Raw: "mainlogtail", Whole: "download?main=1"}
	l.Live = "live?main=" + strconv.FormatInt(v.show1(&p, &l), 10)
	l.Panes = []pane{p}
	return v.show(200, "log", "Main log", l)
}

// choose reads how much is wanted: lines, or Supervisor's limit in bytes, which is at least 1024.
func (v *visit) choose(l *logs) {
	l.Search = v.q.Get("q")
	l.Counts = []int{50, 200, 1000, 5000}
	l.Count = usualLines
	if n, err := strconv.Atoi(v.q.Get("lines")); err == nil && n > 0 {
		l.Count = min(n, mostLines)
	}
}

// show1 fills a pane with the end of its log and returns where that end is.
func (v *visit) show1(p *pane, l *logs) int64 {
	limit, exact := int64(mostShown), false
	if v.q.Has("limit") {
		n, _ := strconv.ParseInt(v.q.Get("limit"), 10, 64)
		limit, exact = min(max(n, 1024), mostShown), true
	}
	text, size, err := ending1(p.Path, limit, l.Count, exact)
	if err != nil {
		p.Note = "There is no file yet."
		if !errors.Is(err, os.ErrNotExist) {
			p.Note = "This log cannot be read: it is no file."
			p.Whole = ""
		}
		return 0
	}
	p.Size = bytesIn(uint64(size))
	var sheet paper
	lines, _ := sheet.lines(text)
	found, wanted := 0, strings.ToLower(l.Search)
	for _, line := range lines {
		one := textLine{Text: template.HTML(line)} // paper has escaped it
		one.Hidden = wanted != "" && !strings.Contains(strings.ToLower(unescape(line)), wanted)
		if !one.Hidden {
			found++
		}
		p.Lines = append(p.Lines, one)
	}
	if l.Search != "" && len(lines) > 0 {
		p.Note = strconv.Itoa(found) + " of the last " + strconv.Itoa(len(lines)) + " lines"
	}
	return size
}

// ending1 reads the last lines of a log, or exactly limit bytes. It looks further back until there are enough.
func ending1(path string, limit int64, lines int, exact bool) ([]byte, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, os.ErrNotExist
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("no file")
	}
	size := info.Size()
	for want := min(int64(64<<10), limit); ; want = min(4*want, limit) {
		if exact {
			want = limit
		}
		want = min(want, size)
		if want == 0 {
			return nil, size, nil
		}
		text, err := logfile.Read(path, size-want, want)
		if err != nil {
			return nil, size, err
		}
		if exact {
			return text, size, nil
		}
		at, n := len(text), 0
		for n <= lines && at >= 0 {
			if at = bytes.LastIndexByte(text[:at], '\n'); at >= 0 && at < len(text)-1 {
				n++
			}
			if n == lines {
				return text[at+1:], size, nil
			}
		}
		if want == size || want == limit {
			return text, size, nil
		}
	}
}

// download is a whole log as a file, as long as it is now.
func (v *visit) download() *httpd.Response {
	path, name := "", "supervisord.log"
	if v.q.Has("main") {
		if err := v.o.Service.Up(v.ctx); err != nil {
			return v.sorry(err)
		}
		path = v.o.Service.MainLog()
	} else {
		stream := service.Stdout
		if v.q.Get("stream") == "stderr" {
			stream = service.Stderr
		}
		var err error
		if path, err = v.o.Service.FollowPath(v.ctx, v.q.Get("processname"), stream); err != nil {
			return v.sorry(err)
		}
		name = filepath.Base(path)
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return v.bad(404, "There is no file.")
	}
	return &httpd.Response{
		Status: 200,
		Header: append([]httpd.Field{
			{Name: "Content-Type", Value: "text/plain;charset=utf-8"}, {Name: "Cache-Control", Value: "no-store"},
			{Name: "Content-Disposition", Value: "attachment; filename*=UTF-8''" + url.PathEscape(name)},
		}, guards...),
		Stream: func(w io.Writer) error {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			buf := make([]byte, 128<<10)
			_, err = io.CopyBuffer(w, io.LimitReader(struct{ io.Reader }{f}, info.Size()), buf)
			return err
		},
	}
}
