package ctl_test

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// scripted is supervisorctl with a plug-in in Python in front of other sections. Debian's beside it is in
// testdata/diff; here is what only we do.
func scripted(t *testing.T, url, source, sections string, words ...string) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("the plug-in is in Python: ", err)
	}
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "acmeplugin.py"), []byte(source), 0o644))
	conf := filepath.Join(dir, "conf")
	must(t, os.WriteFile(conf, []byte("[supervisorctl]\nserverurl="+url+"\n[ctlplugin:acme]\nsupervisor.ctl_factory=acmeplugin:make\n"+sections), 0o644))
	cmd := program(t, append([]string{"-c", conf}, words...)...)
	cmd.Env = append(cmd.Env, "PYTHONPATH="+dir, "PYTHONDONTWRITEBYTECODE=1")
	return cmd
}

const pythonHead = `
import os, signal, sys, threading, time
from supervisor import supervisorctl
from supervisor.supervisorctl import ControllerPluginBase, DefaultControllerPlugin
class Acme(ControllerPluginBase):
    def do_go(self, arg):
        go(self.ctl, arg)
def make(controller, **config):
    return Acme(controller)
`

// Ours come before theirs only where Supervisor's do: "want" begins the output.
func TestWhatPlugInsInPythonMayDo(t *testing.T) {
	t.Parallel()
	url := oven(t)
	const instead = "cannot be done under Reeve: supervisorctl's own commands are no Python; make commands of your own with other names: file: "
	for name, c := range map[string]struct {
		source string
		status int
		want   string
	}{
		"replace a command":    {"DefaultControllerPlugin.do_status = None\ndef go(ctl, arg): pass", 1, "Error: cannot use [ctlplugin:acme]: <class '_reeve.guard.Unbridgeable'>, replacing supervisor.supervisorctl.DefaultControllerPlugin.do_status " + instead},
		"replace one's own":    {"def go(ctl, arg): ctl.options.plugins[0].do_status = None", 1, "error: <class '_reeve.guard.Unbridgeable'>, replacing do_status of supervisorctl's own commands " + instead},
		"use innards":          {"def go(ctl, arg): ctl.options.plugins[0]._startresult", 1, "error: <class '_reeve.guard.Unbridgeable'>, using DefaultControllerPlugin._startresult " + instead},
		"ask for what is not":  {"def go(ctl, arg): ctl.output(str(hasattr(ctl.options.plugins[0], '_x')))", 0, "False\n"},
		"call one's own":       {"def go(ctl, arg): ctl.options.plugins[0].do_pid('nosuch'); ctl.options.plugins[0].help_pid()", 1, "No such process nosuch\npid\t\t\t"},
		"list everything":      {"def go(ctl, arg): ctl.output(' '.join(p.name for p in ctl.options.plugins if hasattr(p, 'name'))); ctl.output(' '.join(sorted(ctl.vocab))[:9])", 0, "default acme\nadd avail\n"},
		"be a subclass":        {"class Other(DefaultControllerPlugin):\n  def do_status(self, arg): 'mine'\ndef go(ctl, arg): Other(ctl).do_status(''); Other(ctl).x = 1; ctl.output('fine')", 0, "fine\n"},
		"run as a function":    {"def go(ctl, arg): supervisorctl.main(['status'])", 1, "error: <class '_reeve.guard.Unbridgeable'>, running supervisorctl as a function cannot be done under Reeve: it is a program of its own; start it as one: file: "},
		"be ill-formed":        {"def go(ctl, arg:", 1, "Error: cannot use [ctlplugin:acme]: <class 'SyntaxError'>, "},
		"fail to be made":      {"def make(controller, **config): raise KeyError('x')", 1, "Error: cannot use [ctlplugin:acme]: <class 'KeyError'>, 'x': file: "},
		"leave while made":     {"def make(controller, **config): sys.exit(3)", 1, "Error: cannot use [ctlplugin:acme]: its factory ended the program\n"},
		"leave at once":        {"def go(ctl, arg): ctl.output('leaving'); os._exit(9)", 9, "leaving\n"},
		"be killed":            {"def go(ctl, arg): os.kill(os.getpid(), signal.SIGKILL)", 1, "Error: [ctlplugin:acme]: it ended with signal: killed before it answered\n"},
		"outlive the command":  {"def go(ctl, arg):\n  threading.Thread(target=late, args=(ctl,)).start()\n  ctl.exitstatus = 5\ndef late(ctl):\n  time.sleep(0.3)\n  ctl.onecmd('pid nosuch')\n  ctl.output('late')", 5, "No such process nosuch\nlate\n"},
		"ask another plug-in":  {"def go(ctl, arg): ctl.onecmd('bake a cake'); ctl.onecmd('fail'); ctl.onecmd('help roast')", 1, "bake [\"a\",\"cake\"] kitchen {\"colour\":\"red\"}\nheat: {\"degrees\":180}\n"},
		"open another daemon":  {"def go(ctl, arg): ctl.onecmd('open unix:///nowhere'); ctl.output(ctl.options.serverurl); ctl.onecmd('version')", 7, "unix:///nowhere no such file\nunix:///nowhere\nunix:///nowhere no such file\n"},
		"be many at once":      {"def go(ctl, arg):\n  ts = [threading.Thread(target=ctl.onecmd, args=('bake x',)) for _ in range(5)]\n  [t.start() for t in ts]\n  [t.join() for t in ts]\n  ctl.output('all')", 6, ""},
		"take no notice of us": {"def go(ctl, arg): ctl.onecmd('events --nosuch')", 1, "Error: bad argument --nosuch\n"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			others := section(t, "kitchen", "well") + "[ctlplugin:go]\nsupervisor.ctl_factory=test.kitchen:make\n"
			if name == "take no notice of us" {
				others = ""
			}
			cmd := scripted(t, url, pythonHead+c.source+"\n", others, "go")
			out, _ := cmd.Output()
			if got := cmd.ProcessState.ExitCode(); got != c.status || !strings.HasPrefix(string(out), c.want) {
				t.Errorf("status %d, want %d\n%s\nwant %s", got, c.status, out, c.want)
			}
		})
	}
}

