package ext

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Access is the least that an operator must be allowed to do, for a method or a page.
type Access uint8

// The accesses. What says nothing is for administrators.
const (
	Admin   Access = iota
	Operate        // whoever may start and stop programs
	Read           // whoever may look
)

// Method is one row of a guest's table. Clients call it NAMESPACE.Name.
type Method struct {
	Name   string // a letter, then letters, digits and underscores
	Help   string // what it does, for people
	Params []Param
	Result Param // its Name may be empty
	Access Access
	// Call does it. There are as many args as Params, but that optional ones may be missing at the end, and any number
	// for a Rest. The result is sent by Encode. An error is sent as Fault says.
	Call func(ctx context.Context, args []Value) (Value, error)
}

// Param is one parameter or result.
type Param struct {
	Name     string
	Kind     Kind
	Help     string
	Optional bool // may be left out, with all that follow
	Rest     bool // the last one: any number of values
}

var methodName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// Check says what is wrong with a method, or nothing.
func (m *Method) Check() error {
	if !methodName.MatchString(m.Name) {
		return fmt.Errorf("cannot offer method %q: a name is a letter, then letters, digits and underscores", m.Name)
	}
	if m.Call == nil {
		return fmt.Errorf("cannot offer method %q: there is nothing to call", m.Name)
	}
	optional := false
	for i, p := range m.Params {
		if optional && !p.Optional && !p.Rest {
			return fmt.Errorf("cannot offer method %q: parameter %q follows an optional one", m.Name, p.Name)
		}
		if p.Rest && i < len(m.Params)-1 {
			return fmt.Errorf("cannot offer method %q: nothing can follow the rest of the parameters", m.Name)
		}
		optional = optional || p.Optional
	}
	return nil
}

// Doc is what cannot be read off a Go method: its help and the names of its parameters.
type Doc struct {
	Help   string
	Params []string // "name" or "name: what it means", in order, the context apart
	Result string   // likewise
	Access Access
}

