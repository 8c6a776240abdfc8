package config_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// refusal reads one file that must be refused.
func refusal(t *testing.T, files map[string]string) *config.Problem {
	t.Helper()
	_, err := config.Parse("s.conf", fake{files: files, host: "box"}, config.Overrides{})
	var p *config.Problem
	if !errors.As(err, &p) {
		t.Fatalf("%v: %v is not a Problem", files, err)
	}
	return p
}

func TestARefusalNamesFileAndLine(t *testing.T) {
	include := sv + "[include]\nfiles=*.ini\n"
	for _, c := range []struct{ root, ini, text, where string }{
		{sv + "[program:a]\ncommand=x\n\nstartsecs=x\n", "", "invalid literal for int() with base 10: 'x' in section 'program:a' (file: 's.conf')", "s.conf:5"},
		{sv + "[program:a]\nautostart=1\n", "", "program section program:a does not specify a command in section 'program:a' (file: 's.conf')", "s.conf:2"},
		{include, "[program:a]\ncommand=%(x)s\n", "", "/work/a.ini:2"},
		{include + "[program:a]\ncommand=x\n", "\n[program:a]\nstopsignal=99\n", "value '99' is not a valid signal number in section 'program:a' (file: 's.conf')", "/work/a.ini:3"},
		{sv + "[group:g]\npriority=1\nprograms=a\n", "", "[group:g] names unknown program or fcgi-program a", "s.conf:4"},
		{sv + "garbage\n\nmore\n", "", "Source contains parsing errors: 's.conf'\n\t[line  2]: 'garbage\\n'\n\t[line  4]: 'more\\n'", "s.conf:2"},
		{"\nx=1\n", "", "File contains no section headers.\nfile: 's.conf', line: 2\n'x=1\\n'", "s.conf:2"},
		{sv + "user=nosuch\n", "", "Invalid user name nosuch", "s.conf:2"},
		{sv + "environment=A\n", "", "Unexpected end of key/value pairs in value 'A'", "s.conf:2"},
		{sv + "identifier=\xff\n", "", "'utf-8' codec can't decode byte 0xff in position 25: invalid start byte", "s.conf:2"},
		{"[program:a]\n", "", ".ini file does not include supervisord section", ""},
		{sv + "[include]\n", "", ".ini file has [include] section, but no files setting", "s.conf:2"},
		{sv + "[inet_http_server]\nport=h:0\n", "", "0 is below lower bound (1)", "s.conf:3"},
		{sv + "[rpcinterface:x]\nsupervisor.rpcinterface_factory=no.such:thing\n", "", "no.such:thing cannot be resolved within [rpcinterface:x]: No module named 'no'", "s.conf:3"},
	} {
		files := map[string]string{"/work/s.conf": c.root}
		if c.ini != "" {
			files["/work/a.ini"] = c.ini
		}
		p := refusal(t, files)
		if c.text != "" && p.Error() != c.text {
			t.Errorf("%s\ngot  %s\nwant %s", c.root, p, c.text)
		}
		if p.Where() != c.where {
			t.Errorf("%s\nat   %s\nwant %s", c.root, p.Where(), c.where)
		}
	}
}