func TestAnInterpreterThatIsNamedIsTaken(t *testing.T) {
	t.Parallel()
	cmd := scripted(t, "unix:///nowhere", pythonHead, "python=/nonexistent/python3\n", "go")
	if out, _ := cmd.Output(); string(out) != "Error: cannot use [ctlplugin:acme]: cannot run \"/nonexistent/python3\": no such file or directory\n" {
		t.Errorf("%q", out)
	}
	cmd = scripted(t, "unix:///nowhere", pythonHead, "[supervisord]\npython=/bin/false\n", "go")
	if out, _ := cmd.Output(); string(out) != "Error: cannot use [ctlplugin:acme]: it ended with exit status 1 before it answered\n" {
		t.Errorf("%q", out)
	}
}

// What cannot be started is not started for a command of Supervisor's own, and neither for help on one of ours.
func TestNoInterpreterStartsForACommandOfOurs(t *testing.T) {
	t.Parallel()
	url := fake(t, func(string, *http.Request) any { return "3.0" })
	marker := filepath.Join(t.TempDir(), "started")
	sections := strings.Repeat("[ctlplugin:NAME]\nsupervisor.ctl_factory=acmeplugin:make\npython=/bin/sh -c '/usr/bin/touch "+marker+"'\n", 10)
	for i := range 10 {
		sections = strings.Replace(sections, "NAME", string(rune('a'+i)), 1)
	}
	for _, words := range [][]string{{"version"}, {"help", "help"}, {"nosuch"}} {
		cmd := scripted(t, url, "", sections, words...)
		cmd.Env = append(cmd.Env, "PATH=/nonexistent")
		out, _ := cmd.CombinedOutput()
		_, err := os.Stat(marker)
		if started := err == nil; started != (words[0] == "nosuch") {
			t.Errorf("%v: started is %v\n%s", words, started, out)
		}
	}
}

