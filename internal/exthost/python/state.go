package python

import (
	"encoding/json"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
)

// seen is what an interpreter has been told of the fleet.
type seen struct {
	begun  bool
	view   *loop.View
	conf   *config.Config
	mood   fleet.Mood
	active []*config.Group
	told   map[fleet.ID]loop.Process
}

// delta is what has changed, as a JSON object; nil for nothing. Whoever asks for it sends it.
func (s *seen) delta(view *loop.View, conf *config.Config) []byte {
	if s.begun && view == s.view && conf == s.conf {
		return nil
	}
	d := map[string]any{}
	if !s.begun || view.Mood != s.mood {
		d["mood"] = moodCode(view.Mood)
	}
	s.groups(d, view)
	if s.conf != conf {
		parsed := make([]any, len(conf.Groups))
		for i := range conf.Groups {
			parsed[i] = groupFields(&conf.Groups[i])
		}
		d["parsed"] = parsed
	}
	s.processes(d, view)
	s.begun, s.view, s.conf, s.mood = true, view, conf, view.Mood
	if len(d) == 0 {
		return nil
	}
	text, _ := json.Marshal(d) // nothing in it can fail
	return text
}

// groups adds what groups there are, when that has changed, and those of them that are new or have other processes.
func (s *seen) groups(d map[string]any, view *loop.View) {
	active := view.Active()
	known := map[*config.Group]bool{}
	for _, g := range s.active {
		known[g] = true
	}
	var order []string
	changed := []any{}
	same := s.begun && len(active) == len(s.active)
	for i, g := range active {
		order = append(order, g.Name)
		same = same && s.active[i] == g
		if !known[g] {
			changed = append(changed, groupFields(g))
		}
	}
	if !same {
		d["groups"], d["order"] = changed, order
		if order == nil {
			d["order"] = []string{}
		}
		s.active = append([]*config.Group(nil), active...)
	}
}

// processes adds the fields of each process about which something has changed.
func (s *seen) processes(d map[string]any, view *loop.View) {
	var changed []any
	told := make(map[fleet.ID]loop.Process, len(view.Processes))
	for i := range view.Processes {
		p := &view.Processes[i]
		told[p.ID] = *p
		if was, known := s.told[p.ID]; known && was == *p {
			continue
		}
		changed = append(changed, []any{p.Group, p.Conf.Name, processFields(p)})
	}
	s.told = told
	if changed != nil {
		d["processes"] = changed
	}
}

// moodCode is Supervisor's number.
func moodCode(m fleet.Mood) int {
	switch m {
	case fleet.Restarting:
		return 0
	case fleet.Running:
		return 1
	}
	return -1
}

func processFields(p *loop.Process) map[string]any {
	f := map[string]any{
		"state": p.Phase.Code(), "pid": p.Pid, "laststart": seconds(p.Started), "laststop": seconds(p.Stopped),
		"killing": p.Phase == proc.Stopping, "spawnerr": nil, "exitstatus": nil, "backoff": p.Failures,
		"administrative_stop": !p.Started.IsZero() && (p.Phase == proc.Stopping || p.Phase == proc.Stopped),
		"system_stop":         p.Phase == proc.Fatal,
	}
	if p.SpawnErr != "" {
		f["spawnerr"] = p.SpawnErr
	}
	if p.End.Ended {
		f["exitstatus"] = p.Exit
	}
	return f
}

// seconds is a moment as Python counts; 0 for never.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMicro()) / 1e6
}

var kinds = map[config.Kind]string{config.Program: "group", config.Listener: "eventlistener", config.FastCGI: "fcgi"}

func groupFields(g *config.Group) map[string]any {
	configs := make([]any, len(g.Processes))
	for i := range g.Processes {
		configs[i] = configFields(&g.Processes[i])
	}
	return map[string]any{
		"name": g.Name, "kind": kinds[g.Kind], "priority": g.Priority, "configs": configs, "buffer_size": g.BufferSize,
	}
}

// configFields are a process's configuration under the names of Supervisor's ProcessConfig.
func configFields(p *config.Process) map[string]any {
	codes := p.Exitcodes
	if codes == nil {
		codes = []int{}
	}
	f := map[string]any{
		"name": p.Name, "command": p.Command, "directory": orNull(p.Directory), "uid": notBelow0(p.UID), "umask": notBelow0(p.Umask),
		"priority": p.Priority, "autostart": p.Autostart, "autorestart": autorestart(p.Autorestart), "startsecs": p.Startsecs,
		"startretries": p.Startretries, "stopsignal": p.Stopsignal, "stopwaitsecs": p.Stopwaitsecs, "stopasgroup": p.Stopasgroup,
		"killasgroup": p.Killasgroup, "exitcodes": codes, "redirect_stderr": p.Redirect, "environment": environment(p.Environment),
		"serverurl": orNull(p.ServerURL),
	}
	for name, ch := range map[string]*config.Channel{"stdout": &p.Stdout, "stderr": &p.Stderr} {
		f[name+"_logfile"] = logfile(ch.Log)
		f[name+"_capture_maxbytes"], f[name+"_events_enabled"], f[name+"_syslog"] = ch.CaptureMaxbytes, ch.EventsEnabled, ch.Syslog
		f[name+"_logfile_backups"], f[name+"_logfile_maxbytes"] = ch.LogfileBackups, ch.LogfileMaxbytes
	}
	return f
}

// environment is an object with its names in their order, which a map would lose.
func environment(vars []config.Var) json.RawMessage {
	text := []byte{'{'}
	for i, v := range vars {
		text = appendString(append(appendString(comma(text, i), v.Name), ':'), v.Value)
	}
	return append(text, '}')
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func notBelow0(n int) any {
	if n < 0 {
		return nil
	}
	return n
}

// logfile is a path, null for none, and true for a log that has no name yet.
func logfile(l config.Log) any {
	switch {
	case l.Path != "":
		return l.Path
	case l.Kind == config.LogAuto:
		return true
	}
	return nil
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
