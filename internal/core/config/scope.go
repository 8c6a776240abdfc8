package config

import (
	"sort"
	"strconv"
	"strings"
)

// value is what a name stands for in an expansion: a string or a whole number.
type value struct {
	text   string
	n      int64
	number bool
}

func (v value) String() string {
	if v.number {
		return strconv.FormatInt(v.n, 10)
	}
	return v.text
}

// name is one name that may stand in %(name)s.
type name struct {
	name  string
	value value
}

// scope is the set of names that one option may use: the environment, which all share, and names of its own, which
// win (CFG-031).
type scope struct {
	env *environment
	own []name
}

func (s *scope) lookup(key string) (value, bool) {
	for i := range s.own {
		if s.own[i].name == key {
			return s.own[i].value, true
		}
	}
	text, found := s.env.values[key]
	return value{text: text}, found
}

// put sets a name of the scope's own.
func (s *scope) put(key string, v value) {
	for i := range s.own {
		if s.own[i].name == key {
			s.own[i].value = v
			return
		}
	}
	s.own = append(s.own, name{key, v})
}

// text is a name that stands for a string.
func text(key, v string) name        { return name{key, value{text: v}} }
func (s *scope) putText(k, v string) { s.put(k, value{text: v}) }

// names lists all names sorted, as the message about an unknown one does (CFG-027).
func (s *scope) names() []string {
	all := append([]string(nil), s.env.order...)
	for _, n := range s.own {
		if _, twice := s.env.values[n.name]; !twice {
			all = append(all, n.name)
		}
	}
	sort.Strings(all)
	return all
}

// dump is what Python makes of a "%s" that names nothing: the whole mapping, written out.
func (s *scope) dump() string {
	var b strings.Builder
	write := func(key string) {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		v, _ := s.lookup(key)
		b.WriteString(quote(key) + ": ")
		if v.number {
			b.WriteString(v.String())
		} else {
			b.WriteString(quote(v.text))
		}
	}
	for _, key := range s.env.order {
		write(key)
	}
	for _, n := range s.own {
		if _, twice := s.env.values[n.name]; !twice {
			write(n.name)
		}
	}
	return "{" + b.String() + "}"
}

// environment holds the ENV_ names in the order in which they came (CFG-028).
type environment struct {
	values map[string]string
	order  []string
}

func newEnvironment(vars []Var) *environment {
	e := &environment{values: make(map[string]string, len(vars))}
	for _, v := range vars {
		e.put(v)
	}
	return e
}

func (e *environment) put(v Var) {
	key := "ENV_" + v.Name
	if _, found := e.values[key]; !found {
		e.order = append(e.order, key)
	}
	e.values[key] = v.Value
}
