package client

import "context"

// Tail is the answer of the Tail methods.
type Tail struct {
	Text     string
	Size     int64 // of the whole log: the offset for the next call
	Overflow bool  // there was more than asked for, and Text is the end of it
}

// ReadLog reads supervisord's own log. offset and length count bytes: from
// offset on, length of them or all when it is 0; a negative offset with
// length 0 is the end of the log.
func (c *Client) ReadLog(ctx context.Context, offset, length int) (string, error) {
	return as[string](c.call(ctx, "supervisor.readLog", offset, length))
}

// ClearLog empties supervisord's own log.
func (c *Client) ClearLog(ctx context.Context) error {
	return done(c.call(ctx, "supervisor.clearLog"))
}

// ReadProcessStdoutLog reads a process's log as ReadLog does.
func (c *Client) ReadProcessStdoutLog(ctx context.Context, name string, offset, length int) (string, error) {
	return as[string](c.call(ctx, "supervisor.readProcessStdoutLog", name, offset, length))
}

// ReadProcessStderrLog reads a process's error log as ReadLog does.
func (c *Client) ReadProcessStderrLog(ctx context.Context, name string, offset, length int) (string, error) {
	return as[string](c.call(ctx, "supervisor.readProcessStderrLog", name, offset, length))
}

// TailProcessStdoutLog reads at most length bytes of what was written to a
// process's log after offset, the last ones when there are more.
func (c *Client) TailProcessStdoutLog(ctx context.Context, name string, offset, length int) (Tail, error) {
	return c.tail(ctx, "supervisor.tailProcessStdoutLog", name, offset, length)
}

// TailProcessStderrLog is TailProcessStdoutLog for the error log.
func (c *Client) TailProcessStderrLog(ctx context.Context, name string, offset, length int) (Tail, error) {
	return c.tail(ctx, "supervisor.tailProcessStderrLog", name, offset, length)
}

func (c *Client) tail(ctx context.Context, method string, args ...any) (Tail, error) {
	v, err := as[[]any](c.call(ctx, method, args...))
	if err != nil {
		return Tail{}, err
	}
	if len(v) != 3 {
		return Tail{}, unexpected(v)
	}
	text, ok := v[0].(string)
	size, okSize := v[1].(int64)
	overflow, okOverflow := v[2].(bool)
	if !ok || !okSize || !okOverflow {
		return Tail{}, unexpected(v)
	}
	return Tail{text, size, overflow}, nil
}

// ClearProcessLogs empties both logs of a process.
func (c *Client) ClearProcessLogs(ctx context.Context, name string) error {
	return done(c.call(ctx, "supervisor.clearProcessLogs", name))
}

// ClearAllProcessLogs empties the logs of every process.
func (c *Client) ClearAllProcessLogs(ctx context.Context) ([]ProcessStatus, error) {
	return c.statuses(ctx, "supervisor.clearAllProcessLogs")
}
