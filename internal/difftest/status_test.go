package difftest_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the pages that are made from the tests")

// A row is one thing that must be held, or that says why not yet.
type row struct{ id, words string }

// excused tells whether a row needs no test now.
func (r row) excused() bool {
	return strings.HasPrefix(r.words, "later: ") || strings.HasPrefix(r.words, "none: ")
}

func readRows(t *testing.T, name string) []row {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var all []row
	for line := range strings.Lines(string(text)) {
		if id, words, ok := strings.Cut(strings.TrimSpace(line), " "); ok && id != "#" {
			all = append(all, row{id, words})
		}
	}
	return all
}

var (
	claim    = regexp.MustCompile(`(?m)^(?://|#) (holds|fault): (.*)$`)
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
)

// claims finds who says to hold what: IDs to names of tests or files, for "holds" and for "fault".
func claims(t *testing.T) map[string]map[string][]string {
	t.Helper()
	found := map[string]map[string][]string{"holds": {}, "fault": {}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		goTest := strings.HasSuffix(path, "_test.go")
		script := strings.Contains(path, "testdata/") && (strings.HasSuffix(path, ".txt") || strings.HasSuffix(path, ".txtar"))
		if !goTest && !script {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		text := string(data)
		for _, m := range claim.FindAllStringSubmatchIndex(text, -1) {
			who := "`" + rel + "`"
			if goTest {
				f := testFunc.FindStringSubmatch(text[m[1]:])
				if f == nil {
					return fmt.Errorf("%s: a claim without a test below it", rel)
				}
				who = "`" + filepath.Dir(rel) + "." + f[1] + "`"
			}
			kind := text[m[2]:m[3]]
			for id := range strings.FieldsSeq(text[m[4]:m[5]]) {
				if !slices.Contains(found[kind][id], who) {
					found[kind][id] = append(found[kind][id], who)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// page makes a status page and complains of rows that nobody holds and of claims to rows that do not exist.
func page(t *testing.T, title, intro string, rows []row, held map[string][]string) string {
	t.Helper()
	var b strings.Builder
	n := 0
	known := map[string]bool{}
	var table strings.Builder
	for _, r := range rows {
		known[r.id] = true
		by := strings.Join(held[r.id], ", ")
		switch {
		case by != "":
			n++
			r.words = strings.TrimPrefix(strings.TrimSuffix(r.words, ", with event listeners"), "later: ")
		case r.excused():
			by = "—"
		default:
			t.Errorf("%s (%s): no test says to hold it", r.id, r.words)
			by = "**nobody**"
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", r.id, r.words, by)
	}
	for id := range held {
		if !known[id] {
			t.Errorf("%s says to hold %s, which is no row", held[id], id)
		}
	}
	fmt.Fprintf(&b, "# %s\n\n%s\n\n%d of %d rows are held.\n\n| row | what | held by |\n|---|---|---|\n%s", title, intro, n, len(rows), table.String())
	return b.String()
}

func checkPage(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(root, "doc", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if old, _ := os.ReadFile(path); string(old) != text {
		t.Errorf("%s is not what the tests say: go test ./internal/difftest -run Status -update", path)
	}
}

func TestEveryRowOfTheContractIsHeldAndTheStatusPageSaysBy(t *testing.T) {
	text := page(t, "What of Supervisor's behaviour is held, and by which test",
		"Made from the tests by `go test ./internal/difftest -run Status -update`. A test says what it holds in a comment above it: `// holds: CFG-001`.",
		readRows(t, "compat-rows.txt"), claims(t)["holds"])
	checkPage(t, "compat-status.md", text)
}

func TestEveryFaultOfThePeersHasATestAndTheStatusPageSaysWhich(t *testing.T) {
	text := page(t, "Faults of other supervisors, and the tests that we are free of them",
		"Made from the tests by `go test ./internal/difftest -run Status -update`. A test says so in a comment above it: `// fault: 2`.",
		readRows(t, "fault-rows.txt"), claims(t)["fault"])
	checkPage(t, "faults-status.md", text)
}
