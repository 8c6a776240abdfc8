package client

import (
	"context"
	"time"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// The values of ProcessInfo.State.
const (
	Stopped  = 0
	Starting = 10
	Running  = 20
	Backoff  = 30
	Stopping = 40
	Exited   = 100
	Fatal    = 200
	Unknown  = 1000
)

// ProcessInfo is what the daemon knows of one process.
type ProcessInfo struct {
	Name, Group   string
	Start, Stop   time.Time // of the last start and stop; zero when there was none
	Now           time.Time // the daemon's clock
	State         int
	StateName     string // "RUNNING"
	SpawnErr      string
	ExitStatus    int
	StdoutLogfile string // empty for none
	StderrLogfile string
	Pid           int // 0 when there is no child
	Description   string
}

func processInfo(f fields) ProcessInfo {
	return ProcessInfo{
		Name: f.text("name"), Group: f.text("group"),
		Start: f.moment("start"), Stop: f.moment("stop"), Now: f.moment("now"),
		State: f.number("state"), StateName: f.text("statename"),
		SpawnErr: f.text("spawnerr"), ExitStatus: f.number("exitstatus"),
		StdoutLogfile: f.text("stdout_logfile"), StderrLogfile: f.text("stderr_logfile"),
		Pid: f.number("pid"), Description: f.text("description"),
	}
}

// ProcessStatus is what came of starting, stopping, signalling or clearing
// one process among several.
type ProcessStatus struct {
	Name, Group string
	Status      int    // 80 is success, anything else the code of a fault
	Description string // "OK", or the fault's text
}

func processStatus(f fields) ProcessStatus {
	return ProcessStatus{f.text("name"), f.text("group"), f.number("status"), f.text("description")}
}

// ProcessInfo asks about one process, "process" or "group:process".
func (c *Client) ProcessInfo(ctx context.Context, name string) (ProcessInfo, error) {
	s, err := as[xmlrpc.Struct](c.call(ctx, "supervisor.getProcessInfo", name))
	if err != nil {
		return ProcessInfo{}, err
	}
	return processInfo(fields(s)), nil
}

// AllProcessInfo asks about every process, sorted by group and name.
func (c *Client) AllProcessInfo(ctx context.Context) ([]ProcessInfo, error) {
	v, err := c.call(ctx, "supervisor.getAllProcessInfo")
	return asStructs(processInfo, v, err)
}

// StartProcess starts one process and, with wait, returns once it runs.
func (c *Client) StartProcess(ctx context.Context, name string, wait bool) error {
	return done(c.call(ctx, "supervisor.startProcess", name, wait))
}

// StartProcessGroup starts what does not run of a group.
func (c *Client) StartProcessGroup(ctx context.Context, group string, wait bool) ([]ProcessStatus, error) {
	return c.statuses(ctx, "supervisor.startProcessGroup", group, wait)
}

// StartAllProcesses starts what does not run.
func (c *Client) StartAllProcesses(ctx context.Context, wait bool) ([]ProcessStatus, error) {
	return c.statuses(ctx, "supervisor.startAllProcesses", wait)
}

// StopProcess stops one process and, with wait, returns once it is gone.
func (c *Client) StopProcess(ctx context.Context, name string, wait bool) error {
	return done(c.call(ctx, "supervisor.stopProcess", name, wait))
}

// StopProcessGroup stops what runs of a group.
func (c *Client) StopProcessGroup(ctx context.Context, group string, wait bool) ([]ProcessStatus, error) {
	return c.statuses(ctx, "supervisor.stopProcessGroup", group, wait)
}

// StopAllProcesses stops what runs.
func (c *Client) StopAllProcesses(ctx context.Context, wait bool) ([]ProcessStatus, error) {
	return c.statuses(ctx, "supervisor.stopAllProcesses", wait)
}

// SignalProcess sends a signal, by name ("HUP", "SIGHUP") or number ("1").
func (c *Client) SignalProcess(ctx context.Context, name, signal string) error {
	return done(c.call(ctx, "supervisor.signalProcess", name, signal))
}

// SignalProcessGroup signals what runs of a group.
func (c *Client) SignalProcessGroup(ctx context.Context, group, signal string) ([]ProcessStatus, error) {
	return c.statuses(ctx, "supervisor.signalProcessGroup", group, signal)
}

// SignalAllProcesses signals what runs.
func (c *Client) SignalAllProcesses(ctx context.Context, signal string) ([]ProcessStatus, error) {
	return c.statuses(ctx, "supervisor.signalAllProcesses", signal)
}

// SendProcessStdin writes to a process's standard input.
func (c *Client) SendProcessStdin(ctx context.Context, name, chars string) error {
	return done(c.call(ctx, "supervisor.sendProcessStdin", name, chars))
}

func (c *Client) statuses(ctx context.Context, method string, args ...any) ([]ProcessStatus, error) {
	v, err := c.call(ctx, method, args...)
	return asStructs(processStatus, v, err)
}
