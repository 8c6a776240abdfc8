// Package xmlrpc spells XML-RPC: it reads calls as generously as Supervisor
// does, writes answers byte for byte as Supervisor writes them, and reads the
// answers of any Supervisor, ill-formed ones included. It knows no method.
//
// Reading never recurses: open elements and open entities are two explicit
// stacks with limits, so that a million nested arrays or a DTD that multiplies
// itself costs an error and not a stack. Writing appends to a slice and
// allocates nothing.
package xmlrpc

import "errors"

// Call is a decoded request: the method's name as it was spelled, not
// trimmed, and the parameters, none of which may be missing but any of which
// may be Nil. A value is an int64, bool, string, float64, DateTime, []any,
// Struct or Nil.
type Call struct {
	Method string
	Params []any
}

// Struct is an XML-RPC struct in the order of its members. Decoded ones have
// each name once: the last value stands at the first one's place.
type Struct []Member

// Member is one named value of a Struct.
type Member struct {
	Name  string
	Value any
}

// Get returns the value of the member called name.
func (s Struct) Get(name string) (value any, ok bool) {
	for i := range s {
		if s[i].Name == name {
			return s[i].Value, true
		}
	}
	return nil, false
}

// Nil is the value of an element without text whose type nobody knows, such
// as <nil/>. It can be received and is never sent.
type Nil struct{}

// DateTime is a dateTime.iso8601: a wall clock's reading without a zone.
type DateTime struct {
	Year, Month, Day, Hour, Minute, Second int
}

// Fault is the answer that says why not.
type Fault struct {
	Code   int
	String string
}

// Error makes a Fault an error for the client's side.
func (f *Fault) Error() string { return f.String }

// Limits bound what one document may cost. A field that is zero or less
// stands for the DefaultLimits' value.
type Limits struct {
	Bytes    int // of the whole document
	Depth    int // of elements within elements
	Entities int // bytes that entity references may expand to, all together
}

// DefaultLimits are far above any honest call. Supervisor itself has no limit
// on size and depth (SEC-008).
var DefaultLimits = Limits{Bytes: 64 << 20, Depth: 512, Entities: 1 << 20}

// ErrNoMethod is ParseCall's answer to a well-formed document that names no
// method; every other error of ParseCall means "unmarshallable" (HTTP-007).
var ErrNoMethod = errors.New("no method name")

// ParseCall decodes a request. It accepts what Supervisor accepts: any root
// element, unknown elements, which degrade to their text, a DOCTYPE with
// internal entities, missing params (HTTP-006, HTTP-007). The document is
// UTF-8 whatever it declares; if it is not, and declares iso-8859-1, it is
// taken as that. Strings may share memory with each other, never with data.
func ParseCall(data []byte, lim Limits) (Call, error) {
	text, err := decodeText(data, lim)
	if err != nil {
		return Call{}, err
	}
	p := newParser(text, lim)
	if err := p.document(); err != nil {
		return Call{}, err
	}
	if p.method == "" {
		return Call{}, ErrNoMethod
	}
	return Call{p.method, p.params}, nil
}

// ParseResponse decodes an answer: its value, or a *Fault as error, or any
// other error when it is neither. Control characters and bytes that are no
// UTF-8 pass, because Supervisor really sends them (RPC-010, RPC-011).
func ParseResponse(data []byte, lim Limits) (any, error) {
	if err := lim.tooBig(len(data)); err != nil {
		return nil, err
	}
	p := newParser(string(data), lim)
	p.response = true
	if err := p.document(); err != nil {
		return nil, err
	}
	if p.fault != nil {
		return nil, p.fault
	}
	if len(p.params) != 1 {
		return nil, malformed("an answer without exactly one value")
	}
	return p.params[0], nil
}

func malformed(why string) error {
	return errors.New("cannot read XML-RPC: " + why)
}
