package httpd

import "bufio"

// ReadHead lets the fuzzer at the parser.
func ReadHead(br *bufio.Reader, max int) (*Request, error) { return readHead(br, max) }

// Length is what the head says of the body: bytes, or -1 for nothing.
func (r *Request) Length() int64 { return r.length }
