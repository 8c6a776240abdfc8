package rpc2

import (
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
)

// Parameters that many methods share.
var (
	byName  = param{kind: "string", name: "name", about: "process name, or group:name"}
	byNames = param{kind: "string", name: "name", about: "process name, group:name, or group:* for a whole group"}
	byGroup = param{kind: "string", name: "name", about: "group name"}
	waits   = param{kind: "boolean", name: "wait", about: "answer only when it is done (default true)", optional: true}
	sends   = param{kind: "string", name: "signal", about: "signal by name (HUP) or number (1)"}
	from    = param{kind: "int", name: "offset", about: "first byte; negative counts from the end"}
	upTo    = param{kind: "int", name: "length", about: "bytes; 0 for all that follow"}
	atMost  = param{kind: "int", name: "length", about: "at most this many bytes"}
	always  = param{kind: "boolean", name: "result", about: "true unless a fault says otherwise"}
	each    = param{kind: "array", name: "result", about: "one struct per process: name, group, status, description"}
	text1   = param{kind: "string", name: "result", about: "bytes of the log"}
	tailed  = param{kind: "array", name: "result", about: "[text, size of the log in bytes, whether more came than fits]"}
)

// supervisorMethods is the built-in API (RPC-007 ... RPC-047). Names of old releases stand right behind the ones that
// replaced them.
var supervisorMethods = []method{
	{"getAPIVersion", "Version of this RPC interface.", nil, param{kind: "string", name: "version"}, apiVersion},
	{"getVersion", "Old name of getAPIVersion.", nil, param{kind: "string", name: "version"}, apiVersion},
	{"getSupervisorVersion", "Version of Supervisor that the daemon behaves as.", nil, param{kind: "string", name: "version"}, supervisorVersion},
	{"getIdentification", "Identifier of this daemon, from its configuration.", nil, param{kind: "string", name: "identifier"}, identification},
	{"getState", "State of the daemon.", nil, param{kind: "struct", name: "state", about: "int statecode, string statename"}, state},
	{"getPID", "Process id of the daemon.", nil, param{kind: "int", name: "pid"}, pid},
	{"readLog", "Read the daemon's own log.", []param{from, upTo}, text1, readLog},
	{"readMainLog", "Old name of readLog.", []param{from, upTo}, text1, readLog},
	{"clearLog", "Empty the daemon's own log.", nil, always, clearLog},
	{"shutdown", "Stop every process, then the daemon.", nil, always, shutdown},
	{"restart", "Stop every process, read the configuration again and start.", nil, always, restart},
	{"reloadConfig", "Read the configuration again and tell which groups differ; nothing is started or stopped.", nil,
		param{kind: "array", name: "result", about: "[[added, changed, removed]], each a list of group names"}, reloadConfig},
	{"addProcessGroup", "Activate a group of the configuration as last read.", []param{byGroup}, always, addProcessGroup},
	{"removeProcessGroup", "Take a stopped group out of service.", []param{byGroup}, always, removeProcessGroup},
	{"startProcess", "Start a process.", []param{byNames, waits}, always, startProcess},
	{"startProcessGroup", "Start the processes of a group that do not run.", []param{byGroup, waits}, each, startProcessGroup},
	{"startAllProcesses", "Start all processes that do not run.", []param{waits}, each, startAllProcesses},
	{"stopProcess", "Stop a process.", []param{byNames, waits}, always, stopProcess},
	{"stopProcessGroup", "Stop the running processes of a group.", []param{byGroup, waits}, each, stopProcessGroup},
	{"stopAllProcesses", "Stop all running processes.", []param{waits}, each, stopAllProcesses},
	{"signalProcess", "Send a signal to a process.", []param{byNames, sends}, param{kind: "boolean", name: "result"}, signalProcess},
	{"signalProcessGroup", "Send a signal to the processes of a group.", []param{byGroup, sends}, each, signalProcessGroup},
	{"signalAllProcesses", "Send a signal to all processes.", []param{sends}, each, signalAllProcesses},
	{"getAllConfigInfo", "The configuration as last read, one struct per process.", nil, param{kind: "array", name: "result"}, allConfigInfo},
	{"getProcessInfo", "What is known about a process.", []param{byName}, param{kind: "struct", name: "result"}, processInfo},
	{"getAllProcessInfo", "What is known about all processes, by group and name.", nil, param{kind: "array", name: "result"}, allProcessInfo},
	{"readProcessStdoutLog", "Read a process's stdout log.", []param{byName, from, upTo}, text1, readStdout},
	{"readProcessLog", "Old name of readProcessStdoutLog.", []param{byName, from, upTo}, text1, readStdout},
	{"readProcessStderrLog", "Read a process's stderr log.", []param{byName, from, upTo}, text1, readStderr},
	{"tailProcessStdoutLog", "Read the end of a process's stdout log: the last bytes when more than length came since offset.",
		[]param{byName, from, atMost}, tailed, tailStdout},
	{"tailProcessLog", "Old name of tailProcessStdoutLog.", []param{byName, from, atMost}, tailed, tailStdout},
	{"tailProcessStderrLog", "Read the end of a process's stderr log, as tailProcessStdoutLog does.",
		[]param{byName, from, atMost}, tailed, tailStderr},
	{"clearProcessLogs", "Empty a process's logs.", []param{byName}, always, clearProcessLogs},
	{"clearProcessLog", "Old name of clearProcessLogs.", []param{byName}, always, clearProcessLogs},
	{"clearAllProcessLogs", "Empty the logs of all processes.", nil, each, clearAllProcessLogs},
	{"sendProcessStdin", "Send text to a process's stdin, as UTF-8.", []param{byName, {kind: "string", name: "chars", about: "the text"}}, always, sendStdin},
	{"sendRemoteCommEvent", "Publish an event that listeners of REMOTE_COMMUNICATION receive.",
		[]param{{kind: "string", name: "type", about: "goes into the event's type"}, {kind: "string", name: "data", about: "the event's body"}}, always, remoteEvent},
}

