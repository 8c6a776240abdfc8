package config_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// oracle is one Python process with Debian's Supervisor in it, which answers for all tests of this package.
type oracle struct {
	mu  sync.Mutex
	in  io.Writer
	out *bufio.Reader
}

type question map[string]any

// reply is what the oracle answers: a value, or the text of an error.
type reply struct {
	Value json.RawMessage
	Error *string
}

var theOracle = sync.OnceValues(func() (*oracle, string) {
	const python = "/usr/bin/python3"
	if _, err := os.Stat("/usr/bin/supervisord"); err != nil {
		return nil, "Debian's Supervisor is not installed: " + err.Error()
	}
	cmd := exec.Command(python, "-X", "utf8", "testdata/oracle.py")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err.Error()
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err.Error()
	}
	if err := cmd.Start(); err != nil {
		return nil, "python3 does not start: " + err.Error()
	}
	return &oracle{in: in, out: bufio.NewReaderSize(out, 1<<20)}, ""
})

// askOracle skips the test when there is no Supervisor here. The process ends with the test binary, whose end closes
// its standard input.
func askOracle(t testing.TB) *oracle {
	t.Helper()
	o, why := theOracle()
	if o == nil {
		t.Skip(why)
	}
	return o
}

func (o *oracle) ask(t testing.TB, q question) reply {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	var line bytes.Buffer
	if err := json.NewEncoder(&line).Encode(q); err != nil {
		t.Fatal(err)
	}
	if _, err := o.in.Write(line.Bytes()); err != nil {
		t.Fatalf("the oracle is gone: %v", err)
	}
	text, err := o.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the oracle gave up on %v: %v", q, err)
	}
	var r reply
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// difference compares our answer with the oracle's; empty when they agree. known turns their text into ours where the
// two are meant to differ.
func difference(theirs reply, ours any, err error) string {
	switch {
	case theirs.Error != nil && err == nil:
		return "theirs: " + *theirs.Error + "\nours: accepted"
	case theirs.Error == nil && err != nil:
		return "theirs: accepted\nours: " + err.Error()
	case err != nil:
		if !sameText(*theirs.Error, err.Error()) {
			return "theirs: " + *theirs.Error + "\nours:   " + err.Error()
		}
		return ""
	}
	var a, b any
	text, _ := json.Marshal(ours)
	_ = json.Unmarshal(theirs.Value, &a)
	_ = json.Unmarshal(text, &b)
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return "theirs: " + string(theirs.Value) + "\nours:   " + string(text)
}

// sameText lets our text say why a plug-in cannot be resolved, which 4.2.5 does not (VER-005).
func sameText(theirs, ours string) bool {
	if strings.Contains(theirs, " cannot be resolved within [") {
		return strings.HasPrefix(ours, theirs+": ")
	}
	return theirs == ours
}

type object = map[string]any

func orNull[T comparable](v, none T) any {
	if v == none {
		return nil
	}
	return v
}

// shape is a Config in the form in which the oracle dumps its own.
func shape(w config.World, c *config.Config) object {
	d := c.Daemon
	env := [][]string{}
	for _, v := range d.Environment {
		env = append(env, []string{v.Name, v.Value})
	}
	servers, plugins, groups := []any{}, []any{}, []any{}
	for _, s := range c.Servers {
		servers = append(servers, shapeServer(s))
	}
	for _, p := range c.Plugins {
		plugins = append(plugins, shapePlugin(p))
	}
	for _, g := range c.Groups {
		groups = append(groups, shapeGroup(g))
	}
	logfile := d.Logfile
	if logfile != "syslog" {
		logfile = w.Abs(logfile)
	}
	return object{
		"daemon": object{
			"minfds": d.Minfds, "minprocs": d.Minprocs, "directory": orNull(d.Directory, ""),
			"user": orNull(d.User, ""), "umask": d.Umask, "logfile_maxbytes": d.LogfileMaxbytes,
			"logfile_backups": d.LogfileBackups, "loglevel": d.Loglevel, "identifier": d.Identifier,
			"nodaemon": d.Nodaemon, "silent": d.Silent, "childlogdir": d.Childlogdir, "nocleanup": d.Nocleanup,
			"strip_ansi": d.StripANSI, "logfile": logfile, "pidfile": w.Abs(d.Pidfile), "environment": env,
			"uid": orNull(d.UID, -1), "gid": orNull(d.GID, -1),
		},
		"servers": servers, "plugins": plugins, "groups": groups,
		"warnings": append([]string{}, known(c.Warnings)...), "infos": append([]string{}, c.Infos...),
	}
}

