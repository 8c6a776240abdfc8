// Package jsonrpc spells and reads messages of JSON-RPC 2.0, one a line, and says how the values of XML-RPC look in
// JSON. It knows no method. It is stricter than JSON: a member that stands twice, text that is no UTF-8 and a message
// that is not clearly a request, a notification or an answer are refused, since whoever sends such things means
// something else than whoever reads them.
package jsonrpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Kind tells what a message is.
type Kind uint8

// The kinds of message.
const (
	Request      Kind = iota // has a method and an id, and wants an answer
	Notification             // has a method and no id
	Result                   // answers a request
	Failure                  // refuses one; its id is "null" when it could not be read
)

// The codes that JSON-RPC gives errors of its own.
const (
	ParseError     = -32700
	InvalidRequest = -32600
	MethodNotFound = -32601
	InvalidParams  = -32602
	InternalError  = -32603
)

// Message is one message. The raw parts are JSON, and belong to the line that was parsed.
type Message struct {
	Kind   Kind
	ID     string // as JSON: a number or a string with its quotes; empty for a notification
	Method string
	Params json.RawMessage // an array or an object, or nil
	Result json.RawMessage
	Error  *Error
}

// Error is why a request was refused.
type Error struct {
	Code int    `json:"code"`
	Text string `json:"message"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Text, e.Code) }

// parts are the members of a message as they come.
type parts struct {
	version, id, method, params, result, failure json.RawMessage
}

// Parse reads one message, with or without the end of its line. The error says what is wrong in words for an author.
func Parse(line []byte) (Message, error) {
	var m Message
	if !utf8.Valid(line) {
		return m, errors.New("it is no UTF-8")
	}
	p, err := split(line)
	if err != nil {
		return m, err
	}
	if string(p.version) != `"2.0"` {
		return m, errors.New(`it has no "jsonrpc": "2.0"`)
	}
	if p.id != nil && !idShape(p.id) {
		return m, errors.New("its id is neither a number nor a string")
	}
	m.ID = string(p.id)
	if p.method != nil {
		return m.asked(p)
	}
	return m.answered(p)
}

// split takes the outermost object apart.
func split(line []byte) (p parts, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return p, errors.New("it is no JSON object")
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return p, errors.New("it is no JSON")
		}
		if seen[name] {
			return p, fmt.Errorf("it has two members %q", name)
		}
		seen[name] = true
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return p, errors.New("it is no JSON")
		}
		if at := p.place(name); at != nil {
			*at = v
		}
	}
	if _, err := d.Token(); err != nil {
		return p, errors.New("it is no JSON")
	}
	if rest := bytes.TrimSpace(line[d.InputOffset():]); len(rest) > 0 {
		return p, errors.New("something follows the JSON object")
	}
	return p, nil
}

// place is where a member goes; nil for one that we do not know, which is passed over.
func (p *parts) place(name string) *json.RawMessage {
	switch name {
	case "jsonrpc":
		return &p.version
	case "id":
		return &p.id
	case "method":
		return &p.method
	case "params":
		return &p.params
	case "result":
		return &p.result
	case "error":
		return &p.failure
	}
	return nil
}

// idShape is whether raw can be an id.
func idShape(raw json.RawMessage) bool {
	return raw[0] == '"' || raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' || string(raw) == "null"
}

// asked makes a request or a notification of m.
func (m Message) asked(p parts) (Message, error) {
	switch {
	case p.result != nil || p.failure != nil:
		return m, errors.New("it is a request and an answer at once")
	case json.Unmarshal(p.method, &m.Method) != nil || m.Method == "":
		return m, errors.New("its method is no name")
	case p.params != nil && p.params[0] != '[' && p.params[0] != '{':
		return m, errors.New("its params are neither an array nor an object")
	case m.ID == "null":
		return m, errors.New("a request's id cannot be null")
	}
	m.Params = p.params
	if m.Kind = Request; m.ID == "" {
		m.Kind = Notification
	}
	return m, nil
}

// answered makes an answer of m.
func (m Message) answered(p parts) (Message, error) {
	switch {
	case p.result == nil && p.failure == nil:
		return m, errors.New("it has neither a method nor a result nor an error")
	case p.result != nil && p.failure != nil:
		return m, errors.New("it has both a result and an error")
	case m.ID == "":
		return m, errors.New("it answers, and has no id")
	case p.result != nil && m.ID == "null":
		return m, errors.New("a result's id cannot be null")
	case p.result != nil:
		m.Kind, m.Result = Result, p.result
		return m, nil
	}
	var e struct {
		Code *int    `json:"code"`
		Text *string `json:"message"`
	}
	if json.Unmarshal(p.failure, &e) != nil || e.Code == nil || e.Text == nil {
		return m, errors.New("its error has no code or no message")
	}
	m.Kind, m.Error = Failure, &Error{Code: *e.Code, Text: *e.Text}
	return m, nil
}

const head = `{"jsonrpc":"2.0"`

// AppendRequest writes a request, or a notification when id is empty, with the end of its line. params is JSON, or nil.
func AppendRequest(dst []byte, id, method string, params []byte) []byte {
	dst = append(dst, head...)
	if id != "" {
		dst = append(append(dst, `,"id":`...), id...)
	}
	dst = AppendString(append(dst, `,"method":`...), method)
	if params != nil {
		dst = append(append(dst, `,"params":`...), params...)
	}
	return append(dst, "}\n"...)
}

// AppendResult writes an answer. result is JSON.
func AppendResult(dst []byte, id string, result []byte) []byte {
	dst = append(append(append(dst, head...), `,"id":`...), id...)
	return append(append(append(dst, `,"result":`...), result...), "}\n"...)
}

// AppendFailure writes a refusal.
func AppendFailure(dst []byte, id string, e *Error) []byte {
	dst = append(append(append(dst, head...), `,"id":`...), id...)
	dst = strconv.AppendInt(append(dst, `,"error":{"code":`...), int64(e.Code), 10)
	dst = AppendString(append(dst, `,"message":`...), e.Text)
	return append(dst, "}}\n"...)
}
