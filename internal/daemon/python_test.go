package daemon_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/client"
)

// pythonPlugin is what these tests load: good and bad manners.
const pythonPlugin = `
import os, signal, subprocess, threading, xmlrpc.client
from supervisor.http import NOT_DONE_YET
from supervisor.xmlrpc import SupervisorTransport
from supervisor import process, supervisord as daemon, dispatchers, options, rpcinterface, web

class Plug(object):
    def __init__(self, supervisord, name="plug"):
        self.supervisord = supervisord
        self.name = name
        self.calls = 0

    def count(self):
        self.calls += 1
        return self.calls

    def echo(self, value):
        return value

    def named(self):
        return self.name

    def block(self, path):
        with open(path) as f:
            return f.read()

    def die(self, how):
        if how == "exit":
            os._exit(3)
        if how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "close":
            os.closerange(3, 256)
        return True

    def say(self, text):
        print(text, flush=True)
        subprocess.call(["echo", text + " too"])
        return True

    def back(self, url):
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", SupervisorTransport("", "", url))
        return proxy.supervisor.getState()["statename"]

    def never(self):
        def poll():
            return NOT_DONE_YET
        poll.delay = 0.01
        return poll

    def restart(self, name):
        main = rpcinterface.SupervisorNamespaceRPCInterface(self.supervisord)
        for step in main.stopProcess, main.startProcess:
            done = step(name)
            while callable(done):
                got = done()
                if got is not NOT_DONE_YET:
                    done = got
        return done

    def patch(self, what):
        def f(*args):
            pass
        s = self.supervisord
        p = s.process_groups["cat"].processes["cat"]
        try:
            if what == "spawn": process.Subprocess.spawn = f
            elif what == "log": dispatchers.POutputDispatcher._log = f
            elif what == "signal": options.ServerOptions.get_signal = f
            elif what == "map": daemon.Supervisor.get_process_map = f
            elif what == "start": rpcinterface.SupervisorNamespaceRPCInterface.startProcess = f
            elif what == "view": web.VIEWS["x"] = {}
            elif what == "state": p.state = 20
            elif what == "change": p.change_state(20)
            elif what == "command": p.config.command = "x"
            elif what == "handlers": s.options.logger.handlers = []
            elif what == "append": s.options.logger.handlers.append(None)
            elif what == "logger": s.options.logger = None
            elif what == "http": s.options.close_httpservers()
            elif what == "free": options.ServerOptions.cleanup_fds = f; p.mine = 1; process.Subprocess.spawn
        except RuntimeError as why:
            return str(why)
        return "done"

def make(supervisord, **config):
    return Plug(supervisord, **config)
`

// python starts a daemon with the plug-in as "plug" and more behind it; it may be asked when it answers.
func python(t *testing.T, more string) (dir string, c *client.Client, cmd *exec.Cmd, out *bufio.Reader) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("no python3 to run plug-ins")
	}
	dir = short(t)
	write(t, dir, "plug.py", pythonPlugin)
	conf := settings(t, dir, "[rpcinterface:plug]\nsupervisor.rpcinterface_factory = plug:make\n"+more)
	cmd = command(t, "-n", "-c", conf)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+dir, "PYTHONDONTWRITEBYTECODE=1")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() })
	out = bufio.NewReader(pipe)
	until(t, out, "supervisord started")
	return dir, connect(t, dir), cmd, out
}

// told calls and tells what came, a fault's text included.
func told(t *testing.T, c *client.Client, method string, args ...any) string {
	t.Helper()
	v, err := c.Call(t.Context(), method, args...)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(v)
}

func TestAPluginMayWaitForTheMainInterfaceInALoopOfItsOwn(t *testing.T) {
	t.Parallel()
	_, c, _, _ := python(t, "[rpcinterface:loops]\nsupervisor.rpcinterface_factory = plug:make\ncall_timeout = 30\n"+
		"[program:cat]\ncommand=/bin/cat\nstartsecs=0\n")
	if got := told(t, c, "loops.restart", "cat"); got != "true" {
		t.Errorf("a plug-in that asks again and again: %s", got)
	}
}

func TestAPluginThatTakesItsTimeHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	dir, c, _, out := python(t, "[rpcinterface:quick]\nsupervisor.rpcinterface_factory = plug:make\ncall_timeout = 1\nname = other\n[program:cat]\ncommand=/bin/cat\n")
	fifo := dir + "/fifo"
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	blocked := make(chan string, 1)
	go func() { blocked <- told(t, connect(t, dir), "plug.block", fifo) }()
	w, err := os.OpenFile(fifo, os.O_WRONLY, 0) // opens when the plug-in has begun to wait
	if err != nil {
		t.Fatal(err)
	}
	value(t, c, "FAILED: quick.named: it did not answer in time", "quick.named")
	until(t, out, "quick.named did not answer within 1s")
	for range 100 {
		value(t, c, "supervisor", "supervisor.getIdentification")
	}
	value(t, c, true, "supervisor.stopProcess", "cat")
	value(t, c, true, "supervisor.startProcess", "cat")
	select {
	case got := <-blocked:
		t.Errorf("the plug-in has answered: %s", got)
	default:
	}
	w.WriteString("at last")
	w.Close()
	if got := <-blocked; got != "at last" {
		t.Error(got)
	}
	value(t, c, "other", "quick.named")
}