// holds: CTL-011
func TestAPlugInInPythonIsLetInOnceTheShellHasAsked(t *testing.T) {
	t.Parallel()
	url := fake(t, func(method string, r *http.Request) any {
		user, password, _ := r.BasicAuth()
		switch {
		case method == "supervisor.getVersion":
			return "3.0"
		case method == "supervisor.getAllProcessInfo":
			return []any{}
		case user != "me" || password != "s:e c":
			return 401
		}
		return "I am " + method
	})
	const source = pythonHead + `
def go(ctl, arg):
    ctl.output("asking")
    ctl.output(ctl.get_supervisor().getIdentification())
    ctl.output(repr((ctl.options.username, ctl.options.password, input())))
`
	cmd := scripted(t, url, source, "")
	cmd.Stdin = strings.NewReader("go\nme\ns:e c\nfor the plug-in\nversion\ngo\n")
	out, err := cmd.Output()
	const want = `supervisor> asking
Server requires authentication
Username:
asking
I am supervisor.getIdentification
('me', 's:e c', 'for the plug-in')
supervisor> I am supervisor.getSupervisorVersion
supervisor> asking
I am supervisor.getIdentification
error: <class 'EOFError'>, EOF when reading a line: file: `
	if err != nil || !strings.HasPrefix(string(out), want) || !strings.HasSuffix(string(out), "\nsupervisor> \n") {
		t.Errorf("%v\n%s\nwant\n%s", err, out, want)
	}
}

func TestCtrlCInAPlugInInPython(t *testing.T) {
	t.Parallel()
	const source = pythonHead + `
def go(ctl, arg):
    try:
        ctl.output("sleeping")
        time.sleep(1000)
    finally:
        ctl.output("cleaned")
`
	cmd := scripted(t, "unix:///nowhere", source, "", "go")
	out, err := cmd.StdoutPipe()
	must(t, err)
	cmd.SysProcAttr = ownGroup()
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	lines.Scan()
	must(t, interruptGroup(cmd.Process.Pid))
	if !lines.Scan() || lines.Text() != "cleaned" {
		t.Errorf("after Ctrl-C %q", lines.Text())
	}
	if cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("status %v", cmd.ProcessState)
	}
}

// A plug-in in Python need not know what a token is.
func TestAPlugInInPythonCallsWithOurToken(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("the plug-in is in Python: ", err)
	}
	url := fake(t, func(method string, r *http.Request) any {
		if r.Header.Get("Authorization") != "Bearer t0k" {
			return 401
		}
		if method == "supervisor.getState" {
			return &xmlrpc.Fault{Code: 6, String: "SHUTDOWN_STATE"}
		}
		return "it is " + method
	})
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "tokenplugin.py"), []byte(`
from supervisor.supervisorctl import ControllerPluginBase
class P(ControllerPluginBase):
    def do_id(self, arg):
        self.ctl.output(self.ctl.get_supervisor().getIdentification())
        self.ctl.output(self.ctl.get_server_proxy().oven.heat(1))
        self.ctl.get_supervisor().getState()
`), 0o644))
	must(t, os.WriteFile(filepath.Join(dir, "conf"), []byte("[supervisorctl]\nserverurl="+url+"\n[ctlplugin:p]\nsupervisor.ctl_factory=tokenplugin:P\n"), 0o644))
	for token, want := range map[string]string{
		"t0k": "it is supervisor.getIdentification\nit is oven.heat\nerror: <class 'xmlrpc.client.Fault'>, <Fault 6: 'SHUTDOWN_STATE'>: file: ",
		"x":   "Server requires authentication\nerror: <class 'xmlrpc.client.ProtocolError'>, <ProtocolError for 127.0.0.1/RPC2: 401 Unauthorized>: file: ",
	} {
		cmd := program(t, "-c", filepath.Join(dir, "conf"), "--token", token, "id")
		cmd.Env = append(cmd.Env, "PYTHONPATH="+dir)
		out, err := cmd.Output()
		if err == nil || !strings.HasPrefix(string(out), want) {
			t.Errorf("%s: %v %q, want %q", token, err, out, want)
		}
	}
}
