package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
)

// ExecOptions say how a command is run. The zero value leaves everything to
// the extension's section.
type ExecOptions struct {
	User        string            `json:"user,omitempty"`
	Directory   string            `json:"directory,omitempty"`
	Environment map[string]string `json:"environment,omitempty"`
	Timeout     float64           `json:"timeout,omitempty"` // seconds
	Stdin       []byte            `json:"stdin_base64,omitempty"`
	// Shell has a shell read the command, which is one word then: a line.
	Shell bool `json:"shell,omitempty"`
}

// ExecExit is how a command ended.
type ExecExit struct {
	Code     int     `json:"exitcode"` // -1 when it was killed by a signal
	Signal   int     `json:"signal"`   // 0 when it was not
	TimedOut bool    `json:"timed_out"`
	Seconds  float64 `json:"seconds"`
}

// ExecStream is a command that runs. One goroutine at a time may use it.
type ExecStream struct {
	body  io.ReadCloser
	lines *bufio.Scanner
}

// maxExecLine bounds one line of the answer in bytes.
const maxExecLine = 32 << 20

// Exec runs a command where the daemon is, through the extension reeve.exec of
// that namespace. It runs until it ends by itself, until its time is over or
// until ctx ends. A refusal is a *Fault, or an *HTTPError where there is no
// such extension. The caller closes the stream.
func (c *Client) Exec(ctx context.Context, namespace string, command []string, o ExecOptions) (*ExecStream, error) {
	body := map[string]any{"command": command, "options": o}
	if o.Shell && len(command) == 1 {
		body["command"] = command[0]
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/ext/"+url.PathEscape(namespace)+"/run", bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.send(req)
	if err != nil {
		return nil, err
	}
	s := &ExecStream{body: resp.Body, lines: bufio.NewScanner(resp.Body)}
	s.lines.Buffer(make([]byte, 64<<10), maxExecLine)
	if resp.StatusCode == http.StatusOK {
		return s, nil
	}
	defer resp.Body.Close()
	if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == "application/json" {
		var refused *Fault
		if _, _, _, err := s.Next(); errors.As(err, &refused) {
			return nil, refused
		}
	}
	return nil, statusError(resp)
}

// Next waits for more: a piece of stdout or stderr, or the end, after which
// there is nothing. An answer that breaks off is io.ErrUnexpectedEOF.
func (s *ExecStream) Next() (data []byte, stderr bool, end *ExecExit, err error) {
	if !s.lines.Scan() {
		if err := s.lines.Err(); err != nil {
			return nil, false, nil, err
		}
		return nil, false, nil, io.ErrUnexpectedEOF
	}
	var e struct {
		Stream string
		Data   string
		Base64 []byte
		Exit   *ExecExit
		Fault  *struct {
			Code int
			Text string
		}
	}
	if err := json.Unmarshal(s.lines.Bytes(), &e); err != nil {
		return nil, false, nil, fmt.Errorf("cannot read the answer: %w", err)
	}
	if e.Fault != nil {
		return nil, false, nil, &Fault{e.Fault.Code, e.Fault.Text}
	}
	return append([]byte(e.Data), e.Base64...), e.Stream == "stderr", e.Exit, nil
}

// Close ends the command, if it has not ended.
func (s *ExecStream) Close() error { return s.body.Close() }
