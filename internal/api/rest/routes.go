package rest

import (
	"strings"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/fault"
)

// route is one row of the table.
type route struct {
	method, path string // {name} in the path stands for one segment
	id           string // operationId
	tag          string // where the documentation puts it
	about        string // one sentence, for people
	params       []param
	body         func() any // a new zero value of what the body holds; nil for none
	needsBody    bool
	answer       any          // a zero value of what is answered
	status       []int        // further statuses of the same answer
	open         bool         // answered without credentials
	media        string       // when the answer is no JSON, its type
	may          []fault.Kind // refusals that are to be reckoned with, beside those of every route
	do           func(*ask) (any, error)
}

// param is one parameter of the query.
type param struct {
	name  string
	kind  kind
	enum  []string
	about string
}

type kind string

const (
	plain   kind = "string"
	integer kind = "integer"
	boolean kind = "boolean"
	list    kind = "array" // of strings; several times, or with commas
)

// matches compares a path with the route's, and gives what stands for {name}.
func (rt *route) matches(path string) (name string, ok bool) {
	head, tail, variable := strings.Cut(rt.path, "{name}")
	if !variable {
		return "", path == rt.path
	}
	rest, ok := strings.CutPrefix(path, head)
	if !ok {
		return "", false
	}
	name, ok = strings.CutSuffix(rest, tail)
	return name, ok && name != "" && !strings.Contains(name, "/")
}

// of makes the body of a route.
func of[T any]() func() any { return func() any { return new(T) } }

// Refusals that belong together.
var (
	whoMayBeMissing = []fault.Kind{fault.BadName}
	mayNotStart     = []fault.Kind{fault.BadName, fault.NoFile, fault.NotExecutable, fault.AlreadyStarted, fault.SpawnError, fault.AbnormalTermination, fault.Failed}
	mayNotStop      = []fault.Kind{fault.BadName, fault.NotRunning, fault.Failed}
	mayNotSignal    = []fault.Kind{fault.BadName, fault.BadSignal, fault.NotRunning}
)

// routes is the table.
var routes = join(healthRoutes, daemonRoutes, processRoutes, groupRoutes, allRoutes, configRoutes, eventRoutes, callRoutes)

