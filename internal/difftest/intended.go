package difftest

import (
	"regexp"
	"slices"
	"strings"
)

// An Intended difference is one that we want, and that the README tells its readers about.
type Intended struct {
	Scenario string         // name of the scenario; empty for any
	Step     *regexp.Regexp // the step's text
	Ours     *regexp.Regexp // our outcome must match it, so that nothing else hides behind the difference; nil for anything
	Reason   string
	Readme   string // words that stand in the README's table of differences
}

// Mask takes out of both sides what a known difference changes, before they are compared: for differences that show
// in a part of an outcome only.
type Mask struct {
	Find   *regexp.Regexp
	With   string
	Do     func(string) string // in place of Find and With
	Reason string
	Readme string
}

// find returns the entry that explains a difference, or nil.
func find(table []Intended, scenario string, o Outcome) *Intended {
	for i, e := range table {
		if (e.Scenario == "" || e.Scenario == scenario || strings.HasPrefix(scenario, e.Scenario+"/")) &&
			e.Step.MatchString(o.Step.Text) && (e.Ours == nil || e.Ours.MatchString(o.Text)) {
			return &table[i]
		}
	}
	return nil
}

func masked(masks []Mask, text string) string {
	for _, m := range masks {
		if m.Do != nil {
			text = m.Do(text)
		} else {
			text = m.Find.ReplaceAllString(text, m.With)
		}
	}
	return text
}

// Count is the sum of a comparison.
type Count struct{ Compared, Same, Intended, Unsteady int }

// A Difference is one that nobody has explained.
type Difference struct {
	Step         Step
	Debian, Ours string
}

// Compare holds the outcomes of one scenario against those of one or more lives of Debian's programs: a step is the
// same when one of those lives showed the same.
func Compare(scenario string, debian [][]Outcome, ours []Outcome, table []Intended, masks []Mask) (Count, []Difference) {
	var n Count
	var open []Difference
	longest := slices.MaxFunc(debian, func(a, b []Outcome) int { return len(a) - len(b) })
	for i, want := range longest {
		n.Compared++
		got := Outcome{want.Step, "(nothing: the scenario ended before)"}
		if i < len(ours) {
			got = ours[i]
		}
		switch {
		case anyLife(debian, i, func(text string) bool { return text == got.Text }):
			n.Same++
		case anyLife(debian, i, func(text string) bool { return masked(masks, text) == masked(masks, got.Text) }),
			find(table, scenario, got) != nil:
			n.Intended++
		default:
			open = append(open, Difference{want.Step, want.Text, got.Text})
		}
	}
	return n, open
}

func anyLife(lives [][]Outcome, i int, is func(string) bool) bool {
	return slices.ContainsFunc(lives, func(o []Outcome) bool { return i < len(o) && is(o[i].Text) })
}
