package fleet_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutant is one mistake that somebody could make: in a file, one text in place of another.
type mutant struct {
	file, was, is string
}

// Each of these was chosen because the code would still look right.
var mutants = map[string]mutant{
	"a neighbour's death is one's own": {"proc/step.go", "m.s.Pid == 0 || pid != m.s.Pid", "m.s.Pid == 0"},
	"a stop before the fork signals nobody at all": {
		"proc/step.go", "case m.s.Spawning:\n\t\tm.s.Doomed = true", "case m.s.Spawning:\n\t\tm.terminate()"},
	"a doomed child lives":            {"proc/step.go", "case doomed:\n\t\tm.terminate()", "case doomed && m.s.Pid == 0:\n\t\tm.terminate()"},
	"a deadline is met a moment late": {"proc/step.go", "if m.now < m.s.Deadline", "if m.now <= m.s.Deadline"},
	"the old deadline stays armed":    {"proc/step.go", "m.s.Phase, m.s.Deadline = to, 0", "m.s.Phase = to"},
	"a death nobody ticked before is a failed start": {
		"proc/step.go", "if m.s.Phase == Starting {\n\t\tm.tick()\n\t}", ""},
	"one retry too few":            {"proc/step.go", "m.s.Failures > m.p.StartRetries", "m.s.Failures >= m.p.StartRetries"},
	"the wait does not grow":       {"proc/step.go", "Time(m.s.Failures)*Second", "Second"},
	"RUNNING forgives nothing":     {"proc/step.go", "m.s.Failures = 0\n\tm.become(Running", "m.become(Running"},
	"a stop forgives":              {"proc/step.go", "case m.s.Phase == Backoff:\n", "case m.s.Phase == Backoff:\n\t\tm.s.Failures = 0\n"},
	"the stop signal goes astray":  {"proc/step.go", "Group: m.p.StopAsGroup", "Group: m.p.KillAsGroup"},
	"SIGKILL comes once":           {"proc/step.go", "m.s.Deadline = after(m.now, max(m.p.StopWait, Second))\n", "m.s.Deadline = 0\n"},
	"SIGKILL without pause":        {"proc/step.go", "max(m.p.StopWait, Second)", "max(m.p.StopWait, 0)"},
	"the expected is restarted":    {"proc/step.go", "m.p.Restart == Unexpected && !expected", "m.p.Restart == Unexpected && expected"},
	"restarted on the way down":    {"proc/step.go", "if m.p.Hold {\n\t\treturn\n\t}", ""},
	"retried on the way down":      {"proc/step.go", "case !m.p.Hold:\n", "default:\n"},
	"a failed start has a code":    {"proc/step.go", "m.fail(false)\n\tcase Running", "m.s.Code = code\n\t\tm.fail(false)\n\tcase Running"},
	"startsecs=0 has to wait":      {"proc/step.go", "m.p.StartSecs <= 0", "m.p.StartSecs < 0"},
	"a lost signal is forgotten":   {"proc/step.go", "case Starting, Running, Stopping:\n", "case Stopping:\n"},
	"a pid is kept after death":    {"proc/step.go", "m.become(Backoff, Announce{})\n\tm.s.Pid = 0", "m.become(Backoff, Announce{})"},
	"groups stop in boot order":    {"fleet/down.go", "g := f.queue[len(f.queue)-1]", "g := f.queue[0]"},
	"groups do not wait":           {"fleet/down.go", "if g.unstopped > 0 {", "if false {"},
	"members stop in their order":  {"fleet/down.go", "slices.Backward(members)", "slices.All(members)"},
	"BACKOFF is stopped, not lost": {"fleet/down.go", "f.feed(p, proc.GiveUp{})", "f.feed(p, proc.Stop{})"},
	"a restart is not overruled":   {"fleet/down.go", "if !restart {", "if false {"},
	"nobody holds":                 {"fleet/down.go", "p.policy.Hold = true", "p.policy.Hold = false"},
	"the boot goes by arrival":     {"fleet/step.go", "range byPriority(f.groups)", "range f.groups"},
	"the dead keep their pids":     {"fleet/step.go", "delete(f.byPid, was.Pid)\n", ""},
	"no answer after the fork":     {"fleet/request.go", "case fork:\n\t\t\tf.got(w, p.id, nil)", "case fork:\n\t\t\treturn false"},
	"answered too early":           {"fleet/request.go", "r.open++\n\tr.parts++\n\tp.waits", "r.parts++\n\tp.waits"},
	"told as they came":            {"fleet/request.go", "cmp.Compare(a.part, b.part)", "0"},
	"who waits is told at once":    {"fleet/request.go", "if !f.forked {", "if false {"},
	"lost, and a success":          {"fleet/request.go", "if s.id == e.ID {", "if false {"},
	"a start of what stops":        {"fleet/request.go", "p.state.Phase == proc.Stopping || p.state.Doomed", "p.state.Doomed"},
	"signalled before the fork":    {"fleet/request.go", " || p.state.Pid == 0", ""},
	"never spoken of again":        {"fleet/request.go", "p.reportAt = f.now + stillStoppingEvery", "p.reportAt = f.now + 2*stillStoppingEvery"},
	"the agenda loses its order":   {"fleet/agenda.go", "if child+1 < len(a.heap) && sooner(a.heap[child+1], a.heap[child])", "if false"},
	"the removed is still found":   {"fleet/change.go", "delete(f.byName, g.name)\n", ""},
	"who left is still found":      {"fleet/change.go", "delete(g.byName, e.Name)\n", ""},
	"who left was running":         {"fleet/change.go", "!p.state.Phase.IsStopped() || p.state.Pid != 0", "false"},
	"two of one name come":         {"fleet/change.go", "g.byName[m.Name] != nil || coming[m.Name]", "coming[m.Name]"},
	"answered before it was tried": {"fleet/change.go", "r.await(p, tried)", ""},
	"who comes is not started":     {"fleet/change.go", "f.autostart(g.members[from:])", ""},
}