// known leaves out the warnings that Supervisor does not give.
func known(warnings []string) []string {
	var theirs []string
	for _, w := range warnings {
		if !strings.HasPrefix(w, "Unknown ") {
			theirs = append(theirs, w)
		}
	}
	return theirs
}

func shapePlugin(p config.Plugin) []any {
	options := [][]string{}
	for _, v := range p.Options {
		options = append(options, []string{v.Name, v.Value})
	}
	return []any{p.Name, options}
}

func shapeServer(s config.Server) object {
	shown := object{"section": s.Section, "host": nil, "port": nil, "file": nil, "chmod": nil, "username": nil,
		"password": nil, "chown": []int{s.UID, s.GID}}
	if s.HasAuth {
		shown["username"], shown["password"] = s.Username, s.Password
	}
	if s.Unix {
		shown["file"], shown["chmod"] = s.Path, s.Chmod
	} else {
		shown["host"], shown["port"] = s.Host, s.Port
	}
	return shown
}

func shapeGroup(g config.Group) object {
	processes := []any{}
	for _, p := range g.Processes {
		processes = append(processes, shapeProcess(p))
	}
	shown := object{"name": g.Name, "priority": g.Priority, "kind": "program", "processes": processes}
	switch g.Kind {
	case config.Listener:
		shown["kind"], shown["buffer_size"], shown["events"] = "listener", g.BufferSize, g.Events
		shown["result_handler"] = g.ResultHandler
	case config.FastCGI:
		shown["kind"] = "fastcgi"
		shown["socket"] = object{"url": g.Socket.URL, "backlog": g.Socket.Backlog, "mode": orNull(g.Socket.Mode, 0),
			"owner": []int{g.Socket.UID, g.Socket.GID}}
	}
	return shown
}

func shapeProcess(p config.Process) object {
	env := object{}
	for _, v := range p.Environment {
		env[v.Name] = v.Value
	}
	shown := object{
		"name": p.Name, "command": p.Command, "priority": p.Priority, "autostart": p.Autostart,
		"startsecs": p.Startsecs, "startretries": p.Startretries, "stopwaitsecs": p.Stopwaitsecs,
		"stopasgroup": p.Stopasgroup, "killasgroup": p.Killasgroup, "exitcodes": append([]int{}, p.Exitcodes...),
		"redirect_stderr": p.Redirect, "environment": env, "stopsignal": p.Stopsignal, "umask": orNull(p.Umask, -1),
		"uid": orNull(p.UID, -1), "directory": p.Directory, "serverurl": p.ServerURL,
		"autorestart": [...]string{"unexpected", "always", "never"}[p.Autorestart],
	}
	shapeChannel(shown, "stdout", p.Stdout)
	shapeChannel(shown, "stderr", p.Stderr)
	return shown
}

func shapeChannel(shown object, stream string, c config.Channel) {
	var log any
	switch c.Log.Kind {
	case config.LogAuto:
		log = "AUTO"
	case config.LogFile:
		log = c.Log.Path
	}
	shown[stream+"_logfile"] = log
	shown[stream+"_logfile_maxbytes"] = c.LogfileMaxbytes
	shown[stream+"_logfile_backups"] = c.LogfileBackups
	shown[stream+"_capture_maxbytes"] = c.CaptureMaxbytes
	shown[stream+"_events_enabled"] = c.EventsEnabled
	shown[stream+"_syslog"] = c.Syslog
}
