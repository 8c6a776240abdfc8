package arch_test

import (
	"fmt"
	"slices"
	"strings"
)

// A room is one line of the floor plan: packages at or below Path, the nearest line counts.
type room struct {
	Path  string
	Floor int
	// Beside lists the packages of the same floor that it may import, each by its full path.
	Beside []string
	// Only, when not nil, is everything of ours that it may import, whatever the floor.
	Only []string
	// Std, when not nil, is everything that it may import of the standard library.
	Std []string
}

// outside marks what stands beside the tower: it runs the house but is no part of it.
const outside = 99

// pure is what a thinking or spelling package may know of the standard library: nothing that touches the machine,
// keeps time, draws lots or starts goroutines. "time" is there for its types and formats; its clock is a forbidden call.
var pure = []string{
	"bytes", "cmp", "container/heap", "encoding", "encoding/base64", "encoding/binary", "encoding/hex", "encoding/json",
	"encoding/xml", "errors", "fmt", "hash/crc32", "io", "io/fs", "iter", "maps", "math", "math/bits", "path", "regexp", "slices",
	"sort", "strconv", "strings", "time", "unicode", "unicode/utf16", "unicode/utf8",
}

// plan is the house: docs call it the floors.
var plan = []room{
	{Path: "ext", Floor: 1, Only: []string{}},
	{Path: "ext/command", Floor: 1, Only: []string{"ext"}},
	{Path: "extensions", Floor: 1, Only: []string{"ext"}},
	{Path: "client", Floor: 2, Only: []string{"internal/wire", "internal/core/fault", "internal/core/event"}},

	{Path: "internal/core", Floor: 1, Only: []string{}, Std: pure},
	{Path: "internal/core/fleet", Floor: 1, Only: []string{"internal/core/proc", "internal/core/fault"}, Std: pure},
	{Path: "internal/core/event", Floor: 1, Only: []string{"internal/core/proc"}, Std: pure},
	{Path: "internal/core/listener", Floor: 1, Only: []string{"internal/core/event", "internal/core/proc"}, Std: pure},
	{Path: "internal/wire", Floor: 1, Only: []string{}, Std: pure},
	{Path: "internal/getopt", Floor: 1, Only: []string{}, Std: pure},

	{Path: "internal/sys", Floor: 2},
	// The daemon's own log is a rotating file like any other.
	{Path: "internal/sys/journal", Floor: 2, Beside: []string{"internal/sys/logfile"}},
	{Path: "internal/world", Floor: 2},

	{Path: "internal/loop", Floor: 3, Beside: []string{"internal/bus"}},
	{Path: "internal/bus", Floor: 3},

	{Path: "internal/service", Floor: 4},

	{Path: "internal/api", Floor: 5},
	{Path: "internal/api/rpc2", Floor: 5, Beside: []string{"internal/api"}},
	{Path: "internal/api/logtail", Floor: 5, Beside: []string{"internal/api"}},
	{Path: "internal/api/rest", Floor: 5, Beside: []string{"internal/api"}},
	{Path: "internal/api/events", Floor: 5, Beside: []string{"internal/api"}},
	{Path: "internal/api/usage", Floor: 5},
	{Path: "internal/api/audit", Floor: 5, Beside: []string{"internal/api"}},
	{Path: "internal/api/web", Floor: 5, Beside: []string{"internal/api", "internal/api/usage"}},
	{Path: "internal/api/pages", Floor: 5, Beside: []string{"internal/api"}},
	{Path: "internal/api/metrics", Floor: 5, Beside: []string{"internal/api", "internal/api/usage"}},
	{Path: "internal/exthost", Floor: 5, Beside: []string{"ext"}},
	{Path: "internal/exthost/stdio", Floor: 5, Beside: []string{"internal/exthost", "ext"}},
	{Path: "internal/exthost/listener", Floor: 5, Beside: []string{"internal/exthost"}},
	// The texts that an interpreter runs are an extension's; who starts one sends them.
	{Path: "internal/exthost/python", Floor: 5, Beside: []string{"internal/exthost", "ext", "extensions/python"}},
	// ctl is the first user of the public client: what it knows of a daemon comes through there. Its plug-ins see ext
	// as the daemon's do.
	{Path: "internal/ctl", Floor: 5, Only: []string{
		"client", "ext", "extensions/python", "internal/core/config", "internal/core/fault", "internal/getopt", "internal/wire", "internal/world",
	}},
	{Path: "internal/pidproxy", Floor: 5, Only: []string{}},

	{Path: "internal/daemon", Floor: 6},
	{Path: "cmd", Floor: 6, Beside: []string{"internal/daemon", "supervisord", "supervisorctl"}},
	// The program for main packages of other modules, which cannot import what is internal.
	{Path: "supervisorctl", Floor: 6},
	{Path: "supervisord", Floor: 6, Beside: []string{"internal/daemon"}},

	{Path: "internal/arch", Floor: outside},
	{Path: "internal/difftest", Floor: outside},
	{Path: "internal/browsertest", Floor: outside},
	{Path: "internal/standin", Floor: outside},
	{Path: "bench", Floor: outside},
	{Path: "examples", Floor: outside},
}

