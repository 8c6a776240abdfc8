package config_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
)

var update = flag.Bool("update", false, "rewrite doc/configuration.md")

// otherwise is a value other than the default for every option; two lines where one needs another.
var otherwise = map[string]string{
	"unix_http_server.file": "/tmp/o", "unix_http_server.chmod": "0777", "unix_http_server.chown": "www:www",
	"unix_http_server.username": "u\npassword=p", "unix_http_server.password": "p\nusername=u",
	"inet_http_server.port": "9002", "inet_http_server.username": "u\npassword=p", "inet_http_server.password": "p\nusername=u",
	"supervisord.python": "/usr/bin/python3", "rpcinterface.python": "/usr/bin/python3", "rpcinterface.call_timeout": "5", "supervisord.logfile": "o.log", "supervisord.logfile_maxbytes": "1", "supervisord.logfile_backups": "1", "supervisord.loglevel": "debug",
	"supervisord.pidfile": "o.pid", "supervisord.nodaemon": "true", "supervisord.silent": "true", "supervisord.minfds": "1",
	"supervisord.minprocs": "1", "supervisord.umask": "0", "supervisord.user": "www", "supervisord.identifier": "o",
	"supervisord.directory": "/tmp", "supervisord.nocleanup": "true", "supervisord.childlogdir": "/work", "supervisord.strip_ansi": "true",
	"supervisord.environment": "O=1", "supervisorctl.serverurl": "http://o:1", "supervisorctl.username": "o", "supervisorctl.password": "o",
	"supervisorctl.prompt": "o", "supervisorctl.history_file": "/tmp/o", "include.files": "*.ini", "group.programs": "a", "group.priority": "1",
	"rpcinterface.supervisor.rpcinterface_factory": "o:o", "ctlplugin.supervisor.ctl_factory": "o:o", "ctlplugin.python": "/usr/bin/python3",
	"program.command": "o", "program.process_name": "o", "program.join_group": "other\n[group:other]", "program.numprocs": "2\nprocess_name=%(process_num)s", "program.numprocs_start": "2\nprocess_name=%(process_num)s",
	"program.directory": "/o", "program.umask": "0", "program.priority": "1", "program.autostart": "false", "program.autorestart": "true",
	"program.startsecs": "2", "program.startretries": "1", "program.exitcodes": "1", "program.stopsignal": "INT", "program.stopwaitsecs": "1",
	"program.stopasgroup": "true", "program.killasgroup": "true", "program.user": "www", "program.redirect_stderr": "true",
	"program.stdout_logfile": "o", "program.stdout_logfile_maxbytes": "1", "program.stdout_logfile_backups": "1", "program.stdout_capture_maxbytes": "1",
	"program.stdout_events_enabled": "true", "program.log_format": "json", "program.log_timestamps": "false", "program.stdout_syslog": "true", "program.stderr_logfile": "o", "program.stderr_logfile_maxbytes": "1",
	"program.stderr_logfile_backups": "1", "program.stderr_capture_maxbytes": "1", "program.stderr_events_enabled": "true", "program.stderr_syslog": "true",
	"program.environment": "O=1", "program.serverurl": "http://o", "eventlistener.events": "TICK_5", "eventlistener.buffer_size": "1",
	"eventlistener.result_handler": "o:o", "eventlistener.event_length": "bytes", "eventlistener.protocol_error": "restart", "fcgi-program.socket": "tcp://o:1", "fcgi-program.socket_backlog": "1", "fcgi-program.socket_owner": "www:www",
	"fcgi-program.socket_mode":    "0777",
	"unix_http_server.allow_uids": "www", "unix_http_server.metrics_open": "true", "unix_http_server.max_connections": "1", "unix_http_server.max_header_bytes": "1",
	"unix_http_server.max_body_bytes": "1", "unix_http_server.header_timeout": "1", "unix_http_server.body_timeout": "1",
	"inet_http_server.allowed_hosts": "o", "inet_http_server.metrics_open": "true", "inet_http_server.max_connections": "1", "inet_http_server.max_header_bytes": "1",
	"inet_http_server.max_body_bytes": "1", "inet_http_server.header_timeout": "1", "inet_http_server.body_timeout": "1",
	"inet_http_server.certfile": "/o\nkeyfile=/k", "inet_http_server.keyfile": "/k\ncertfile=/o", "inet_http_server.client_ca": "/c\ncertfile=/o\nkeyfile=/k",
	"user.password": "o", "user.token": "{SHA256}" + strings.Repeat("ab", 32), "user.certificate": "o", "user.uid": "www", "user.role": "admin", "user.groups": "a",
	"supervisorctl.token": "o", "supervisorctl.tls_ca": "/o", "supervisorctl.tls_cert": "/o", "supervisorctl.tls_key": "/o",
}

