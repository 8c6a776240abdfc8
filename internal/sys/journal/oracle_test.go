package journal_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/journal"
)

// holds: LOG-006 PROC-009
func TestReprAndSignalNamesAreThoseOfPython(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import supervisor.options").Run(); err != nil {
		t.Skipf("no Supervisor for %s here: %v", python, err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"'", "\"", "\\", "\n", "\t", "\r", "\x00", "\x1b", "\x7f", "a", "é", "\u00a0", "\u00ad", "\u200b", "\u2028", "日",
		"\U0001f600", "\U000e0001", "\ufeff", "\u0378", " "}
	var in strings.Builder
	var want []string
	for range 500 {
		s := ""
		for range rnd.IntN(6) {
			s += pieces[rnd.IntN(len(pieces))]
		}
		fmt.Fprintln(&in, hex.EncodeToString([]byte(s)))
		want = append(want, journal.Repr(s), journal.BytesRepr([]byte(s)))
	}
	for sig := range 70 {
		want = append(want, journal.SignalName(sig))
	}
	cmd := exec.Command(python, "-c", `
import sys
from supervisor.options import signame
out = open(1, 'w', encoding='utf-8', closefd=False)
for line in sys.stdin:
    b = bytes.fromhex(line)
    print(repr(b.decode('utf-8')), file=out)
    print(repr(b), file=out)
for i in range(70):
    print(signame(i), file=out)
out.flush()
`)
	cmd.Stdin = strings.NewReader(in.String())
	var errs bytes.Buffer
	cmd.Stderr = &errs
	got, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	theirs := strings.Split(strings.TrimSuffix(string(got), "\n"), "\n")
	if len(theirs) != len(want) {
		t.Fatalf("%d answers for %d questions", len(theirs), len(want))
	}
	for i, s := range theirs {
		if want[i] != s {
			t.Errorf("%s, Python says %s", want[i], s)
		}
	}
}
