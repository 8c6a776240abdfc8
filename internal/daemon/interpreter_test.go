package daemon_test

import (
	"strings"
	"testing"
	"time"
)

// TestTheInterpreterIsSeenUnderTheSectionsThatItRuns: by who asks for everything or by name; nobody else sees it.
func TestTheInterpreterIsSeenUnderTheSectionsThatItRuns(t *testing.T) {
	t.Parallel()
	_, c, _, out := python(t, "[rpcinterface:more]\nsupervisor.rpcinterface_factory = plug:make\n"+
		"[eventlistener:judge]\ncommand=/bin/cat\nevents=TICK_3600\nresult_handler=plug:make\n")
	if all, err := c.AllProcessInfo(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("a list shows it: %v, %v", all, err)
	}
	everything, err := c.Everything(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range everything {
		names = append(names, p.Name)
		if p.Name != "judge" && (p.PID == 0 || p.PID != everything[1].PID || p.State != "RUNNING" || p.Uptime == nil ||
			p.Started == nil || time.Since(*p.Started) > time.Hour || !strings.HasSuffix(p.Description, " (the Python interpreter)")) {
			t.Errorf("%+v", p)
		}
	}
	if got := strings.Join(names, " "); got != "judge rpcinterface:plug rpcinterface:more eventlistener:judge" {
		t.Errorf("everything is %s", got)
	}
	info, err := c.ProcessInfo(t.Context(), "rpcinterface:more")
	if err != nil || info.Pid != everything[1].PID || info.Group != "rpcinterface:more" || info.Start.IsZero() {
		t.Errorf("%+v, %v", info, err)
	}
	const only = "FAILED: rpcinterface:more is run by the Python interpreter, which it shares with others, and can only be looked at"
	value(t, c, only, "supervisor.stopProcess", "rpcinterface:more")
	value(t, c, only, "supervisor.startProcess", "rpcinterface:more")
	value(t, c, only, "supervisor.signalProcess", "rpcinterface:more", "HUP")
	value(t, c, only, "supervisor.readProcessStdoutLog", "rpcinterface:more", 0, 0)
	value(t, c, "BAD_NAME: rpcinterface:none", "supervisor.stopProcess", "rpcinterface:none")

	told(t, c, "plug.die", "kill")
	until(t, out, "CRIT the Python interpreter has ended")
	quick(t, "second interpreter", func() bool {
		again, err := c.ProcessInfo(t.Context(), "rpcinterface:more")
		return err == nil && again.StateName == "RUNNING" && again.Pid != info.Pid && again.Pid != 0
	})
}
