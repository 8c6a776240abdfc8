package httpd

import (
	"io"
	"strconv"
)

// Response is one answer. Header is sent in its order, after Server and Date. Either Body or Stream is set; a Stream
// travels in chunks (HTTP/1.1) or until the connection closes (HTTP/1.0), and ends when it returns.
type Response struct {
	Status int
	Reason string // the phrase behind the status, on one line; empty for the usual one
	Header []Field
	Body   []byte
	Stream func(w io.Writer) error
	// Release, when set, is called once the answer has been written: the body may be used again.
	Release func()
	Close   bool // close the connection afterwards, whatever the client asked for
}

// XML is an answer of Supervisor's RPC interface: headers in its order (HTTP-004).
func XML(body []byte) *Response {
	return &Response{Status: 200, Body: body, Header: []Field{
		{"Content-Type", "text/xml"}, {"Content-Length", strconv.Itoa(len(body))},
	}}
}

// Refuse is the standard error page (HTTP-010), with further headers before its own.
func Refuse(status int, before ...Field) *Response {
	code := strconv.Itoa(status)
	body := []byte("<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n" +
		"<p>Error code " + code + ".\r\n<p>Message: " + reasons[status] + ".\r\n</body>\r\n")
	return &Response{Status: status, Body: body, Header: append(before,
		Field{"Content-Length", strconv.Itoa(len(body))}, Field{"Content-Type", "text/html"})}
}

// reasons are the phrases of the statuses that we send, in Supervisor's wording.
var reasons = map[int]string{
	200: "OK", 301: "Moved Permanently", 303: "See Other", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized",
	403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Time-out", 409: "Conflict", 411: "Length Required",
	413: "Request Entity Too Large", 429: "Too Many Requests", 500: "Internal Server Error", 503: "Service Unavailable",
}
