package getopt_test

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/getopt"
)

const short = "h?c:is:u:p:r:n"

var long = []string{"help", "configuration=", "interactive", "serverurl=", "username=",
	"password=", "history-file=", "log=", "logfile=", "logfile_maxbytes=", "nodaemon", "no"}

// holds: CLI-001 CTL-001
func TestOptionsAreSplitAsPythonSplitsThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		opts string
		rest string
		err  string
	}{
		{"", "", "", ""},
		{"status", "", "status", ""},
		{"-ns", "", "", "option -s requires argument"},
		{"-nc/path status -x", "-n= -c=/path", "status -x", ""},
		{"-c -n", "-c=-n", "", ""},
		{"-i -i", "-i= -i=", "", ""},
		{"- -n", "", "- -n", ""},
		{"-n -- -i", "-n=", "-i", ""},
		{"--conf x", "--configuration=x", "", ""},
		{"--conf=x=y", "--configuration=x=y", "", ""},
		{"--no", "--no=", "", ""},
		{"--nod", "--nodaemon=", "", ""},
		{"--log v", "--log=v", "", ""},
		{"--lo v", "", "", "option --lo not a unique prefix"},
		{"--nodaemon=1", "", "", "option --nodaemon must not have an argument"},
		{"--interactiv=1", "", "", "option --interactive must not have an argument"},
		{"--serverurl", "", "", "option --serverurl requires argument"},
		{"--bogus", "", "", "option --bogus not recognized"},
		{"-x", "", "", "option -x not recognized"},
		{"-:", "", "", "option -: not recognized"},
		{"-é", "", "", "option -é not recognized"},
		{"-c", "", "", "option -c requires argument"},
		{"-?", "-?=", "", ""},
	} {
		opts, rest, err := getopt.Parse(strings.Fields(c.args), short, long)
		var got []string
		for _, o := range opts {
			got = append(got, o.Name+"="+o.Value)
		}
		text := ""
		if err != nil {
			text = err.Error()
		}
		if strings.Join(got, " ") != c.opts || strings.Join(rest, " ") != c.rest || text != c.err {
			t.Errorf("%q: options %q, rest %q, error %q; want %q, %q, %q", c.args, got, rest, text, c.opts, c.rest, c.err)
		}
	}
}

const oracle = `
import getopt, json, sys
short, long = json.loads(sys.stdin.readline())
for line in sys.stdin:
    try:
        opts, rest = getopt.getopt(json.loads(line), short, long)
        print(json.dumps([[list(o) for o in opts], rest, ""]), flush=True)
    except getopt.error as e:
        print(json.dumps([[], [], str(e)]), flush=True)
`

// holds: CLI-001 CTL-001
func TestRandomCommandLinesAreSplitAsPythonSplitsThem(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3"
	if _, err := os.Stat(python); err != nil {
		t.Skip("needs python3 as the oracle: " + err.Error())
	}
	pieces := []string{"-", "--", "-n", "-c", "-ic", "-nx", "x", "--lo", "--log", "--logfile", "--logf", "--no", "--nod=",
		"--h", "--password=", "--password=a b", "--=", "--=x", "-=", "-c:", "", "-n-", "---", "--configuration=", "--log=", "--help="}
	rng := rand.New(rand.NewPCG(1, 2))
	var lines [][]string
	for range 3000 {
		args := []string{}
		for range rng.IntN(5) {
			args = append(args, pieces[rng.IntN(len(pieces))])
		}
		lines = append(lines, args)
	}
	var in strings.Builder
	enc := json.NewEncoder(&in)
	must(t, enc.Encode([]any{short, long}))
	for _, args := range lines {
		must(t, enc.Encode(args))
	}
	cmd := exec.Command(python, "-c", oracle)
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	must(t, err)
	answers := bufio.NewScanner(strings.NewReader(string(out)))
	for _, args := range lines {
		if !answers.Scan() {
			t.Fatal("the oracle answered too few lines")
		}
		opts, rest, err := getopt.Parse(args, short, long)
		got := []any{[]any{}, []any{}, ""}
		for _, o := range opts {
			got[0] = append(got[0].([]any), []any{o.Name, o.Value})
		}
		for _, r := range rest {
			got[1] = append(got[1].([]any), r)
		}
		if err != nil {
			got[2] = err.Error()
		}
		var want []any
		must(t, json.Unmarshal(answers.Bytes(), &want))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, want %v", args, got, want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
