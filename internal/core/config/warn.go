package config

import (
	"fmt"
	"slices"
	"strings"
)

// warnUnknown adds a warning for every section and option that nobody reads. They are ignored as Supervisor ignores
// them (CFG-008), but not silently: most are typing mistakes.
func (r *reader) warnUnknown() {
	for _, section := range r.ini.Sections {
		if t := topicOf(section.Name); t != nil {
			r.warnOptions(section, t)
			continue
		}
		if kind, _, _ := strings.Cut(section.Name, ":"); slices.Contains(r.over.Owned, kind) {
			continue
		}
		hint := ""
		if near := nearestSection(section.Name); near != "" {
			hint = fmt.Sprintf(", did you mean [%s]?", near)
		}
		r.warn("Unknown section [%s] (file: %s, line %d)%s It is ignored.", section.Name, quote(section.File),
			section.Line, orStop(hint))
	}
	r.warnDefaults()
}

// warnUnknownIn is warnUnknown for one section alone.
func (r *reader) warnUnknownIn(name string) {
	if section, found := r.ini.Section(name); found {
		r.warnOptions(section, topicOf(name))
	}
}

func (r *reader) warnOptions(section *Section, t *Topic) {
	if t.Free {
		return
	}
	for _, o := range section.Options {
		// What comes from [DEFAULT] is not of this section, though an [include] may have copied it here.
		if d, found := r.ini.Default.Get(o.Name); t.has(o.Name) || found && d.Line == o.Line && d.File == o.File {
			continue
		}
		r.warnOption(section, o, t.Settings())
	}
}

// warnDefaults warns about options of [DEFAULT] that no section knows.
func (r *reader) warnDefaults() {
	var all []Setting
	for _, t := range Topics {
		all = append(all, t.Options...)
	}
	for _, o := range r.ini.Default.Options {
		known := false
		for _, s := range all {
			known = known || s.Name == o.Name
		}
		if !known {
			r.warnOption(r.ini.Default, o, all)
		}
	}
}

func (r *reader) warnOption(section *Section, o Option, settings []Setting) {
	var names []string
	for _, s := range settings {
		names = append(names, s.Name)
	}
	hint := ""
	if near := nearest(o.Name, names); near != "" {
		hint = fmt.Sprintf(", did you mean %q?", near)
	}
	place := fmt.Sprintf(" (file: %s, line %d)", quote(o.File), o.Line)
	if o.Line == 0 { // it is in no file
		place = ""
	}
	r.warn("Unknown option %q in [%s]%s%s It is ignored.", o.Name, section.Name, place, orStop(hint))
}

// orStop ends the first sentence of a warning that has no hint.
func orStop(hint string) string {
	if hint == "" {
		return "."
	}
	return hint
}

// nearestSection finds the kind of section that was probably meant and gives the whole name as it should be.
func nearestSection(name string) string {
	kind, rest, _ := strings.Cut(strings.TrimSpace(name), ":")
	var kinds []string
	for _, t := range Topics {
		kinds = append(kinds, t.Kind)
	}
	near := nearest(strings.TrimSpace(lower(kind)), kinds)
	for _, t := range Topics {
		if t.Kind == near && t.Suffix == named {
			if rest = strings.TrimSpace(rest); rest == "" {
				rest = "x"
			}
			return near + ":" + rest
		}
	}
	return near
}

// Nearest finds the name that was probably meant by s; empty for none.
func Nearest(s string, names []string) string { return nearest(s, names) }

// nearest finds the name that differs least from s, if the difference is one that fingers make.
func nearest(s string, names []string) string {
	best, least := "", 1+min(3, max(1, len(s)/3))
	for _, name := range names {
		if d := distance(s, name, least); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the bytes to add, take away or change to make b of a, and the neighbours to swap; it stops counting
// at limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}
