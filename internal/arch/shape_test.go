package arch_test

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"strings"
	"testing"
)

// funcLimit is how long a function may be, in lines. Forty are a screen; a switch may take more.
const funcLimit = 75

// nevers are what doc/architecture.md forbids and what no name of a package gives away.
var nevers = map[string]string{
	"Pdeathsig":    "it fires when the forking thread ends",
	"MethodByName": "no method is looked up by reflection",
}

// insiders are tests that stand inside of their package, and why.
var insiders = map[string]string{
	"internal/api/rest/document_test.go": "the document is made of a table that is nobody else's",
	"internal/api/rest/page_test.go":     "the page is made of that table, too",
	"internal/api/rest/schema_test.go":   "so are the schemas",
}

var fixedPort = regexp.MustCompile(`Listen\w*\("(tcp|udp)\d?", *"[^"]*:[1-9]\d*"`)

// shapeBreaches looks at how the code of p is written.
func shapeBreaches(p pkg) []string {
	var bad []string
	if r, _ := roomOf(p.Path); r.Path == "examples" {
		return nil
	}
	for _, f := range p.Files {
		if f.Test {
			bad = append(bad, testBreaches(f)...)
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if why := nodeBreach(p.Path, f, n); why != "" {
				bad = append(bad, fmt.Sprintf("%s: %s", f.Set.Position(n.Pos()), why))
			}
			return true
		})
	}
	return bad
}

func nodeBreach(where string, f file, n ast.Node) string {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if lines := f.Set.Position(n.End()).Line - f.Set.Position(n.Pos()).Line + 1; lines > funcLimit {
			return fmt.Sprintf("%s has %d lines: a function fits on a screen, %d is the most", n.Name.Name, lines, funcLimit)
		}
	case *ast.Ident:
		if why := nevers[n.Name]; why != "" {
			return n.Name + ": " + why
		}
	case *ast.Field:
		return fieldBreach(where, n)
	}
	return ""
}

// fieldBreach looks at a field of a struct, or a parameter.
func fieldBreach(where string, field *ast.Field) string {
	kind := field.Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	sel, ok := kind.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	of, ok := sel.X.(*ast.Ident)
	r, _ := roomOf(where)
	if ok && of.Name == "time" && sel.Sel.Name == "Timer" && r.Floor < 5 && where != "internal/loop" {
		return "a timer is not kept below the faces: a deadline is a number, and the loop alone has a timer"
	}
	return ""
}

// testBreaches wants tests to look from outside, and at no port of their choice.
func testBreaches(f file) []string {
	var bad []string
	name := f.AST.Name.Name
	if !strings.HasSuffix(name, "_test") && name != "main" && path.Base(f.Path) != "export_test.go" && insiders[f.Path] == "" {
		bad = append(bad, f.Path+" is inside of its package: a test looks from outside, through export_test.go if it must")
	}
	for i, line := range strings.Split(f.Text, "\n") {
		if fixedPort.MatchString(line) {
			bad = append(bad, fmt.Sprintf("%s:%d: a fixed port: listen on port 0, or on a unix socket", f.Path, i+1))
		}
	}
	return bad
}

func TestCodeKeepsItsShape(t *testing.T) { every(t, shapeBreaches) }
