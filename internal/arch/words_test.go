package arch_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// feeble is how messages begin elsewhere; ours say "cannot X: why".
var feeble = regexp.MustCompile(`(?i)\b(failed to|unable to|couldn't|can't)\b|^"could not\b`)

// theirs are the beginnings of messages that people know from Supervisor, and search for.
var theirs = []string{
	"could not find config file ", "could not read config file ", "could not write pidfile ", "Could not clear childlog dir",
	"Could not make ", "Could not create FastCGI socket ", "Could not set group", "Could not change ",
	"Failed to clean up ", "unable to signal ", "can't parse command ", "can't find command ", "can't chdir into ",
	"'utf-8' codec can't decode ", "supervisor: couldn't ", "Can't find uid ", "Can't drop privilege as nonroot user", "Can't read child pidfile ",
}

// wordBreaches finds messages that begin as nobody's of ours does.
func wordBreaches(p pkg) []string {
	var bad []string
	if r, _ := roomOf(p.Path); r.Floor == outside {
		return nil
	}
	for _, f := range p.Files {
		if f.Test {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			l, ok := n.(*ast.BasicLit)
			if !ok || l.Kind != token.STRING || !feeble.MatchString(l.Value) {
				return true
			}
			if text := strings.Trim(l.Value, "\"`"); !slices.ContainsFunc(theirs, func(s string) bool { return strings.HasPrefix(text, s) }) {
				bad = append(bad, fmt.Sprintf("%s: %s: a message of ours says \"cannot X: why\"", f.Set.Position(l.Pos()), l.Value))
			}
			return true
		})
	}
	return bad
}

func TestMessagesSayWhatCannotBe(t *testing.T) { every(t, wordBreaches) }

// page reads one of our documents.
func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(), "doc", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	storey = regexp.MustCompile(`(?m)^\| (\d|beside|tests) \| ([^|]*) \|`)
	ticked = regexp.MustCompile("`([^`]*)`")
)

// drawn is which row of the floors' table in a document names a package; empty when none does.
func drawn(document, path string) string {
	for _, row := range storey.FindAllStringSubmatch(document, -1) {
		for _, name := range ticked.FindAllStringSubmatch(row[2], -1) {
			below, all := strings.CutSuffix(name[1], "/*")
			for _, full := range []string{below, "internal/" + below} {
				if path == full || all && under(path, full) {
					return row[1]
				}
			}
		}
	}
	return ""
}

// undrawn says what is wrong with a package's place in a document.
func undrawn(document, path string) string {
	r, _ := roomOf(path)
	want := fmt.Sprint(r.Floor)
	switch {
	case path == "" || r.Path == "examples":
		return ""
	case r.Floor == outside:
		want = "tests"
	case !under(path, "internal") && r.Floor < 5:
		want = "beside"
	}
	if got := drawn(document, path); got != want {
		return fmt.Sprintf("%s is in row %q of the floors in doc/architecture.md, and belongs in %q", path, got, want)
	}
	return ""
}

func TestTheDocumentNamesEveryPackageOnItsFloor(t *testing.T) {
	t.Parallel()
	document := page(t, "architecture.md")
	for _, p := range tree(t) {
		if why := undrawn(document, p.Path); why != "" {
			t.Error(why)
		}
	}
	const small = "| 4 | `service` | x |\n| 3 | `bus` | x |\n| beside | `ext`, `extensions/*` | x |\n"
	for path, ok := range map[string]bool{
		"internal/service": true, "internal/bus": true, "ext": true, "extensions/exec": true, "internal/loop": false, "ext/command": false,
		"internal/api": false, "internal/arch": false,
	} {
		if why := undrawn(small, path); (why == "") != ok {
			t.Errorf("%s: %q", path, why)
		}
	}
}

// unbuilt are paths of the rules that are no package's, and no folder's of one.
func unbuilt(paths []string, all []pkg) []string {
	var bad []string
	for _, path := range paths {
		if !slices.ContainsFunc(all, func(p pkg) bool { return under(p.Path, path) }) {
			bad = append(bad, path)
		}
	}
	return bad
}

func TestTheRulesSpeakOfWhatIsThere(t *testing.T) {
	t.Parallel()
	var paths []string
	for _, r := range plan {
		paths = append(append(append(paths, r.Path), r.Beside...), r.Only...)
	}
	for _, b := range bans {
		paths = append(paths, b.In...)
	}
	for dir := range goers {
		paths = append(paths, dir)
	}
	if bad := unbuilt(paths, tree(t)); len(bad) > 0 {
		t.Errorf("there is no %q (any more)", bad)
	}
	if got := unbuilt([]string{"internal/a", "internal/b"}, []pkg{{Path: "internal/a/x"}}); !slices.Equal(got, []string{"internal/b"}) {
		t.Errorf("unbuilt: %q", got)
	}
}

var entry = regexp.MustCompile(`(?m)^\| \*\*([^*]+)\*\*`)

// unspoken are the words of a glossary that no source says.
func unspoken(glossary, sources string) []string {
	var bad []string
	for _, e := range entry.FindAllStringSubmatch(glossary, -1) {
		for _, word := range strings.Fields(strings.ReplaceAll(e[1], "-", "")) {
			if !strings.Contains(sources, word) {
				bad = append(bad, e[1])
			}
		}
	}
	return bad
}

func TestEveryWordOfTheGlossaryIsSpoken(t *testing.T) {
	t.Parallel()
	var sources strings.Builder
	for _, p := range tree(t) {
		for _, f := range p.Files {
			sources.WriteString(strings.ToLower(f.Text))
		}
	}
	if bad := unspoken(page(t, "glossary.md"), sources.String()); len(bad) > 0 {
		t.Errorf("no source says %q any more: take it out of doc/glossary.md", bad)
	}
	if got := unspoken("| **loop** | x |\n| **stand-in** | x |\n", "the looping"); !slices.Equal(got, []string{"stand-in"}) {
		t.Errorf("unspoken: %q", got)
	}
}