func TestAnInterpreterThatDiesCostsItsCallersAFaultAndComesBack(t *testing.T) {
	t.Parallel()
	_, c, _, out := python(t, "")
	for _, how := range []string{"exit", "kill", "close"} {
		quick(t, "plug-in", func() bool { return told(t, c, "plug.count") == "1" })
		value(t, c, int64(2), "plug.count")
		if got := told(t, c, "plug.die", how); !strings.HasPrefix(got, "FAILED: plug.die: ") {
			t.Errorf("%s: %s", how, got)
		}
		until(t, out, "CRIT the Python interpreter has ended")
		value(t, c, "supervisor", "supervisor.getIdentification")
	}
}

func TestWhatCannotBeBridgedIsRefusedWhereItIsTried(t *testing.T) {
	t.Parallel()
	_, c, _, _ := python(t, "[program:cat]\ncommand=/bin/cat\n")
	for what, want := range map[string]string{
		"spawn": "replacing supervisor.process.Subprocess.spawn ", "log": "replacing supervisor.dispatchers.POutputDispatcher._log ",
		"signal": "replacing supervisor.options.ServerOptions.get_signal ", "map": "replacing supervisor.supervisord.Supervisor.get_process_map ",
		"start": "replacing supervisor.rpcinterface.SupervisorNamespaceRPCInterface.startProcess ", "view": "changing supervisor.web.VIEWS ",
		"state": "setting 'state' of process 'cat' ", "change": "changing the state of process 'cat' ",
		"command": "setting 'command' of the configuration of 'cat' ", "handlers": "replacing the handlers of the daemon's log ",
		"append": "changing the handlers of the daemon's log ", "logger": "setting options.logger ", "http": "closing the daemon's HTTP servers ",
		"free": "done",
	} {
		got := told(t, c, "plug.patch", what)
		if !strings.HasPrefix(got, want) || what != "free" && !strings.Contains(got, "cannot be done under Reeve: ") {
			t.Errorf("%s: %s", what, got)
		}
	}
	value(t, c, true, "supervisor.stopProcess", "cat")
}

func TestPluginsPrintOnTheDaemonsStandardOutputAndCallBack(t *testing.T) {
	t.Parallel()
	dir, c, _, out := python(t, "")
	value(t, c, true, "plug.say", "hello")
	until(t, out, "hello\nhello too\n"[:5])
	until(t, out, "hello too")
	value(t, c, "RUNNING", "plug.back", "unix://"+dir+"/sock")
	value(t, c, strings.Repeat("ä\n\"", 1<<20), "plug.echo", strings.Repeat("ä\n\"", 1<<20))
}

func TestManyCallersGetEachTheirOwnAnswer(t *testing.T) {
	t.Parallel()
	dir, _, _, _ := python(t, "")
	var all sync.WaitGroup
	for i := range 16 {
		c := connect(t, dir)
		all.Go(func() {
			for n := range 50 {
				value(t, c, fmt.Sprintf("%d of %d", n, i), "plug.echo", fmt.Sprintf("%d of %d", n, i))
			}
		})
	}
	all.Wait()
}

