package arch_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/reeve-sh/reeve"

// pkg is one package as the rules see it. Path is relative to the module: "internal/core/proc", "" for the root.
type pkg struct {
	Path  string
	Name  string
	Files []file
}

// file is one parsed file of a package, of any build constraint.
type file struct {
	Path string // relative to the module
	Test bool
	Text string
	AST  *ast.File
	Set  *token.FileSet
}

// imports lists what the files of p import, tests apart.
func (p pkg) imports() []string {
	var all []string
	seen := map[string]bool{}
	for _, f := range p.Files {
		if f.Test {
			continue
		}
		for _, s := range f.AST.Imports {
			path := strings.Trim(s.Path.Value, `"`)
			if !seen[path] {
				seen[path] = true
				all = append(all, path)
			}
		}
	}
	return all
}

// root is the directory of the module.
func root() string {
	dir, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return dir
}

// parseFile reads one source text; a file that does not parse has no AST and is somebody else's failure.
func parseFile(path, text string) (file, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, path, text, parser.ParseComments)
	return file{Path: path, Test: strings.HasSuffix(path, "_test.go"), Text: text, AST: tree, Set: set}, err
}

var load = sync.OnceValues(func() ([]pkg, error) {
	cmd := exec.Command("go", "list", "-e", "-json=Dir,Name,ImportPath,GoFiles,IgnoredGoFiles,TestGoFiles,XTestGoFiles", "./...")
	cmd.Dir = root()
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l struct {
			Dir, Name, ImportPath                              string
			GoFiles, IgnoredGoFiles, TestGoFiles, XTestGoFiles []string
		}
		if err := dec.Decode(&l); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		p := pkg{Path: strings.TrimPrefix(strings.TrimPrefix(l.ImportPath, module), "/"), Name: l.Name}
		for _, list := range [][]string{l.GoFiles, l.IgnoredGoFiles, l.TestGoFiles, l.XTestGoFiles} {
			for _, name := range list {
				text, err := os.ReadFile(filepath.Join(l.Dir, name))
				if err != nil {
					return nil, err
				}
				f, err := parseFile(filepath.ToSlash(filepath.Join(p.Path, name)), string(text))
				if err != nil {
					return nil, err
				}
				p.Files = append(p.Files, f)
			}
		}
		if len(p.Files) > 0 {
			all = append(all, p)
		}
	}
})

// tree is every package of the module.
func tree(t *testing.T) []pkg {
	t.Helper()
	all, err := load()
	if err != nil {
		t.Fatalf("cannot read the source tree: %v", err)
	}
	return all
}
