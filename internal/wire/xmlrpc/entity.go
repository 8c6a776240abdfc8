package xmlrpc

import (
	"strconv"
	"strings"
)

// entity is a general entity of the document's own DTD. Those from outside
// are never fetched, and mentioning one is an error.
type entity struct {
	text     string
	external bool
	busy     bool // being read: mentioning it now would never end
}

// maxNesting bounds entities within entities.
const maxNesting = 16

// reference reads &name; or &#number; in content. An entity of the document
// becomes the text being read.
func (p *parser) reference(rest string) error {
	name, size, err := referenceAt(rest)
	if err != nil {
		return err
	}
	if s, ok, err := p.character(name); ok || err != nil {
		p.skip(size)
		p.addText(s)
		return err
	}
	e, err := p.mention(name, len(p.inputs))
	if err != nil {
		return err
	}
	p.skip(size)
	e.busy = true
	p.inputs = append(p.inputs, input{text: e.text, depth: len(p.open), entity: e})
	return nil
}

// referenceAt cuts the name out of a reference at the start of s.
func referenceAt(s string) (name string, size int, err error) {
	end := strings.IndexByte(s, ';')
	if end < 0 {
		return "", 0, malformed("a bare &")
	}
	name = s[1:end]
	number, isNumber := strings.CutPrefix(name, "#")
	if isNumber && number == "" || !isNumber && (name == "" || nameAt(name) != name || strings.Contains(name, ":")) {
		return "", 0, malformed("a bare &")
	}
	return name, end + 1, nil
}

// character gives what a reference by number, or to one of XML's own five
// entities, stands for.
func (p *parser) character(name string) (text string, ok bool, err error) {
	if name[0] == '#' {
		text, err = p.numbered(name[1:])
		return text, true, err
	}
	switch name {
	case "lt":
		return "<", true, nil
	case "gt":
		return ">", true, nil
	case "amp":
		return "&", true, nil
	case "quot":
		return `"`, true, nil
	case "apos":
		return "'", true, nil
	}
	return "", false, nil
}

func (p *parser) numbered(number string) (string, error) {
	base := 10
	if hex, ok := strings.CutPrefix(number, "x"); ok {
		number, base = hex, 16
	}
	if number == "" || number[0] == '+' || number[0] == '-' {
		return "", malformed("a bad character number")
	}
	n, err := strconv.ParseUint(number, base, 32)
	if err != nil || n > 0x10FFFF || n >= 0xD800 && n <= 0xDFFF {
		return "", malformed("a bad character number")
	}
	control := n < ' ' && n != '\t' && n != '\n' && n != '\r'
	if (control || n == 0xFFFE || n == 0xFFFF) && !p.response {
		return "", malformed("a character that XML does not have")
	}
	return string(rune(n)), nil
}

// mention looks up an entity and pays for its text out of the limit.
func (p *parser) mention(name string, nesting int) (*entity, error) {
	e := p.entities[name]
	switch {
	case e == nil || e.external:
		return nil, malformed("an undefined entity")
	case e.busy:
		return nil, malformed("an entity that contains itself")
	case nesting > maxNesting:
		return nil, malformed("entities too deep within each other")
	}
	p.expanded += len(e.text)
	if p.expanded > p.lim.Entities {
		return nil, malformed("entities expand to too much")
	}
	return e, nil
}

// attributeValue expands what stands between an attribute's quotes.
func (p *parser) attributeValue(raw string) (string, error) {
	if !strings.ContainsAny(raw, "<&\t\n\r") {
		return raw, nil
	}
	out, err := p.expandAttribute(nil, raw, 1)
	return string(out), err
}

// expandAttribute calls itself for entities within entities, no deeper than
// maxNesting.
func (p *parser) expandAttribute(dst []byte, raw string, nesting int) ([]byte, error) {
	raw = newlines(raw)
	for raw != "" {
		switch raw[0] {
		case '<':
			return nil, malformed("< in an attribute")
		case '\t', '\n':
			dst, raw = append(dst, ' '), raw[1:]
			continue
		case '&':
		default:
			end := strings.IndexAny(raw, "<&\t\n")
			if end < 0 {
				end = len(raw)
			}
			dst, raw = append(dst, raw[:end]...), raw[end:]
			continue
		}
		name, size, err := referenceAt(raw)
		if err != nil {
			return nil, err
		}
		raw = raw[size:]
		s, ok, err := p.character(name)
		if err != nil {
			return nil, err
		}
		if ok {
			dst = append(dst, s...)
			continue
		}
		e, err := p.mention(name, nesting)
		if err != nil {
			return nil, err
		}
		e.busy = true
		dst, err = p.expandAttribute(dst, e.text, nesting+1)
		e.busy = false
		if err != nil {
			return nil, err
		}
	}
	return dst, nil
}