// done answers true when nothing went wrong.
func done(err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return true, nil
}

// either answers a request whose name may have meant a whole group (RPC-024).
func either(list []service.Result, whole bool, err error) (any, error) {
	if whole {
		return rows(list, err)
	}
	return done(err)
}

func apiVersion(c *call) (any, error) { return service.APIVersion, c.f.s.Up(c.ctx) }

func supervisorVersion(c *call) (any, error) { return service.Version, c.f.s.Up(c.ctx) }

func identification(c *call) (any, error) { return c.f.s.Identification(c.ctx) }

func state(c *call) (any, error) {
	code, name, err := c.f.s.State(c.ctx)
	return stateValue{code, name}, err
}

func pid(c *call) (any, error) { return c.f.s.PID(c.ctx) }

func readLog(c *call) (any, error) {
	offset, length := c.number(0), c.number(1)
	if c.err != nil {
		return nil, c.err
	}
	return c.f.s.ReadLog(c.ctx, offset, length)
}

func clearLog(c *call) (any, error) { return done(c.f.s.ClearLog(c.ctx)) }
func shutdown(c *call) (any, error) { return done(c.f.s.Shutdown(c.ctx)) }
func restart(c *call) (any, error)  { return done(c.f.s.Restart(c.ctx)) }

func reloadConfig(c *call) (any, error) {
	added, changed, removed, err := c.f.s.Reload(c.ctx)
	return []any{[]any{added, changed, removed}}, err
}

func addProcessGroup(c *call) (any, error) {
	name := c.key(0)
	if c.err != nil {
		return nil, c.err
	}
	return done(c.f.s.AddGroup(c.ctx, name))
}

func removeProcessGroup(c *call) (any, error) {
	name := c.key(0)
	if c.err != nil {
		return nil, c.err
	}
	return done(c.f.s.RemoveGroup(c.ctx, name))
}

func startProcess(c *call) (any, error) {
	name, wait := c.name(0), c.flag(1)
	if c.err != nil {
		return nil, c.err
	}
	return either(c.f.s.Start(c.waiting(wait), name, wait))
}

func startProcessGroup(c *call) (any, error) {
	group, wait := c.key(0), c.flag(1)
	if c.err != nil {
		return nil, c.err
	}
	return rows(c.f.s.StartGroup(c.waiting(wait), group, wait))
}

func startAllProcesses(c *call) (any, error) {
	wait := c.flag(0)
	return rows(c.f.s.StartAll(c.waiting(wait), wait))
}

func stopProcess(c *call) (any, error) {
	name, wait := c.name(0), c.flag(1)
	if c.err != nil {
		return nil, c.err
	}
	return either(c.f.s.Stop(c.waiting(wait), name, wait))
}

func stopProcessGroup(c *call) (any, error) {
	group, wait := c.key(0), c.flag(1)
	if c.err != nil {
		return nil, c.err
	}
	return rows(c.f.s.StopGroup(c.waiting(wait), group, wait))
}

func stopAllProcesses(c *call) (any, error) {
	wait := c.flag(0)
	return rows(c.f.s.StopAll(c.waiting(wait), wait))
}

func signalProcess(c *call) (any, error) {
	name := c.name(0)
	if c.err != nil {
		return nil, c.err
	}
	sig := c.signal(1)
	if c.err != nil {
		return nil, c.err
	}
	return either(c.f.s.Signal(c.ctx, name, sig))
}

func signalProcessGroup(c *call) (any, error) {
	group, sig := c.key(0), c.signal(1)
	if c.err != nil {
		return nil, c.err
	}
	return rows(c.f.s.SignalGroup(c.ctx, group, sig))
}

func signalAllProcesses(c *call) (any, error) {
	sig := c.signal(0)
	if c.err != nil {
		return nil, c.err
	}
	return rows(c.f.s.SignalAll(c.ctx, sig))
}

func sendStdin(c *call) (any, error) {
	chars, ok := c.arg(1).(string)
	if !ok {
		if err := c.f.s.Up(c.ctx); err != nil {
			return nil, err
		}
		return nil, fault.About(fault.IncorrectParameters, text(c.arg(1)))
	}
	name := c.name(0)
	if c.err != nil {
		return nil, c.err
	}
	return done(c.f.s.Write(c.ctx, name, []byte(chars)))
}

func remoteEvent(c *call) (any, error) {
	return done(c.f.s.RemoteEvent(c.ctx, text(c.arg(0)), []byte(text(c.arg(1)))))
}
