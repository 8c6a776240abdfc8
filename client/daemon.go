package client

import (
	"context"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// State is supervisord's own state: Code 1 and Name "RUNNING" as long as it
// answers.
type State struct {
	Code int
	Name string
}

// Changes are the groups that differ between what is active and the file.
type Changes struct {
	Added   []string `json:"added"`
	Changed []string `json:"changed"`
	Removed []string `json:"removed"`
}

// ConfigInfo is a configured process. The daemon tells more; Call returns all.
type ConfigInfo struct {
	Name, Group   string
	InUse         bool // its group is active
	Autostart     bool
	GroupPriority int
	Priority      int
	Command       string
	Directory     string
	StopSignal    int
	StartSecs     int
	StopWaitSecs  int
	StdoutLogfile string // a path, "auto" or "none"
	StderrLogfile string
}

func configInfo(f fields) ConfigInfo {
	return ConfigInfo{
		Name: f.text("name"), Group: f.text("group"),
		InUse: f.truth("inuse"), Autostart: f.truth("autostart"),
		GroupPriority: f.number("group_prio"), Priority: f.number("process_prio"),
		Command: f.text("command"), Directory: f.text("directory"),
		StopSignal: f.number("stopsignal"), StartSecs: f.number("startsecs"), StopWaitSecs: f.number("stopwaitsecs"),
		StdoutLogfile: f.text("stdout_logfile"), StderrLogfile: f.text("stderr_logfile"),
	}
}

// APIVersion is the version of the XML-RPC interface, "3.0".
func (c *Client) APIVersion(ctx context.Context) (string, error) {
	return as[string](c.call(ctx, "supervisor.getVersion"))
}

// SupervisorVersion is the version of the daemon.
func (c *Client) SupervisorVersion(ctx context.Context) (string, error) {
	return as[string](c.call(ctx, "supervisor.getSupervisorVersion"))
}

// Identification is the identifier of the daemon's configuration.
func (c *Client) Identification(ctx context.Context) (string, error) {
	return as[string](c.call(ctx, "supervisor.getIdentification"))
}

// State asks for the daemon's state; one that goes down answers with fault 6.
func (c *Client) State(ctx context.Context) (State, error) {
	s, err := as[xmlrpc.Struct](c.call(ctx, "supervisor.getState"))
	return State{fields(s).number("statecode"), fields(s).text("statename")}, err
}

// PID is the daemon's process id.
func (c *Client) PID(ctx context.Context) (int, error) {
	return asInt(c.call(ctx, "supervisor.getPID"))
}

// Shutdown asks the daemon to stop everything and end; it returns at once.
func (c *Client) Shutdown(ctx context.Context) error {
	return done(c.call(ctx, "supervisor.shutdown"))
}

// Restart asks the daemon to stop everything and begin anew; it returns at once.
func (c *Client) Restart(ctx context.Context) error {
	return done(c.call(ctx, "supervisor.restart"))
}

// ReloadConfig reads the configuration again and says what differs. Nothing
// is started or stopped; see AddProcessGroup and RemoveProcessGroup.
func (c *Client) ReloadConfig(ctx context.Context) (Changes, error) {
	outer, err := as[[]any](c.call(ctx, "supervisor.reloadConfig"))
	if err != nil {
		return Changes{}, err
	}
	if len(outer) != 1 {
		return Changes{}, unexpected(outer)
	}
	lists, ok := outer[0].([]any)
	if !ok || len(lists) != 3 {
		return Changes{}, unexpected(outer[0])
	}
	var three [3][]string
	for i := range three {
		if three[i], err = asStrings(lists[i], nil); err != nil {
			return Changes{}, err
		}
	}
	return Changes{three[0], three[1], three[2]}, nil
}

// AllConfigInfo asks for everything that is configured, sorted by name.
func (c *Client) AllConfigInfo(ctx context.Context) ([]ConfigInfo, error) {
	v, err := c.call(ctx, "supervisor.getAllConfigInfo")
	return asStructs(configInfo, v, err)
}

// AddProcessGroup activates a group of the configuration read last.
func (c *Client) AddProcessGroup(ctx context.Context, group string) error {
	return done(c.call(ctx, "supervisor.addProcessGroup", group))
}

// RemoveProcessGroup deactivates a group none of whose processes runs.
func (c *Client) RemoveProcessGroup(ctx context.Context, group string) error {
	return done(c.call(ctx, "supervisor.removeProcessGroup", group))
}

// SendRemoteCommEvent tells the event listeners something.
func (c *Client) SendRemoteCommEvent(ctx context.Context, eventType, data string) error {
	return done(c.call(ctx, "supervisor.sendRemoteCommEvent", eventType, data))
}

// ListMethods names every method that the daemon has, sorted.
func (c *Client) ListMethods(ctx context.Context) ([]string, error) {
	return asStrings(c.call(ctx, "system.listMethods"))
}

// MethodHelp is the documentation of a method.
func (c *Client) MethodHelp(ctx context.Context, method string) (string, error) {
	return as[string](c.call(ctx, "system.methodHelp", method))
}

// MethodSignature names the types of a method's result and parameters.
func (c *Client) MethodSignature(ctx context.Context, method string) ([]string, error) {
	return asStrings(c.call(ctx, "system.methodSignature", method))
}

// CallSpec is one call of a Multicall.
type CallSpec struct {
	Method string
	Args   []any // as for Call
}

// CallResult is what came of one call of a Multicall: a value as of Call, or
// a *Fault.
type CallResult struct {
	Value any
	Err   error
}

// Multicall makes several calls in one request, in order; each waits for the
// one before it.
func (c *Client) Multicall(ctx context.Context, calls []CallSpec) ([]CallResult, error) {
	specs := make([]any, len(calls))
	for i, spec := range calls {
		args := spec.Args
		if args == nil {
			args = []any{}
		}
		specs[i] = xmlrpc.Struct{{Name: "methodName", Value: spec.Method}, {Name: "params", Value: outgoing(args)}}
	}
	values, err := as[[]any](c.call(ctx, "system.multicall", specs))
	if err != nil {
		return nil, err
	}
	results := make([]CallResult, len(values))
	for i, v := range values {
		results[i].Value = xmlrpc.Natural(v)
		if s, ok := v.(xmlrpc.Struct); ok {
			if code, isFault := s.Get("faultCode"); isFault {
				n, _ := code.(int64)
				results[i] = CallResult{Err: &Fault{int(n), fields(s).text("faultString")}}
			}
		}
	}
	return results, nil
}
