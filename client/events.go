package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/reeve-sh/reeve/internal/core/event"
)

// Event is something that has happened, as GET /events tells it. Which fields
// are there depends on Type; what is absent is nil or zero.
type Event struct {
	// ID grows from event to event. Program output and ticks have none.
	ID      uint64    `json:"id,omitempty"`
	Time    time.Time `json:"time,omitzero"`
	Type    string    `json:"type"`
	Group   string    `json:"group,omitempty"`
	Process string    `json:"process,omitempty"`
	PID     int       `json:"pid,omitempty"`

	// Of PROCESS_STATE_*: the states' names, the failed starts in a row, and
	// how often the process has been started again since its group came.
	From     string `json:"from,omitempty"`
	To       string `json:"to,omitempty"`
	Tries    *int   `json:"tries,omitempty"`
	Restarts *int   `json:"restarts,omitempty"`
	// Uptime is the seconds since its start; of an end, how long it lived.
	Uptime *float64 `json:"uptime,omitempty"`
	// An end has either ExitCode or Signal, such as "SIGKILL".
	ExitCode   *int   `json:"exitcode,omitempty"`
	Signal     string `json:"signal,omitempty"`
	CoreDumped bool   `json:"core_dumped,omitempty"`
	OOM        bool   `json:"oom,omitempty"`      // killed, or a child of its, for want of memory
	Expected   *bool  `json:"expected,omitempty"` // of PROCESS_STATE_EXITED
	Why        string `json:"why,omitempty"`      // of BACKOFF and FATAL

	// Of output, captured text and REMOTE_COMMUNICATION. Data is cut after
	// 4096 bytes; Length is what it had. What is not UTF-8 is in Bytes.
	Kind   string `json:"kind,omitempty"` // the type of a REMOTE_COMMUNICATION
	Data   string `json:"data,omitempty"`
	Bytes  []byte `json:"data_base64,omitempty"`
	Length *int   `json:"length,omitempty"`

	When int64 `json:"when,omitempty"` // of TICK_*: unix seconds

	// Lost is how many events are missing at this place; such an Event has
	// the Type Lost and nothing else happened. With Slow they were wanted and
	// could not be sent fast enough, without they were of all kinds and are
	// not kept any more. Restarted says that After was an event of an
	// earlier run of supervisord.
	Lost      uint64 `json:"lost,omitempty"`
	Slow      bool   `json:"slow,omitempty"`
	Restarted bool   `json:"restarted,omitempty"`
}

// Ending is in words how a process ended, such as "terminated by SIGKILL (out
// of memory)"; empty for an event that tells no end.
func (e *Event) Ending() string {
	switch {
	case e.Signal != "":
		return event.Ending(0, e.Signal, e.CoreDumped, e.OOM)
	case e.ExitCode != nil:
		return event.Ending(*e.ExitCode, "", e.CoreDumped, e.OOM)
	}
	return ""
}

// Lost is the Type of an Event that tells of missing ones.
const Lost = "LOST"

// EventTypes lists what EventsOptions.Types may hold: the types, their
// families and EVENT, which is all of them.
func EventTypes() []string { return event.Names() }

// EventsOptions say which events are wanted.
type EventsOptions struct {
	// Types are types and families. None is everything but PROCESS_LOG and
	// TICK.
	Types []string
	// Programs are "group:process", "process" of any group, or "group:*".
	// None is all.
	Programs []string
	// Replay begins with what is kept and has an ID greater than After.
	Replay bool
	After  uint64
	// Follow goes on with what happens until ctx ends or the daemon goes
	// down. Without it the stream ends after the replay.
	Follow bool
}

// query spells the options.
func (o *EventsOptions) query() string {
	v := url.Values{}
	if len(o.Types) > 0 {
		v["type"] = o.Types
	}
	if len(o.Programs) > 0 {
		v["program"] = o.Programs
	}
	if o.Replay {
		v.Set("after", strconv.FormatUint(o.After, 10))
	}
	v.Set("follow", strconv.FormatBool(o.Follow))
	return v.Encode()
}

// EventStream is events as they come. One goroutine at a time may use it.
type EventStream struct {
	body io.ReadCloser
	br   *bufio.Reader
}

// Events asks for events. When it returns without error, nothing that happens
// from now on is missed. A daemon that has no events, as the original, is an
// *HTTPError with status 404; types that do not exist are one with 400. The
// caller closes the stream.
func (c *Client) Events(ctx context.Context, o EventsOptions) (*EventStream, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+"/events?"+o.query(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := c.do(req)
	if err != nil {
		return nil, err
	}
	s := &EventStream{resp.Body, bufio.NewReader(resp.Body)}
	if _, err := s.frame(); err != nil { // the first one is empty and says that we are being told
		s.Close()
		return nil, fmt.Errorf("cannot read the events: %w", err)
	}
	return s, nil
}

// Next waits for the next event, io.EOF is the end of the stream. raw is the
// event's JSON as it came.
func (s *EventStream) Next() (e Event, raw []byte, err error) {
	for len(raw) == 0 {
		if raw, err = s.frame(); err != nil {
			return Event{}, nil, err
		}
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return Event{}, nil, fmt.Errorf("cannot read an event: %w", err)
	}
	return e, raw, nil
}

// maxFrame bounds the data of one event in bytes.
const maxFrame = 1 << 20

// frame reads up to a blank line and returns the data.
func (s *EventStream) frame() ([]byte, error) {
	var data []byte
	for {
		line, err := s.br.ReadSlice('\n')
		long := append([]byte(nil), line...)
		for err == bufio.ErrBufferFull && len(long) < maxFrame {
			line, err = s.br.ReadSlice('\n')
			long = append(long, line...)
		}
		if err != nil {
			return nil, err
		}
		long = bytes.TrimRight(long, "\r\n")
		if len(long) == 0 {
			return data, nil
		}
		if value, ok := bytes.CutPrefix(long, []byte("data:")); ok && len(data)+len(value) < maxFrame {
			if data != nil {
				data = append(data, '\n')
			}
			data = append(data, bytes.TrimPrefix(value, []byte(" "))...)
		}
	}
}

// Close ends the stream.
func (s *EventStream) Close() error { return s.body.Close() }
