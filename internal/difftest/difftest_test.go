package difftest_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/reeve-sh/reeve/internal/difftest"
)

var (
	self = flag.Bool("self", false, "compare Debian's programs with themselves: what differs then is the harness's fault")
	once = flag.Bool("once", false, "do not ask Debian's programs again where somebody differs")
	dir  = flag.String("programs", "", "directory of our programs, built already; otherwise they are built")
	show = flag.Bool("show", false, "print every outcome of Debian's programs")
)

const root = "../.."

var built difftest.Programs

func TestMain(m *testing.M) {
	if number := os.Getenv(lifeRole); number != "" {
		live(number)
	}
	flag.Parse()
	// Scenarios wait far more than they work, so many run at once whatever the number of cores.
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		f.Value.Set(strconv.Itoa(24))
	}
	os.Exit(func() int {
		switch {
		case *dir != "":
			built = difftest.Ours(*dir)
		case !*self:
			dir, err := os.MkdirTemp("", "reeve")
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
			defer os.RemoveAll(dir)
			built, err = difftest.Build(context.Background(), root, dir, raceDetector)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
		}
		return m.Run()
	}())
}

// Every difference that we want stands in the README's table of differences.
func TestEveryIntendedDifferenceStandsInTheReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "|") {
			rows = append(rows, line)
		}
	}
	stands := func(words, reason string) {
		if words == "" || !slices.ContainsFunc(rows, func(r string) bool { return strings.Contains(r, words) }) {
			t.Errorf("no row of the README's table has %q: %s", words, reason)
		}
	}
	for _, e := range difftest.Table {
		stands(e.Readme, e.Reason)
	}
	for _, m := range difftest.Masks {
		stands(m.Readme, m.Reason)
	}
}

// pairing is one daemon and one supervisorctl.
type pairing struct{ daemon, ctl difftest.Programs }

func pairings(s difftest.Scenario, debian difftest.Programs) []pairing {
	if *self {
		return []pairing{{debian, debian}}
	}
	if !s.UsesCtl() {
		return []pairing{{built, built}}
	}
	return []pairing{{built, built}, {built, debian}, {debian, built}}
}

// sum is the count of all scenarios, printed at the end.
type sum struct {
	sync.Mutex
	difftest.Count
}

// fault: 18
func TestUsersSeeWhatDebiansSupervisorShowsThem(t *testing.T) {
	t.Parallel()
	debian, err := difftest.Debian()
	if err != nil {
		t.Skip(err)
	}
	nursery, err := difftest.OpenNursery(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer nursery.Close()
	debian.Nursery = nursery
	scenarios, err := difftest.Load(filepath.Join(root, "testdata/diff"))
	if err != nil {
		t.Fatal(err)
	}
	var total sum
	t.Run("all", func(t *testing.T) {
		for _, s := range scenarios {
			t.Run(s.Name, func(t *testing.T) { compare(t, s, debian, &total) })
		}
	})
	t.Logf("%d compared, %d same, %d intended, %d unsteady", total.Compared, total.Same, total.Intended, total.Unsteady)
}

func compare(t *testing.T, s difftest.Scenario, debian difftest.Programs, total *sum) {
	t.Parallel()
	if s.Root && os.Getuid() != 0 {
		t.Skip("it must be run by root")
	}
	var wg sync.WaitGroup
	right := make([][]difftest.Outcome, 1)
	wg.Go(func() { right[0] = play(t, s, pairing{debian, debian}) })
	pairs := pairings(s, debian)
	got := make([][]difftest.Outcome, len(pairs))
	for i, p := range pairs {
		wg.Go(func() { got[i] = play(t, s, p) })
	}
	wg.Wait()
	// Debian's own programs do not always say the same: signals get lost, a turn of the loop comes a second later. Where
	// somebody differs they are asked again; whatever they say in one of their lives is right.
	for range 3 {
		if t.Failed() || *once || !anyDifferent(s, right, got) {
			break
		}
		right = append(right, play(t, s, pairing{debian, debian}))
	}
	for _, o := range right[0] {
		if o.Stuck() && len(right) == 1 {
			t.Errorf("line %d: %s: Debian's own is %s", o.Step.Line, o.Step.Text, o.Text)
		}
		if *show {
			t.Logf("%d: %s\n%s", o.Step.Line, o.Step.Text, o.Text)
		}
	}
	for i, p := range pairs {
		n, open := judge(s, right, got[i], p)
		// A machine that is busy with other tests can part two writes that a scenario wants in one read, or the other way
		// round. A difference that a further life does not show is counted and named, but it is not ours.
		first := open
		for life := 0; life < 3 && len(open) > 0 && !t.Failed() && !*once; life++ {
			if n, open = judge(s, right, play(t, s, p), p); len(open) == 0 {
				n.Unsteady = len(first)
				for _, d := range first {
					t.Logf("unsteady, line %d: %s\n%s", d.Step.Line, d.Step.Text, difftest.Lines(d.Debian, d.Ours))
				}
			}
		}
		for _, d := range open {
			t.Errorf("line %d: %s: supervisord %s, supervisorctl %s: (- debian, + ours)\n%s",
				d.Step.Line, d.Step.Text, p.daemon.Name, p.ctl.Name, difftest.Lines(d.Debian, d.Ours))
		}
		total.Lock()
		total.Compared += n.Compared
		total.Same += n.Same
		total.Intended += n.Intended
		total.Unsteady += n.Unsteady
		total.Unlock()
	}
}

// judge compares one life. Where the daemon is Debian's, only what our supervisorctl says is our subject.
func judge(s difftest.Scenario, right [][]difftest.Outcome, life []difftest.Outcome, p pairing) (difftest.Count, []difftest.Difference) {
	n, open := difftest.Compare(s.Name, right, life, difftest.Table, difftest.Masks)
	if p.daemon.Name == "debian" && !*self {
		open = slices.DeleteFunc(open, func(d difftest.Difference) bool { return !strings.Contains(d.Step.Text, "ctl") })
	}
	return n, open
}

func anyDifferent(s difftest.Scenario, right, got [][]difftest.Outcome) bool {
	for _, g := range got {
		if _, open := difftest.Compare(s.Name, right, g, difftest.Table, difftest.Masks); len(open) > 0 {
			return true
		}
	}
	return false
}

func play(t *testing.T, s difftest.Scenario, p pairing) []difftest.Outcome {
	out, err := difftest.Run(t.Context(), s, p.daemon, p.ctl)
	if err != nil {
		t.Errorf("%s on %s: %v", s.Name, p.daemon.Name, err)
	}
	return out
}
