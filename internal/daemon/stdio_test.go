package daemon_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/client"
)

// rogueName is what the test binary is called when it is an executable guest; its argument is its manners.
const rogueName = "rogue"

// hello is an answer to the first message with one method.
const hello = `{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"methods":[{"name":"m","params":[{"name":"v","optional":true}]}]%s}}` + "\n"

// rogue is a guest with bad manners, and one with good ones.
func rogue(how string) {
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	next := func() (m struct {
		ID     any
		Method string
		Params struct {
			Method string
			Params []any
		}
	}) {
		out.Flush()
		line, err := in.ReadString('\n')
		if err != nil {
			os.Exit(0)
		}
		_ = json.Unmarshal([]byte(line), &m)
		return m
	}
	switch how {
	case "exits":
		return
	case "refuses":
		next()
		fmt.Fprintln(out, `{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"option color is missing"}}`)
	case "picky":
		if line, _ := in.ReadString('\n'); !strings.Contains(line, `"color":"pale  blue","shape":"round"`) {
			return
		}
		fmt.Fprintf(out, hello, "")
		for {
			if m := next(); m.Method == "call" {
				fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%v,"error":{"code":10,"message":"nobody"}}`+"\n", m.ID)
			}
		}
	case "misspelt":
		next()
		fmt.Fprintf(out, strings.Replace(hello, `"name":"m"`, `"name":"m","acess":"read"`, 1), "")
	case "crooked":
		next()
		fmt.Fprintf(out, strings.Replace(hello, `[{"name":"v","optional":true}]`, `"v"`, 1), "")
	case "deaf":
		for {
			next()
		}
	case "junk":
		next()
		fmt.Fprintf(out, hello, "")
		next()
		fmt.Fprintln(out, "I feel like talking")
	case "stranger":
		next()
		fmt.Fprintf(out, hello, "")
		next()
		fmt.Fprintln(out, `{"jsonrpc":"2.0","id":77,"result":1}`)
	case "gigabyte":
		next()
		fmt.Fprintf(out, hello, "")
		next()
		chunk := []byte(strings.Repeat("x", 1<<20))
		for range 1 << 10 {
			out.Write(chunk)
		}
	case "lazy", "lying", "odd":
		next()
		fmt.Fprintf(out, strings.Replace(hello, `"name":"m"`, `"name":"m","result":"int"`, 1), "")
		for n := 0; ; n++ {
			m := next()
			switch {
			case m.Method != "call" || how == "lazy":
			case how == "odd":
				fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%v,"error":{"code":10,"message":"nobody"}}`+"\n", m.ID)
			default:
				fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%v,"result":"text"}`+"\n", m.ID)
			}
		}
	case "names":
		next()
		fmt.Fprintln(out, `{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"methods":[{"name":"good"},{"name":"a.b"},`+
			`{"name":"_x"},{"name":"__class__"},{"name":"supervisord.options.execve"},{"name":""},{"name":"good"},{"name":"t","result":"thing"}]}}`)
		next()
	case "wordy":
		next()
		long := strings.Repeat("A", 5000)
		fmt.Fprintf(out, `{"jsonrpc":"2.0","id":1,"result":{"protocol":1,"methods":[{"name":"%s"},{"name":"p","params":[{"name":"q","optional":true},{"name":"%s"}]}`, long, long)
		for n := range 20 {
			fmt.Fprintf(out, `,{"name":"_%d"}`, n)
		}
		fmt.Fprintln(out, `]}}`)
		next()
	case "recursive":
		next()
		fmt.Fprintf(out, hello, "")
		for n := 0; ; n++ {
			if m := next(); m.Method == "call" {
				fmt.Fprintf(out, `{"jsonrpc":"2.0","id":"r%v","method":"call","params":{"method":"%s.m"}}`+"\n", m.ID, os.Args[2])
			} else if id, is := m.ID.(string); is {
				fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%s,"error":{"code":30,"message":"enough"}}`+"\n", id[1:])
			}
		}
	case "flood":
		next()
		fmt.Fprintf(out, hello, `,"events":["EVENT"]`)
		next()
		for n := 0; n < 100_000; n++ { // and reads nothing
			fmt.Fprintf(out, `{"jsonrpc":"2.0","id":%d,"method":"call","params":{"method":"supervisor.sendRemoteCommEvent","params":["t","%0500d"]}}`+"\n", n, n)
		}
		out.Flush()
	}
	out.Flush()
	select {}
}

