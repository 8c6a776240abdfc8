package ctl

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// maxLine bounds one message of a plug-in, in bytes.
const maxLine = 16 << 20

// peer speaks JSON-RPC 2.0 with another process, one message a line. Both sides ask; what the other asks is served
// in a goroutine of its own each, so that it may ask us while it answers us.
type peer struct {
	serve func(method string, params json.RawMessage) (any, error)

	writing sync.Mutex // held while a line is written
	w       io.Writer

	mu      sync.Mutex // guards what follows
	waiting map[int64]chan<- message
	last    int64
	why     error // why there is no other side any more

	serving sync.WaitGroup
	over    chan struct{} // closed when the other side is gone
}

// message is a request, a notification or an answer.
type message struct {
	Version string          `json:"jsonrpc"`
	ID      *int64          `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *peerError      `json:"error,omitempty"`
}

// peerError is a refusal of either side.
type peerError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *peerError) Error() string { return e.Message }

// errPeerGone says that the other side has closed its end.
var errPeerGone = errors.New("it has ended")

// newPeer begins to listen. It ends with r.
func newPeer(r io.Reader, w io.Writer, serve func(string, json.RawMessage) (any, error)) *peer {
	p := &peer{serve: serve, w: w, waiting: map[int64]chan<- message{}, over: make(chan struct{})}
	go p.listen(r)
	return p
}

// listen takes what the other side says. Notifications are served in their order, before anything that follows them.
func (p *peer) listen(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	why := errPeerGone
	for lines.Scan() {
		var m message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil || m.Version != "2.0" {
			why = fmt.Errorf("it says what is no JSON-RPC: %s", clip(lines.Text()))
			break
		}
		p.take(m)
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		why = fmt.Errorf("it says a line of more than %d bytes", maxLine)
	}
	p.mu.Lock()
	p.why = why
	for _, c := range p.waiting {
		close(c)
	}
	p.waiting = nil
	p.mu.Unlock()
	p.serving.Wait()
	close(p.over)
}

// clip is the beginning of a line, quoted.
func clip(s string) string {
	if len(s) > 80 {
		return fmt.Sprintf("%q...", s[:80])
	}
	return fmt.Sprintf("%q", s)
}

func (p *peer) take(m message) {
	switch {
	case m.Method != "" && m.ID == nil:
		p.serve(m.Method, m.Params)
	case m.Method != "":
		p.serving.Add(1)
		go func() {
			defer p.serving.Done()
			p.answer(*m.ID, m.Method, m.Params)
		}()
	case m.ID != nil:
		p.mu.Lock()
		c := p.waiting[*m.ID]
		delete(p.waiting, *m.ID)
		p.mu.Unlock()
		if c != nil {
			c <- m
		}
	}
}

func (p *peer) answer(id int64, method string, params json.RawMessage) {
	out := message{ID: &id}
	result, err := p.serve(method, params)
	if err == nil {
		out.Result, err = json.Marshal(result)
	}
	if err != nil && !errors.As(err, &out.Error) {
		out.Error = &peerError{Code: -32000, Message: err.Error()}
	}
	p.send(out)
}

func (p *peer) send(m message) error {
	m.Version = "2.0"
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	p.writing.Lock()
	defer p.writing.Unlock()
	_, err = p.w.Write(append(line, '\n'))
	return err
}

// tell sends a notification.
func (p *peer) tell(method string, params any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	return p.send(message{Method: method, Params: raw})
}

// call asks and waits for the answer, which it puts into result. It does not give up: the other side answers or ends.
func (p *peer) call(method string, params, result any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	c := make(chan message, 1)
	p.mu.Lock()
	if p.waiting == nil {
		defer p.mu.Unlock()
		return p.why
	}
	p.last++
	id := p.last
	p.waiting[id] = c
	p.mu.Unlock()
	p.send(message{ID: &id, Method: method, Params: raw}) // who cannot be written to is not heard either
	m, ok := <-c
	switch {
	case !ok:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.why
	case m.Error != nil:
		return m.Error
	}
	if err := json.Unmarshal(m.Result, result); err != nil {
		return fmt.Errorf("it answers %s with %s", method, clip(string(m.Result)))
	}
	return nil
}
