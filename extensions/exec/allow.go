package exec

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// rule is one line of what is allowed: a path, which may be a pattern, and what may follow it.
type rule struct {
	text string
	path string
	args []string // patterns; nil is anything
	rest bool     // whatever follows args is allowed
}

// rules reads the list. A rule is a path and, if the words after it matter, a pattern for each; a last ... stands for
// any number of words. In a pattern of the path, * and ? match no slash; in those of words see fits.
func rules(text string) ([]rule, error) {
	var out []rule
	for _, line := range words(text) {
		f := strings.Fields(line)
		r := rule{text: line, path: f[0], args: f[1:]}
		if !strings.HasPrefix(r.path, "/") || path.Clean(r.path) != r.path {
			return nil, fmt.Errorf("no absolute path without detours: %q", r.path)
		}
		if last := len(r.args) - 1; last >= 0 && r.args[last] == "..." {
			r.args, r.rest = r.args[:last], true
		} else if last < 0 {
			r.rest = true
		}
		if _, err := path.Match(r.path, "/"); err != nil {
			return nil, fmt.Errorf("no pattern: %q", r.path)
		}
		out = append(out, r)
	}
	return out, nil
}

// pattern tells whether the rule's path is one.
func (r *rule) pattern() bool { return strings.ContainsAny(r.path, `*?[\`) }

// find is the file that a command's words run, by the first rule that allows them; empty when none does. A name
// without a slash means the allowed path that ends in it.
func find(rules []rule, argv []string) string {
	for _, r := range rules {
		if file := r.file(argv[0]); file != "" && r.words(argv[1:]) {
			return file
		}
	}
	return ""
}

// file is what the first word runs if the rule allows it. Where a path leads is found out first: the directory that a
// file is in counts by its real name, and what a pattern allows must not lead elsewhere. A path that is written down in
// full may be a link, as many programs are; the link itself is what was allowed.
func (r *rule) file(name string) string {
	if !strings.Contains(name, "/") {
		if r.pattern() || path.Base(r.path) != name {
			return ""
		}
		return r.path
	}
	if !strings.HasPrefix(name, "/") || slices.Contains(strings.Split(name, "/"), "..") {
		return ""
	}
	at := settled(name)
	if at == "" {
		return ""
	}
	if !r.pattern() {
		if settled(r.path) != at {
			return ""
		}
		return r.path
	}
	real, err := filepath.EvalSymlinks(at)
	if err != nil || !r.matches(at) || !r.matches(real) {
		return ""
	}
	return real
}

// matches compares a real path with the rule's pattern, of which the directories before the first sign of a pattern
// are made real too.
func (r *rule) matches(real string) bool {
	fixed := r.path[:strings.IndexAny(r.path, `*?[\`)]
	fixed = fixed[:strings.LastIndexByte(fixed, '/')]
	base, err := filepath.EvalSymlinks(fixed + "/")
	if err != nil {
		return false
	}
	rest, inside := strings.CutPrefix(real, strings.TrimSuffix(base, "/")+"/")
	if !inside {
		return false
	}
	ok, _ := path.Match(strings.TrimPrefix(r.path[len(fixed):], "/"), rest)
	return ok
}

// settled is a path with its directory made real; empty when that is not there.
func settled(name string) string {
	dir, err := filepath.EvalSymlinks(path.Dir(name))
	if err != nil {
		return ""
	}
	return path.Join(dir, path.Base(name))
}

// words compares what follows the first word.
func (r *rule) words(args []string) bool {
	if len(args) < len(r.args) || len(args) > len(r.args) && !r.rest {
		return false
	}
	for i, p := range r.args {
		if !fits(p, args[i]) {
			return false
		}
	}
	return true
}

// fits compares a word with its pattern. What a sign of a pattern stands for is neither an option, where the pattern
// does not begin with a dash, nor, in what looks like a path, a way out of it.
func fits(pattern, word string) bool {
	option := strings.HasPrefix(word, "-") && !strings.HasPrefix(pattern, "-")
	wayOut := strings.Contains(pattern, "/") && slices.Contains(strings.Split(word, "/"), "..") &&
		!slices.Contains(strings.Split(pattern, "/"), "..")
	return !option && !wayOut && glob(pattern, word)
}

// glob is a pattern of * and ? that match anything.
func glob(pattern, s string) bool {
	star, mark := -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
