package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// NoJSON tells whether err means that the daemon has no JSON face, as the
// original.
func NoJSON(err error) bool {
	e, ok := err.(*HTTPError)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusBadRequest)
}

// maxJSON bounds an answer of the JSON face in bytes.
const maxJSON = 256 << 20

// JSON makes a request to the JSON face: GET without a body, POST with one.
// path begins with /api/v1. The answer is decoded into what into points to. A
// refusal is a *Fault, whatever else is not 200 an *HTTPError.
func (c *Client) JSON(ctx context.Context, path string, body, into any) error {
	if c.options.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.options.Timeout)
		defer cancel()
	}
	method, page := http.MethodGet, []byte(nil)
	if body != nil {
		var err error
		if page, err = json.Marshal(body); err != nil {
			return fmt.Errorf("cannot spell the request: %w", err)
		}
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(page))
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.send(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxJSON))
	if err != nil {
		return fmt.Errorf("cannot read the answer: %w", err)
	}
	return understand(resp, answer, into)
}

func understand(resp *http.Response, answer []byte, into any) error {
	isJSON := strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json")
	var p Problem
	switch {
	case resp.StatusCode == http.StatusOK && !isJSON:
		return &HTTPError{http.StatusNotFound, "no JSON"} // some other server's page
	case resp.StatusCode == http.StatusOK:
		if err := json.Unmarshal(answer, into); err != nil {
			return fmt.Errorf("cannot understand the answer: %w", err)
		}
		return nil
	case resp.StatusCode == http.StatusUnauthorized: // however it is worded
		return statusError(resp)
	case isJSON && json.Unmarshal(answer, &p) == nil && p.Code != 0:
		return &Fault{p.Code, p.Fault + ": " + p.Message}
	}
	return statusError(resp)
}

// Processes asks for every process.
func (c *Client) Processes(ctx context.Context) ([]Process, error) {
	var list []Process
	err := c.JSON(ctx, "/api/v1/processes", nil, &list)
	return list, err
}

// Everything asks for every process, those of executable extensions too, which
// are in no other list.
func (c *Client) Everything(ctx context.Context) ([]Process, error) {
	var list []Process
	err := c.JSON(ctx, "/api/v1/processes?all=true", nil, &list)
	return list, err
}
