package rpc2

import "github.com/reeve-sh/reeve/internal/service"

func readStdout(c *call) (any, error) { return readStream(c, service.Stdout) }
func readStderr(c *call) (any, error) { return readStream(c, service.Stderr) }
func tailStdout(c *call) (any, error) { return tailStream(c, service.Stdout) }
func tailStderr(c *call) (any, error) { return tailStream(c, service.Stderr) }

func readStream(c *call, stream service.Stream) (any, error) {
	name := c.name(0)
	if c.err != nil {
		return nil, c.err
	}
	offset, length := c.number(1), c.number(2)
	if c.err != nil {
		return nil, c.err
	}
	return c.f.s.ReadProcessLog(c.ctx, name, stream, offset, length)
}

func tailStream(c *call, stream service.Stream) (any, error) {
	name := c.name(0)
	if c.err != nil {
		return nil, c.err
	}
	offset, length := c.number(1), c.number(2)
	if c.err != nil {
		return nil, c.err
	}
	data, size, more, err := c.f.s.TailProcessLog(c.ctx, name, stream, offset, length)
	return []any{data, size, more}, err
}

func clearProcessLogs(c *call) (any, error) {
	name := c.name(0)
	if c.err != nil {
		return nil, c.err
	}
	return done(c.f.s.ClearProcessLogs(c.ctx, name))
}

func clearAllProcessLogs(c *call) (any, error) { return rows(c.f.s.ClearAllProcessLogs(c.ctx)) }