// hosting starts a daemon with guests of these manners, each called as its manners are, and one that behaves.
func hosting(t *testing.T, more string, manners ...string) (dir string, c *client.Client, cmd *exec.Cmd) {
	t.Helper()
	dir = short(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, rogueName)); err != nil {
		t.Fatal(err)
	}
	conf := more + "[rpcinterface:good]\ncommand=" + dir + "/rogue odd\n[program:cat]\ncommand=/bin/cat\nstartsecs=0\n"
	for _, m := range manners {
		patience := 60 // seconds: nobody but who never answers takes so long
		if m == "lazy" {
			patience = 1
		}
		conf += fmt.Sprintf("[rpcinterface:%s]\ncommand=%s/rogue %[1]s %[1]s\nstartsecs=0\ncall_timeout=%[3]d\n", m, dir, patience)
	}
	cmd, out := foreground(t, settings(t, dir, conf))
	until(t, out, "supervisord started")
	go func() {
		for {
			if _, err := out.ReadString('\n'); err != nil {
				return
			}
		}
	}()
	c = connect(t, dir)
	quick(t, "guest that behaves", func() bool { return strings.Contains(told(t, c, "good.m"), "nobody") })
	return dir, c, cmd
}

func TestAnExecutableIsAGuestLikeOthers(t *testing.T) {
	t.Parallel()
	dir, c, cmd := hosting(t, "", "lying")
	value(t, c, "BAD_NAME: nobody", "good.m")
	value(t, c, "INCORRECT_PARAMETERS", "good.m", 1, 2)
	value(t, c, "FAILED: extension lying is lying: the result of m cannot be sent, it is no int, which it has promised", "lying.m")
	value(t, c, "UNKNOWN_METHOD", "good.n")
	value(t, c, []any{"int", "any"}, "system.methodSignature", "good.m")
	all, err := c.AllProcessInfo(t.Context())
	if err != nil || len(all) != 1 || all[0].Name != "cat" {
		t.Errorf("a list shows guests: %v, %v", all, err)
	}
	if got := told(t, c, "supervisor.stopAllProcesses"); strings.Contains(got, "rpcinterface") || !strings.Contains(got, "name:cat") {
		t.Errorf("all are %s", got)
	}
	everything, err := c.Everything(t.Context())
	if err != nil || len(everything) != 3 || everything[1].Name != "rpcinterface:good" {
		t.Errorf("everything is %+v, %v", everything, err)
	}
	info, err := c.ProcessInfo(t.Context(), "rpcinterface:good")
	if err != nil || info.Pid == 0 || info.Group != "rpcinterface:good" {
		t.Errorf("%+v, %v", info, err)
	}
	syscall.Kill(info.Pid, syscall.SIGKILL)
	quick(t, "second life", func() bool {
		again, err := c.ProcessInfo(t.Context(), "rpcinterface:good")
		return err == nil && again.Pid != info.Pid && again.Pid != 0
	})
	if told := page(t, dir, "/api/v1/events?follow=false"); strings.Contains(told, "rpcinterface") || !strings.Contains(told, "cat") {
		t.Errorf("events are\n%s", told)
	}
	quick(t, "second handshake", func() bool { return strings.Contains(told(t, c, "good.m"), "nobody") })
	value(t, c, true, "supervisor.stopProcess", "rpcinterface:good")
	value(t, c, "FAILED: extension good is down: its process has ended", "good.m")
	value(t, c, "NO_FILE: rpcinterface:lying", "supervisor.sendProcessStdin", "rpcinterface:lying", "x")

	changed := strings.Replace(string(read(t, dir+"/s.conf")), "rogue odd", "rogue lazy\ncall_timeout=1", 1)
	write(t, dir, "s.conf", changed[:strings.Index(changed, "[rpcinterface:lying]")])
	value(t, c, []any{[]any{[]any{}, []any{"rpcinterface:good"}, []any{"rpcinterface:lying"}}}, "supervisor.reloadConfig")
	for _, section := range []string{"rpcinterface:lying", "rpcinterface:good"} {
		value(t, c, true, "supervisor.removeProcessGroup", section)
	}
	value(t, c, "UNKNOWN_METHOD", "lying.m")
	value(t, c, true, "supervisor.addProcessGroup", "rpcinterface:good")
	value(t, c, "FAILED: extension good is slow: m was not answered within 1s", "good.m")
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestHostileGuestsHarmThemselves: whatever one does, the daemon and the other guests answer.
func TestHostileGuestsHarmThemselves(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]struct{ answer, log string }{
		"exits":     {"UNKNOWN_METHOD", "rpcinterface:exits"},
		"deaf":      {"UNKNOWN_METHOD", "has not shaken hands within"},
		"junk":      {"is down", `has left the protocol, a line is no message, it is no JSON object: got "I feel like talking" (killing it)`},
		"stranger":  {"is down", `an answer has an id that nobody waits for: got "{\"jsonrpc\":\"2.0\",\"id\":77`},
		"gigabyte":  {"is down", `a line has more than 16 MiB: got "xxxx`},
		"lazy":      {"extension lazy is slow: m was not answered within 1s", ""},
		"recursive": {"enough", ""},
		"flood":     {"", ""},
		"names":     {"UNKNOWN_METHOD", `method '__class__' is not offered`},
		"wordy":     {"UNKNOWN_METHOD", "has 12 methods more that are not offered"},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			dir, c, cmd := hosting(t, "", how)
			bad := make(chan string, 1)
			go func() { bad <- told(t, connect(t, dir), how+".m") }()
			for range 20 {
				value(t, c, "BAD_NAME: nobody", "good.m")
				if all, err := c.AllProcessInfo(t.Context()); err != nil || len(all) != 1 {
					t.Errorf("%v, %v", all, err)
				}
			}
			if got := <-bad; !strings.Contains(got, want.answer) {
				t.Errorf("got %q, want %q", got, want.answer)
			}
			if want.log != "" {
				quick(t, "line in the log: "+want.log, func() bool { return strings.Contains(string(read(t, dir+"/log")), want.log) })
			}
			if kib := memory(t, cmd.Process.Pid); kib > 500<<10 { // of the gigabyte that one sends
				t.Errorf("the daemon has taken %d KiB", kib)
			}
			if n := len(read(t, dir+"/log")); n > 64<<10 {
				t.Errorf("the main log has %d bytes", n)
			}
		})
	}
}

