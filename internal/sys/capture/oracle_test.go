package capture_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/capture"
)

var (
	cases = flag.Int("cases", 3000, "how many random outputs Supervisor's own dispatcher is fed")
	seed  = flag.Int("seed", 1, "which")
)

// fed is one case of the oracle; bytes are spelt as Latin-1.
type fed struct {
	Strip  bool
	Bound  int64
	Chunks []string
	Log    string
	Told   []string
}

// latin turns a text whose characters are bytes into those.
func latin(s string) []byte {
	var out []byte
	for _, r := range s {
		out = append(out, byte(r))
	}
	return out
}

func unlatin(b []byte) string {
	var out []rune
	for _, c := range b {
		out = append(out, rune(c))
	}
	return string(out)
}

// TestSupervisorCapturesTheSame feeds random chunks, with tags, halves of tags and escape sequences at every border, to
// Supervisor's dispatcher and to ours: the log, each PROCESS_LOG chunk and each captured text must be the same.
//
// holds: LOG-025 LOG-028 LOG-029 LOG-030 LOG-031 EVT-013
func TestSupervisorCapturesTheSame(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import sys; sys.path.insert(0, '/usr/lib/python3/dist-packages'); import supervisor.tests.base").Run(); err != nil {
		t.Skipf("needs %s and Debian's supervisor package: %v", python, err)
	}
	cmd := exec.Command(python, "testdata/oracle/oracle.py", strconv.Itoa(*seed), strconv.Itoa(*cases))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	n, dec := 0, json.NewDecoder(bytes.NewReader(out))
	for ; ; n++ {
		var c fed
		if err := dec.Decode(&c); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		log, told := c.feed()
		if log != c.Log || !slices.Equal(told, c.Told) {
			t.Fatalf("case %d of seed %d: %+q (strip %v, bound %d)\nlog  %+q\nwant %+q\ntold %+q\nwant %+q", n, *seed, c.Chunks, c.Strip, c.Bound,
				log, c.Log, told, c.Told)
		}
	}
	if n != *cases {
		t.Errorf("%d cases of %d", n, *cases)
	}
}

// feed builds what the loop builds for a program's output, and feeds it.
func (c *fed) feed() (log string, told []string) {
	var file bytes.Buffer
	events := capture.Func(func(b []byte) { told = append(told, "log "+unlatin(b)) })
	strip := func(to ...capture.Sink) capture.Sink {
		s := capture.Tee(to...)
		if c.Strip {
			s = capture.StripANSI(s)
		}
		return s
	}
	keep := capture.NewBound(c.Bound)
	s := capture.Mode(strip(&file, events), strip(keep, events), keep, func(b []byte) { told = append(told, "comm "+unlatin(b)) })
	for _, chunk := range c.Chunks {
		_, _ = s.Write(latin(chunk))
	}
	return unlatin(file.Bytes()), told
}
