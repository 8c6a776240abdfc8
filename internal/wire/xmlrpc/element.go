package xmlrpc

import "strings"

// element is an open element and what is known of its inside so far.
type element struct {
	kind     kind
	name     string // as spelled, to be compared with the end tag
	bindings int    // how many namespace bindings were in force outside it

	hasText  bool
	text     string // before the first child
	children int
	first    any // value of the first child
	second   any // value of the second one
	list     []any
	members  Struct
	index    map[string]int // of members, once there are many
}

// attribute is one name="value" of a start tag, the value as spelled.
type attribute struct{ name, value string }

// maxAttributes is far above what XML-RPC has use for, which is none.
const maxAttributes = 64

// startTag reads <name attributes> or <name attributes/>.
func (p *parser) startTag() error {
	rest := p.rest()
	if rest == "" || rest[0] != '<' {
		return malformed("no element")
	}
	name := nameAt(rest[1:])
	if !qualified(name) {
		return malformed("a bad tag")
	}
	at := 1 + len(name)
	var attrs []attribute
	for {
		blank := spaces(rest[at:])
		at += blank
		if at == len(rest) {
			return malformed("an unclosed tag")
		}
		if c := rest[at]; c == '>' || c == '/' {
			break
		}
		if blank == 0 || len(attrs) == maxAttributes {
			return malformed("bad attributes")
		}
		attr, size := attributeAt(rest[at:])
		if size == 0 {
			return malformed("a bad attribute")
		}
		attrs = append(attrs, attr)
		at += size
	}
	empty := rest[at] == '/'
	if empty {
		at++
	}
	if !strings.HasPrefix(rest[at:], ">") {
		return malformed("a bad tag")
	}
	p.skip(at + 1)
	if err := p.enter(name, attrs); err != nil {
		return err
	}
	if empty {
		return p.leave()
	}
	return nil
}

// attributeAt reads one attribute at the start of s; size 0 means there is none.
func attributeAt(s string) (attr attribute, size int) {
	name := nameAt(s)
	if !qualified(name) {
		return attr, 0
	}
	at := len(name)
	at += spaces(s[at:])
	if !strings.HasPrefix(s[at:], "=") {
		return attr, 0
	}
	at++
	at += spaces(s[at:])
	value, ok := quoted(s[at:])
	if !ok {
		return attr, 0
	}
	return attribute{name, value}, at + len(value) + 2
}

func (p *parser) endTag(rest string) error {
	el := &p.open[len(p.open)-1]
	after, ok := strings.CutPrefix(rest[2:], el.name)
	if !ok {
		return malformed("an end tag that closes nothing")
	}
	blank := spaces(after)
	if !strings.HasPrefix(after[blank:], ">") {
		return malformed("an end tag that closes nothing")
	}
	if in := &p.inputs[len(p.inputs)-1]; len(p.open) <= in.depth {
		return malformed("an element that is not closed in the entity that opens it")
	}
	p.skip(2 + len(el.name) + blank + 1)
	return p.leave()
}

// enter opens an element.
func (p *parser) enter(name string, attrs []attribute) error {
	if len(p.open) == p.lim.Depth {
		return malformed("elements too deep within each other")
	}
	el := element{name: name, bindings: len(p.bindings)}
	if err := p.bind(attrs); err != nil {
		return err
	}
	plain, err := p.unqualified(name)
	if err != nil {
		return err
	}
	if plain {
		el.kind = p.kindOf(name)
	}
	if len(p.open) > 0 {
		parent := &p.open[len(p.open)-1]
		p.takeText(parent)
		parent.children++
	}
	p.open = append(p.open, el)
	return nil
}

// leave closes the innermost element: its value is known now, and its parent
// is told.
func (p *parser) leave() error {
	el := &p.open[len(p.open)-1]
	p.takeText(el)
	value, err := p.reduce(el)
	if err != nil {
		return err
	}
	p.bindings = p.bindings[:el.bindings]
	if len(p.open) > 1 {
		if err := p.open[len(p.open)-2].adopt(el, value); err != nil {
			return err
		}
	}
	*el = element{}
	p.open = p.open[:len(p.open)-1]
	return nil
}

// quoted reads a literal at the start of s and returns what is between the
// quotes.
func quoted(s string) (inside string, ok bool) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return "", false
	}
	end := strings.IndexByte(s[1:], s[0])
	if end < 0 {
		return "", false
	}
	return s[1 : 1+end], true
}
