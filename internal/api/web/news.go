package web

import (
	"bytes"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// happening is one event as the page tells it.
type happening struct {
	ID                             uint64
	Time, Stamp, Type, Class, Name string
	Process                        bool // Name is that of a process
	Words                          string
}

// chronicle is the page of events.
type chronicle struct {
	Live, Query string
	Happenings  []happening // the newest first
}

// newsText is the template of one event, on one line as a stream needs it.
var newsText = sync.OnceValue(func() *template.Template {
	text, err := texts.ReadFile("page/news.html")
	if err != nil {
		panic(err)
	}
	return template.Must(template.New("news").Parse(strings.ReplaceAll(string(text), "\n", "")))
})

// mostNews is how many events a page begins with.
const mostNews = 300

// events is the page of what has happened, and happens.
func (v *visit) events() *httpd.Response {
	if err := v.o.Service.Up(v.ctx); err != nil {
		return v.sorry(err)
	}
	c := chronicle{Query: v.q.Get("q")}
	f := v.o.Ring.Follow(bus.Wish{Filter: bus.Kept, Replay: true}, bus.RingNotes)
	defer f.Close()
	last := uint64(0)
	for n, g, ok := f.Pop(); ok; n, g, ok = f.Pop() {
		if g != (bus.Gap{}) {
			continue
		}
		last = n.ID
		if h := tell(n); strings.Contains(strings.ToLower(h.Name+" "+h.Type), strings.ToLower(c.Query)) {
			c.Happenings = append(c.Happenings, h)
		}
	}
	slices.Reverse(c.Happenings)
	c.Happenings = c.Happenings[:min(len(c.Happenings), mostNews)]
	c.Live = "live?news=" + strconv.FormatUint(last, 10)
	return v.show(200, "events", "Events", c)
}

// tell words an event.
func tell(n bus.Note) happening {
	h := happening{ID: n.ID, Time: n.Time.Format("15:04:05"), Stamp: n.Time.UTC().Format(time.RFC3339), Type: n.Type.String(), Name: n.Group}
	if n.Process != "" {
		h.Process, h.Name = true, service.Namespec(n.Group, n.Process)
	}
	switch n.Type {
	case event.RemoteCommunication:
		h.Words = n.Kind + ": " + clip(n.Data)
	case event.ProcessCommunicationStdout, event.ProcessCommunicationStderr:
		h.Words = clip(n.Data)
	}
	if n.More == nil {
		return h
	}
	h.Class = class(n.More.To)
	var words []string
	add := func(w string) {
		if w != "" {
			words = append(words, w)
		}
	}
	add(n.More.Why)
	if n.More.Ended {
		end := loop.End{Ended: true, Code: n.More.Code, Core: n.More.Core, OOM: n.More.OOM, Lived: n.More.Uptime}
		w := ending(end)
		if n.More.Signal != "" {
			w = strings.Replace(w, "exited with status "+strconv.Itoa(n.More.Code), "killed by "+n.More.Signal, 1)
		}
		if n.Type == event.ProcessStateExited && !n.Expected {
			w += ", not expected"
		}
		add(w)
	} else if n.Pid != 0 {
		add("pid " + strconv.Itoa(n.Pid))
	}
	if n.Type == event.ProcessStateStarting && n.More.Restarts > 0 && n.From != proc.Stopped {
		add("restart " + strconv.Itoa(n.More.Restarts))
	}
	h.Words = strings.Join(words, "; ")
	return h
}

// clip is the beginning of data, as text.
func clip(data []byte) string {
	const most = 200
	if len(data) > most {
		return strings.ToValidUTF8(string(data[:most]), "\ufffd") + " …"
	}
	return strings.ToValidUTF8(string(data), "\ufffd")
}

// newsSource tells one viewer what happens.
type newsSource struct {
	f *bus.Follower
}

// watchNews begins after the event that the page ends with: news=ID.
func (v *visit) watchNews() []source {
	after, err := strconv.ParseUint(v.q.Get("news"), 10, 64)
	if err != nil {
		return nil
	}
	if id, err := strconv.ParseUint(v.r.Get("Last-Event-ID"), 10, 64); err == nil {
		after = id
	}
	return []source{&newsSource{f: v.o.Ring.Follow(bus.Wish{Filter: bus.Kept, Replay: true, After: after}, bus.RingNotes)}}
}

func (s *newsSource) more(dst []byte) ([]byte, bool, error) {
	var list []happening
	for n, g, ok := s.f.Pop(); ok; n, g, ok = s.f.Pop() {
		if g == (bus.Gap{}) {
			list = append(list, tell(n))
		} else {
			list = append(list, happening{Type: "LOST", Words: "some events are not shown"})
		}
	}
	if len(list) == 0 {
		return dst, false, nil
	}
	list = list[max(0, len(list)-mostNews):]
	id := list[len(list)-1].ID
	slices.Reverse(list)
	var b bytes.Buffer
	if err := newsText().Execute(&b, list); err != nil {
		panic(err)
	}
	dst = append(strconv.AppendUint(append(dst, "id: "...), id, 10), "\nevent: news\ndata: "...)
	return append(append(dst, bytes.ReplaceAll(b.Bytes(), []byte("\n"), []byte(" "))...), "\n\n"...), false, nil
}

func (s *newsSource) close() { s.f.Close() }
