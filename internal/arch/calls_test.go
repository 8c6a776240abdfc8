package arch_test

import (
	"fmt"
	"go/ast"
	"path"
	"strings"
)

// A ban is a set of names of other packages that may occur in a few places only.
type ban struct {
	Names []string // "time.Now"; "math/rand.*" is everything of it
	In    []string // where it may occur
	Why   string
}

var bans = []ban{
	{
		Names: []string{"time.Now", "time.Since", "time.Until", "time.AfterFunc", "math/rand.*", "math/rand/v2.*"},
		In:    []string{"internal/sys/kernel", "internal/daemon"},
		Why:   "time and luck are arguments",
	},
	{
		Names: []string{"os.Getenv", "os.LookupEnv"},
		In:    []string{"internal/sys/kernel", "internal/daemon", "cmd"},
		Why:   "configuration is an argument",
	},
	{
		Names: []string{
			"os/exec.*", "os.StartProcess", "os.FindProcess", "syscall.ForkExec", "syscall.StartProcess", "syscall.Wait4", "syscall.Kill",
			"golang.org/x/sys/unix.Wait4", "golang.org/x/sys/unix.Waitid", "golang.org/x/sys/unix.Kill",
			"golang.org/x/sys/unix.PidfdSendSignal", "golang.org/x/sys/unix.Tgkill",
		},
		// pidproxy and supervisorctl are programs of their own, with children of their own: nobody there waits for any child.
		In:  []string{"internal/sys/kernel", "internal/pidproxy", "internal/ctl"},
		Why: "only the kernel package forks, kills and waits",
	},
	{Names: []string{"os/signal.Ignore"}, Why: "children would inherit it"},
}

// goers may start goroutines, and each says why; whoever is not here may not.
var goers = map[string]string{
	"internal/loop":        "the one goroutine that owns the fleet, and workers that touch the disk for it",
	"internal/bus":         "one per subscriber that wants a callback",
	"internal/sys/capture": "shards that read the pipes of children",
	"internal/exthost":     "one per guest",
	"internal/daemon":      "wiring: servers, signals and whatever must be joined at the end",
	"internal/sys/httpd":   "one per connection",
	"internal/api/pages":   "one per request to an extension: its handler writes while its answer is being sent",
	"internal/ctl":         "tail -f and fg copy two streams at once; a plug-in's process is listened to, and asks several things at once",
}

// callBreaches finds names where they may not occur, and goroutines started by those who may not.
func callBreaches(p pkg) []string {
	var bad []string
	for _, f := range p.Files {
		if f.Test {
			bad = append(bad, sleeps(f)...)
			continue
		}
		bad = append(bad, banned(p.Path, f)...)
		if mayGo(p.Path) {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if g, ok := n.(*ast.GoStmt); ok {
				bad = append(bad, fmt.Sprintf("%s: a goroutine is started here: only some packages may (goers in internal/arch)", f.Set.Position(g.Pos())))
			}
			return true
		})
	}
	return bad
}

func mayGo(p string) bool {
	for dir := range goers {
		if under(p, dir) {
			return true
		}
	}
	r, _ := roomOf(p)
	return r.Floor == outside
}

// sleeps finds time.Sleep in a test.
func sleeps(f file) []string {
	var bad []string
	eachName(f, func(name string, n ast.Node) {
		if name == "time.Sleep" {
			bad = append(bad, fmt.Sprintf("%s: time.Sleep in a test: wait for what you are waiting for", f.Set.Position(n.Pos())))
		}
	})
	return bad
}

// banned applies the table of bans to one file.
func banned(where string, f file) []string {
	var bad []string
	if r, _ := roomOf(where); r.Floor == outside {
		return nil
	}
	eachName(f, func(name string, n ast.Node) {
		for _, b := range bans {
			if !anyUnder(where, b.In) && b.covers(name) {
				bad = append(bad, fmt.Sprintf("%s: %s: %s (allowed in %v)", f.Set.Position(n.Pos()), name, b.Why, b.In))
			}
		}
	})
	return bad
}

func (b ban) covers(name string) bool {
	for _, n := range b.Names {
		if n == name || strings.HasSuffix(n, ".*") && strings.HasPrefix(name, strings.TrimSuffix(n, "*")) {
			return true
		}
	}
	return false
}

// eachName calls do for every use of a name of another package, as "import/path.Name".
func eachName(f file, do func(string, ast.Node)) {
	named := map[string]string{}
	for _, s := range f.AST.Imports {
		full := strings.Trim(s.Path.Value, `"`)
		short := path.Base(full)
		if short == "v2" {
			short = path.Base(path.Dir(full))
		}
		if s.Name != nil {
			short = s.Name.Name
		}
		named[short] = full
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		// An identifier that a declaration of this file explains is a variable of the same name.
		if id, ok := sel.X.(*ast.Ident); ok && id.Obj == nil && named[id.Name] != "" {
			do(named[id.Name]+"."+sel.Sel.Name, sel)
		}
		return true
	})
}
