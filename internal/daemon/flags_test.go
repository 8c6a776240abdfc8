package daemon_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/daemon"
)

const hint = "\nFor help, use /usr/bin/supervisord -h\n"

// TestCommandLineIsRefusedInSupervisorsWords, which are compared with Debian's where it is installed.
// holds: CFG-003 CFG-005 CLI-001 CLI-002 CLI-004 CLI-005 CLI-006
func TestCommandLineIsRefusedInSupervisorsWords(t *testing.T) {
	t.Parallel()
	_, err := os.Stat("/usr/bin/supervisord")
	oracle := err == nil
	if !oracle {
		t.Log("not compared with Supervisor itself: ", err)
	}
	conf := write(t, t.TempDir(), "s.conf", "[supervisord]\n")
	for _, c := range []struct {
		args string
		want string
	}{
		{"-x", "option -x not recognized"},
		{"--bogus", "option --bogus not recognized"},
		{"--log", "option --log not a unique prefix"},
		{"-c", "option -c requires argument"},
		{"--configuration", "option --configuration requires argument"},
		{"--nodaemon=1", "option --nodaemon must not have an argument"},
		{"--nod=1", "option --nodaemon must not have an argument"},
		{"-n -n", "conflicting command line option '-n'"},
		{"-ns -tn", "conflicting command line option '-n'"},
		{"-n --nodaemon", "conflicting command line option '--nodaemon'"},
		{"-c a -c b", "conflicting command line option '-c'"},
		{"foo bar", "positional arguments are not supported: ['foo', 'bar']"},
		{"-n it's", `positional arguments are not supported: ["it's"]`},
		{"-n -- -x", "positional arguments are not supported: ['-x']"},
		{"-e foo", "invalid value for -e 'foo': bad logging level name 'foo'"},
		{"--loglevel foo", "invalid value for --loglevel 'foo': bad logging level name 'foo'"},
		{"--logle=foo", "invalid value for --loglevel 'foo': bad logging level name 'foo'"},
		{"-m 9", "invalid value for -m '9': 9 can not be converted to an octal type"},
		{"-l /nonexist/x", "invalid value for -l '/nonexist/x': The directory named as part of the path /nonexist/x does not exist"},
		{"-j /nonexist/x", "invalid value for -j '/nonexist/x': The directory named as part of the path /nonexist/x does not exist"},
		{"-y 10X", "invalid value for -y '10X': invalid literal for int() with base 10: '10x'"},
		{"-z a", "invalid value for -z 'a': invalid literal for int() with base 10: 'a'"},
		{"-a a", "invalid value for -a 'a': invalid literal for int() with base 10: 'a'"},
		{"--minprocs a", "invalid value for --minprocs 'a': invalid literal for int() with base 10: 'a'"},
		{"-d /nonexist", "invalid value for -d '/nonexist': /nonexist is not an existing directory"},
		{"-q /nonexist", "invalid value for -q '/nonexist': /nonexist is not an existing directory"},
		{"-c /no/such/file", "could not find config file /no/such/file"},
		{"-u nosuch -c " + conf, "Invalid user name nosuch"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(c.args)
			got := run(t, command(t, args...))
			if got.status != 2 || got.stdout != "" || got.stderr != "Error: "+c.want+hint {
				t.Errorf("%+v\nwant %s", got, c.want)
			}
			if !oracle {
				return
			}
			theirs := exec.Command("/usr/bin/supervisord", args...)
			theirs.Dir = t.TempDir()
			if want := run(t, theirs); got != want {
				t.Errorf("%+v\nSupervisor has %+v", got, want)
			}
		})
	}
}

// TestHelpAndVersionAreAnsweredAtOnce, whatever stands behind them and wherever we are.
// holds: CLI-002 CLI-003
func TestHelpAndVersionAreAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"-h", "-?", "--help", "-n -h", "--hel", "-h foo -x"} {
		if args == "-h foo -x" {
			// getopt looks at the whole line first, and so does Supervisor
			if got := run(t, command(t, strings.Fields(args)...)); got.status != 2 {
				t.Errorf("%s: %+v", args, got)
			}
			continue
		}
		got := run(t, command(t, strings.Fields(args)...))
		if got.status != 0 || got.stderr != "" ||
			!strings.HasPrefix(got.stdout, "supervisord -- run a set of applications as daemons.\n\nUsage: /usr/bin/supervisord [options]\n") {
			t.Errorf("%s: %+v", args, got)
		}
		for _, option := range []string{
			"-c/--configuration", "-n/--nodaemon", "-s/--silent", "-h/--help", "-v/--version", "-u/--user", "-m/--umask", "-d/--directory",
			"-l/--logfile", "-y/--logfile_maxbytes", "-z/--logfile_backups", "-e/--loglevel", "-j/--pidfile", "-i/--identifier",
			"-q/--childlogdir", "-k/--nocleanup", "-a/--minfds", "-t/--strip_ansi", "--minprocs", "--profile_options",
		} {
			if !strings.Contains(got.stdout, option) {
				t.Errorf("%s does not tell of %s", args, option)
			}
		}
	}
	for _, args := range []string{"-v", "--version", "-c /no/such -v"} {
		if got := run(t, command(t, strings.Fields(args)...)); got != (result{0, "4.4.0\n", ""}) {
			t.Errorf("%s: %+v", args, got)
		}
	}
}

// TestPlacesThatWereSearchedAreNamed when there is a configuration file in none of them.
// holds: CFG-001 CFG-002 CFG-003
func TestPlacesThatWereSearchedAreNamed(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can make a world without configuration files")
	}
	cage := t.TempDir()
	cmd := command(t, cage)
	cmd.Args[0] = caged
	got := run(t, cmd)
	want := "Error: No config file found at default paths (/usr/etc/supervisord.conf, /usr/supervisord.conf, supervisord.conf, " +
		"etc/supervisord.conf, /etc/supervisord.conf, /etc/supervisor/supervisord.conf); use the -c option to specify a config file at a " +
		"different path" + hint
	if got.status != 2 || without(got.stderr, "UserWarning") != want || !strings.Contains(got.stderr, "UserWarning: Supervisord is running as root") {
		t.Errorf("%+v", got)
	}
	write(t, cage, "supervisord.conf", "[nothing]\n")
	cmd = command(t, cage)
	cmd.Args[0] = caged
	if got := run(t, cmd); without(got.stderr, "UserWarning") != "Error: .ini file does not include supervisord section\nFor help, use /usr/bin/supervisord -h (see supervisord.conf)\n" &&
		without(got.stderr, "UserWarning") != "Error: .ini file does not include supervisord section"+hint {
		t.Errorf("%+v", got)
	}
}

// TestChildrenFindTheFirstUnixSocketElseTheLastPort.
// holds: PROC-034
func TestChildrenFindTheFirstUnixSocketElseTheLastPort(t *testing.T) {
	t.Parallel()
	unix := func(path string) config.Server { return config.Server{Unix: true, Path: path} }
	inet := func(host string, port int) config.Server { return config.Server{Host: host, Port: port} }
	for _, c := range []struct {
		servers []config.Server
		want    string
	}{
		{nil, ""},
		{[]config.Server{inet("", 9001)}, "http://localhost:9001"},
		{[]config.Server{inet("h", 1), inet("g", 2)}, "http://g:2"},
		{[]config.Server{inet("h", 1), unix("/a"), unix("/b")}, "unix:///a"},
	} {
		if got := daemon.ServerURL(c.servers); got != c.want {
			t.Errorf("%v: %s, want %s", c.servers, got, c.want)
		}
	}
}