// under tells whether path is dir or below it.
func under(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// anyUnder tells whether path is at or below one of dirs.
func anyUnder(path string, dirs []string) bool {
	for _, d := range dirs {
		if under(path, d) {
			return true
		}
	}
	return false
}

// roomOf finds the nearest line of the plan; found is false for a package that nobody has given a floor.
func roomOf(path string) (best room, found bool) {
	if path == "" {
		return room{Floor: outside}, true
	}
	for _, r := range plan {
		if under(path, r.Path) && (!found || len(r.Path) > len(best.Path)) {
			best, found = r, true
		}
	}
	return best, found
}

// ourPath cuts the module's path off an import; ours is false for everybody else's.
func ourPath(imp string) (path string, ours bool) {
	if imp == module {
		return "", true
	}
	return strings.CutPrefix(imp, module+"/")
}

// floorBreaches says which imports of p go up, sideways or outside.
func floorBreaches(p pkg) []string {
	r, found := roomOf(p.Path)
	if !found {
		return []string{fmt.Sprintf("%s has no floor: give it a line in internal/arch/floors_test.go", p.Path)}
	}
	var bad []string
	for _, imp := range p.imports() {
		if why := importBreach(p.Path, r, imp); why != "" {
			bad = append(bad, fmt.Sprintf("%s imports %s: %s", p.Path, imp, why))
		}
	}
	return bad
}

// importBreach says why a package in room r may not import imp, or nothing.
func importBreach(from string, r room, imp string) string {
	to, ours := ourPath(imp)
	if !ours {
		return strangerBreach(r, imp)
	}
	target, found := roomOf(to)
	switch {
	case r.Floor == outside:
		return ""
	case !found:
		return "it has no floor"
	case target.Floor == outside:
		return "tests and tools are imported by nobody"
	case r.Only != nil:
		if !anyUnder(to, r.Only) {
			return fmt.Sprintf("of ours it may import only %v", r.Only)
		}
		return ""
	case target.Floor > r.Floor:
		return fmt.Sprintf("floor %d is above floor %d", target.Floor, r.Floor)
	case slices.Contains(r.Beside, to):
		return ""
	case target.Floor == r.Floor:
		return fmt.Sprintf("both are on floor %d", r.Floor)
	case under(to, "ext") && !anyUnder(from, []string{"internal/exthost", "internal/daemon"}):
		return "guests are invited by exthost alone"
	}
	return ""
}

// strangerBreach is importBreach for the standard library and other people's modules.
func strangerBreach(r room, imp string) string {
	first, _, _ := strings.Cut(imp, "/")
	std := !strings.Contains(first, ".")
	switch {
	case std && r.Std != nil:
		for _, s := range r.Std {
			if s == imp {
				return ""
			}
		}
		return "this part of the standard library is not for a package that only thinks"
	case std || r.Floor >= 5:
		return ""
	case strings.HasPrefix(imp, "golang.org/x/sys/") && r.Std == nil:
		return ""
	}
	return fmt.Sprintf("floor %d uses no library", r.Floor)
}