// complete is what a section of each kind needs so that nothing but the option in question is new.
var complete = map[string]string{
	"unix_http_server": "[unix_http_server]\nfile=/tmp/s\n", "inet_http_server": "[inet_http_server]\nport=1\n", "supervisord": sv,
	"supervisorctl": "[supervisorctl]\n", "rpcinterface": "[rpcinterface:x]\nsupervisor.rpcinterface_factory=a:b\n",
	"ctlplugin": "[ctlplugin:x]\nsupervisor.ctl_factory=a:b\n", "program": "[program:x]\ncommand=x\n", "include": "[include]\nfiles=none\n",
	"user":  "[user:x]\npassword=x\n",
	"group": "[program:a]\ncommand=x\n[group:g]\n", "eventlistener": "[eventlistener:x]\ncommand=x\nevents=EVENT\n",
	"fcgi-program": "[fcgi-program:x]\ncommand=x\nsocket=unix:///tmp/x\n",
}

// holds: CFG-061 CFG-078 CFG-081
func TestEveryOptionOfTheTableIsReadAndSaysItsDefault(t *testing.T) {
	read := func(text string) []any {
		w := fake{files: map[string]string{"/work/s.conf": text, "/work/a.ini": "[program:i]\ncommand=x\n", "/tmp/x": ""}}
		c, err := config.Parse("s.conf", w, config.Overrides{Known: func(string) bool { return true }})
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		if len(c.Warnings) > 0 && strings.HasPrefix(c.Warnings[0], "Unknown") {
			t.Errorf("%s\n%s", text, c.Warnings[0])
		}
		client, err := config.ParseClient("s.conf", w)
		if err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		return []any{c, client}
	}
	for _, topic := range config.Topics {
		base := complete[topic.Kind]
		for section, other := range complete {
			if section == "supervisord" || section == "supervisorctl" {
				base = other + base
			}
		}
		plain := read(base)
		for _, s := range topic.Settings() {
			value, found := otherwise[topic.Kind+"."+s.Name]
			if !found {
				value, found = otherwise["program."+s.Name]
			}
			if !found {
				t.Errorf("no other value for %s of %s", s.Name, topic.Title())
				continue
			}
			forbidden := topic.Kind == "eventlistener" && s.Name == "redirect_stderr"
			if !forbidden && reflect.DeepEqual(read(base+s.Name+"="+value+"\n"), plain) {
				t.Errorf("%s of %s changes nothing", s.Name, topic.Title())
			}
			if topic.Kind == "eventlistener" && s.Name == "priority" {
				continue // the pool's is -1, its processes' is 999 (CFG-093)
			}
			if s.Default == "" || strings.Contains(s.Default, " ") || s.Name == "process_name" || s.Name == "serverurl" {
				continue
			}
			if !reflect.DeepEqual(read(base+s.Name+"="+s.Default+"\n"), plain) {
				t.Errorf("%s is not the default of %s in %s", s.Default, s.Name, topic.Title())
			}
		}
	}
}

