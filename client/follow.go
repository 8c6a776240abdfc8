package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

// FollowLog streams a process's log: the last 1024 bytes, then everything
// that is written, until ctx ends or the daemon goes down. name is "process"
// or "group:process", channel "stdout" or "stderr". An unknown name, or one
// without log, is an *HTTPError with status 404. The caller closes the
// reader; it reads io.EOF when the daemon ends the stream in good order.
func (c *Client) FollowLog(ctx context.Context, name, channel string) (io.ReadCloser, error) {
	return c.follow(ctx, "/logtail/"+url.PathEscape(name)+"/"+url.PathEscape(channel))
}

// FollowMainLog streams supervisord's own log like FollowLog.
func (c *Client) FollowMainLog(ctx context.Context) (io.ReadCloser, error) {
	return c.follow(ctx, "/mainlogtail")
}

func (c *Client) follow(ctx context.Context, path string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.do(req)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}
