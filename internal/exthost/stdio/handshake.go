package stdio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/exthost"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/wire/jsonrpc"
)

// promise is what a guest answers to initialize.
type promise struct {
	Protocol  int             `json:"protocol"`
	Namespace string          `json:"namespace"`
	Methods   []promiseMethod `json:"methods"`
	Events    []string        `json:"events"`
}

type promiseMethod struct {
	Name   string         `json:"name"`
	Help   string         `json:"help"`
	Params []promiseParam `json:"params"`
	Result string         `json:"result"`
	Access string         `json:"access"`
}

type promiseParam struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Help     string `json:"help"`
	Optional bool   `json:"optional"`
	Rest     bool   `json:"rest"`
}

// live shakes hands and then tells events until the process ends.
func (l *life) live() {
	p, ok := l.shake()
	if !ok {
		return
	}
	var sub *bus.Subscription
	if len(p.Events) > 0 {
		sub = l.g.h.o.Bus.Subscribe(bus.Of(p.Events...), backlog)
		defer sub.Close()
	}
	l.g.begun(l, l.methods(p))
	if sub != nil {
		l.tell(sub)
	}
}

// shake sends what we are and takes what the guest is.
func (l *life) shake() (p promise, ok bool) {
	ctx, cancel := context.WithTimeout(l.ctx, greeting)
	defer cancel()
	m, err := l.request(ctx, "initialize", l.g.introduction())
	var no *jsonrpc.Error
	switch {
	case errors.As(err, &no):
		l.g.refuses(errors.New(no.Text))
		l.breach("it refuses: "+no.Text, nil)
		return p, false
	case errors.Is(err, context.DeadlineExceeded):
		l.breach(fmt.Sprintf("initialize was not answered within %v", greeting), nil)
		return p, false
	case err != nil: // it has ended, or breached before
		return p, false
	}
	if err := json.Unmarshal(m.Result, &p); err != nil {
		l.breach("the answer to initialize is of another form, "+form(err), m.Result)
		return p, false
	}
	if why := p.wrong(l.g.conf.Name); why != "" {
		l.breach("the answer to initialize is wrong, "+why, m.Result)
		return p, false
	}
	if name := unknown(m.Result); name != "" {
		l.g.host.Log(ext.Warn, "has a member in its answer to initialize that nobody knows, %.100s (it is ignored)", name)
	}
	return p, true
}

// forms are the kinds of a handshake's members, in words.
var forms = map[reflect.Kind]string{
	reflect.Int: "a whole number", reflect.String: "a string", reflect.Bool: "true or false", reflect.Slice: "an array",
	reflect.Struct: "an object",
}

// form says which member of a handshake is of another kind than it has to be.
func form(err error) string {
	var t *json.UnmarshalTypeError
	if !errors.As(err, &t) {
		return err.Error()
	}
	where := "it"
	if t.Field != "" {
		where = t.Field
	}
	kind, _, _ := strings.Cut(t.Value, " ") // of a number it has the number, too
	return fmt.Sprintf("%s is of type %s and has to be %s", where, kind, forms[t.Type.Kind()])
}

// unknown is a member of a handshake that means nothing, quoted; a misspelt one is not obeyed, and that should be seen.
func unknown(result []byte) string {
	d := json.NewDecoder(bytes.NewReader(result))
	d.DisallowUnknownFields()
	if err := d.Decode(&promise{}); err != nil {
		_, name, _ := strings.Cut(err.Error(), "unknown field ")
		return name
	}
	return ""
}

// wrong says why a handshake cannot be taken, or nothing.
func (p *promise) wrong(name string) string {
	switch {
	case p.Protocol != protocol:
		return fmt.Sprintf("protocol is %d and has to be %d", p.Protocol, protocol)
	case p.Namespace != "" && p.Namespace != name:
		return fmt.Sprintf("namespace is %.100q and has to be that of the section, %q", p.Namespace, name)
	case len(p.Methods) > mostMethods:
		return fmt.Sprintf("there are more than %d methods", mostMethods)
	}
	for _, name := range p.Events {
		if bus.Of(name) == (bus.Filter{}) {
			return fmt.Sprintf("there is no event %.100q", name)
		}
	}
	return ""
}

// introduction is what initialize says.
func (g *guest) introduction() []byte {
	options := map[string]any{}
	for _, o := range g.conf.Options {
		options[o.Name] = o.Value
	}
	d := g.host.Daemon()
	b, _ := jsonrpc.AppendValue(nil, map[string]any{
		"protocols": []any{protocol}, "name": g.conf.Name, "options": options,
		"daemon": map[string]any{
			"identifier": d.Identifier, "version": d.Version, "pid": d.PID, "config_file": d.ConfigFile, "directory": d.Directory,
		},
	})
	return b
}

// methods makes the table. What cannot be offered is told and left out.
func (l *life) methods(p promise) []service.Method {
	var out []service.Method
	bad := 0
	seen := map[string]bool{}
	for _, one := range p.Methods {
		m, err := one.method()
		if err == nil && seen[m.Name] {
			err = errors.New("there are two of that name")
		}
		if err != nil {
			if bad++; bad <= shownOfBad {
				l.g.h.o.Journal.GuestShadowed(l.g.conf.Section, short(one.Name), short(err.Error()))
			}
			continue
		}
		seen[m.Name] = true
		out = append(out, exthost.Describe(l.g.conf.Name, m, func(ctx context.Context, args []any) (any, error) {
			return l.g.call(ctx, &m, args)
		}))
	}
	if bad > shownOfBad {
		l.g.host.Log(ext.Warn, "has %d methods more that are not offered", bad-shownOfBad)
	}
	return out
}

// short is the beginning of a text.
func short(s string) string {
	if len(s) > shownOfBreach {
		return strings.ToValidUTF8(s[:shownOfBreach], "") + "..."
	}
	return s
}

var accesses = map[string]ext.Access{"": ext.Admin, "admin": ext.Admin, "operate": ext.Operate, "read": ext.Read}

// method checks what stands in a handshake.
func (one *promiseMethod) method() (ext.Method, error) {
	m := ext.Method{Name: one.Name, Help: one.Help, Call: func(context.Context, []ext.Value) (ext.Value, error) { return nil, nil }}
	var known bool
	if len(one.Name) > longestName {
		return m, fmt.Errorf("its name has more than %d bytes", longestName)
	}
	if m.Access, known = accesses[one.Access]; !known {
		return m, fmt.Errorf("access is %.40q and has to be admin, operate or read", one.Access)
	}
	result, err := kindOf(one.Result)
	if err != nil {
		return m, err
	}
	m.Result = ext.Param{Name: "result", Kind: result}
	for _, p := range one.Params {
		kind, err := kindOf(p.Type)
		if err != nil {
			return m, err
		}
		m.Params = append(m.Params, ext.Param{Name: p.Name, Kind: kind, Help: p.Help, Optional: p.Optional, Rest: p.Rest})
	}
	return m, m.Check()
}

// kindOf reads a type; none is any.
func kindOf(s string) (ext.Kind, error) {
	switch k := ext.Kind(s); k {
	case "":
		return ext.Any, nil
	case ext.Int, ext.Boolean, ext.Double, ext.String, ext.Base64, ext.Time, ext.Array, ext.Struct, ext.Any:
		return k, nil
	}
	return "", fmt.Errorf("there is no type %.40q", s)
}
