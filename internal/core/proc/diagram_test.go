package proc_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

var update = flag.Bool("update", false, "rewrite the golden files and the diagram in doc/states.md")

const statesPage = "../../../doc/states.md"

// edge is one change of phase.
type edge struct{ from, to proc.Phase }

// diagram is what the manual publishes: every change of phase there is, and why it happens.
var diagram = map[edge]string{
	{proc.Stopped, proc.Starting}:  "it is started: by request, or by autostart when its group is activated",
	{proc.Starting, proc.Running}:  "it stayed up for startsecs",
	{proc.Starting, proc.Backoff}:  "it ended before that, whatever its exit code, or could not be started at all",
	{proc.Starting, proc.Stopping}: "it is stopped by request, or the daemon goes down",
	{proc.Starting, proc.Unknown}:  "the operating system refused to signal it",
	{proc.Running, proc.Exited}:    "it ended by itself",
	{proc.Running, proc.Stopping}:  "it is stopped by request, or the daemon goes down",
	{proc.Running, proc.Unknown}:   "the operating system refused to signal it",
	{proc.Backoff, proc.Starting}:  "it is tried again: after 1 second, then 2, then 3",
	{proc.Backoff, proc.Stopped}:   "it is stopped by request",
	{proc.Backoff, proc.Fatal}:     "startretries are used up, a plug-in gives it up, or the daemon goes down",
	{proc.Stopping, proc.Stopped}:  "it ended",
	{proc.Stopping, proc.Unknown}:  "the operating system refused to signal it",
	{proc.Exited, proc.Starting}:   "autorestart wants it, or it is started by request",
	{proc.Fatal, proc.Starting}:    "it is started by request",
	{proc.Unknown, proc.Stopped}:   "it ended after all",
}

func TestTheManualShowsTheDiagram(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(statesPage)
	if err != nil {
		t.Fatal(err)
	}
	printed := between(t, page, "picture", picture())
	printed = between(t, printed, "table", table())
	if bytes.Equal(page, printed) {
		return
	}
	if !*update {
		t.Fatal("doc/states.md does not show the diagram as it is; run this test with -update")
	}
	if err := os.WriteFile(statesPage, printed, 0o644); err != nil {
		t.Fatal(err)
	}
}

// between replaces what stands between the markers of that name.
func between(t *testing.T, page []byte, name, text string) []byte {
	t.Helper()
	head, rest, begun := bytes.Cut(page, []byte("<!-- "+name+": printed by internal/core/proc -->\n"))
	_, tail, ended := bytes.Cut(rest, []byte("<!-- end of "+name+" -->\n"))
	if !begun || !ended {
		t.Fatalf("doc/states.md has no markers for the %s", name)
	}
	return fmt.Appendf(nil, "%s<!-- %s: printed by internal/core/proc -->\n%s<!-- end of %s -->\n%s", head, name, text, name, tail)
}

func sortedEdges() []edge {
	var edges []edge
	for e := range diagram {
		edges = append(edges, e)
	}
	slices.SortFunc(edges, func(a, b edge) int {
		return cmp.Or(cmp.Compare(a.from.Code(), b.from.Code()), cmp.Compare(a.to.Code(), b.to.Code()))
	})
	return edges
}

func picture() string {
	var b strings.Builder
	b.WriteString("```mermaid\nstateDiagram-v2\n    [*] --> STOPPED\n")
	for _, e := range sortedEdges() {
		fmt.Fprintf(&b, "    %v --> %v\n", e.from, e.to)
	}
	b.WriteString("```\n")
	return b.String()
}

func table() string {
	var b strings.Builder
	b.WriteString("| from | to | when |\n|---|---|---|\n")
	for _, e := range sortedEdges() {
		fmt.Fprintf(&b, "| %v (%d) | %v (%d) | %s |\n", e.from, e.from.Code(), e.to, e.to.Code(), diagram[e])
	}
	return b.String()
}
