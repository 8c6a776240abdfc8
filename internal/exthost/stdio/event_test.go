package stdio_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/exthost/stdio"
)

func TestAnEventIsToldWithThosePartsThatMeanSomething(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		event ext.Event
		want  map[string]any
	}{
		{
			ext.Event{
				Type: "PROCESS_STATE_EXITED", Number: 2, Process: "p", Group: "g", PID: 5, From: "RUNNING", To: "EXITED", ExitCode: -1,
				Signal: 9, CoreDumped: true, OOM: true, Uptime: 1500 * time.Millisecond, Restarts: 3, Payload: "x",
			},
			map[string]any{
				"type": "PROCESS_STATE_EXITED", "number": 2, "payload": "x", "process": "p", "group": "g", "pid": 5, "from": "RUNNING",
				"to": "EXITED", "signal": 9, "core_dumped": true, "oom": true, "uptime": 1.5, "restarts": 3, "expected": false,
			},
		},
		{
			ext.Event{Type: "PROCESS_STATE_STOPPED", Number: 3, Process: "p", Group: "p", From: "STOPPING", To: "STOPPED"},
			map[string]any{
				"type": "PROCESS_STATE_STOPPED", "number": 3, "payload": "", "process": "p", "group": "p", "from": "STOPPING",
				"to": "STOPPED", "exit_code": 0,
			},
		},
		{
			ext.Event{Type: "PROCESS_STATE_FATAL", Number: 4, From: "BACKOFF", To: "FATAL", ExitCode: -1, Why: "oh"},
			map[string]any{"type": "PROCESS_STATE_FATAL", "number": 4, "payload": "", "from": "BACKOFF", "to": "FATAL", "why": "oh"},
		},
	} {
		if d := cmp.Diff(c.want, stdio.Spelled(&c.event)); d != "" {
			t.Errorf("%s:\n%s", c.event.Type, d)
		}
	}
}