func TestAnExecutableThatRefusesItsSectionRefusesTheStart(t *testing.T) {
	t.Parallel()
	dir := short(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, rogueName)); err != nil {
		t.Fatal(err)
	}
	for section, want := range map[string]string{
		"[rpcinterface:x]\ncommand=" + dir + "/rogue refuses\n":      "Error: Could not make x rpc interface: option color is missing\n",
		"[rpcinterface:system]\ncommand=" + dir + "/rogue odd\n":     "Error: Could not make system rpc interface: the namespace system is Supervisor's own\n",
		"[rpcinterface:x]\ncommand=" + dir + "/rogue odd\numask=9\n": "9 can not be converted to an octal type in section 'rpcinterface:x'",
	} {
		got := run(t, command(t, "-n", "-c", settings(t, dir, section)))
		if got.status != 2 || !strings.Contains(got.stderr, want) {
			t.Errorf("%s\n%+v", section, got)
		}
	}
}

// TestNoNameOfAnExecutableReachesFurther: what CVE-2017-11610 walked along is no method, whatever a guest promises.
func TestNoNameOfAnExecutableReachesFurther(t *testing.T) {
	t.Parallel()
	_, c, _ := hosting(t, "", "names")
	quick(t, "handshake", func() bool { return strings.Contains(told(t, c, "system.listMethods"), "names.good") })
	for _, name := range []string{
		"names.a.b", "names._x", "names.__class__", "names.supervisord.options.execve", "names.", "names.t", "names", "names.good.x",
	} {
		value(t, c, "UNKNOWN_METHOD", name)
	}
	if all := told(t, c, "system.listMethods"); strings.Count(all, "names.") != 1 {
		t.Error(all)
	}
}

// memory is the largest that a process has been.
func memory(t *testing.T, pid int) (kib int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("no /proc to look at: ", err)
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Sscan(after, &kib)
	return kib
}

func TestTheExamplesOfExecutablesServe(t *testing.T) {
	t.Parallel()
	for _, needed := range []string{"node", "python3"} {
		if _, err := exec.LookPath(needed); err != nil {
			t.Skip("the examples need it: ", err)
		}
	}
	root, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	dir := short(t)
	_, out := foreground(t, settings(t, dir, "[rpcinterface:machine]\ncommand="+root+"/extension-shell/machine.sh\ndirectory="+dir+
		"\n[rpcinterface:greeter]\ncommand=node "+root+"/extension-node/greeter.js\nword=Good day\n"+
		"[rpcinterface:watch]\ncommand="+root+"/extension-python/watch.py\nlimit=1\n"+
		"[program:cat]\ncommand=/bin/cat\nstartsecs=0\n[program:crash]\ncommand=/bin/false\nstartsecs=0\nautorestart=false\nautostart=false\n"))
	until(t, out, "supervisord started")
	c := connect(t, dir)
	for _, method := range []string{"machine.load", "greeter.greet", "watch.crashes"} {
		quick(t, method, func() bool { return !strings.Contains(told(t, c, "system.methodHelp", method), "SIGNATURE") })
	}
	if v, err := c.Call(t.Context(), "machine.load"); err != nil || v.(float64) < 0 {
		t.Errorf("%v, %v", v, err)
	}
	if v, err := c.Call(t.Context(), "machine.files"); err != nil || v.(int64) < 2 {
		t.Errorf("%v, %v", v, err)
	}
	value(t, c, "Good day you", "greeter.greet", "you")
	value(t, c, "INCORRECT_PARAMETERS: name is no string", "greeter.greet", 5)
	value(t, c, []any{"cat"}, "greeter.running")
	value(t, c, true, "greeter.restart", "cat")
	value(t, c, "BAD_NAME: nobody", "greeter.restart", "nobody")
	value(t, c, true, "watch.bounce", "cat")
	told(t, c, "supervisor.startProcess", "crash")
	until(t, out, "[rpcinterface:watch] crash has crashed 1 times")
	quick(t, "count of crashes", func() bool { return told(t, c, "watch.crashes") == "map[crash:1]" })
}

