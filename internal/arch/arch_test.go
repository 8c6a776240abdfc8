package arch_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite deps.txt")

// every applies a rule to all packages.
func every(t *testing.T, rule func(pkg) []string) {
	t.Helper()
	t.Parallel()
	for _, p := range tree(t) {
		for _, b := range rule(p) {
			t.Error(b)
		}
	}
}

func TestImportsPointDown(t *testing.T) { every(t, floorBreaches) }

func TestForbiddenCallsStayWhereTheyBelong(t *testing.T) { every(t, callBreaches) }

func TestFilesFitInTheHeadAndOweNothing(t *testing.T) { every(t, fileBreaches) }

func TestPackagesAreCalledSomething(t *testing.T) { every(t, nameBreaches) }

func TestEveryPackageSaysOnceWhatItIs(t *testing.T) { every(t, commentBreaches) }

// TestFilesOnTheWayToTooLong never fails: it is a list to read with -v.
func TestFilesOnTheWayToTooLong(t *testing.T) {
	t.Parallel()
	for _, p := range tree(t) {
		for _, l := range longFiles(p) {
			t.Log(l)
		}
	}
}

// TestNothingIsLinkedInUnseen compares the modules that are really in each program with deps.txt.
func TestNothingIsLinkedInUnseen(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	for _, p := range tree(t) {
		if !under(p.Path, "cmd") || p.Name != "main" {
			continue
		}
		mods, err := linked(p.Path)
		if err != nil {
			t.Fatalf("cannot list what %s links: %v", p.Path, err)
		}
		fmt.Fprintf(&got, "%s: %s\n", p.Path, strings.Join(mods, " "))
	}
	if *update {
		if err := os.WriteFile("deps.txt", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("deps.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the programs link\n%sand deps.txt says\n%srun with -update and defend the change in the commit's message", got.String(), want)
	}
}

// linked lists the other people's modules in one program.
func linked(path string) ([]string, error) {
	cmd := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", "./"+path)
	cmd.Dir = root()
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var mods []string
	for line := range bytes.FieldsSeq(out) {
		mods = append(mods, string(line))
	}
	slices.Sort(mods)
	mods = slices.Compact(mods)
	if len(mods) == 0 {
		return []string{"nothing"}, nil
	}
	return mods, nil
}