// TestEveryMutantIsCaught plants each mistake and wants the tests of its package to notice. It is what tells tests
// that pass from tests that look.
func TestEveryMutantIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the tests once for each mutant, which takes the better part of a minute")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command: ", err)
	}
	for _, file := range []string{"proc/step.go", "fleet/step.go"} {
		if out, err := tryMutant(t, mutant{file: file}); err != nil {
			t.Fatalf("without any mutant: %v\n%s", err, out)
		}
	}
	for name, m := range mutants {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			switch out, err := tryMutant(t, m); {
			case err == nil:
				t.Errorf("survives: %q for %q in %s", m.is, m.was, m.file)
			case !bytes.Contains(out, []byte("--- FAIL")) && !bytes.Contains(out, []byte("panic: ")):
				t.Errorf("was not tried: %v\n%s", err, out)
			}
		})
	}
}

// tryMutant runs the tests of the package in which m is planted.
func tryMutant(t *testing.T, m mutant) ([]byte, error) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", m.file))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if m.was != "" && bytes.Count(source, []byte(m.was)) != 1 {
		t.Fatalf("%q is in %s %d times", m.was, m.file, bytes.Count(source, []byte(m.was)))
	}
	dir := t.TempDir()
	planted, overlay := filepath.Join(dir, "planted.go"), filepath.Join(dir, "overlay.json")
	write(t, planted, []byte(strings.Replace(string(source), m.was, m.is, 1)))
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{path: planted}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, overlay, replaced)
	smaller := map[string]string{"proc": "-lives=1000", "fleet": "-requests=0"}[filepath.Dir(m.file)]
	cmd := exec.Command("go", "test", "-short", "-failfast", "-vet=off", "-timeout=20s", "-skip=TheWrittenTruth|TenThousand|AllocatesNothing",
		"-overlay="+overlay, "./"+filepath.Dir(m.file), smaller)
	cmd.Dir = ".."
	return cmd.CombinedOutput()
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
