// Package events is the face that tells what happens to whoever asks GET /events: server-sent events whose data is
// JSON. It is the second way to listen, beside event listeners. Last-Event-ID, or after=, begins with what is kept;
// a client that does not keep up loses the oldest of what waits for it, and is told how many.
package events

import (
	"context"
	"encoding/json"
	"io"
	"strconv"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// waiting is how many events wait for one client at most: all that is kept fits.
const waiting = bus.RingNotes

// Face is the face of /events.
type Face struct{ Ring *bus.Ring }

// Serve answers GET. What cannot be understood is refused in words.
func (f Face) Serve(_ context.Context, r *httpd.Request) *httpd.Response {
	switch {
	case r.Path != "/events" && r.Path != "/events/":
		return httpd.Refuse(404)
	case r.Method != "GET":
		return httpd.Refuse(400)
	}
	w, err := parse(r.Query, r.Get("Last-Event-ID"))
	if err != nil {
		return refuse(err)
	}
	return &httpd.Response{
		Status: 200,
		Header: []httpd.Field{
			{Name: "Content-Type", Value: "text/event-stream"}, {Name: "Cache-Control", Value: "no-store"},
			{Name: "X-Accel-Buffering", Value: "no"},
		},
		Stream: func(out io.Writer) error {
			follower := f.Ring.Follow(w.Wish, waiting)
			defer follower.Close()
			return pump(r, follower, w.follow, out)
		},
	}
}

func refuse(err error) *httpd.Response {
	body := []byte(err.Error() + "\n")
	return &httpd.Response{Status: 400, Body: body, Header: []httpd.Field{
		{Name: "Content-Type", Value: "text/plain;charset=utf-8"}, {Name: "Content-Length", Value: strconv.Itoa(len(body))},
	}}
}

// batch is how many bytes are gathered before they are sent while there is more.
const batch = 32 << 10

// pump writes events until the client is gone or the server stops; then what waits is still sent. The comment at the
// beginning tells the client that it is being told from now on.
func pump(r *httpd.Request, f *bus.Follower, follow bool, out io.Writer) error {
	gone := r.Watched().Done()
	page := []byte(":\n\n")
	for last := !follow; ; {
		for n, g, ok := f.Pop(); ok; n, g, ok = f.Pop() {
			page = frame(page, n, g)
			if len(page) < batch {
				continue
			}
			if _, err := out.Write(page); err != nil {
				return err
			}
			page = page[:0]
		}
		if _, err := out.Write(page); err != nil || last {
			return err
		}
		page = page[:0]
		select {
		case <-f.Bell():
		case <-gone:
			return context.Canceled
		case <-r.Stopping():
			last = true
		}
	}
}

// frame appends one server-sent event.
func frame(dst []byte, n bus.Note, g bus.Gap) []byte {
	e := tell(n)
	if g != (bus.Gap{}) {
		e = client.Event{Type: client.Lost, Lost: g.Lost, Slow: g.Slow, Restarted: g.Restarted}
	}
	data, err := json.Marshal(e)
	if err != nil {
		return dst // no value of ours is beyond JSON
	}
	if e.ID != 0 {
		dst = append(strconv.AppendUint(append(dst, "id: "...), e.ID, 10), '\n')
	}
	dst = append(append(append(dst, "event: "...), e.Type...), "\ndata: "...)
	return append(append(dst, data...), '\n', '\n')
}
