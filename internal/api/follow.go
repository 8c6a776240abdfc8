package api

import (
	"context"
	"io"
	"time"

	"github.com/reeve-sh/reeve/internal/sys/httpd"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// pause is the time between two looks at a log that is followed.
const pause = 100 * time.Millisecond

// Pump writes what is new in a log until the client is gone or the server stops.
func Pump(r *httpd.Request, f *logfile.Follower, w io.Writer) error {
	gone := r.Watched().Done()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	buf := make([]byte, 64<<10)
	for {
		data, err := f.Next(buf)
		if err != nil {
			return err
		}
		if len(data) > 0 {
			if _, err := w.Write(data); err != nil {
				return err
			}
			continue
		}
		select {
		case <-tick.C:
		case <-gone:
			return context.Canceled
		case <-r.Stopping():
			return nil
		}
	}
}
