package xmlrpc

import "strings"

// parser reads one document. It lives as long as one call of ParseCall or
// ParseResponse and is owned by it.
type parser struct {
	response bool // read as a client: any byte is a character
	lim      Limits

	inputs   []input // the document, and the entities being read, innermost last
	open     []element
	bindings []binding
	entities map[string]*entity
	expanded int // bytes that entities have put in so far

	run  string // the text of the innermost element, as long as it is one run
	long []byte // and once it is several

	method string
	params []any
	fault  *Fault
}

// input is a text being read, and how many elements were open when it began.
type input struct {
	text   string
	at     int
	depth  int
	entity *entity
}

func newParser(text string, lim Limits) *parser {
	// A call with plain parameters is six elements deep.
	return &parser{lim: lim.orDefault(), inputs: []input{{text: text}}, open: make([]element, 0, 6)}
}

func (l Limits) orDefault() Limits {
	if l.Bytes <= 0 {
		l.Bytes = DefaultLimits.Bytes
	}
	if l.Depth <= 0 {
		l.Depth = DefaultLimits.Depth
	}
	if l.Entities <= 0 {
		l.Entities = DefaultLimits.Entities
	}
	return l
}

func (l Limits) tooBig(size int) error {
	if size > l.orDefault().Bytes {
		return malformed("the document is too long")
	}
	return nil
}

// document reads everything: prolog, root element, and what may follow it.
func (p *parser) document() error {
	if err := p.prolog(); err != nil {
		return err
	}
	if err := p.startTag(); err != nil {
		return err
	}
	for len(p.open) > 0 {
		if err := p.content(); err != nil {
			return err
		}
	}
	return p.epilog()
}

// content reads one piece of what stands inside an element.
func (p *parser) content() error {
	in := &p.inputs[len(p.inputs)-1]
	rest := in.text[in.at:]
	if rest == "" {
		return p.endOfInput()
	}
	switch rest[0] {
	case '<':
		return p.markup(rest)
	case '&':
		return p.reference(rest)
	}
	end := strings.IndexAny(rest, "<&")
	if end < 0 {
		end = len(rest)
	}
	if strings.Contains(rest[:end], "]]>") {
		return malformed("]]> in text")
	}
	in.at += end
	p.addLiteral(rest[:end])
	return nil
}

func (p *parser) markup(rest string) error {
	switch {
	case strings.HasPrefix(rest, "</"):
		return p.endTag(rest)
	case strings.HasPrefix(rest, "<!--"):
		return p.comment(rest)
	case strings.HasPrefix(rest, "<?"):
		return p.instruction(rest)
	case strings.HasPrefix(rest, cdata):
		end := strings.Index(rest, "]]>")
		if end < 0 {
			return malformed("an unclosed CDATA section")
		}
		p.addLiteral(rest[len(cdata):end])
		p.skip(end + 3)
		return nil
	}
	return p.startTag()
}

const cdata = "<![CDATA["

// endOfInput goes back to where the entity was mentioned. Whatever it opened
// it must have closed.
func (p *parser) endOfInput() error {
	in := &p.inputs[len(p.inputs)-1]
	if in.entity == nil {
		return malformed("an unclosed element")
	}
	if len(p.open) != in.depth {
		return malformed("an element that is not closed in the entity that opens it")
	}
	in.entity.busy = false
	p.inputs = p.inputs[:len(p.inputs)-1]
	return nil
}

// rest is what remains of the text being read.
func (p *parser) rest() string {
	in := &p.inputs[len(p.inputs)-1]
	return in.text[in.at:]
}

// skip moves on by n bytes of the text being read.
func (p *parser) skip(n int) { p.inputs[len(p.inputs)-1].at += n }

// comment passes over <!-- -->, inside which two dashes must not meet.
func (p *parser) comment(rest string) error {
	end := strings.Index(rest[4:], "--")
	if end < 0 || !strings.HasPrefix(rest[4+end:], "-->") {
		return malformed("a comment that does not end well")
	}
	p.skip(4 + end + 3)
	return nil
}

// instruction passes over <?target ... ?>. The name xml is kept for the
// declaration, which prolog reads where it may stand.
func (p *parser) instruction(rest string) error {
	name := nameAt(rest[2:])
	if name == "" || strings.EqualFold(name, "xml") || strings.Contains(name, ":") {
		return malformed("a bad processing instruction")
	}
	after := 2 + len(name)
	end := strings.Index(rest[after:], "?>")
	if end < 0 || end > 0 && !isSpace(rest[after]) {
		return malformed("a bad processing instruction")
	}
	p.skip(after + end + 2)
	return nil
}

// epilog makes sure that nothing but blanks, comments and instructions
// follows the root element.
func (p *parser) epilog() error {
	for {
		p.skip(spaces(p.rest()))
		rest := p.rest()
		var err error
		switch {
		case rest == "":
			return nil
		case strings.HasPrefix(rest, "<!--"):
			err = p.comment(rest)
		case strings.HasPrefix(rest, "<?"):
			err = p.instruction(rest)
		default:
			err = malformed("something after the root element")
		}
		if err != nil {
			return err
		}
	}
}

// addLiteral adds text as it stands in the document, where any line end is a
// newline. In an entity's text that was settled when it was declared.
func (p *parser) addLiteral(s string) {
	if p.inputs[len(p.inputs)-1].entity == nil && strings.IndexByte(s, '\r') >= 0 {
		s = newlines(s)
	}
	p.addText(s)
}

// addText adds character data to the innermost element. Only what stands
// before its first child is ever asked for.
func (p *parser) addText(s string) {
	el := &p.open[len(p.open)-1]
	switch {
	case el.children > 0 || s == "":
	case !el.hasText:
		el.hasText, p.run = true, s
	default:
		if p.run != "" {
			p.long = append(p.long, p.run...)
			p.run = ""
		}
		p.long = append(p.long, s...)
	}
}

// takeText settles the text of the innermost element, when its first child
// begins or when it ends.
func (p *parser) takeText(el *element) {
	if el.children > 0 || !el.hasText {
		return
	}
	el.text = p.run
	if p.run == "" {
		el.text = string(p.long)
	}
	p.run, p.long = "", p.long[:0]
}

// newlines turns every line end into the one that XML means.
func newlines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