func TestWhoeverHangsUpIsNotWaitedForAnyMore(t *testing.T) {
	t.Parallel()
	dir, c, _, _ := python(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	late := connect(t, dir)
	done := make(chan error, 1)
	go func() { _, err := late.Call(ctx, "plug.never"); done <- err }()
	time.AfterFunc(50*time.Millisecond, cancel)
	if err := <-done; err == nil {
		t.Error("a result that never comes has come")
	}
	value(t, c, int64(1), "plug.count")
}

func TestAnUpdateTakesPythonPluginsAlong(t *testing.T) {
	t.Parallel()
	dir, c, cmd, out := python(t, "")
	value(t, c, "UNKNOWN_METHOD", "more.named")
	first := "[rpcinterface:plug]\nsupervisor.rpcinterface_factory = plug:make\n"
	settings(t, dir, first+"[rpcinterface:more]\nsupervisor.rpcinterface_factory = nosuch:make\n")
	if got := told(t, c, "supervisor.reloadConfig"); !strings.HasPrefix(got, "CANT_REREAD: nosuch:make cannot be resolved within [rpcinterface:more]: No module named 'nosuch'") {
		t.Error(got)
	}
	settings(t, dir, first+"[rpcinterface:more]\nsupervisor.rpcinterface_factory = plug:make\nname = new\n")
	value(t, c, []any{[]any{[]any{"rpcinterface:more"}, []any{}, []any{}}}, "supervisor.reloadConfig")
	value(t, c, true, "supervisor.addProcessGroup", "rpcinterface:more")
	value(t, c, "new", "more.named")
	value(t, c, true, "supervisor.removeProcessGroup", "rpcinterface:more")
	value(t, c, "UNKNOWN_METHOD", "more.named")
	value(t, c, int64(1), "plug.count")
	cmd.Process.Signal(syscall.SIGHUP)
	until(t, out, "supervisord started")
	fresh := connect(t, dir)
	value(t, fresh, int64(1), "plug.count")
	value(t, fresh, "new", "more.named")
}

func TestAnInterpreterThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ more, want string }{
		{"[rpcinterface:x]\nsupervisor.rpcinterface_factory = plug:make\npython = /nonexistent/python3\n",
			"Error: plug:make cannot be resolved within [rpcinterface:x]: cannot run \"/nonexistent/python3\": can't find command '/nonexistent/python3'\n"},
		{"[rpcinterface:x]\nsupervisor.rpcinterface_factory = reeve.test:clrek\n",
			"Error: reeve.test:clrek cannot be resolved within [rpcinterface:x]: No module named 'reeve'\n" +
				"For help, use /usr/bin/supervisord -h (see CONF, line 9; reeve.test:clerk is compiled in)\n"},
		{"[rpcinterface:x]\nsupervisor.rpcinterface_factory = plug:make\npython = /bin/true\n",
			"Error: plug:make cannot be resolved within [rpcinterface:x]: \"/bin/true\" ends before it says that it is there\n"},
		{"[rpcinterface:x]\nsupervisor.rpcinterface_factory = plug:make\npython = a\n[rpcinterface:y]\nsupervisor.rpcinterface_factory = plug:make\npython = b\n",
			"Error: [rpcinterface:y] python is b, and [rpcinterface:x] has a: all plug-ins share one interpreter\nFor help, use /usr/bin/supervisord -h (see "},
		{"[rpcinterface:x]\nsupervisor.rpcinterface_factory = plug:make\ncall_timeout = soon\n",
			"Error: Could not make x rpc interface: \"soon\" is not a number of seconds in [rpcinterface:x] option call_timeout (file: '"},
		{"[rpcinterface:x]\nsupervisor.rpcinterface_factory = plug:make\ncolor = red\n",
			"Error: Could not make x rpc interface\nFor help, use /usr/bin/supervisord -h (see CONF, line 9: TypeError: "},
	} {
		dir := short(t)
		write(t, dir, "plug.py", pythonPlugin)
		conf := settings(t, dir, c.more)
		cmd := command(t, "-n", "-c", conf)
		cmd.Env = append(os.Environ(), "PYTHONPATH="+dir)
		got := run(t, cmd)
		if got.status != 2 || !strings.HasPrefix(got.stderr, strings.ReplaceAll(c.want, "CONF", conf)) {
			t.Errorf("exit %d: %s\nwant %s", got.status, got.stderr, c.want)
		}
	}
}

func TestPluginsFollowTheDaemonIntoTheBackground(t *testing.T) {
	t.Parallel()
	dir, other := short(t), short(t)
	write(t, dir, "where.py", "import os\nclass W(object):\n    def where(self):\n        old = os.umask(0)\n        os.umask(old)\n        return [os.getcwd(), old]\ndef make(supervisord):\n    return W()\n")
	conf := settings(t, dir, "[rpcinterface:w]\nsupervisor.rpcinterface_factory = where:make\n")
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "s.conf", strings.Replace(string(text), "[supervisord]\n", "[supervisord]\numask=027\ndirectory="+other+"\n", 1))
	cmd := command(t, "-c", conf)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+dir)
	if got := run(t, cmd); got.status != 0 {
		t.Fatalf("exit %d: %s%s", got.status, got.stdout, got.stderr)
	}
	c := connect(t, dir)
	t.Cleanup(func() { _ = c.Shutdown(context.Background()) })
	quick(t, "daemon", func() bool { return told(t, c, "supervisor.getState") != "" })
	value(t, c, []any{other, int64(0o27)}, "w.where")
}

func TestTheSystemsInterpreterIsTakenWhenTheFirstCannotLoadAPlugin(t *testing.T) {
	t.Parallel()
	const system = "/usr/bin/python3"
	if _, err := os.Stat(system); err != nil {
		t.Skip("there is no ", system)
	}
	dir := short(t)
	write(t, dir, "plug.py", pythonPlugin)
	poor := write(t, dir, "python3", "#!/bin/sh\nPYTHONPATH= exec "+system+" \"$@\"\n")
	if err := os.Chmod(poor, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, "-n", "-c", settings(t, dir, "[rpcinterface:plug]\nsupervisor.rpcinterface_factory = plug:make\n"))
	cmd.Env = append(os.Environ(), "PATH="+dir+":/usr/bin:/bin", "PYTHONPATH="+dir)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() })
	out := bufio.NewReader(pipe)
	until(t, out, "plug-ins run in '/usr/bin/python3', as '"+poor+"' cannot load them: plug:make cannot be resolved within [rpcinterface:plug]: No module named 'plug'")
	until(t, out, "supervisord started")
	value(t, connect(t, dir), int64(1), "plug.count")
}