// Table makes methods of the exported methods of v that docs name: RunCommand becomes runCommand. Each has the form
//
//	func(ctx context.Context, a A, b B ...) (R, error)
//
// where the context, the parameters, R and the error may each be left out. A pointer is an optional parameter, which
// is nil when it is missing; a variadic one takes the rest. Without R the method answers true. Types that XML-RPC has
// no form for, a doc without a method and a doc that names another number of parameters are errors, told now and not
// at the first call.
func Table(v any, docs map[string]Doc) ([]Method, error) {
	var all []Method
	value := reflect.ValueOf(v)
	for i := range value.NumMethod() {
		name := value.Type().Method(i).Name
		doc, wanted := docs[name]
		if !wanted {
			continue
		}
		m, err := methodOf(name, value.Method(i), doc)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	if len(all) < len(docs) {
		for _, name := range slices.Sorted(maps.Keys(docs)) {
			if !slices.ContainsFunc(all, func(m Method) bool { return m.Name == lowerFirst(name) }) {
				return nil, fmt.Errorf("cannot offer method %q: %T has no exported method of that name", name, v)
			}
		}
	}
	return all, nil
}

// MustTable is Table for docs that are written down in the program: an error is a bug and panics, which the host takes
// as a refusal of the guest.
func MustTable(v any, docs map[string]Doc) []Method {
	all, err := Table(v, docs)
	if err != nil {
		panic(err)
	}
	return all
}

// Func makes a method of one function, as Table does of each. name is what clients call it.
func Func(name string, f any, doc Doc) (Method, error) {
	return methodOf(name, reflect.ValueOf(f), doc)
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// shape is what calling a Go function takes.
type shape struct {
	f       reflect.Value
	context bool
	in      []reflect.Type // without the context
	rest    bool
	result  bool
	fails   bool
}

func methodOf(name string, f reflect.Value, doc Doc) (Method, error) {
	m := Method{Name: lowerFirst(name), Help: doc.Help, Access: doc.Access}
	refuse := func(format string, args ...any) (Method, error) {
		return m, fmt.Errorf("cannot offer method %q: %s", m.Name, fmt.Sprintf(format, args...))
	}
	if f.Kind() != reflect.Func {
		return refuse("it is a %s and no function", f.Kind())
	}
	s := shape{f: f, rest: f.Type().IsVariadic()}
	for i := range f.Type().NumIn() {
		if t := f.Type().In(i); i == 0 && t == contextType {
			s.context = true
		} else {
			s.in = append(s.in, t)
		}
	}
	if len(doc.Params) != len(s.in) {
		return refuse("it has %d parameters, and its doc names %d", len(s.in), len(doc.Params))
	}
	for i, t := range s.in {
		p := named(doc.Params[i])
		p.Rest = s.rest && i == len(s.in)-1
		p.Optional = t.Kind() == reflect.Pointer
		if p.Rest {
			t = t.Elem()
		}
		var ok bool
		if p.Kind, ok = KindOf(t); !ok {
			return refuse("XML-RPC has no form for parameter %q of type %s", p.Name, t)
		}
		m.Params = append(m.Params, p)
	}
	if why := s.results(&m); why != "" {
		return refuse("%s", why)
	}
	if doc.Result != "" {
		kind := m.Result.Kind
		m.Result = named(doc.Result)
		m.Result.Kind = kind
	}
	m.Call = s.call
	return m, m.Check()
}

// named reads "name: help".
func named(s string) Param {
	name, help, _ := strings.Cut(s, ":")
	return Param{Name: strings.TrimSpace(name), Help: strings.TrimSpace(help)}
}

// results reads what a function returns.
func (s *shape) results(m *Method) (why string) {
	t := s.f.Type()
	m.Result = Param{Name: "result", Kind: Boolean, Help: "always true"}
	n := t.NumOut()
	if n > 0 && t.Out(n-1) == errorType {
		s.fails = true
		n--
	}
	switch n {
	case 0:
		return ""
	case 1:
		kind, ok := KindOf(t.Out(0))
		if !ok {
			return fmt.Sprintf("XML-RPC has no form for its result of type %s", t.Out(0))
		}
		s.result, m.Result = true, Param{Name: "result", Kind: kind}
		return ""
	}
	return "it returns more than a result and an error"
}

// call brings the arguments into their types and calls.
func (s *shape) call(ctx context.Context, args []Value) (Value, error) {
	in := make([]reflect.Value, 0, len(s.in)+1)
	if s.context {
		in = append(in, reflect.ValueOf(ctx))
	}
	for i, t := range s.in {
		if s.rest && i == len(s.in)-1 {
			break
		}
		arg := reflect.New(t).Elem()
		if i < len(args) {
			if err := Decode(args[i], arg); err != nil {
				return nil, Refuse(IncorrectParameters, "parameter %d: %s", i+1, err)
			}
		} else if t.Kind() != reflect.Pointer {
			return nil, Refuse(IncorrectParameters, "parameter %d is missing", i+1)
		}
		in = append(in, arg)
	}
	fixed := len(s.in)
	if s.rest {
		fixed--
		t := s.in[fixed].Elem()
		for i := fixed; i < len(args); i++ {
			arg := reflect.New(t).Elem()
			if err := Decode(args[i], arg); err != nil {
				return nil, Refuse(IncorrectParameters, "parameter %d: %s", i+1, err)
			}
			in = append(in, arg)
		}
	} else if len(args) > fixed {
		return nil, Refuse(IncorrectParameters, "%d parameters are too many", len(args))
	}
	out := s.f.Call(in)
	if s.fails {
		if err, _ := out[len(out)-1].Interface().(error); err != nil {
			return nil, err
		}
	}
	if s.result {
		return Encode(out[0].Interface())
	}
	return true, nil
}
