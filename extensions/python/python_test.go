package python_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/extensions/python"
)

// interpreters are tried each: what is on PATH, and the system's own.
func interpreters(t *testing.T) []string {
	t.Helper()
	var found []string
	if path, err := exec.LookPath("python3"); err == nil {
		found = append(found, path)
	}
	if _, err := os.Stat("/usr/bin/python3"); err == nil && (len(found) == 0 || found[0] != "/usr/bin/python3") {
		found = append(found, "/usr/bin/python3")
	}
	if len(found) == 0 {
		t.Skip("no python3 here")
	}
	return found
}

// peer is a host under test, with us in the daemon's place.
type peer struct {
	t    *testing.T
	in   io.WriteCloser
	out  *bufio.Scanner
	last int
	// told are notifications and asked requests of the host, as they came.
	told []string
	// answers are what its requests are answered, by method.
	answers map[string]string
	// before, when set, is sent before an answer to a request.
	before map[string]string
}

func start(t *testing.T, interpreter string, path ...string) *peer {
	t.Helper()
	cmd := exec.Command(interpreter, "-c", python.Boot)
	cmd.Env = append(os.Environ(), "PYTHONPATH="+strings.Join(path, ":"), "PYTHONDONTWRITEBYTECODE=1")
	// Modules of the current directory are nobody's business.
	cmd.Dir = t.TempDir()
	for _, name := range []string{"json.py", "random.py", "supervisor.py"} {
		if err := os.WriteFile(filepath.Join(cmd.Dir, name), []byte("raise ImportError('from the current directory')"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, in: in, out: bufio.NewScanner(out), answers: map[string]string{}, before: map[string]string{}}
	p.out.Buffer(nil, 16<<20)
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the host ends with %v", err)
		}
	})
	line, err := python.First("_reeve.host", []string{"supervisord"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.write(string(line))
	p.ask("init", `{"about":{"pid":42,"identifier":"test","loglevel":20},"state":`+state+`}`)
	return p
}

const state = `{"mood":1,"order":["g"],"groups":[{"name":"g","kind":"group","priority":999,"configs":[` + config + `]}],` +
	`"processes":[["g","a",{"state":20,"pid":7,"laststart":100.5}]]}`

const config = `{"name":"a","uid":null,"command":"/bin/cat","directory":null,"umask":null,"priority":999,"autostart":true,` +
	`"autorestart":"unexpected","startsecs":1,"startretries":3,"stdout_logfile":"/a.out","stdout_capture_maxbytes":0,` +
	`"stdout_events_enabled":false,"stdout_syslog":false,"stdout_logfile_backups":10,"stdout_logfile_maxbytes":52428800,` +
	`"stderr_logfile":null,"stderr_capture_maxbytes":0,"stderr_logfile_backups":10,"stderr_logfile_maxbytes":52428800,` +
	`"stderr_events_enabled":false,"stderr_syslog":false,"stopsignal":15,"stopwaitsecs":10,"stopasgroup":false,` +
	`"killasgroup":false,"exitcodes":[0],"redirect_stderr":false,"environment":{},"serverurl":null}`

func (p *peer) write(line string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, line); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) tell(method, params string) {
	p.t.Helper()
	p.write(fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`+"\n", method, params))
}

// ask sends a request and returns its result, or "error: " and a message. Meanwhile it is a daemon to the host.
func (p *peer) ask(method, params string) string {
	p.t.Helper()
	p.last++
	p.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`+"\n", p.last, method, params))
	for {
		m := p.read()
		if m.Method == "" && m.ID == p.last {
			if m.Error != nil {
				return "error: " + m.Error.Message
			}
			return string(m.Result)
		}
	}
}

type message struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

func (p *peer) read() message {
	p.t.Helper()
	if !p.out.Scan() {
		p.t.Fatalf("the host is silent: %v", p.out.Err())
	}
	var m message
	if err := json.Unmarshal(p.out.Bytes(), &m); err != nil {
		p.t.Fatalf("%v in %s", err, p.out.Bytes())
	}
	if m.Method != "" {
		p.told = append(p.told, m.Method+" "+string(m.Params))
	}
	if m.Method != "" && m.ID != 0 {
		if delta := p.before[m.Method]; delta != "" {
			p.tell("state", delta)
		}
		answer := p.answers[m.Method]
		if answer == "" {
			answer = `"result":null`
		}
		p.write(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,%s}`+"\n", m.ID, answer))
	}
	return m
}

// until reads until the host tells something that begins so.
func (p *peer) until(begin string) string {
	p.t.Helper()
	for {
		if m := p.read(); strings.HasPrefix(m.Method, begin) {
			return string(m.Params)
		}
	}
}

var (
	trace = regexp.MustCompile(`"crash":"(\\.|[^"\\])*"`)
	xml   = regexp.MustCompile(`"xml":"((?:\\.|[^"\\])*)"`)
)

