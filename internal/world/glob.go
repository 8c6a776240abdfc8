package world

import (
	"path/filepath"
	"slices"
	"strings"
)

// Glob expands a pattern as Python's glob does: a backslash is a character like others, a bracket that is not closed
// stands for itself, and a name that starts with a dot is matched only by a pattern that does (CFG-013).
func (w World) Glob(pattern string) []string {
	if bare := strings.TrimRight(pattern, "/"); bare != pattern && strings.ContainsAny(bare, "*?[") {
		dirs := slices.DeleteFunc(w.Glob(bare), func(path string) bool { return !w.IsDir(path) })
		for i := range dirs {
			dirs[i] += "/"
		}
		return dirs
	}
	elements := strings.Split(pattern, "/")
	for i, e := range elements {
		elements[i] = translate(e)
	}
	list, err := filepath.Glob(strings.Join(elements, "/"))
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(list, func(path string) bool { return hidden(pattern, path) })
}

// hidden is true when some element of path starts with a dot that the pattern's element does not spell.
func hidden(pattern, path string) bool {
	ps, ns := strings.Split(filepath.Clean(pattern), "/"), strings.Split(filepath.Clean(path), "/")
	if len(ps) != len(ns) {
		return false
	}
	for i, n := range ns {
		if strings.HasPrefix(n, ".") && !strings.HasPrefix(ps[i], ".") {
			return true
		}
	}
	return false
}

// translate spells one element of a pattern in Go's grammar.
func translate(element string) string {
	var out strings.Builder
	p := []rune(element)
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			out.WriteString(`\\`)
		case '[':
			end := closing(p, i+1)
			if end < 0 {
				out.WriteString(`\[`)
				continue
			}
			out.WriteString(class(p[i+1 : end]))
			i = end
		default:
			out.WriteRune(p[i])
		}
	}
	return out.String()
}

// closing is where the bracket that was opened before from is closed; a bracket right at its beginning is part of it.
func closing(p []rune, from int) int {
	if from < len(p) && p[from] == '!' {
		from++
	}
	for i := from + 1; i < len(p); i++ {
		if p[i] == ']' {
			return i
		}
	}
	return -1
}

// class spells what stands between brackets. A range that runs backwards is nothing.
func class(set []rune) string {
	not := set[0] == '!'
	if not {
		set = set[1:]
	}
	var in strings.Builder
	for i := 0; i < len(set); i++ {
		lo, hi := set[i], set[i]
		if i+2 < len(set) && set[i+1] == '-' {
			hi = set[i+2]
			i += 2
		}
		if lo <= hi {
			in.WriteString(`\` + string(lo) + `-\` + string(hi))
		}
	}
	switch {
	case in.Len() == 0 && not:
		return "?"
	case in.Len() == 0:
		return "[^\\\x00-\U0010ffff]"
	case not:
		return "[^" + in.String() + "]"
	}
	return "[" + in.String() + "]"
}
