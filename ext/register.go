package ext

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"
	"unicode"
)

// Factory makes the guest of one section. It checks the section strictly and starts nothing: an error, best made by
// Section.Refuse, refuses the configuration.
type Factory func(Section) (Extension, error)

// A Registry is the factories of a program, by the names that configurations use. The zero value is empty and ready.
type Registry struct {
	mu        sync.Mutex // guards what follows
	factories map[string]Factory
	sections  map[string]Factory
}

// IsFactoryName tells whether a name is of the form "module:function", each of letters, digits, underscores and dots.
func IsFactoryName(name string) bool {
	module, function, ok := strings.Cut(name, ":")
	return ok && dotted(module) && dotted(function)
}

func dotted(s string) bool {
	odd := func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsNumber(r) }
	return s != "" && !strings.ContainsFunc(s, odd)
}

// Add offers a factory under a name of the form "module:function". A name that is taken or has another form panics:
// that is a mistake of whoever builds the program.
func (r *Registry) Add(name string, f Factory) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !IsFactoryName(name) || f == nil {
		panic(fmt.Sprintf("ext: cannot register %q: a factory's name is module:function", name))
	}
	if _, taken := r.factories[name]; taken {
		panic(fmt.Sprintf("ext: cannot register %q twice", name))
	}
	if r.factories == nil {
		r.factories = map[string]Factory{}
	}
	r.factories[name] = f
}

var sectionKind = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// AddSection gives a kind of section to a guest: nats for [nats] and [nats:x], each of which makes one. It panics as
// Add does.
func (r *Registry) AddSection(kind string, f Factory) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !sectionKind.MatchString(kind) || f == nil {
		panic(fmt.Sprintf("ext: cannot register section %q: a kind is lower case letters, digits, _ and -", kind))
	}
	if _, taken := r.sections[kind]; taken {
		panic(fmt.Sprintf("ext: cannot register section %q twice", kind))
	}
	if r.sections == nil {
		r.sections = map[string]Factory{}
	}
	r.sections[kind] = f
}

// Factories is a copy of what has been registered by name.
func (r *Registry) Factories() map[string]Factory {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.factories)
}

// Sections is a copy of what has been registered by kind of section.
func (r *Registry) Sections() map[string]Factory {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.sections)
}

// Default is the registry that supervisord takes.
var Default Registry

// Register adds to Default; a guest's package calls it in init.
func Register(name string, f Factory) { Default.Add(name, f) }

// RegisterSection adds a kind of section to Default.
func RegisterSection(kind string, f Factory) { Default.AddSection(kind, f) }