// short makes an answer readable: tracebacks are left out, and of XML stays what is between the params.
func short(answer string) string {
	answer = trace.ReplaceAllString(answer, `"crash":"..."`)
	return xml.ReplaceAllStringFunc(answer, func(s string) string {
		var text string
		if err := json.Unmarshal([]byte(`"`+xml.FindStringSubmatch(s)[1]+`"`), &text); err != nil {
			return s
		}
		for _, cut := range []string{"\n", "<?xml version='1.0'?>", "<methodResponse>", "</methodResponse>", "<params>", "</params>", "<param>", "</param>"} {
			text = strings.ReplaceAll(text, cut, "")
		}
		return text
	})
}

func plugins(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("testdata/plugins")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// each runs a test under each interpreter.
func each(t *testing.T, test func(*testing.T, *peer)) {
	for _, i := range interpreters(t) {
		t.Run(strings.ReplaceAll(strings.Trim(i, "/"), "/", "_"), func(t *testing.T) {
			t.Parallel()
			test(t, start(t, i, plugins(t)))
		})
	}
}

func TestCallsAreAnsweredAsSupervisorAnswersThem(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *peer) {
		made := p.ask("make", `{"server":0,"namespaces":[{"name":"probe","spec":"probe:make_probe","options":[["color","red"]]},{"name":"none","spec":"probe:make_nothing","options":{}}]}`)
		if strings.Contains(made, "unready") || !strings.Contains(made, `{"name":"undocumented","help":"None","signature":null}`) {
			t.Errorf("what is offered is %s", made)
		}
		for _, c := range []struct{ method, args, want string }{
			{"plain", `[1]`, `{<value><int>3</int></value>}`},
			{"plain", `[1,2,3]`, `{"fault":[2,"INCORRECT_PARAMETERS"]}`},
			{"plain", `[]`, `{"fault":[2,"INCORRECT_PARAMETERS"]}`},
			{"inherited", `[]`, `{<value><string>inherited</string></value>}`},
			{"static", `[]`, `{"fault":[1,"UNKNOWN_METHOD"]}`},
			{"of_class", `[]`, `{<value><string>Probe</string></value>}`},
			{"_private", `[]`, `{"fault":[1,"UNKNOWN_METHOD"]}`},
			{"__init__", `[]`, `{"fault":[1,"UNKNOWN_METHOD"]}`},
			{"attached", `[]`, `{"fault":[1,"UNKNOWN_METHOD"]}`},
			{"constant", `[]`, `{"fault":[1,"UNKNOWN_METHOD"]}`},
			{"hidden.inherited", `[]`, `{"fault":[1,"UNKNOWN_METHOD"]}`},
			{"nosuch", `[]`, `{"fault":[1,"UNKNOWN_METHOD"]}`},
			{"fault", `[10,"x"]`, `{"fault":[10,"BAD_NAME: x"]}`},
			{"bare_fault", `[10]`, `{"fault":[10,"BAD_NAME"]}`},
			{"fault", `[4000,"x"]`, `{"fault":[4000,"UNKNOWN: x"]}`},
			{"new_fault", `[]`, `{"fault":[4711,"MY_OWN: told"]}`},
			{"crash", `[]`, `{"crash":"...","text":"<class 'ValueError'>:inside"}`},
			{"type_error", `[]`, `{"fault":[2,"INCORRECT_PARAMETERS"]}`},
			{"nothing", `[]`, `{"crash":"...","text":"<class 'TypeError'>:cannot marshal None unless allow_none is enabled","marshal":true}`},
			{"big", `[]`, `{"crash":"...","text":"<class 'OverflowError'>:int exceeds XML-RPC limits","marshal":true}`},
			{"pair", `[]`, `{"crash":"...","text":"<class 'AssertionError'>:response tuple must be a singleton","marshal":true}`},
			{"single", `[]`, `{<value><int>7</int></value>}`},
			{"raw", `[]`, `{<value><base64>AP8=</base64></value>}`},
			{"thing", `[]`, `{<value><struct><member><name>code</name><value><int>10</int></value></member><member><name>text</name><value><string>BAD_NAME: x</string></value></member></struct></value>}`},
			{"partial", `[]`, `{<value><struct></struct></value>}`},
			{"bound", `[]`, `{<value><struct></struct></value>}`},
			{"exits", `[]`, `{"crash":"...","text":"<class 'SystemExit'>:3"}`},
			{"returned_fault", `[]`, `{"fault":[78,"returned"]}`},
			{"surrogate", `[]`, `{"crash":"...","text":"<class 'UnicodeEncodeError'>:'utf-8' codec can't encode character '\\udc80' in position 71: surrogates not allowed","marshal":true}`},
			{"bad_line", `[]`, `{<value><boolean>1</boolean></value>}`},
			{"no_delay", `[]`, `{"crash":"...","text":"<class 'AttributeError'>:'function' object has no attribute 'delay'"}`},
			{"later", `[2]`, `{"deferred":true}`},
			{"kwargs", `[]`, `{<value><struct><member><name>color</name><value><string>red</string></value></member></struct></value>}`},
			{"kinds", `[1,1.0,"x",true,null,["a"],{"b":1},{"$":["time","20000101T00:00:00"]},{"$":["struct",[["$",1]]]}]`,
				`{<value><array><data><value><string>int</string></value><value><string>float</string></value><value><string>str</string></value><value><string>bool</string></value><value><string>NoneType</string></value><value><string>list</string></value><value><string>dict</string></value><value><string>datetime</string></value><value><string>dict</string></value></data></array></value>}`},
		} {
			got := short(p.ask("rpc.call", `{"server":0,"namespace":"probe","call":1,"method":"`+c.method+`","args":`+c.args+`}`))
			if got != c.want {
				t.Errorf("%s%s: %s\nwant %s", c.method, c.args, got, c.want)
			}
		}
		if got := p.ask("rpc.call", `{"server":0,"namespace":"none","call":1,"method":"plain","args":[]}`); got != `{"fault":[1,"UNKNOWN_METHOD"]}` {
			t.Error("a namespace that is none:", got)
		}
	})
}

