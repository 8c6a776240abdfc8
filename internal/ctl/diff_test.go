package ctl_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/internal/ctl"
	"github.com/reeve-sh/reeve/internal/difftest"
)

const root = "../.."

// masks are the differences that we want.
var masks = []difftest.Mask{
	{Find: regexp.MustCompile(`(?m)(error: <class .*): file: F line: N$`), With: "$1", Reason: "there is no Python file to name"},
}

// intended are whole lines that we word differently.
var intended = []difftest.Intended{
	{
		Step:   regexp.MustCompile(`^(ctl|run supervisorctl .*) (reread|update|avail|add|remove|reload)`),
		Ours:   regexp.MustCompile(`^exit 1\n.* (no such file|refused connection)\n`),
		Reason: "a daemon that is not there is always named in the same words (CTL-007)",
	},
	{
		Step:   regexp.MustCompile(`-c (included|broken|garbage)`),
		Ours:   regexp.MustCompile(`^exit 2\n(.|\n)*For help, use`),
		Reason: "a broken file is a usage error, not a traceback (CFG-100)",
	},
	{
		Step:   regexp.MustCompile(`^ctl (reread|update)`),
		Ours:   regexp.MustCompile(`^exit 2\n\(stderr\)\nError: Source contains parsing errors(.|\n)*For help, use`),
		Reason: "a broken file is a usage error, not a traceback (CFG-100)",
	},
	{
		Step:   regexp.MustCompile(`supervisorctl (-c bare )?(-h|-\?|--help)`),
		Ours:   regexp.MustCompile(`^exit 0\n(?s:.*)supervisorctl -- control applications run by supervisord from the cmd line.\n`),
		Reason: "the prose of the help is ours",
	},
}

// programs finds Debian's and builds ours, once for all tests.
var programs = sync.OnceValues(func() (p [2]difftest.Programs, err error) {
	if p[0], err = difftest.Debian(); err != nil {
		return p, err
	}
	dir, err := os.MkdirTemp("", "reevectl")
	if err != nil {
		return p, err
	}
	p[1], err = difftest.Build(context.Background(), root, dir, false)
	return p, err
})

func TestMain(m *testing.M) {
	if manner := os.Getenv(asPlugin); manner != "" {
		os.Exit(pluginMain(manner))
	}
	if os.Getenv(asProgram) != "" {
		os.Exit(ctl.Main(os.Args, os.Stdin, os.Stdout, os.Stderr))
	}
	flag.Parse()
	// Scenarios wait far more than they work, so many run at once whatever the number of cores.
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		f.Value.Set("16")
	}
	os.Exit(m.Run())
}

// TestSupervisorctlSaysWhatDebiansSays runs Debian's supervisorctl and ours
// against Debian's supervisord, one each, and compares all that they print
// and how they end. The scenarios that test our daemon are played too.
//
// holds: CTL-001 CTL-002 CTL-003 CTL-004 CTL-005 CTL-006 CTL-007 CTL-008 CTL-009 CTL-010 CTL-011 CTL-012 CTL-014 CTL-015
// holds: CTL-016 CTL-017 CTL-018 CTL-019 CTL-020 CTL-021 CTL-022 CTL-023 CTL-024 CTL-025 CTL-026 CTL-027 CTL-028 CTL-029
// holds: CTL-030 CTL-032 CTL-033 CTL-034 CTL-035 CTL-036 CTL-037 CTL-038 CTL-039 CTL-040 CTL-041 CTL-042 CTL-043 CTL-044
// holds: CTL-045 CTL-046 CTL-047 CTL-048 CTL-049 CTL-050 CFG-004 CFG-028 CFG-057 CFG-098 CFG-099 CFG-100
func TestSupervisorctlSaysWhatDebiansSays(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts two daemons a scenario")
	}
	both, err := programs()
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { os.RemoveAll(filepath.Dir(both[1].Supervisorctl)) })
	debian := both[0]
	nursery, err := difftest.OpenNursery(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer nursery.Close()
	debian.Nursery = nursery
	var scenarios []difftest.Scenario
	for _, dir := range []string{"testdata/diff", filepath.Join(root, "testdata/diff")} {
		found, err := difftest.Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		scenarios = append(scenarios, found...)
	}
	t.Run("all", func(t *testing.T) {
		for _, s := range scenarios {
			if s.UsesCtl() {
				t.Run(s.Name, func(t *testing.T) { compare(t, s, debian, both[1]) })
			}
		}
	})
}

func compare(t *testing.T, s difftest.Scenario, debian, ours difftest.Programs) {
	t.Parallel()
	if s.Root && os.Getuid() != 0 {
		t.Skip("it must be run by root")
	}
	var want [][]difftest.Outcome
	got := play(t, s, debian, ours)
	var open []difftest.Difference
	// Debian's own daemon does not always say the same, whoever asks it; whatever it says in one of its lives is right,
	// and an answer that it gave to ours alone is asked for again.
	for life := range 4 {
		if life > 1 {
			t.Logf("unsteady: %+v", open)
			got = play(t, s, debian, ours)
		}
		want = append(want, play(t, s, debian, debian))
		_, open = difftest.Compare(s.Name, want, got, intended, masks)
		open = slices.DeleteFunc(open, func(d difftest.Difference) bool {
			return !strings.Contains(d.Step.Text, "ctl") // what the daemon says is not our subject here
		})
		if len(open) == 0 {
			return
		}
	}
	for _, d := range open {
		t.Errorf("line %d: %s: (-debian +ours)\n%s", d.Step.Line, d.Step.Text,
			cmp.Diff(strings.Split(d.Debian, "\n"), strings.Split(d.Ours, "\n")))
	}
}

func play(t *testing.T, s difftest.Scenario, daemon, ctl difftest.Programs) []difftest.Outcome {
	out, err := difftest.Run(t.Context(), s, daemon, ctl)
	if err != nil {
		t.Errorf("%s with %s's supervisorctl: %v", s.Name, ctl.Name, err)
	}
	return out
}
