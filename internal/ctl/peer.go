package ctl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/reeve-sh/reeve/internal/wire/jsonrpc"
)

// maxLine bounds one message of a plug-in, in bytes.
const maxLine = 16 << 20

// serverError is the code of a refusal that has none.
const serverError = -32000

// peer speaks JSON-RPC 2.0 with another process, one message a line. Both sides ask; what the other asks is served
// in a goroutine of its own each, so that it may ask us while it answers us.
type peer struct {
	serve func(method string, params json.RawMessage) (any, error)

	writing sync.Mutex // held while a line is written
	w       io.Writer

	mu      sync.Mutex // guards what follows
	waiting map[string]chan<- jsonrpc.Message
	last    int64
	why     error // why there is no other side any more

	serving sync.WaitGroup
	over    chan struct{} // closed when the other side is gone
}

// refusal is what the other side says no with; people read its text.
type refusal struct{ no *jsonrpc.Error }

func (r refusal) Error() string { return r.no.Text }

// errPeerGone says that the other side has closed its end.
var errPeerGone = errors.New("it has ended")

// newPeer begins to listen. It ends with r.
func newPeer(r io.Reader, w io.Writer, serve func(string, json.RawMessage) (any, error)) *peer {
	p := &peer{serve: serve, w: w, waiting: map[string]chan<- jsonrpc.Message{}, over: make(chan struct{})}
	go p.listen(r)
	return p
}

// listen takes what the other side says. Notifications are served in their order, before anything that follows them.
func (p *peer) listen(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	why := errPeerGone
	for lines.Scan() {
		m, err := jsonrpc.Parse(bytes.Clone(lines.Bytes())) // what is kept of it outlives the line
		if err != nil {
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

func (p *peer) take(m jsonrpc.Message) {
	switch m.Kind {
	case jsonrpc.Notification:
		p.serve(m.Method, m.Params)
	case jsonrpc.Request:
		p.serving.Add(1)
		go func() {
			defer p.serving.Done()
			p.answer(m.ID, m.Method, m.Params)
		}()
	default:
		p.mu.Lock()
		c := p.waiting[m.ID]
		delete(p.waiting, m.ID)
		p.mu.Unlock()
		if c != nil {
			c <- m
		}
	}
}

func (p *peer) answer(id, method string, params json.RawMessage) {
	result, err := p.serve(method, params)
	var raw []byte
	if err == nil {
		raw, err = json.Marshal(result)
	}
	if err == nil {
		p.send(jsonrpc.AppendResult(nil, id, raw))
		return
	}
	no := &jsonrpc.Error{Code: serverError, Text: err.Error()}
	errors.As(err, &no)
	p.send(jsonrpc.AppendFailure(nil, id, no))
}

func (p *peer) send(line []byte) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	_, err := p.w.Write(line)
	return err
}

// tell sends a notification.
func (p *peer) tell(method string, params any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	return p.send(jsonrpc.AppendRequest(nil, "", method, raw))
}

// call asks and waits for the answer, which it puts into result. It does not give up: the other side answers or ends.
func (p *peer) call(method string, params, result any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	c := make(chan jsonrpc.Message, 1)
	p.mu.Lock()
	if p.waiting == nil {
		defer p.mu.Unlock()
		return p.why
	}
	p.last++
	id := strconv.FormatInt(p.last, 10)
	p.waiting[id] = c
	p.mu.Unlock()
	p.send(jsonrpc.AppendRequest(nil, id, method, raw)) // who cannot be written to is not heard either
	m, ok := <-c
	switch {
	case !ok:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.why
	case m.Error != nil:
		return refusal{m.Error}
	}
	if err := json.Unmarshal(m.Result, result); err != nil {
		return fmt.Errorf("it answers %s with %s", method, clip(string(m.Result)))
	}
	return nil
}
