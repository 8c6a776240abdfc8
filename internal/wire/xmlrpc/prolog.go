package xmlrpc

import "strings"

// prolog reads up to the root element: a byte order mark, the declaration,
// and at most one DOCTYPE among comments and instructions.
func (p *parser) prolog() error {
	if strings.HasPrefix(p.rest(), "\uFEFF") {
		p.skip(len("\uFEFF"))
	}
	if after, ok := strings.CutPrefix(p.rest(), "<?xml"); ok && after != "" && isSpace(after[0]) {
		if err := p.declaration(after); err != nil {
			return err
		}
	}
	doctype := false
	for {
		p.skip(spaces(p.rest()))
		rest := p.rest()
		var err error
		switch {
		case strings.HasPrefix(rest, "<!--"):
			err = p.comment(rest)
		case strings.HasPrefix(rest, "<?"):
			err = p.instruction(rest)
		case strings.HasPrefix(rest, "<!DOCTYPE") && !doctype:
			doctype = true
			err = p.doctype()
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// declaration reads what follows "<?xml". What it says changes nothing.
func (p *parser) declaration(after string) error {
	s := after
	for i, name := range []string{"version", "encoding", "standalone"} {
		blank := spaces(s)
		rest, ok := strings.CutPrefix(s[blank:], name)
		if !ok {
			if i == 0 {
				return errDeclaration
			}
			continue
		}
		rest = rest[spaces(rest):]
		if rest, ok = strings.CutPrefix(rest, "="); !ok || blank == 0 {
			return errDeclaration
		}
		rest = rest[spaces(rest):]
		value, ok := quoted(rest)
		if !ok || !declarable(name, value) {
			return errDeclaration
		}
		s = rest[len(value)+2:]
	}
	s = s[spaces(s):]
	if !strings.HasPrefix(s, "?>") {
		return errDeclaration
	}
	p.skip(len("<?xml") + len(after) - len(s) + 2)
	return nil
}

var errDeclaration = malformed("a bad XML declaration")

func declarable(name, value string) bool {
	if name == "standalone" {
		return value == "yes" || value == "no"
	}
	for i := range len(value) {
		if !nameByte(value[i], false) || value[i] == ':' {
			return false
		}
	}
	if name == "encoding" {
		return value != "" && nameByte(value[0], true) && value[0] != '_'
	}
	return true
}

// doctype reads <!DOCTYPE name SYSTEM "id" [ declarations ]>. Nothing outside
// the document is ever fetched.
func (p *parser) doctype() error {
	p.skip(len("<!DOCTYPE"))
	name, ok := p.spacedName()
	if !ok || !qualified(name) {
		return malformed("a bad DOCTYPE")
	}
	if _, ok := p.externalID(); !ok {
		return malformed("a bad DOCTYPE")
	}
	p.skip(spaces(p.rest()))
	if strings.HasPrefix(p.rest(), "[") {
		p.skip(1)
		if err := p.subset(); err != nil {
			return err
		}
		p.skip(spaces(p.rest()))
	}
	if !strings.HasPrefix(p.rest(), ">") {
		return malformed("a bad DOCTYPE")
	}
	p.skip(1)
	return nil
}

// subset reads the declarations up to the "]". Only entities are kept; of the
// others it is enough to know where they end. Parameter entities are refused:
// they are only good for attacks.
func (p *parser) subset() error {
	for {
		p.skip(spaces(p.rest()))
		rest := p.rest()
		var err error
		switch {
		case strings.HasPrefix(rest, "]"):
			p.skip(1)
			return nil
		case strings.HasPrefix(rest, "<!--"):
			err = p.comment(rest)
		case strings.HasPrefix(rest, "<?"):
			err = p.instruction(rest)
		case strings.HasPrefix(rest, "<!ENTITY"):
			err = p.entityDeclaration()
		case strings.HasPrefix(rest, "<!ELEMENT"), strings.HasPrefix(rest, "<!ATTLIST"),
			strings.HasPrefix(rest, "<!NOTATION"):
			err = p.otherDeclaration(rest)
		default:
			err = malformed("a bad DOCTYPE")
		}
		if err != nil {
			return err
		}
	}
}

func (p *parser) otherDeclaration(rest string) error {
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '>':
			p.skip(i + 1)
			return nil
		case '"', '\'':
			inside, ok := quoted(rest[i:])
			if !ok {
				return malformed("a bad declaration")
			}
			i += len(inside) + 1
		case '%':
			return malformed("a parameter entity")
		}
	}
	return malformed("a bad declaration")
}

func (p *parser) entityDeclaration() error {
	bad := malformed("a bad entity declaration")
	p.skip(len("<!ENTITY"))
	name, ok := p.spacedName()
	if !ok || strings.Contains(name, ":") {
		return bad
	}
	blank := spaces(p.rest())
	e := &entity{}
	if raw, ok := quoted(p.rest()[blank:]); ok && blank > 0 {
		p.skip(blank + len(raw) + 2)
		text, err := p.entityText(raw)
		if err != nil {
			return err
		}
		e.text = text
	} else if e.external, ok = p.externalID(); !ok || !e.external {
		return bad
	} else if !p.notation() {
		return errDeclaration
	}
	p.skip(spaces(p.rest()))
	if !strings.HasPrefix(p.rest(), ">") {
		return errDeclaration
	}
	p.skip(1)
	if p.entities == nil {
		p.entities = map[string]*entity{}
	}
	if _, declared := p.entities[name]; !declared {
		p.entities[name] = e
	}
	return nil
}

// entityText resolves the character numbers in an entity's value; references
// to entities stay until the entity is read.
func (p *parser) entityText(raw string) (string, error) {
	if strings.Contains(raw, "%") {
		return "", malformed("a parameter entity")
	}
	var out []byte
	for raw = newlines(raw); ; {
		at := strings.IndexByte(raw, '&')
		if at < 0 {
			return string(append(out, raw...)), nil
		}
		name, size, err := referenceAt(raw[at:])
		if err != nil {
			return "", err
		}
		out = append(out, raw[:at]...)
		if name[0] == '#' {
			s, err := p.numbered(name[1:])
			if err != nil {
				return "", err
			}
			out = append(out, s...)
		} else {
			out = append(out, raw[at:at+size]...)
		}
		raw = raw[at+size:]
	}
}

// spacedName reads blanks and a name.
func (p *parser) spacedName() (name string, ok bool) {
	rest := p.rest()
	blank := spaces(rest)
	name = nameAt(rest[blank:])
	p.skip(blank + len(name))
	return name, blank > 0 && name != ""
}

// externalID reads SYSTEM "x" or PUBLIC "x" "y" if one is there.
func (p *parser) externalID() (present, ok bool) {
	rest := p.rest()
	blank := spaces(rest)
	after, ok := strings.CutPrefix(rest[blank:], "SYSTEM")
	literals := 1
	if !ok {
		if after, ok = strings.CutPrefix(rest[blank:], "PUBLIC"); !ok {
			return false, true
		}
		literals = 2
	}
	for i := range literals {
		n := spaces(after)
		value, ok := quoted(after[n:])
		if !ok || n == 0 || blank == 0 || literals == 2 && i == 0 && !publicID(value) {
			return true, false
		}
		after = after[n+len(value)+2:]
	}
	p.skip(len(rest) - len(after))
	return true, true
}

// publicID tells whether a public identifier has only the characters that it may have.
func publicID(s string) bool {
	return strings.Trim(s, " \r\n-'()+,./:=?;!*#@$_%"+
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// notation passes over " NDATA name" if it is there.
func (p *parser) notation() bool {
	rest := p.rest()
	blank := spaces(rest)
	if !strings.HasPrefix(rest[blank:], "NDATA") {
		return true
	}
	p.skip(blank + len("NDATA"))
	name, ok := p.spacedName()
	return ok && blank > 0 && !strings.Contains(name, ":")
}
