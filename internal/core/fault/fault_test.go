package fault_test

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/fault"
)

// holds: RPC-001
func TestEveryKindHasOneRow(t *testing.T) {
	t.Parallel()
	last, names := fault.Kind(0), map[string]bool{}
	for _, row := range fault.Table {
		if row.Kind <= last {
			t.Errorf("%v is not in the order of the codes", row.Kind)
		}
		last = row.Kind
		if names[row.Name] || row.Name == "" {
			t.Errorf("%q names two kinds or none", row.Name)
		}
		names[row.Name] = true
		if row.Kind.Row() != row || row.Kind.String() != row.Name {
			t.Errorf("%v does not find its row", row.Kind)
		}
		if row.HTTP < 200 || row.HTTP > 599 || row.Exit < 0 || row.Exit > 7 {
			t.Errorf("%v: HTTP %d, exit %d", row.Kind, row.HTTP, row.Exit)
		}
	}
	for _, code := range []fault.Kind{0, 5, 7, 93} {
		if row := code.Row(); row.Name != "UNKNOWN" || row.HTTP != 500 || row.Exit != 1 || row.Kind != code {
			t.Errorf("%d is no kind and has the row %+v", int(code), row)
		}
	}
}

// holds: RPC-001
func TestTheCodesAreSupervisors(t *testing.T) {
	t.Parallel()
	const script = `
import sys; sys.path.insert(0, '/usr/lib/python3/dist-packages')
from supervisor.xmlrpc import Faults
for name, code in sorted(vars(Faults).items(), key=lambda row: str(row[1])):
    if name.isupper(): print(code, name)`
	out, err := exec.Command("/usr/bin/python3", "-c", script).Output()
	if err != nil {
		t.Skip("needs /usr/bin/python3 and Debian's supervisor package: ", err)
	}
	theirs := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		theirs[strings.TrimSpace(line)] = true
	}
	for _, row := range fault.Table {
		ours := fmt.Sprintf("%d %s", int(row.Kind), row.Name)
		if row.Kind == fault.Forbidden {
			continue // there are no roles in Supervisor
		}
		if !theirs[ours] {
			t.Errorf("Supervisor does not know %s", ours)
		}
		delete(theirs, ours)
	}
	for missing := range theirs {
		t.Errorf("%s is missing", missing)
	}
}

func TestARefusalReadsAsSupervisorsFaultString(t *testing.T) {
	t.Parallel()
	if got := fault.New(fault.BadName, "g:p").Error(); got != "BAD_NAME: g:p" {
		t.Error(got)
	}
	if got := fault.New(fault.ShutdownState, "").Error(); got != "SHUTDOWN_STATE" {
		t.Error(got)
	}
}

func TestARefusalIsFoundInsideAnotherError(t *testing.T) {
	t.Parallel()
	refusal := fault.New(fault.NotRunning, "p")
	found, is := fault.As(fmt.Errorf("cannot stop: %w", refusal))
	if !is || found != refusal {
		t.Errorf("%v, %v", found, is)
	}
	if found, is := fault.As(errors.New("disk full")); is || found != nil {
		t.Errorf("%v is no refusal", found)
	}
	if _, is := fault.As(nil); is {
		t.Error("nothing is no refusal")
	}
}