func TestTheExampleInGoIsASupervisordWithOneExtensionMore(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds a program")
	}
	dir := short(t)
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(top+"/examples/extension-go")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.sum", string(read(t, top+"/go.sum")))
	for _, args := range [][]string{{"mod", "edit", "-replace=github.com/reeve-sh/reeve=" + top}, {"build", "-o", "mine", "."}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
	cmd := exec.Command(dir+"/mine", "-n", "-c", settings(t, dir, "[rpcinterface:hello]\nsupervisor.rpcinterface_factory=greet:make\nword=Hi\n"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() })
	c := connect(t, dir)
	quick(t, "daemon", func() bool {
		return told(t, c, "supervisor.getState") != "" && told(t, c, "hello.greet", "you") == "Hi you"
	})
	value(t, c, "BAD_ARGUMENTS: nobody to greet", "hello.greet", "")
}

// TestAnAuthorIsToldWhatIsWrong goes through ext-check with good and bad manners.
func TestAnAuthorIsToldWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := short(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, rogueName)); err != nil {
		t.Fatal(err)
	}
	shell, err := filepath.Abs("../../examples/extension-shell/machine.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		argv   []string
		status int
		want   []string
	}{
		{nil, 2, []string{"ext-check takes the command"}},
		{[]string{shell}, 0, []string{"ok    its methods can be offered: files() int, load() double", "ok    it ends when it is told to"}},
		{[]string{dir + "/rogue", "odd"}, 0, []string{"ok    it answers eight calls at once"}},
		{[]string{dir + "/nothing"}, 1, []string{"FAIL  it can be started", "can't find command"}},
		{[]string{dir + "/rogue", "exits"}, 1, []string{"FAIL  it answers initialize", "exited: rpcinterface:check (exit status 0; expected)"}},
		{[]string{dir + "/rogue", "refuses"}, 1, []string{"FAIL  it takes its section\n      option color is missing\n", "ext-check color=blue COMMAND"}},
		{[]string{"shape=round", "color=pale  blue", dir + "/rogue", "picky"}, 0, []string{"ok    it answers initialize"}},
		{[]string{"color=blue"}, 2, []string{"ext-check takes"}},
		{[]string{dir + "/rogue", "misspelt"}, 1, []string{"FAIL  its handshake has no member that nobody knows", `nobody knows, "acess"`}},
		{[]string{dir + "/rogue", "crooked"}, 1, []string{"methods.params is of type string and has to be an array"}},
		{[]string{"sh", "-c", "echo no file /etc/x >&2; exit 4"}, 1, []string{"(exit status 4; not expected)\n      stderr: no file /etc/x\n"}},
		{[]string{dir + "/rogue", "names"}, 1, []string{"FAIL  its methods can be offered: good() any", "method '__class__' is not offered"}},
		{[]string{dir + "/rogue", "junk"}, 1, []string{"FAIL  it refuses a method", `a line is no message, it is no JSON object: got "I feel like talking"`}},
		{[]string{"call_timeout=1", dir + "/rogue", "lazy"}, 1, []string{
			"ok    it answers initialize", "FAIL  it refuses a method that it does not have", "and none came within 1s",
		}},
		{[]string{"call_timeout=1", dir + "/rogue", "deaf"}, 1, []string{
			"FAIL  it answers initialize\n      no answer has come; is each line written at once, or kept in a buffer?\n      has not shaken hands within 1s",
		}},
		{[]string{"sh", "-c", "echo \"it's\"; sleep 9"}, 1, []string{"FAIL  it answers initialize", `got "it's"`}},
	} {
		t.Run(fmt.Sprint(c.argv), func(t *testing.T) {
			t.Parallel()
			got := run(t, command(t, append([]string{"ext-check"}, c.argv...)...))
			for _, want := range c.want {
				if !strings.Contains(got.stdout+got.stderr, want) {
					t.Errorf("no %q in\n%s%s", want, got.stdout, got.stderr)
				}
			}
			if got.status != c.status {
				t.Errorf("exit status %d, want %d", got.status, c.status)
			}
		})
	}
}
