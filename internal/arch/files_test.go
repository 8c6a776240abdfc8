package arch_test

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

const (
	lineLimit = 450 // a file does not fit in the head any more
	lineWarn  = 300
)

// vague names say nothing about what is inside.
var vague = []string{"util", "utils", "common", "base", "manager", "helper", "helpers", "types", "misc", "shared"}

// promise finds notes to oneself. It is put together from halves so as not to find itself.
var promise = regexp.MustCompile(`\b(` + "TO" + `DO|FIX` + `ME|XX` + `X)\b`)

// fileBreaches looks at each file of p on its own.
func fileBreaches(p pkg) []string {
	var bad []string
	for _, f := range p.Files {
		if n := strings.Count(f.Text, "\n"); n > lineLimit {
			bad = append(bad, fmt.Sprintf("%s has %d lines: split it, %d is the most", f.Path, n, lineLimit))
		}
		for i, line := range strings.Split(f.Text, "\n") {
			if promise.MatchString(line) {
				bad = append(bad, fmt.Sprintf("%s:%d: a note to oneself is not for the tree: do it or write an issue", f.Path, i+1))
			}
		}
	}
	return bad
}

// longFiles lists the files that are not yet too long but on the way.
func longFiles(p pkg) []string {
	var long []string
	for _, f := range p.Files {
		if n := strings.Count(f.Text, "\n"); n > lineWarn {
			long = append(long, fmt.Sprintf("%s: %d lines", f.Path, n))
		}
	}
	return long
}

// nameBreaches wants a package to be called something.
func nameBreaches(p pkg) []string {
	for _, v := range vague {
		if p.Name == v || path.Base(p.Path) == v {
			return []string{fmt.Sprintf("%s: %q says nothing: a package is a noun that can be said in a sentence", p.Path, v)}
		}
	}
	return nil
}

// commentBreaches wants one package comment, in the file of the package's name. A main package is named after its
// directory or lives in main.go; a package of tests alone has it in the test file of its name.
func commentBreaches(p pkg) []string {
	var with []string
	code := false
	for _, f := range p.Files {
		code = code || !f.Test
		if f.AST.Doc != nil && strings.TrimSpace(f.AST.Doc.Text()) != "" {
			with = append(with, path.Base(f.Path))
		}
	}
	base := path.Base(p.Path)
	if p.Path == "" {
		base = "doc"
	}
	right := []string{base + ".go", strings.TrimSuffix(p.Name, "_test") + ".go"}
	if !code {
		right = append(right, base+"_test.go")
	}
	if len(with) != 1 {
		return []string{fmt.Sprintf("%s has %d package comments (%v): exactly one, in %s", p.Path, len(with), with, right[0])}
	}
	for _, r := range right {
		if with[0] == r {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s has its package comment in %s: it belongs in %s", p.Path, with[0], right[0])}
}
