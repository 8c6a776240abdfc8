package rpc2

import (
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// stateValue is the struct of getState.
type stateValue struct {
	code int
	name string
}

func (v stateValue) AppendXMLRPC(dst []byte) []byte {
	dst = xmlrpc.AppendStructHead(dst)
	dst = xmlrpc.AppendIntMember(dst, "statecode", int64(v.code))
	dst = xmlrpc.AppendStringMember(dst, "statename", v.name)
	return xmlrpc.AppendStructTail(dst)
}

// resultValue is one struct of a request for several processes (RPC-025).
type resultValue service.Result

func (v resultValue) AppendXMLRPC(dst []byte) []byte {
	dst = xmlrpc.AppendStructHead(dst)
	dst = xmlrpc.AppendStringMember(dst, "name", v.Name)
	dst = xmlrpc.AppendStringMember(dst, "group", v.Group)
	dst = xmlrpc.AppendIntMember(dst, "status", int64(v.Status))
	dst = xmlrpc.AppendStringMember(dst, "description", v.Description)
	return xmlrpc.AppendStructTail(dst)
}

// rows are the structs of a request for several.
func rows(list []service.Result, err error) (any, error) {
	return rowValues(list), err
}

type rowValues []service.Result

func (v rowValues) AppendXMLRPC(dst []byte) []byte {
	dst = xmlrpc.AppendArrayHead(dst)
	for _, r := range v {
		dst = resultValue(r).AppendXMLRPC(dst)
	}
	return xmlrpc.AppendArrayTail(dst)
}

// infoValue is the struct of getProcessInfo, members in Supervisor's order (RPC-031).
type infoValue service.Info

// infoKeys are its members' names, spelled once: lists of processes are what monitors ask for all day.
var infoKeys = struct {
	name, group, start, stop, now, state, statename, spawnerr, exitstatus, logfile, stdout, stderr, pid, description xmlrpc.Key
}{
	name: xmlrpc.NewKey("name"), group: xmlrpc.NewKey("group"), start: xmlrpc.NewKey("start"),
	stop: xmlrpc.NewKey("stop"), now: xmlrpc.NewKey("now"), state: xmlrpc.NewKey("state"),
	statename: xmlrpc.NewKey("statename"), spawnerr: xmlrpc.NewKey("spawnerr"),
	exitstatus: xmlrpc.NewKey("exitstatus"), logfile: xmlrpc.NewKey("logfile"),
	stdout: xmlrpc.NewKey("stdout_logfile"), stderr: xmlrpc.NewKey("stderr_logfile"), pid: xmlrpc.NewKey("pid"),
	description: xmlrpc.NewKey("description"),
}

// AppendXMLRPC writes the struct.
func (v *infoValue) AppendXMLRPC(dst []byte) []byte {
	k := &infoKeys
	dst = xmlrpc.AppendStructHead(dst)
	dst = k.name.AppendString(dst, v.Name)
	dst = k.group.AppendString(dst, v.Group)
	dst = k.start.AppendInt(dst, int64(v.Start))
	dst = k.stop.AppendInt(dst, int64(v.Stop))
	dst = k.now.AppendInt(dst, int64(v.Now))
	dst = k.state.AppendInt(dst, int64(v.Phase.Code()))
	dst = k.statename.AppendString(dst, v.Phase.String())
	dst = k.spawnerr.AppendString(dst, v.SpawnErr)
	dst = k.exitstatus.AppendInt(dst, int64(v.Exit))
	dst = k.logfile.AppendString(dst, v.Stdout)
	dst = k.stdout.AppendString(dst, v.Stdout)
	dst = k.stderr.AppendString(dst, v.Stderr)
	dst = k.pid.AppendInt(dst, int64(v.Pid))
	dst = k.description.AppendString(dst, v.Description)
	return xmlrpc.AppendStructTail(dst)
}

func processInfo(c *call) (any, error) {
	name := c.name(0)
	if c.err != nil {
		return nil, c.err
	}
	info, err := c.f.s.ProcessInfo(c.ctx, name)
	v := infoValue(info)
	return &v, err
}

func allProcessInfo(c *call) (any, error) {
	list, err := c.f.s.AllProcessInfo(c.ctx)
	return infoValues(list), err
}

type infoValues []service.Info

func (v infoValues) AppendXMLRPC(dst []byte) []byte {
	dst = xmlrpc.AppendArrayHead(dst)
	for i := range v {
		dst = (*infoValue)(&v[i]).AppendXMLRPC(dst)
	}
	return xmlrpc.AppendArrayTail(dst)
}

// programValue is one struct of getAllConfigInfo (RPC-036), with 4.4's autorestart (VER-002).
type programValue service.Program

func (v programValue) AppendXMLRPC(dst []byte) []byte {
	p := v.Conf
	codes := make([]any, len(p.Exitcodes))
	for i, c := range p.Exitcodes {
		codes[i] = c
	}
	dst = xmlrpc.AppendStructHead(dst)
	dst = xmlrpc.AppendBoolMember(dst, "autostart", p.Autostart)
	dst = xmlrpc.AppendMember(dst, "autorestart", autorestart(p.Autorestart))
	dst = xmlrpc.AppendMember(dst, "directory", orNone(p.Directory))
	dst = xmlrpc.AppendMember(dst, "uid", numberOrNone(p.UID))
	dst = xmlrpc.AppendStringMember(dst, "command", p.Command)
	dst = xmlrpc.AppendMember(dst, "exitcodes", codes)
	dst = xmlrpc.AppendStringMember(dst, "group", v.Group)
	dst = xmlrpc.AppendIntMember(dst, "group_prio", int64(v.GroupPriority))
	dst = xmlrpc.AppendBoolMember(dst, "inuse", v.InUse)
	dst = xmlrpc.AppendBoolMember(dst, "killasgroup", p.Killasgroup)
	dst = xmlrpc.AppendStringMember(dst, "name", p.Name)
	dst = xmlrpc.AppendIntMember(dst, "process_prio", int64(p.Priority))
	dst = xmlrpc.AppendBoolMember(dst, "redirect_stderr", p.Redirect)
	dst = xmlrpc.AppendIntMember(dst, "startretries", int64(p.Startretries))
	dst = xmlrpc.AppendIntMember(dst, "startsecs", int64(p.Startsecs))
	dst = appendChannel(dst, "stdout", &p.Stdout)
	dst = xmlrpc.AppendIntMember(dst, "stopsignal", int64(p.Stopsignal))
	dst = xmlrpc.AppendIntMember(dst, "stopwaitsecs", int64(p.Stopwaitsecs))
	dst = appendChannel(dst, "stderr", &p.Stderr)
	dst = xmlrpc.AppendMember(dst, "serverurl", orNone(p.ServerURL))
	return xmlrpc.AppendStructTail(dst)
}

func appendChannel(dst []byte, name string, ch *config.Channel) []byte {
	dst = xmlrpc.AppendIntMember(dst, name+"_capture_maxbytes", ch.CaptureMaxbytes)
	dst = xmlrpc.AppendBoolMember(dst, name+"_events_enabled", ch.EventsEnabled)
	dst = xmlrpc.AppendStringMember(dst, name+"_logfile", logName(ch.Log))
	dst = xmlrpc.AppendIntMember(dst, name+"_logfile_backups", int64(ch.LogfileBackups))
	dst = xmlrpc.AppendIntMember(dst, name+"_logfile_maxbytes", ch.LogfileMaxbytes)
	return xmlrpc.AppendBoolMember(dst, name+"_syslog", ch.Syslog)
}

func logName(l config.Log) string {
	switch {
	case l.Path != "":
		return l.Path
	case l.Kind == config.LogAuto:
		return "auto"
	}
	return "none"
}

// orNone and numberOrNone spell what is not set as the string that clients know.
func orNone(s string) any {
	if s == "" {
		return "none"
	}
	return s
}

func numberOrNone(n int) any {
	if n < 0 {
		return "none"
	}
	return n
}

func autorestart(a config.Autorestart) any {
	switch a {
	case config.RestartAlways:
		return true
	case config.RestartNever:
		return false
	}
	return "unexpected"
}

func allConfigInfo(c *call) (any, error) {
	list, err := c.f.s.Programs(c.ctx)
	out := make([]any, len(list))
	for i := range list {
		out[i] = programValue(list[i])
	}
	return out, err
}
