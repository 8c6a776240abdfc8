package exthost

import (
	"regexp"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/internal/service"
)

// table is every method of every guest on one server, at one moment. It never changes.
type table struct {
	byName map[string]*service.Method
	names  []string // sorted
}

// methodShape is the only form of name that is ever called: two parts, neither of which begins with an underscore
// (SEC-007).
var methodShape = regexp.MustCompile(`^[^._\s][^.\s]*\.[^._\s][^.\s]*$`)

// reserved are Supervisor's own namespaces. Nobody speaks in system's, and in supervisor's only what the configuration
// names for it.
func reserved(namespace string) bool { return namespace == "system" || namespace == "supervisor" }

// rebuild makes the tables anew after a guest came, went or changed what it offers.
func (g *Guests) rebuild() {
	g.building.Lock()
	defer g.building.Unlock()
	list := g.guests()
	for server := range g.table {
		t := &table{byName: map[string]*service.Method{}}
		for _, one := range list {
			for _, m := range one.offer(server) {
				if why := t.refuse(one, m.Name); why != "" {
					if one.refused[m.Name] != why {
						one.refused[m.Name] = why
						g.o.Journal.GuestShadowed(one.conf.Section, m.Name, why)
					}
					continue
				}
				t.byName[m.Name] = &m
				if !m.Unlisted {
					t.names = append(t.names, m.Name)
				}
			}
		}
		slices.Sort(t.names)
		g.table[server].Store(t)
	}
}

// refuse is why a method is not taken in.
func (t *table) refuse(one *guest, name string) string {
	namespace, _, _ := strings.Cut(name, ".")
	switch _, taken := t.byName[name]; {
	case !methodShape.MatchString(name):
		return "a name is namespace.method, and neither begins with an underscore"
	case reserved(namespace) && (namespace == "system" || one.conf.Name != namespace):
		return "the namespace is not an extension's to use"
	case taken:
		return "another extension has it"
	}
	return ""
}

// Methods are the guests' methods as one server offers them.
func (g *Guests) Methods(server int) service.Methods { return face{g, server} }

type face struct {
	g      *Guests
	server int
}

// Method finds a method by its whole name, which is looked up and never taken apart.
func (f face) Method(name string) (*service.Method, bool) {
	m, ok := f.g.table[f.server].Load().byName[name]
	if !ok {
		return f.g.find(f.server, name)
	}
	return m, ok
}

// find asks the guest in whose namespace a method would be, if it may have some that it does not tell.
func (g *Guests) find(server int, name string) (*service.Method, bool) {
	namespace, method, _ := strings.Cut(name, ".")
	if !methodShape.MatchString(name) || namespace == "system" {
		return nil, false
	}
	for _, one := range g.guests() {
		if finder, ok := one.ext.(Finder); ok && one.conf.Name == namespace && !one.out.Load() {
			return finder.Find(server, method)
		}
	}
	return nil, false
}

// MethodNames are all names, sorted.
func (f face) MethodNames() []string { return f.g.table[f.server].Load().names }
