package web

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// pace is the least time between two looks of one viewer: what changes faster is shown together.
const pace = 200 * time.Millisecond

// A source gives what is new for one viewer.
type source interface {
	// more appends events and says whether there is more at once.
	more(dst []byte) (page []byte, again bool, err error)
	close()
}

// bell rings when something happens that rows show.
type bell chan struct{}

// Take rings; it is called by whoever publishes.
func (b bell) Take(bus.Fact) {
	select {
	case b <- struct{}{}:
	default:
	}
}

// rowEvents are those that pages show.
var rowEvents = bus.Kept

// live is the stream of one viewer's page: rows, what processes use, and logs that are followed.
func (v *visit) live() *httpd.Response {
	var sources []source
	if v.q.Has("at") {
		sources = append(sources, v.watchBoard())
	}
	logs, err := v.watchLogs()
	if err != nil {
		return v.sorry(err)
	}
	sources = append(sources, logs...)
	return v.stream(append(sources, v.watchNews()...), len(logs) > 0)
}

// stream answers with what the sources give until the viewer goes away.
func (v *visit) stream(sources []source, quick bool) *httpd.Response {
	return &httpd.Response{
		Status: 200,
		Header: append([]httpd.Field{
			{Name: "Content-Type", Value: "text/event-stream"}, {Name: "Cache-Control", Value: "no-store"},
			{Name: "X-Accel-Buffering", Value: "no"},
		}, guards...),
		Stream: func(w io.Writer) error {
			ring := make(bell, 1)
			defer v.o.Bus.Attach(ring, rowEvents)()
			for _, s := range sources {
				defer s.close()
			}
			return v.pump(w, sources, ring, quick)
		},
	}
}

// pump writes until the viewer is gone or the server stops. Nothing is looked at more often than pace.
func (v *visit) pump(w io.Writer, sources []source, ring bell, quick bool) error {
	gone := v.r.Watched().Done()
	every := v.o.Usage.Every()
	if quick {
		every = pace
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	rest := time.NewTicker(pace)
	defer rest.Stop()
	page := []byte("retry: 1000\n\n")
	for quiet := 0; ; {
		again := false
		for _, s := range sources {
			var more bool
			var err error
			if page, more, err = s.more(page); err != nil {
				return err
			}
			again = again || more
		}
		if quiet++; len(page) == 0 && time.Duration(quiet)*every > 20*time.Second {
			page = append(page, ":\n\n"...) // so that a proxy does not think we are dead
		}
		if len(page) > 0 {
			quiet = 0
			if _, err := w.Write(page); err != nil {
				return err
			}
			page = page[:0]
		}
		select {
		case <-rest.C:
		case <-gone:
			return context.Canceled
		case <-v.r.Stopping():
			return nil
		}
		if again {
			continue
		}
		select {
		case <-ring:
		case <-tick.C:
		case <-gone:
			return context.Canceled
		case <-v.r.Stopping():
			return nil
		}
	}
}

// boardSource is a viewer of the board.
type boardSource struct {
	v    *visit
	at   cursor
	seen seen
}

// watchBoard begins where the page stands that asks: at=EPOCH.LAYOUT.EDIT, or the last id of a broken stream.
func (v *visit) watchBoard() *boardSource {
	s := &boardSource{v: v, seen: v.seen()}
	at := v.q.Get("at")
	if id := v.r.Get("Last-Event-ID"); id != "" {
		at = id
	}
	parts := strings.Split(at, ".")
	if len(parts) == 3 {
		s.at.epoch = parts[0]
		s.at.layout, _ = strconv.ParseUint(parts[1], 10, 64)
		s.at.edit, _ = strconv.ParseUint(parts[2], 10, 64)
	}
	if id, ok := strings.CutPrefix(v.q.Get("only"), "p"); ok {
		n, _ := strconv.ParseInt(id, 10, 32)
		s.seen.only = fleet.ID(n)
	}
	return s
}

func (s *boardSource) more(dst []byte) ([]byte, bool, error) {
	b := s.v.board
	sample := b.measure(s.v.ctx)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fresh(s.v.ctx); err != nil {
		return dst, false, err // on the way down: the stream ends, and the page says so
	}
	b.show(sample)
	return b.delta(dst, &s.at, s.seen, s.v.o.Now()), false, nil
}

func (s *boardSource) close() {}