func TestDeferredResultsComeLater(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *peer) {
		p.ask("make", `{"server":0,"namespaces":[{"name":"probe","spec":"probe:make_probe","options":{}}]}`)
		for _, c := range []struct{ method, args, want string }{
			{"later", "[3]", `{<value><string>late</string></value>,"call":9}`},
			{"later_fault", "[]", `{"fault":[70,"NOT_RUNNING: late"],"call":9}`},
			{"later_exit", "[]", `{"crash":"...","text":"<class 'SystemExit'>:4","call":9}`},
			{"later_crash", "[]", `{"crash":"...","text":"<class 'ValueError'>:late","call":9}`},
		} {
			if got := p.ask("rpc.call", `{"server":0,"namespace":"probe","call":9,"method":"`+c.method+`","args":`+c.args+`}`); got != `{"deferred":true}` {
				t.Errorf("%s: %s", c.method, got)
			}
			if got := short(p.until("rpc.result")); got != c.want {
				t.Errorf("%s: %s\nwant %s", c.method, got, c.want)
			}
		}
	})
}

func TestARemoteEventOfAPluginsOwnIsHeardOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *peer) {
		p.ask("make", `{"server":0,"namespaces":[{"name":"probe","spec":"probe:make_probe","options":{}}]}`)
		call := func(method string) string {
			return short(p.ask("rpc.call", `{"server":0,"namespace":"probe","call":1,"method":"`+method+`","args":[]}`))
		}
		if got := call("remote"); got != `{<value><int>1</int></value>}` {
			t.Error("at once:", got)
		}
		for range 2 { // the daemon tells it everybody, and then another of the same words
			p.ask("event", `{"type":"REMOTE_COMMUNICATION","kind":"kind","data":"mine"}`)
		}
		if got := call("count_heard"); got != `{<value><int>2</int></value>}` {
			t.Error("in the end:", got)
		}
	})
}

func TestPartsOfSupervisorThatAreNotHereAreRefusedByName(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *peer) {
		p.ask("make", `{"server":0,"namespaces":[{"name":"missing","spec":"probe:make_missing","options":[]}]}`)
		got := short(p.ask("rpc.call", `{"server":0,"namespace":"missing","call":1,"method":"get","args":[]}`))
		for _, want := range []string{
			"Missing: using supervisor.process.Subprocess.record_spawnerr cannot be done under Reeve",
			"Missing: using supervisor.process.Subprocess._spawn_as_child cannot be done under Reeve",
			"Missing: using supervisor.supervisord.Supervisor.runforever cannot be done under Reeve",
			"Missing: using supervisor.options.ServerOptions.daemonize cannot be done under Reeve",
			"Missing: using supervisor.options.ServerOptions.fork cannot be done under Reeve",
			"AttributeError: 'Subprocess' object has no attribute 'nosuch'",
			"AttributeError: type object 'Subprocess' has no attribute 'nosuch'",
		} {
			if !strings.Contains(got, "<string>"+want+"</string>") {
				t.Errorf("%s is not in %s", want, got)
			}
		}
	})
}
