package event_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/proc"
)

// holds: EVT-001
func TestEveryTypeIsReachedByItsNameAndItsFamily(t *testing.T) {
	t.Parallel()
	families := map[string]string{
		"PROCESS_STATE": "STOPPED EXITED STARTING STOPPING BACKOFF FATAL RUNNING UNKNOWN", "PROCESS_COMMUNICATION": "STDOUT STDERR",
		"PROCESS_LOG": "STDOUT STDERR", "SUPERVISOR_STATE_CHANGE": "RUNNING STOPPING", "TICK": "5 60 3600",
		"PROCESS_GROUP": "ADDED REMOVED", "REMOTE": "COMMUNICATION",
	}
	want := map[string]bool{}
	for family, members := range families {
		for m := range strings.FieldsSeq(members) {
			want[family+"_"+m] = true
		}
	}
	for typ := range event.Types {
		name := typ.String()
		if !want[name] {
			t.Errorf("%q is no type of Supervisor's", name)
		}
		delete(want, name)
		family := name[:strings.LastIndex(name, "_")]
		if !typ.Is(name) || !typ.Is("EVENT") || typ.Is(family) != (family != "REMOTE") || typ.Is("") || typ.Is("TICK_7") {
			t.Errorf("%s does not answer to its names", name)
		}
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
	for name, known := range map[string]bool{"EVENT": true, "PROCESS_GROUP": true, "REMOTE": false, "": false, "event": false} {
		if event.Known(name) != known {
			t.Errorf("Known(%q) is %t", name, !known)
		}
	}
}

// holds: EVT-007 EVT-010 EVT-011 EVT-012 EVT-013 EVT-014 EVT-015
func TestPayloadsAreTheBytesThatListenersParse(t *testing.T) {
	t.Parallel()
	of := func(e event.Event) event.Event { e.Process, e.Group, e.Pid = "p", "g", 7; return e }
	for _, c := range []struct {
		e    event.Event
		want string
	}{
		{of(event.Event{Type: event.ProcessStateStarting, From: proc.Backoff, Tries: 2}), "processname:p groupname:g from_state:BACKOFF tries:2"},
		{of(event.Event{Type: event.ProcessStateBackoff, From: proc.Starting, Tries: 3}), "processname:p groupname:g from_state:STARTING tries:3"},
		{of(event.Event{Type: event.ProcessStateRunning, From: proc.Starting}), "processname:p groupname:g from_state:STARTING pid:7"},
		{of(event.Event{Type: event.ProcessStateStopping, From: proc.Running}), "processname:p groupname:g from_state:RUNNING pid:7"},
		{of(event.Event{Type: event.ProcessStateStopped, From: proc.Stopping}), "processname:p groupname:g from_state:STOPPING pid:7"},
		{of(event.Event{Type: event.ProcessStateExited, From: proc.Running}), "processname:p groupname:g from_state:RUNNING expected:0 pid:7"},
		{of(event.Event{Type: event.ProcessStateExited, From: proc.Running, Expected: true}), "processname:p groupname:g from_state:RUNNING expected:1 pid:7"},
		{of(event.Event{Type: event.ProcessStateFatal, From: proc.Backoff}), "processname:p groupname:g from_state:BACKOFF"},
		{of(event.Event{Type: event.ProcessStateUnknown, From: proc.Running}), "processname:p groupname:g from_state:RUNNING"},
		{of(event.Event{Type: event.ProcessLogStdout, Data: []byte("é\n")}), "processname:p groupname:g pid:7 channel:stdout\né\n"},
		{of(event.Event{Type: event.ProcessLogStderr}), "processname:p groupname:g pid:7 channel:stderr\n"},
		{of(event.Event{Type: event.ProcessCommunicationStderr, Data: []byte("x")}), "processname:p groupname:g pid:7\nx"},
		{event.Event{Type: event.RemoteCommunication, Kind: "té", Data: []byte("dé")}, "type:té\ndé"},
		{event.Event{Type: event.ProcessGroupAdded, Group: "g"}, "groupname:g\n"},
		{event.Event{Type: event.Tick60, When: 60}, "when:60"},
		{event.Event{Type: event.SupervisorStateChangeRunning}, ""},
	} {
		if got := string(c.e.Payload()); got != c.want {
			t.Errorf("%s: %q, want %q", c.e.Type, got, c.want)
		}
	}
}

// holds: EVT-016
func TestBytesThatAreNoTextAreSpeltAsPythonDoes(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("/usr/bin/python3")
	if err != nil {
		t.Skip("Python is not installed to say how it spells bytes")
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, data := range [][]byte{all, []byte("\xff'"), []byte("\xff\""), []byte("\xff'\"\\"), []byte("caf\xc3"), []byte("\xed\xa0\x80"), []byte("plain é")} {
		file := t.TempDir() + "/data"
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		want, err := exec.Command(python, "-c", `
import sys
b = open(sys.argv[1], 'rb').read()
try: s = b.decode('utf-8')
except UnicodeDecodeError: s = 'Undecodable: %r' % b
sys.stdout.buffer.write(s.encode('utf-8'))`, file).Output()
		if err != nil {
			t.Fatal(err)
		}
		got := string(event.Event{Type: event.ProcessCommunicationStdout, Data: data}.Payload())
		if _, got, _ = strings.Cut(got, "\n"); got != string(want) {
			t.Errorf("%q is told as %q, want %q", data, got, want)
		}
	}
}