func sample(t *testing.T) string {
	var b bytes.Buffer
	if err := config.WriteSample(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// switchedOn takes the semicolon off every line of a sample that is an option or a section.
func switchedOn(sample string) string {
	var b strings.Builder
	for line := range strings.Lines(sample) {
		if strings.HasPrefix(line, ";") && !strings.HasPrefix(line, "; ") && len(line) > 2 {
			line = line[1:]
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestTheSampleIsAConfigurationForUsAndForSupervisor(t *testing.T) {
	text := sample(t)
	if !strings.HasPrefix(text, "; Sample supervisor config file.\n") {
		t.Errorf("the sample begins %.60q", text)
	}
	for _, document := range []string{text, switchedOn(text)} {
		path := lay(t, t.TempDir(), document)
		c, err := config.Parse(path, disk{env: testEnv}, config.Overrides{})
		if err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		for _, w := range c.Warnings {
			if strings.HasPrefix(w, "Unknown") {
				t.Error(w)
			}
		}
		if client, err := config.ParseClient(path, disk{env: testEnv}); err != nil || len(client.Warnings) > 0 {
			t.Errorf("supervisorctl: %v %v", err, client)
		}
		if o, why := theOracle(); o != nil {
			compare(t, o, document)
		} else {
			t.Log(why)
		}
	}
}

func TestTheSampleShowsEveryOption(t *testing.T) {
	all := switchedOn(sample(t))
	for _, topic := range config.Topics {
		_, section, _ := strings.Cut(all, "\n["+topic.Kind)
		section, _, _ = strings.Cut(section, "\n\n")
		for _, s := range topic.Options {
			if !strings.Contains(section, "\n"+s.Name+"=") {
				t.Errorf("%s of %s is not in the sample", s.Name, topic.Title())
			}
		}
	}
}

func TestSupervisorsOwnSampleHasNothingUnknown(t *testing.T) {
	askOracle(t)
	text, err := exec.Command("/usr/bin/echo_supervisord_conf").Output()
	if err != nil {
		t.Skip(err)
	}
	for _, document := range []string{string(text), strings.ReplaceAll(switchedOn(string(text)), "file:///", "f")} {
		path := lay(t, t.TempDir(), document)
		c, err := config.Parse(path, disk{env: testEnv}, config.Overrides{})
		if err != nil {
			t.Log(err) // it names users and files that are not here; what can be read must be known
			continue
		}
		for _, w := range c.Warnings {
			if strings.HasPrefix(w, "Unknown") {
				t.Error(w)
			}
		}
	}
}

func TestTheReferencePageIsTheTable(t *testing.T) {
	const page = "../../../doc/configuration.md"
	var b bytes.Buffer
	if err := config.WriteReference(&b); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil || !bytes.Equal(have, b.Bytes()) {
		t.Errorf("doc/configuration.md is not what the table says; go test ./internal/core/config -run Reference -update writes it (%v)", err)
	}
}

func TestWhatNobodyReadsIsWarnedAboutOnce(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{sv + "[program:a]\ncommand=x\n\nstartsec=1\n", `Unknown option "startsec" in [program:a] (file: 's.conf', line 5), did you mean "startsecs"? It is ignored.`},
		{sv + "[program:a]\ncommand=x\nwhatever=1\n", `Unknown option "whatever" in [program:a] (file: 's.conf', line 4). It is ignored.`},
		{sv + "minfd=1\n", `Unknown option "minfd" in [supervisord] (file: 's.conf', line 2), did you mean "minfds"? It is ignored.`},
		{sv + "[programm:a]\n", `Unknown section [programm:a] (file: 's.conf', line 2), did you mean [program:a]? It is ignored.`},
		{sv + "[Program:a]\n", `Unknown section [Program:a] (file: 's.conf', line 2), did you mean [program:a]? It is ignored.`},
		{sv + "[ program:a ]\n", `Unknown section [ program:a ] (file: 's.conf', line 2), did you mean [program:a]? It is ignored.`},
		{sv + "[program]\n", `Unknown section [program] (file: 's.conf', line 2), did you mean [program:x]? It is ignored.`},
		{sv + "[supervisorctl:x]\n", `Unknown section [supervisorctl:x] (file: 's.conf', line 2), did you mean [supervisorctl]? It is ignored.`},
		{sv + "[other]\nfoo=%(nope)s\n", `Unknown section [other] (file: 's.conf', line 2). It is ignored.`},
		{sv + "[fcgi-program:f]\ncommand=x\nsocket=tcp://h:1\nsokcet_mode=1\n", `Unknown option "sokcet_mode" in [fcgi-program:f] (file: 's.conf', line 5), did you mean "socket_mode"? It is ignored.`},
		{"[DEFAULT]\nstartsec=1\n" + sv + "[program:a]\ncommand=x\n[program:b]\ncommand=y\n", `Unknown option "startsec" in [DEFAULT] (file: 's.conf', line 2), did you mean "startsecs"? It is ignored.`},
		{"[DEFAULT]\nx=%(here)s\n" + sv + "[include]\nfiles=*.ini\n[program:a]\ncommand=x\n", `Unknown option "x" in [DEFAULT] (file: 's.conf', line 2). It is ignored.`},
		{"[DEFAULT]\nnumprocs_start=1\n" + sv + "[program:a]\ncommand=x\n", ``},
		{sv + "[rpcinterface:a]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\nfoo=1\n[ctlplugin:x]\nbar=1\n", ``},
		{sv + "[unix_http_server]\nfile=/tmp/x\nflie=1\n", `Unknown option "flie" in [unix_http_server] (file: 's.conf', line 4), did you mean "file"? It is ignored.`},
		{sv + "[supervisorctl]\nserver_url=x\n", `Unknown option "server_url" in [supervisorctl] (file: 's.conf', line 3), did you mean "serverurl"? It is ignored.`},
		{sv + "[include]\nfiles=*.ini\n[program:a]\ncommand=x\n", ``},
	} {
		w := fake{files: map[string]string{"/work/s.conf": c.text, "/work/a.ini": ""}}
		got, err := config.Parse("s.conf", w, config.Overrides{})
		if err != nil {
			t.Errorf("%s\n%v", c.text, err)
			continue
		}
		if warnings := strings.Join(got.Warnings, "\n"); warnings != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.text, warnings, c.want)
		}
	}
}
