package difftest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// peerFailures are tests of Supervisor's own end-to-end suite that we do not pass, and why.
var peerFailures = map[string]string{
	"test_issue_565": "Debian's package lacks the script that it runs, so that Debian's own supervisord does not pass it either",
}

// asModule makes "python -m supervisor.supervisord" of the suite a run of ours.
const asModule = `#!/bin/sh
[ "$1" = -m ] || exec /usr/bin/python3 "$@"
program=${2#supervisor.}
shift 2
exec %s/$program "$@"
`

var verdict = regexp.MustCompile(`(?m)^(test_\w+) \(.*?\)(?:\n.*?)?\.\.\. (ok|FAIL|ERROR|skipped)`)

// TestSupervisorsOwnEndToEndSuitePasses runs the suite that comes with Supervisor, with our programs in the place of its
// modules.
//
// holds: CTL-035 CTL-037 LOG-012 CFG-026
func TestSupervisorsOwnEndToEndSuitePasses(t *testing.T) {
	t.Parallel()
	if *self {
		t.Skip("it is about our own programs")
	}
	if _, err := difftest.Debian(); err != nil {
		t.Skip(err)
	}
	if err := exec.Command("/usr/bin/python3", "-c", "import pexpect, supervisor.tests.test_end_to_end").Run(); err != nil {
		t.Skip("python3-pexpect or Supervisor's tests are not installed")
	}
	shim := filepath.Join(t.TempDir(), "python")
	text := fmt.Sprintf(asModule, filepath.Dir(built.Supervisord))
	if err := os.WriteFile(shim, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/usr/bin/python3", "-c", `
import sys, unittest
sys.executable = sys.argv.pop(1)
unittest.main(module='supervisor.tests.test_end_to_end', argv=['suite', '-v'])
`, shim)
	cmd.Env = append(os.Environ(), "END_TO_END=1", "PYTHONWARNINGS=ignore", "LANG=C.UTF-8")
	cmd.Dir = t.TempDir()
	out, err := cmd.CombinedOutput()
	all := verdict.FindAllStringSubmatch(string(out), -1)
	if len(all) == 0 {
		t.Fatalf("no test was run: %v\n%s", err, out)
	}
	for _, m := range all {
		why, expected := peerFailures[m[1]]
		switch {
		case m[2] == "ok" && expected:
			t.Errorf("%s passes: it need not be excused any more (%s)", m[1], why)
		case m[2] != "ok" && !expected:
			t.Errorf("%s: %s", m[1], m[2])
		}
	}
	t.Logf("%d tests of Supervisor's own", len(all))
	if t.Failed() {
		t.Logf("%s", out)
	}
}
