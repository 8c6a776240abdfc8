package ctl_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/ext/command"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/ctl"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// The test binary is an executable plug-in that behaves as this variable says.
const asPlugin = "REEVE_TEST_CTLPLUGIN"

// runWith is supervisorctl with a file of these sections.
func runWith(t *testing.T, sections, url string, words ...string) (code int, out, errs string) {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "conf")
	must(t, os.WriteFile(conf, []byte("[supervisorctl]\nserverurl="+url+"\n"+sections), 0o644))
	var stdout, stderr bytes.Buffer
	code = ctl.Main(append([]string{"supervisorctl", "-c", conf}, words...), strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// section is a plug-in that is this test binary.
func section(t *testing.T, name, manner string) string {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	return fmt.Sprintf("[ctlplugin:%s]\ncommand=/usr/bin/env %s=%s %s\ncolour=red\n", name, asPlugin, manner, self)
}

// pluginMain is such a plug-in.
func pluginMain(manner string) int {
	in := bufio.NewScanner(os.Stdin)
	say := func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	read := func() (m struct {
		ID     int
		Method string
		Params map[string]any
		Result json.RawMessage
		Error  map[string]any
	}) {
		if in.Scan() {
			json.Unmarshal(in.Bytes(), &m)
		}
		return m
	}
	output := func(format string, args ...any) {
		text, _ := json.Marshal(fmt.Sprintf(format, args...))
		say(`{"jsonrpc":"2.0","method":"output","params":{"text":%s}}`, text)
	}
	hello := read()
	switch manner {
	case "junk":
		say("loading plug-ins")
	case "long":
		say("%s", strings.Repeat("x", 17<<20))
	case "exit":
		return 3
	case "deaf", "clinging":
		if manner == "clinging" {
			say(`{"jsonrpc":"2.0","id":%d,"result":{"commands":[{"name":"bake"}]}}`, hello.ID)
		}
		select {}
	case "silent":
		in.Scan()
		return 0
	case "stranger":
		say(`{"jsonrpc":"2.0","id":77,"result":{"commands":[]}}`)
		return 0
	case "list":
		say(`{"jsonrpc":"2.0","id":%d,"result":[1]}`, hello.ID)
	case "refuse":
		say(`{"jsonrpc":"2.0","id":%d,"error":{"code":1,"message":"not on Sundays"}}`, hello.ID)
	case "name":
		say(`{"jsonrpc":"2.0","id":%d,"result":{"commands":[{"name":"two words"}]}}`, hello.ID)
	}
	say(`{"jsonrpc":"2.0","id":%d,"result":{"commands":[{"name":"bake","help":"bake <what>\tBake"},{"name":"crash"},{"name":"events","help":"mine"}]}}`, hello.ID)
	order := read()
	switch order.Method {
	case "complete":
		say(`{"jsonrpc":"2.0","id":%d,"result":{"words":["cake ","tart "]}}`, order.ID)
	case "run":
		if order.Params["command"] == "crash" {
			output("half\n")
			return 4
		}
		options, _ := json.Marshal(hello.Params["options"])
		args, _ := json.Marshal(order.Params["args"])
		output("%s %s %s %s\n", order.Params["command"], args, hello.Params["name"], options)
		say(`{"jsonrpc":"2.0","method":"output","params":{"text":"hot\n","stream":"stderr"}}`)
		say(`{"jsonrpc":"2.0","id":1,"method":"call","params":{"method":"oven.heat","params":[180,"fan",[1.5,true]]}}`)
		output("heat: %s\n", read().Result)
		say(`{"jsonrpc":"2.0","id":2,"method":"call","params":{"method":"oven.break","params":[]}}`)
		output("break: %v\n", read().Error["message"])
		say(`{"jsonrpc":"2.0","id":3,"method":"command","params":{"line":"pid nosuch"}}`)
		output("pid: %s\n", read().Result)
		say(`{"jsonrpc":"2.0","id":4,"method":"nosuch","params":{}}`)
		output("nosuch: %v\n", read().Error["code"])
		say(`{"jsonrpc":"2.0","id":%d,"result":{"exitstatus":6}}`, order.ID)
	}
	for in.Scan() {
	}
	return 0
}

// oven is a daemon with a method.
func oven(t *testing.T) string {
	return fake(t, func(method string, r *http.Request) any {
		switch method {
		case "oven.heat":
			return xmlrpc.Struct{{Name: "degrees", Value: 180}}
		case "oven.break":
			return &xmlrpc.Fault{Code: 30, String: "FAILED: no"}
		case "supervisor.getProcessInfo":
			return &xmlrpc.Fault{Code: 10, String: "BAD_NAME: nosuch"}
		case "supervisor.getVersion":
			return "3.0"
		}
		return &xmlrpc.Fault{Code: 1, String: "UNKNOWN_METHOD"}
	})
}

func TestAnExecutableOffersCommands(t *testing.T) {
	t.Parallel()
	url, conf := oven(t), section(t, "kitchen", "well")
	code, out, errs := runWith(t, conf, url, "bake", "a cake", "'now'")
	want := `bake ["a cake","'now'"] kitchen {"colour":"red"}
heat: {"degrees":180}
break: FAILED: no
No such process nosuch
pid: {"exitstatus":1,"stop":false}
nosuch: -32601
`
	if code != 6 || out != want || errs != "hot\n" {
		t.Errorf("status %d\n%s\nwant\n%s\nstderr %q", code, out, want, errs)
	}
	if code, out, _ := runWith(t, conf, url, "crash"); code != 1 || out != "half\nError: [ctlplugin:kitchen]: it ended with exit status 4 before it answered\n" {
		t.Errorf("crash: status %d, %q", code, out)
	}
	if code, out, _ := runWith(t, conf, url, "help"); code != 0 || !strings.HasSuffix(out, "\n\nkitchen commands (type help <topic>):\n=====================================\nbake  events\n\n") {
		t.Errorf("help: status %d, %q", code, out)
	}
	if _, out, _ := runWith(t, conf, url, "help", "bake"); out != "*** No help on bake\nbake <what>\tBake\n" {
		t.Errorf("help bake: %q", out)
	}
	if _, out, _ := runWith(t, conf, url, "help", "events"); out != "*** No help on events\nmine\n" {
		t.Errorf("help events: %q", out)
	}
}

func TestAnExecutableThatLiesCostsItsOwnCommand(t *testing.T) {
	t.Parallel()
	url := oven(t)
	for manner, why := range map[string]string{
		"junk":     `it says what is no JSON-RPC: "loading plug-ins"`,
		"long":     `it says a line of more than 16777216 bytes`,
		"exit":     `it ended with exit status 3 before it answered`,
		"stranger": `it ended with exit status 0 before it answered`,
		"list":     `it answers initialize with "[1]"`,
		"refuse":   `not on Sundays`,
		"name":     `it offers a command "two words"; a name is letters, digits and underscores`,
	} {
		t.Run(manner, func(t *testing.T) {
			t.Parallel()
			conf := section(t, "kitchen", manner)
			if code, out, _ := runWith(t, conf, url, "bake"); code != 1 || out != "Error: cannot use [ctlplugin:kitchen]: "+why+"\n" {
				t.Errorf("status %d, %q", code, out)
			}
			if code, out, _ := runWith(t, conf, url, "version"); code != 1 || !strings.HasPrefix(out, "error: ") {
				t.Errorf("another command: status %d, %q", code, out) // UNKNOWN_METHOD, from the daemon
			}
		})
	}
	conf := "[ctlplugin:kitchen]\ncommand=/nonexistent/kitchen\n"
	if code, out, _ := runWith(t, conf, url, "bake"); code != 1 || out != "Error: cannot use [ctlplugin:kitchen]: cannot run \"/nonexistent/kitchen\": no such file or directory\n" {
		t.Errorf("status %d, %q", code, out)
	}
}

func TestAnExecutableThatTakesForEverIsKilled(t *testing.T) {
	t.Parallel()
	const moment, ages = 50 * time.Millisecond, time.Hour
	self, err := os.Executable()
	must(t, err)
	for _, c := range []struct {
		manner            string
		greeting, parting time.Duration
		names, why        string
	}{
		{"deaf", moment, ages, "[]", "Error: cannot use [ctlplugin:kitchen]: it has not said within 50ms what it offers"},
		{"clinging", ages, moment, "[bake]", "<nil>"},
	} {
		conf := config.CtlPlugin{Command: fmt.Sprintf("/usr/bin/env %s=%s %s", asPlugin, c.manner, self)}
		conf.Name, conf.Section = "kitchen", "ctlplugin:kitchen"
		names, err := ctl.Offers(conf, c.greeting, c.parting)
		if fmt.Sprint(names) != c.names || !strings.HasPrefix(fmt.Sprint(err), c.why) {
			t.Errorf("%s: %v, %v", c.manner, names, err)
		}
	}
}

// kitchen is a plug-in in Go.
type kitchen struct{ section ext.Section }

func (k kitchen) Commands() []command.Command {
	return []command.Command{
		{Name: "roast", Help: "roast <what>\tRoast", Run: k.roast, Complete: func(context.Context, command.Session, command.Word) []string {
			return []string{"beef ", "nuts "}
		}},
		{Name: "leave", Run: func(context.Context, command.Session, string) error { return command.Exit(5) }},
		{Name: "fail", Run: func(context.Context, command.Session, string) error { return errors.New("burnt") }},
		{Name: "version", Help: "never seen"},
		{Name: "empty"},
		{Name: "panic", Run: func(context.Context, command.Session, string) error { panic("too hot") }},
		{Name: "call", Help: "call\tThe waiter", Run: func(_ context.Context, s command.Session, arg string) error {
			fmt.Fprintln(s.Stdout(), "waiter", arg)
			return nil
		}},
	}
}

func (k kitchen) roast(ctx context.Context, s command.Session, arg string) error {
	url, user, password := s.Server()
	fmt.Fprintln(s.Stdout(), arg, k.section.Options["colour"], strings.HasPrefix(url, "unix://"), user == "", password == "", s.Up(ctx))
	v, err := s.Call(ctx, "oven.heat", 180)
	fmt.Fprintln(s.Stdout(), v, err)
	_, err = s.Call(ctx, "oven.break")
	var fault *ext.Fault
	fmt.Fprintln(s.Stdout(), errors.As(err, &fault), err)
	fmt.Fprintln(s.Stdout(), s.Command(ctx, "pid nosuch"))
	if arg == "all" {
		s.SetStatus(3)
	}
	return nil
}

func init() {
	command.Register("test.kitchen:make", func(s ext.Section) (command.Plugin, error) {
		return kitchen{s}, s.Only("colour")
	})
}

func TestAPlugInInGoOffersCommands(t *testing.T) {
	t.Parallel()
	url := oven(t)
	const conf = "[ctlplugin:go]\nsupervisor.ctl_factory=test.kitchen:make\ncolour=blue\n"
	for line, want := range map[string]string{
		"roast beef":  "1 beef blue true true true true\nmap[degrees:180] <nil>\ntrue fault 30: FAILED: no\nNo such process nosuch\n1\n",
		"roast all":   "3 all blue true true true true\nmap[degrees:180] <nil>\ntrue fault 30: FAILED: no\nNo such process nosuch\n1\n",
		"leave":       "5 ",
		"fail":        "1 error: burnt\n",
		"panic":       "1 error: [ctlplugin:go] panic: too hot\n",
		"empty":       "1 error: [ctlplugin:go] has nothing to run for \"empty\"\n",
		"call me":     "0 waiter me\n",
		"help roast":  "0 *** No help on roast\nroast <what>\tRoast\n",
		"help leave":  "0 *** No help on leave\n*** No help on leave\n",
		"help status": "",
	} {
		code, out, _ := runWith(t, conf, url, strings.Fields(line)...)
		if got := fmt.Sprintf("%d %s", code, out); want != "" && got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	if code, out, errs := runWith(t, conf, url, "--json", "call", "x"); code != 2 || out != "" || errs != "Error: call has no --json form\n" {
		t.Errorf("--json is the plug-in's: status %d, %q %q", code, out, errs)
	}
	if code, out, _ := runWith(t, strings.Replace(conf, "colour", "color", 1), url, "roast"); code != 1 ||
		!strings.HasPrefix(out, "Error: cannot use [ctlplugin:go]: unknown option \"color\" in [ctlplugin:go] option color (file: '") {
		t.Errorf("a wrong option: status %d, %q", code, out)
	}
}

func TestTabAsksPlugIns(t *testing.T) {
	t.Parallel()
	conf := section(t, "kitchen", "well") + "[ctlplugin:go]\nsupervisor.ctl_factory=test.kitchen:make\ncolour=blue\n"
	complete := ctl.CompleterOf(t, oven(t), conf)
	for line, want := range map[string][]string{
		"ro":       {"roast "},
		"ba":       {"bake "},
		"ev":       {"events "},
		"help lea": {"leave "},
		"roast ":   {"beef ", "nuts "},
		"bake t":   {"tart "},
		"events ":  {"cake ", "tart "},
	} {
		if _, words, _ := complete(line, len(line)); strings.Join(words, "|") != strings.Join(want, "|") {
			t.Errorf("%q: %q, want %q", line, words, want)
		}
	}
}
