// Package client talks to a running supervisord, ours or the original: every
// method of its XML-RPC interface with typed results, and its logs as they
// grow.
//
//	c, err := client.Dial(client.Options{URL: "unix:///var/run/supervisor.sock"})
//	...
//	infos, err := c.AllProcessInfo(ctx)
//
// A Client may be used by many goroutines at once. Refusals by the daemon are
// a *Fault, refusals by its HTTP server a *HTTPError; errors.Is finds
// syscall.ECONNREFUSED and fs.ErrNotExist when nobody is there to refuse
// (see Refused and Missing).
package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// Options say where the daemon is and who asks.
type Options struct {
	// URL is http://host:port, https://host:port or unix:///path/of/socket.
	// No other scheme exists; a path after host:port is not looked at.
	URL string
	// Username and Password are sent (HTTP basic) when either is not empty.
	Username, Password string
	// Token is sent (bearer) when there is neither a user name nor a password.
	Token string
	// CAFile are certificates in PEM that the server's must come from; without
	// it the system's are trusted. CertFile and KeyFile are the client's own
	// certificate, for servers that ask for one. All three are for https.
	CAFile, CertFile, KeyFile string
	// Timeout bounds each call, connecting included; 0 is no bound. A start
	// or stop that waits takes as long as the program takes. It does not
	// bound what Follow methods return.
	Timeout time.Duration
}

// Client is a connection to a daemon, made when it is first needed and kept
// for the next call.
type Client struct {
	options Options
	base    string // scheme and authority of the URL of every request
	http    *http.Client
}

// An UnknownProtocolError says that a URL has a scheme that is not spoken.
type UnknownProtocolError struct{ URL string }

// Error has Supervisor's words (CTL-009).
func (e *UnknownProtocolError) Error() string {
	return "Unknown protocol for serverurl " + e.URL
}

// Fault is the daemon's refusal: a code of Supervisor's list and its text,
// such as 10 and "BAD_NAME: web".
type Fault struct {
	Code   int
	String string
}

// Error is the fault's text.
func (f *Fault) Error() string { return f.String }

// HTTPError is an answer whose status is not 200.
type HTTPError struct {
	Status int
	Reason string // "Unauthorized"
}

// Error names status and reason.
func (e *HTTPError) Error() string {
	return fmt.Sprintf("the server answered %d %s", e.Status, e.Reason)
}

// Refused tells whether err means that nobody listens at the address.
func Refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// Missing tells whether err means that the unix socket does not exist.
func Missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// Dial checks the options; nothing is sent before the first call. The error
// is an *UnknownProtocolError or says what is wrong with the URL.
func Dial(options Options) (*Client, error) {
	secure, err := options.tls()
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4, TLSClientConfig: secure}
	c := &Client{options: options, http: &http.Client{
		Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
	if path, ok := strings.CutPrefix(options.URL, "unix://"); ok {
		c.base = "http://localhost"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
		return c, nil
	}
	scheme, _, _ := strings.Cut(options.URL, "://")
	if scheme != "http" && scheme != "https" {
		return nil, &UnknownProtocolError{options.URL}
	}
	u, err := url.Parse(options.URL)
	if err != nil {
		return nil, fmt.Errorf("cannot use the URL: %w", err)
	}
	if u.Hostname() == "" {
		return nil, fmt.Errorf("cannot use the URL %q: it names no host", options.URL)
	}
	c.base = scheme + "://" + u.Host
	return c, nil
}

// Close gives up idle connections. The Client can still be used.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// maxAnswer bounds an answer in bytes; logs are the biggest.
const maxAnswer = 1 << 30

// call makes one call and returns its value as the codec gives it.
func (c *Client) call(ctx context.Context, method string, args ...any) (any, error) {
	answer, err := c.Post(ctx, xmlrpc.AppendCall(nil, method, args))
	if err != nil {
		return nil, err
	}
	value, err := xmlrpc.ParseResponse(answer, xmlrpc.Limits{Bytes: maxAnswer})
	var fault *xmlrpc.Fault
	if errors.As(err, &fault) {
		return nil, &Fault{fault.Code, fault.String}
	}
	return value, err
}

// Post sends a call that is XML already and returns the answer, a result or a fault, as XML.
func (c *Client) Post(ctx context.Context, call []byte) (answer []byte, err error) {
	if c.options.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.options.Timeout)
		defer cancel()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/RPC2", bytes.NewReader(call))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml")
	req.Header.Set("Accept", "text/xml")
	resp, err := c.do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return nil, fmt.Errorf("cannot read the answer: %w", err)
	}
	return answer, nil
}

// do sends a request; whatever is not 200 is an error, and the body closed.
func (c *Client) do(req *http.Request) (*http.Response, error) {
	resp, err := c.send(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
		resp.Body.Close()
		return nil, statusError(resp)
	}
	return resp, nil
}

func statusError(resp *http.Response) *HTTPError {
	_, reason, _ := strings.Cut(resp.Status, " ")
	return &HTTPError{resp.StatusCode, reason}
}

// send sends a request with the credentials.
func (c *Client) send(req *http.Request) (*http.Response, error) {
	req.Header.Set("User-Agent", "Reeve")
	if c.options.Username != "" || c.options.Password != "" {
		req.SetBasicAuth(c.options.Username, c.options.Password)
	} else if c.options.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.options.Token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, err
	}
	return resp, nil
}
