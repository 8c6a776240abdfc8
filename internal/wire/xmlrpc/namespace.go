package xmlrpc

import (
	"slices"
	"strings"
)

// binding is one xmlns attribute in force: prefix "" is the default
// namespace, uri "" takes it back.
type binding struct{ prefix, uri string }

const (
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsSpace = "http://www.w3.org/2000/xmlns/"
)

// maxBindings bounds the xmlns attributes in force at once: each element looks
// through all of them.
const maxBindings = 64

// bind checks the attributes of a tag and brings its xmlns ones into force.
// Namespaces matter for one reason: an element that is in one is not XML-RPC's.
func (p *parser) bind(attrs []attribute) error {
	for i, a := range attrs {
		if slices.ContainsFunc(attrs[:i], func(b attribute) bool { return b.name == a.name }) {
			return malformed("an attribute twice")
		}
		value, err := p.attributeValue(a.value)
		if err != nil {
			return err
		}
		prefix, declares := strings.CutPrefix(a.name, "xmlns:")
		if a.name == "xmlns" {
			prefix, declares = "", true
		}
		if !declares {
			continue
		}
		if !bindable(prefix, value) {
			return malformed("a bad namespace")
		}
		if len(p.bindings) == maxBindings {
			return malformed("too many namespaces at once")
		}
		p.bindings = append(p.bindings, binding{prefix, value})
	}
	return p.distinct(attrs)
}

func bindable(prefix, uri string) bool {
	switch {
	case prefix == "xmlns", prefix != "" && uri == "":
		return false
	case prefix == "xml", uri == xmlSpace:
		return prefix == "xml" && uri == xmlSpace
	}
	return uri != xmlnsSpace && !strings.Contains(uri, "}")
}

// distinct refuses attributes whose prefix nobody declared, and two that
// differ in prefix and mean the same name.
func (p *parser) distinct(attrs []attribute) error {
	var seen []binding
	for _, a := range attrs {
		prefix, local, ok := strings.Cut(a.name, ":")
		if !ok || prefix == "xmlns" {
			continue
		}
		uri, ok := p.lookup(prefix)
		if !ok {
			return malformed("an undeclared prefix")
		}
		if slices.Contains(seen, binding{local, uri}) {
			return malformed("an attribute twice")
		}
		seen = append(seen, binding{local, uri})
	}
	return nil
}

// lookup finds the namespace of a prefix, "" being the default one's.
func (p *parser) lookup(prefix string) (uri string, ok bool) {
	for i := len(p.bindings) - 1; i >= 0; i-- {
		if p.bindings[i].prefix == prefix {
			return p.bindings[i].uri, true
		}
	}
	return xmlSpace, prefix == "xml"
}

// unqualified tells whether an element's name is in no namespace.
func (p *parser) unqualified(name string) (bool, error) {
	prefix, _, ok := strings.Cut(name, ":")
	if !ok {
		uri, bound := p.lookup("")
		return !bound || uri == "", nil
	}
	if _, bound := p.lookup(prefix); !bound {
		return false, malformed("an undeclared prefix")
	}
	return false, nil
}
