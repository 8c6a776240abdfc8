package journal

import (
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// Spawned says that a child was born.
func (j *Journal) Spawned(name string, pid int) {
	j.logf(config.Info, "spawned: '%s' with pid %d", name, pid)
}

// SpawnErr says why none was (PROC-008, PROC-041).
func (j *Journal) SpawnErr(msg string) { j.logf(config.Info, "spawnerr: %s", msg) }

// Success says that a process stayed up for startsecs seconds (PROC-003).
func (j *Journal) Success(name string, startsecs int) {
	j.logf(config.Info, "success: %s entered RUNNING state, process has stayed up for > than %d seconds (startsecs)",
		name, startsecs)
}

// Exited says that a process ended by itself; status is the text of Status. Unexpected ends are warnings (PROC-005,
// PROC-009).
func (j *Journal) Exited(name, status string, expected bool) {
	if expected {
		j.logf(config.Info, "exited: %s (%s; expected)", name, status)
		return
	}
	j.logf(config.Warn, "exited: %s (%s; not expected)", name, status)
}

// OutOfMemory says that a process did not just end: the kernel counted a kill for want of memory when it did. Exited or
// Stopped follows.
func (j *Journal) OutOfMemory(name string, pid int) {
	j.logf(config.Warn, "out of memory: the kernel has killed '%s' (%d), or a child of its", name, pid)
}

// Stopped says that a process ended after it was told to. An exit code that is not among exitcodes, and so every death
// by signal, makes it a warning (PROC-013).
func (j *Journal) Stopped(name, status string, expected bool) {
	level := config.Warn
	if expected {
		level = config.Info
	}
	j.logf(level, "stopped: %s (%s)", name, status)
}

// GaveUp says that a process became FATAL (PROC-007).
func (j *Journal) GaveUp(name string) {
	j.logf(config.Info, "gave up: %s entered FATAL state, too many start retries too quickly", name)
}

// WaitingToStop says that a stop request waits for a process; at most every 2 s for each (PROC-028).
func (j *Journal) WaitingToStop(name string) { j.logf(config.Info, "waiting for %s to stop", name) }

// WaitingToDie says for which processes the shutdown waits; at most every 3 s (PROC-028).
func (j *Journal) WaitingToDie(names []string) {
	j.logf(config.Info, "waiting for %s to die", strings.Join(names, ", "))
}

// State follows WaitingToDie for each of its processes; state is a name such as STOPPING.
func (j *Journal) State(name, state string) { j.logf(config.Blather, "%s state: %s", name, state) }

// Killing says that a process did not stop in its time and is killed (PROC-012).
func (j *Journal) Killing(name string, pid int) {
	j.logf(config.Warn, "killing '%s' (%d) with SIGKILL", name, pid)
}

// KillingDebug says which stop signal goes where (PROC-044).
func (j *Journal) KillingDebug(name string, pid int, group bool, sig int) {
	j.logf(config.Debug, "killing %s (pid %d) %swith signal %s", name, pid, groupWord(group), SignalName(sig))
}

func groupWord(group bool) string {
	if group {
		return "process group "
	}
	return ""
}

// KillLost says that the process to stop was gone already (PROC-019).
func (j *Journal) KillLost(name string, pid int, err error) {
	j.logf(config.Debug, "unable to signal %s (pid %d), it probably just exited on its own: %s", name, pid,
		reason(err, ""))
}

// KillFailed says that a stop signal could not be sent; the process becomes UNKNOWN (PROC-019).
func (j *Journal) KillFailed(name string, pid int, err error) {
	j.logf(config.Critical, "unknown problem killing %s (%d):%s", name, pid, reason(err, ""))
}

// KillInBackoff says that a process was stopped that had no child.
func (j *Journal) KillInBackoff(name string) {
	j.logf(config.Debug, "Attempted to kill %s, which is in BACKOFF state.", name)
}

// Sending says which signal an operator sends.
func (j *Journal) Sending(name string, pid, sig int) {
	j.logf(config.Debug, "sending %s (pid %d) sig %s", name, pid, SignalName(sig))
}

// SendLost says that the receiver was gone already.
func (j *Journal) SendLost(name string, pid int, err error) {
	j.logf(config.Debug, "unable to signal %s (pid %d), it probably just now exited on its own: %s", name, pid,
		reason(err, ""))
}

// SendFailed says that an operator's signal could not be sent; the process becomes UNKNOWN.
func (j *Journal) SendFailed(name string, pid int, err error) {
	j.logf(config.Critical, "unknown problem sending sig %s (%d):%s", name, pid, reason(err, ""))
}

// AlreadyRunning says that a start found the last child still there (PROC-015).
func (j *Journal) AlreadyRunning(name string) {
	j.logf(config.Warn, "process '%s' already running", name)
}

// ReapedUnknown says that a child ended which nobody knows (PROC-022).
func (j *Journal) ReapedUnknown(pid int, status string) {
	j.logf(config.Info, "reaped unknown pid %d (%s)", pid, status)
}

// Output copies what a child wrote (LOG-006). stream is stdout or stderr.
func (j *Journal) Output(name, stream string, data []byte) {
	if j.Enabled(config.Debug) {
		j.logf(config.Debug, "%s %s output:\n%s", Repr(name), stream, text(data))
	}
}

// ListenerOutput copies what an event listener wrote, as Python prints bytes (LOG-006).
func (j *Journal) ListenerOutput(name, stream string, data []byte) {
	if j.Enabled(config.Debug) {
		j.logf(config.Debug, "%s %s output:\n%s", Repr(name), stream, BytesRepr(data))
	}
}

// CommEvent says that a captured text became an event (LOG-032).
func (j *Journal) CommEvent(name, stream string) {
	j.logf(config.Debug, "%s %s emitted a comm event", Repr(name), stream)
}

// CommandSent says that a command runs beside the programs, for a guest.
func (j *Journal) CommandSent(command string, pid int) {
	j.logf(config.Debug, "running %s with pid %d", Repr(command), pid)
}

// CommandReturned says how it ended.
func (j *Journal) CommandReturned(pid int, status string) {
	j.logf(config.Debug, "command with pid %d has ended (%s)", pid, status)
}