// holds: CFG-006
func TestAFileThatIsMissingOrUnreadableIsRefusedByName(t *testing.T) {
	w := fake{files: map[string]string{"/work/d/x": ""}}
	for path, want := range map[string]string{"s.conf": "could not find config file s.conf", "/work/d": "could not read config file /work/d"} {
		if _, err := config.Parse(path, w, config.Overrides{}); err == nil || err.Error() != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// holds: CFG-101
func TestAByteOrderMarkIsSkipped(t *testing.T) {
	w := fake{files: map[string]string{"/work/s.conf": "\ufeff" + sv + "minfds=3\n"}}
	c, err := config.Parse("s.conf", w, config.Overrides{})
	if err != nil || c.Daemon.Minfds != 3 {
		t.Errorf("%+v %v", c, err)
	}
}

// holds: CLI-002 CLI-007
func TestTheCommandLineBeatsTheFile(t *testing.T) {
	text := sv + "logfile=f.log\nlogfile_maxbytes=1\nlogfile_backups=1\nloglevel=info\npidfile=f.pid\nidentifier=f\nchildlogdir=/tmp\n" +
		"umask=0\ndirectory=/tmp\nminfds=1\nminprocs=1\nuser=root\n"
	w := fake{files: map[string]string{"/work/s.conf": text}}
	word, number, size, level := "www", 7, int64(9), config.Blather
	o := config.Overrides{
		Nodaemon: true, Silent: true, Nocleanup: true, StripANSI: true, User: &word, Directory: &word, Logfile: &word,
		Pidfile: &word, Identifier: &word, Childlogdir: &word, LogfileMaxbytes: &size, LogfileBackups: &number,
		Loglevel: &level, Umask: &number, Minfds: &number, Minprocs: &number,
	}
	c, err := config.Parse("s.conf", w, o)
	want := config.Daemon{
		Nodaemon: true, Silent: true, Nocleanup: true, StripANSI: true, User: word, UID: 33, GID: 34, Directory: word,
		Logfile: word, Pidfile: word, Identifier: word, Childlogdir: word, LogfileMaxbytes: size, LogfileBackups: number,
		Loglevel: level, Umask: number, Minfds: number, Minprocs: number,
	}
	if err != nil || !reflect.DeepEqual(c.Daemon, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, c.Daemon, want)
	}
	// Two more are no options: Known and Owned.
	if v := reflect.ValueOf(o); v.NumField() != 18 {
		t.Error("there is an override that this test does not know")
	}
	on := fake{files: map[string]string{"/work/s.conf": sv + "nodaemon=true\nsilent=true\nnocleanup=true\nstrip_ansi=true\n"}}
	if c, err := config.Parse("s.conf", on, config.Overrides{}); err != nil || !c.Daemon.Nodaemon || !c.Daemon.Silent ||
		!c.Daemon.Nocleanup || !c.Daemon.StripANSI {
		t.Errorf("a flag that is not given switched something off: %+v %v", c, err)
	}
}

// holds: CLI-006
func TestABadUserOfTheCommandLineIsRefused(t *testing.T) {
	w := fake{files: map[string]string{"/work/s.conf": sv + "user=root\n"}}
	nobody := "nosuch"
	_, err := config.Parse("s.conf", w, config.Overrides{User: &nobody})
	if err == nil || err.Error() != "Invalid user name nosuch" {
		t.Error(err)
	}
	var p *config.Problem
	if errors.As(err, &p) && p.Where() != "" {
		t.Errorf("the file is blamed: %s", p.Where())
	}
}

// holds: CFG-038 CFG-039 CFG-040 CFG-041 CFG-045 CFG-046 CLI-006
func TestConvertersSayWhatSupervisorSays(t *testing.T) {
	w := fake{files: map[string]string{}}
	for want, got := range map[string]error{
		"bad logging level name 'foo'":                                       second(config.LogLevel("foo")),
		"9 can not be converted to an octal type":                            second(config.Octal("9")),
		"invalid literal for int() with base 10: '10x'":                      second(config.ByteSize("10X")),
		"invalid literal for int() with base 10: 'a'":                        second(config.Integer("a")),
		"/nonexist is not an existing directory":                             second(config.ExistingDirectory(w, "/nonexist")),
		"The directory named as part of the path /nonexist/x does not exist": second(config.ExistingDirpath(w, "/nonexist/x")),
		"Invalid user name x":                                                second(config.User(w, "x")),
		"Invalid user id 77":                                                 second(config.User(w, "77")),
		"value 'FOO' is not a valid signal name":                             second(config.Signal("FOO")),
		"value '99' is not a valid signal number":                            second(config.Signal("99")),
	} {
		if got == nil || got.Error() != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	if n, err := config.ByteSize(" 1_0 kb"); n != 10240 || err != nil {
		t.Error(n, err)
	}
	for text, want := range map[string]int64{
		"99999999999999GB": math.MaxInt64, "-99999999999GB": math.MinInt64, "99999999999999999999": math.MaxInt64,
		"8589934591GB": 8589934591 << 30, "8589934592GB": math.MaxInt64,
	} {
		if n, err := config.ByteSize(text); n != want || err != nil {
			t.Errorf("%s: %d %v", text, n, err)
		}
	}
	if dir, err := config.ExistingDirpath(w, "x.log"); dir != "x.log" || err != nil {
		t.Error(dir, err)
	}
	if config.Quote("it's") != `"it's"` {
		t.Error(config.Quote("it's"))
	}
}

func second[T any](_ T, err error) error { return err }

// holds: CFG-001
func TestTheFileIsLookedForWhereSupervisorLooks(t *testing.T) {
	for argv0, first := range map[string]string{
		"/usr/bin/supervisord": "/usr/etc/supervisord.conf", "supervisord": "etc/supervisord.conf",
		"bin/supervisord": "etc/supervisord.conf", "./supervisord": "etc/supervisord.conf", "/supervisord": "/etc/supervisord.conf",
		"a/b/c": "a/etc/supervisord.conf",
	} {
		paths := config.SearchPaths(argv0)
		if len(paths) != 6 || paths[0] != first || paths[5] != "/etc/supervisor/supervisord.conf" {
			t.Errorf("%s: %v", argv0, paths)
		}
	}
}

// holds: VER-003 VER-004 VER-005 CFG-034 CFG-050
func TestWhereSupervisor44DiffersWeFollowIt(t *testing.T) {
	o := askOracle(t)
	environments := map[string][2]string{ // 4.2.5's value of A, and 4.4's
		`A='say "hi"'`: {`say "hi`, `say "hi"`}, `A="a\"b"`: {`a\`, `a"b`}, `A=x"y z"w`: {`x"y`, `xy zw`}, `"A"="1"`: {``, `1`},
		`A="x"`: {`x`, `x`}, `A=y,B="x"`: {`y`, `y`},
	}
	for text, want := range environments {
		var theirs [][2]string
		r := o.ask(t, question{"op": "environment", "text": text, "version": "4.2"})
		if r.Error == nil {
			unmarshal(t, r, &theirs)
		}
		ours, err := config.ParseEnvironment(text)
		if err != nil || ours[0] != (config.Var{Name: "A", Value: want[1]}) {
			t.Errorf("%s: %v %v", text, ours, err)
		}
		if want[0] != "" && (len(theirs) == 0 || theirs[0] != [2]string{"A", want[0]}) {
			t.Errorf("%s: 4.2.5 says %v", text, theirs)
		}
	}
	for _, line := range []string{"environment=G=\"50%%x\"", "environment=H=\"%(host_node_name)s\""} {
		path := lay(t, t.TempDir(), sv+line+"\n")
		if r := o.ask(t, question{"op": "parse", "path": path, "version": "4.2"}); r.Error == nil {
			t.Errorf("4.2.5 accepts %s", line)
		}
		w := fake{files: map[string]string{"/work/s.conf": sv + line + "\n"}, host: "box"}
		c, err := config.Parse("s.conf", w, config.Overrides{})
		if err != nil || c.Daemon.Environment[0].Value != "50%x" && c.Daemon.Environment[0].Value != "box" {
			t.Errorf("%s: %v", line, err)
		}
	}
	for spec, why := range map[string]string{
		"no.such:thing": "No module named 'no'", "supervisor.nope:x": "No module named 'supervisor.nope'", "x": "it is not of the form module:function",
		"supervisor.dispatchers:nope": "module 'supervisor.dispatchers' has no attribute 'nope'",
	} {
		p := refusal(t, map[string]string{"/work/s.conf": sv + "[eventlistener:e]\ncommand=x\nevents=EVENT\nresult_handler=" + spec + "\n"})
		if want := fmt.Sprintf("%s cannot be resolved within [eventlistener:e]: %s", spec, why); p.Text != want {
			t.Errorf("got %s, want %s", p.Text, want)
		}
	}
}

func TestAPluginThatIsKnownIsTaken(t *testing.T) {
	text := sv + "[rpcinterface:x]\nsupervisor.rpcinterface_factory=my.thing:make\nb=1\na=2\n[eventlistener:e]\ncommand=x\nevents=tick,event,TICK\nresult_handler=my.thing:judge\n"
	asked := map[string]bool{}
	known := func(spec string) bool { asked[spec] = true; return true }
	c, err := config.Parse("s.conf", fake{files: map[string]string{"/work/s.conf": text}}, config.Overrides{Known: known})
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Plugin{{Name: "x", Section: "rpcinterface:x", Factory: "my.thing:make", Options: []config.Var{{Name: "b", Value: "1"}, {Name: "a", Value: "2"}},
		File: "s.conf", Line: 2, Lines: map[string]int{"b": 4, "a": 5}}}
	if !reflect.DeepEqual(c.Plugins, want) || c.Groups[0].ResultHandler != "my.thing:judge" || len(asked) != 2 {
		t.Errorf("%+v %+v %v", c.Plugins, c.Groups[0], asked)
	}
	if !reflect.DeepEqual(c.Groups[0].Events, []string{"EVENT", "TICK"}) {
		t.Error(c.Groups[0].Events)
	}
}

// holds: RPC-016 RPC-017 RPC-018
func TestAnUpdateKeepsTheOrderOfEachSide(t *testing.T) {
	group := func(name string, log config.Log) config.Group {
		return config.Group{Name: name, Processes: []config.Process{{Name: name, Stdout: config.Channel{Log: log}}}}
	}
	auto, made, file, none := config.Log{}, config.Log{Path: "/tmp/made"}, config.Log{Kind: config.LogFile, Path: "/f"}, config.Log{Kind: config.LogNone}
	for _, c := range []struct {
		was, is config.Log
		changed bool
	}{{file, auto, false}, {none, auto, false}, {made, auto, false}, {made, file, true}, {auto, file, true}, {file, none, true},
		{made, none, true}, {none, file, true}, {file, file, false}} {
		_, changed, _ := config.Diff([]config.Group{group("a", c.was)}, []config.Group{group("a", c.is)})
		if (len(changed) == 1) != c.changed {
			t.Errorf("%+v to %+v: %v", c.was, c.is, changed)
		}
	}
	list := func(names string) (groups []config.Group) {
		for _, name := range strings.Fields(names) {
			groups = append(groups, group(strings.TrimSuffix(name, "!"), map[bool]config.Log{true: file, false: none}[strings.HasSuffix(name, "!")]))
		}
		return groups
	}
	added, changed, removed := config.Diff(list("z b y a"), list("q! a! p b!"))
	if got := fmt.Sprint(added, changed, removed); got != "[q p] [a b] [z y]" {
		t.Error(got)
	}
	kind := group("a", none)
	kind.Kind = config.FastCGI
	if _, changed, _ := config.Diff(list("a"), []config.Group{kind}); len(changed) != 1 {
		t.Error("a program that became a FastCGI program is no change")
	}
}

// holds: CFG-026
func TestABarePercentSShowsTheWholeMapping(t *testing.T) {
	w := fake{files: map[string]string{"/work/s.conf": sv + "identifier=%s\n"}, env: []config.Var{{Name: "A", Value: "it's"}}}
	c, err := config.Parse("s.conf", w, config.Overrides{})
	if want := `{'ENV_A': "it's", 'here': '/work'}`; err != nil || c.Daemon.Identifier != want {
		t.Errorf("%v %v", c, err)
	}
}

// holds: CFG-010
func TestUndecodableBytesAreNamedAsPythonNamesThem(t *testing.T) {
	for text, want := range map[string]string{
		"\xff": "byte 0xff in position 0: invalid start byte", "a\xc3": "byte 0xc3 in position 1: unexpected end of data",
		"\xc3(": "byte 0xc3 in position 0: invalid continuation byte", "\xe2\x82": "bytes in position 0-1: unexpected end of data",
		"\xe2\x82(": "bytes in position 0-1: invalid continuation byte", "\xed\xa0\x80": "byte 0xed in position 0: invalid continuation byte",
		"\xf0\x9f\x98": "bytes in position 0-2: unexpected end of data", "\xc0\x80": "byte 0xc0 in position 0: invalid start byte",
		"é\xf5": "byte 0xf5 in position 2: invalid start byte", "\xe0\x80": "byte 0xe0 in position 0: invalid continuation byte",
	} {
		_, err := config.ReadINI("f", []byte(text))
		if err == nil || err.Error() != "'utf-8' codec can't decode "+want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// holds: CFG-053 CFG-054 CFG-055 CFG-056 CFG-058
func TestIncludedFilesAreReadByNameWithinEachPattern(t *testing.T) {
	w := fake{files: map[string]string{
		"/work/s.conf": sv + "[include]\nfiles=z/*.ini none y/*\n", "/work/z/b.ini": "[supervisord]\nidentifier=b\n",
		"/work/z/a.ini": "[supervisord]\nidentifier=a\n", "/work/y/c": "[include]\nfiles=z/d\n", "/work/z/d": "[program:d]\n",
	}}
	c, err := config.Parse("s.conf", w, config.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	infos := "Included extra file \"/work/z/a.ini\" during parsing\nIncluded extra file \"/work/z/b.ini\" during parsing\n" +
		"Included extra file \"/work/y/c\" during parsing"
	if got := strings.Join(c.Infos, "\n"); got != infos || c.Daemon.Identifier != "b" || len(c.Groups) != 0 {
		t.Errorf("%s\n%+v", got, c)
	}
	if len(c.Warnings) != 1 || c.Warnings[0] != `No file matches via include "/work/none"` {
		t.Error(c.Warnings)
	}
}

func TestASectionThatAGuestOwnsIsItsOwn(t *testing.T) {
	text := sv + "[nats]\nurl=/h/x\n[nats:b]\n[natz]\n[program:a]\ncommand=/bin/cat\n"
	c, err := config.Parse("s.conf", fake{files: map[string]string{"/work/s.conf": text}},
		config.Overrides{Owned: []string{"nats", "program"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Plugin{
		{Name: "nats", Section: "nats", Factory: "nats", Options: []config.Var{{Name: "url", Value: "/h/x"}}, File: "s.conf", Line: 2, Lines: map[string]int{"url": 3}},
		{Name: "b", Section: "nats:b", Factory: "nats", File: "s.conf", Line: 4, Lines: map[string]int{}},
	}
	if !reflect.DeepEqual(c.Plugins, want) {
		t.Errorf("%+v", c.Plugins)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "[natz]") {
		t.Errorf("%q", c.Warnings)
	}
}

func TestWhatAnUpdateDoesToExtensions(t *testing.T) {
	plugin := func(name, factory string, options ...config.Var) config.Plugin {
		return config.Plugin{Name: name, Section: "rpcinterface:" + name, Factory: factory, Options: options}
	}
	main := plugin("supervisor", config.MainInterface)
	active := []config.Plugin{main, plugin("same", "a:b", config.Var{Name: "x", Value: "1"}), plugin("gone", "a:b"), plugin("other", "a:b"), plugin("opt", "a:b")}
	next := []config.Plugin{plugin("new", "a:b"), plugin("opt", "a:b", config.Var{Name: "x", Value: "1"}), plugin("other", "a:c"), plugin("same", "a:b", config.Var{Name: "x", Value: "1"})}
	added, changed, removed := config.DiffPlugins(active, next)
	got := fmt.Sprint(added, changed, removed)
	if want := "[rpcinterface:new] [rpcinterface:opt rpcinterface:other] [rpcinterface:gone]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