func join(lists ...[]route) []route {
	var out []route
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

const (
	top       = "/api/v1"
	aProcess  = top + "/processes/{name}"
	aGroup    = top + "/groups/{name}"
	everybody = top + "/all"
)

// Health and Readiness are the paths of the routes that are open to everybody.
const (
	Health    = "/healthz"
	Readiness = "/readyz"
)

var healthRoutes = []route{
	{method: "GET", path: Health, id: "healthz", tag: "health", open: true, status: []int{503},
		about:  "Whether supervisord lives: 200 while it does, on its way down too, and 503 when it does not get on. Nobody needs credentials.",
		answer: client.Health{}, do: healthz},
	{method: "GET", path: Readiness, id: "readyz", tag: "health", open: true, status: []int{503},
		about: "Whether the programs are ready: 200 when all are, else 503. Without parameters those are waited for that start by themselves and that no operator has stopped. " +
			"A process is ready when it is RUNNING, or has EXITED with a code that its configuration expects. One that is named is not ready when it is stopped, by whomever. Nobody needs credentials; only names and states are told.",
		params: []param{
			{name: "program", kind: list, about: `only these: "process", "group:process" or "group:*"; a name that is nobody's is refused`},
			{name: "group", kind: list, about: "only the processes of these groups"},
		},
		may: whoMayBeMissing, answer: client.Ready{}, do: readyz},
}

var daemonRoutes = []route{
	{method: "GET", path: top + "/openapi.json", id: "openapi", tag: "daemon", about: "This document.", answer: map[string]any{},
		do: func(*ask) (any, error) { return jsonText(200, document), nil }},
	{method: "GET", path: top + "/daemon", id: "daemon", tag: "daemon", about: "What supervisord is and how it is.", answer: client.Daemon{}, do: daemon},
	{method: "POST", path: top + "/daemon/shutdown", id: "shutdown", tag: "daemon",
		about: "Stop every process and then supervisord. The answer comes before that is done.", answer: client.Done{}, do: shutdown},
	{method: "POST", path: top + "/daemon/restart", id: "restartDaemon", tag: "daemon",
		about: "Stop every process, read the configuration again and start. The answer comes before that is done; a configuration that cannot be read is refused, and nothing stops.",
		may:   []fault.Kind{fault.CantReread}, answer: client.Done{}, do: restartDaemon},
	{method: "GET", path: top + "/daemon/log", id: "mainLog", tag: "daemon", about: "Part of supervisord's own log.",
		params: logParams, may: []fault.Kind{fault.NoFile, fault.BadArguments}, answer: client.Log{}, do: mainLog},
	{method: "POST", path: top + "/daemon/log/clear", id: "clearMainLog", tag: "daemon", about: "Empty supervisord's own log.", answer: client.Done{}, do: clearMainLog},
}

var processRoutes = []route{
	{method: "GET", path: top + "/processes", id: "processes", tag: "processes", about: "All processes, by group and name.",
		params: []param{
			{name: "name", kind: list, about: `only these: "process", "group:process" or "group:*"; a name that is nobody's is refused`},
			{name: "state", kind: list, about: "only those in one of these states"},
			{name: "all", kind: boolean, about: "true adds the processes of executable extensions, which are left out otherwise"},
		},
		may: whoMayBeMissing, answer: []client.Process{}, do: processes},
	{method: "GET", path: aProcess, id: "process", tag: "processes", about: "One process.", may: whoMayBeMissing, answer: client.Process{}, do: process},
	{method: "GET", path: aProcess + "/log", id: "processLog", tag: "processes", about: "Part of a log of a process. What was rotated away is not looked at.",
		params: append([]param{{name: "stream", kind: plain, enum: []string{"stdout", "stderr"}, about: "which output; stdout without it"}}, logParams...),
		may:    []fault.Kind{fault.BadName, fault.NoFile, fault.BadArguments}, answer: client.Log{}, do: processLog},
	{method: "GET", path: aProcess + "/config", id: "processConfig", tag: "processes", about: "The configuration that a process runs with, which may be older than that last read.",
		may: whoMayBeMissing, answer: client.Config{}, do: ofProcess},
	{method: "POST", path: aProcess + "/start", id: "startProcess", tag: "processes", about: "Start a process; group:* starts those of a group that do not run.",
		body: of[waitBody](), may: mayNotStart, answer: client.Results{}, do: oneStart},
	{method: "POST", path: aProcess + "/stop", id: "stopProcess", tag: "processes", about: "Stop a process; group:* stops those of a group that run.",
		body: of[waitBody](), may: mayNotStop, answer: client.Results{}, do: oneStop},
	{method: "POST", path: aProcess + "/restart", id: "restartProcess", tag: "processes",
		about: "Stop a process if it runs, and start it; group:* does so with a group. One whose command cannot be run is refused before it is stopped.",
		body:  of[waitBody](), may: mayNotStart, answer: client.Results{}, do: oneRestart},
	{method: "POST", path: aProcess + "/signal", id: "signalProcess", tag: "processes", about: "Send a signal to a process, or with group:* to those of a group that are alive.",
		body: of[signalBody](), needsBody: true, may: mayNotSignal, answer: client.Results{}, do: oneSignal},
	{method: "POST", path: aProcess + "/clear", id: "clearProcess", tag: "processes", about: "Empty the logs of a process. Those of one that is not alive stay as they are.",
		may: []fault.Kind{fault.BadName, fault.Failed}, answer: client.Results{}, do: oneClear},
	{method: "POST", path: aProcess + "/stdin", id: "writeProcess", tag: "processes", about: "Send text or bytes to the stdin of a process.",
		body: of[stdinBody](), needsBody: true, may: []fault.Kind{fault.BadName, fault.NotRunning, fault.NoFile}, answer: client.Results{}, do: oneWrite},
}

var groupRoutes = []route{
	{method: "GET", path: top + "/groups", id: "groups", tag: "groups", about: "The active groups with their processes.", answer: []client.Group{}, do: groups},
	{method: "GET", path: aGroup, id: "group", tag: "groups", about: "One active group.", may: whoMayBeMissing, answer: client.Group{}, do: group},
	{method: "POST", path: aGroup + "/start", id: "startGroup", tag: "groups", about: "Start the processes of a group that do not run.",
		body: of[waitBody](), may: whoMayBeMissing, answer: client.Results{}, do: groupStart},
	{method: "POST", path: aGroup + "/stop", id: "stopGroup", tag: "groups", about: "Stop the processes of a group that run.",
		body: of[waitBody](), may: whoMayBeMissing, answer: client.Results{}, do: groupStop},
	{method: "POST", path: aGroup + "/restart", id: "restartGroup", tag: "groups", about: "Stop the processes of a group that run, then start the group. The results are those of the start.",
		body: of[waitBody](), may: whoMayBeMissing, answer: client.Results{}, do: groupRestart},
	{method: "POST", path: aGroup + "/signal", id: "signalGroup", tag: "groups", about: "Send a signal to the processes of a group that are alive.",
		body: of[signalBody](), needsBody: true, may: whoMayBeMissing, answer: client.Results{}, do: groupSignal},
	{method: "POST", path: aGroup + "/clear", id: "clearGroup", tag: "groups", about: "Empty the logs of the processes of a group that are alive.",
		may: whoMayBeMissing, answer: client.Results{}, do: groupClear},
	{method: "POST", path: aGroup + "/stdin", id: "writeGroup", tag: "groups", about: "Send text or bytes to the stdin of the processes of a group that are alive.",
		body: of[stdinBody](), needsBody: true, may: whoMayBeMissing, answer: client.Results{}, do: groupWrite},
	{method: "POST", path: aGroup + "/add", id: "addGroup", tag: "groups", about: "Activate a group of the configuration as last read.",
		may: []fault.Kind{fault.BadName, fault.AlreadyAdded, fault.Failed}, answer: client.Done{}, do: addGroup},
	{method: "POST", path: aGroup + "/remove", id: "removeGroup", tag: "groups", about: "Take a stopped group out of service.",
		may: []fault.Kind{fault.BadName, fault.StillRunning, fault.Failed}, answer: client.Done{}, do: removeGroup},
}

var allRoutes = []route{
	{method: "POST", path: everybody + "/start", id: "startAll", tag: "all", about: "Start all processes that do not run.",
		body: of[waitBody](), answer: client.Results{}, do: allStart},
	{method: "POST", path: everybody + "/stop", id: "stopAll", tag: "all", about: "Stop all processes that run.",
		body: of[waitBody](), answer: client.Results{}, do: allStop},
	{method: "POST", path: everybody + "/restart", id: "restartAll", tag: "all", about: "Stop all processes that run, then start all. The results are those of the start.",
		body: of[waitBody](), answer: client.Results{}, do: allRestart},
	{method: "POST", path: everybody + "/signal", id: "signalAll", tag: "all", about: "Send a signal to all processes that are alive.",
		body: of[signalBody](), needsBody: true, answer: client.Results{}, do: allSignal},
	{method: "POST", path: everybody + "/clear", id: "clearAll", tag: "all", about: "Empty the logs of all processes that are alive.", answer: client.Results{}, do: allClear},
	{method: "POST", path: everybody + "/stdin", id: "writeAll", tag: "all", about: "Send text or bytes to the stdin of all processes that are alive.",
		body: of[stdinBody](), needsBody: true, answer: client.Results{}, do: allWrite},
}

var configRoutes = []route{
	{method: "GET", path: top + "/config", id: "config", tag: "config", about: "Every configured process as last read, by name.", answer: []client.Config{}, do: programs},
	{method: "GET", path: top + "/config/changes", id: "changes", tag: "config",
		about: "What an update would change: the files are read, and nothing is taken over.", may: []fault.Kind{fault.CantReread}, answer: client.Plan{}, do: changes},
	{method: "POST", path: top + "/config/reread", id: "reread", tag: "config",
		about: "Read the configuration again and tell which groups differ. Nothing is started or stopped.", may: []fault.Kind{fault.CantReread}, answer: client.Changes{}, do: reread},
	{method: "POST", path: top + "/config/update", id: "update", tag: "config",
		about: "Read the configuration again and make what is active what it says: remove, exchange and add groups, in that order. What was begun goes on if the client hangs up.",
		body:  of[groupsBody](), may: []fault.Kind{fault.CantReread, fault.BadName}, answer: client.Updates{}, do: updateGroups},
}

var eventRoutes = []route{
	{method: "GET", path: top + "/events", id: "events", tag: "events",
		about: "What happens, as server-sent events whose data is an Event. The header Last-Event-ID does what after does.",
		params: []param{
			{name: "type", kind: list, about: "types and families of events; without it everything but PROCESS_LOG and TICK"},
			{name: "program", kind: list, about: `only those of these: "process", "group:process" or "group:*"`},
			{name: "after", kind: integer, about: "begin with what is remembered and has a greater id"},
			{name: "follow", kind: boolean, about: "false ends with what is remembered; the default goes on until the client hangs up"},
		},
		media: "text/event-stream", answer: client.Event{}, do: follow},
	{method: "POST", path: top + "/events", id: "tellEvent", tag: "events", about: "Publish a REMOTE_COMMUNICATION event.",
		body: of[eventBody](), needsBody: true, answer: client.Done{}, do: tellEvent},
}

var callRoutes = []route{
	{method: "GET", path: top + "/methods", id: "methods", tag: "call", about: "Every method that can be called, those of extensions too.", answer: []client.Method{}, do: methods},
	{method: "POST", path: top + "/call", id: "call", tag: "call", about: "Call any method of any namespace by its name, as XML-RPC does.",
		body: of[client.CallRequest](), needsBody: true, may: []fault.Kind{fault.UnknownMethod}, answer: client.CallResponse{}, do: call},
}
