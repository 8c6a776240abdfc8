package ext

import (
	"fmt"
	"maps"
	"slices"
)

// Section is what the configuration says to one guest.
type Section struct {
	Kind string // "rpcinterface", or the kind that the guest owns
	Name string // x of [rpcinterface:x]; the kind itself of a section without one
	// Options are all options of the section but the one that names the factory, expanded as Supervisor does.
	Options map[string]string
	Bare    bool           // the section is called by its kind alone, [greet]
	File    string         // where the section stands
	Line    int            // of the section's head
	Lines   map[string]int // of each option
}

// Title is the section's name as it is written between its brackets.
func (s *Section) Title() string {
	if s.Bare {
		return s.Kind
	}
	return s.Kind + ":" + s.Name
}

// Refuse is an error that names the section and, when option is not empty, the option and where it stands.
func (s *Section) Refuse(option, format string, args ...any) error {
	line := s.Line
	if n, ok := s.Lines[option]; ok {
		line = n
	}
	return &Refusal{
		Section: s.Title(), Option: option, File: s.File, Line: line, Text: fmt.Sprintf(format, args...),
	}
}

// Only refuses the first option, in alphabetical order, that is not one of names: a misspelt option is an error.
func (s *Section) Only(names ...string) error {
	for _, option := range slices.Sorted(maps.Keys(s.Options)) {
		if !slices.Contains(names, option) {
			return s.Refuse(option, "unknown option %q", option)
		}
	}
	return nil
}

// Refusal is why a factory does not take its section.
type Refusal struct {
	Section, Option, File string
	Line                  int
	Text                  string
}

func (r *Refusal) Error() string {
	where := ""
	if r.File != "" {
		where = fmt.Sprintf(" (file: '%s', line %d)", r.File, r.Line)
	}
	if r.Option != "" {
		return fmt.Sprintf("%s in [%s] option %s%s", r.Text, r.Section, r.Option, where)
	}
	return fmt.Sprintf("%s in [%s]%s", r.Text, r.Section, where)
}
