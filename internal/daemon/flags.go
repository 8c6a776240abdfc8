package daemon

import (
	"fmt"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/getopt"
	"github.com/reeve-sh/reeve/internal/service"
)

// flags are what the command line says.
type flags struct {
	file string
	over config.Overrides
}

// flag is one option of the command line (CLI-002). set is given the value; an option without one has no argument.
type flag struct {
	short, long string
	argument    string
	help        string
	set         func(p *program, value string) error
}

// options is the command line of supervisord, the source of parsing and of --help.
var options = []flag{
	{"c", "configuration", "FILENAME", "configuration file path (searches if not given)", text(func(p *program) *string { return &p.flags.file })},
	{"n", "nodaemon", "", "run in the foreground (same as 'nodaemon=true' in config file)", on(func(o *config.Overrides) *bool { return &o.Nodaemon })},
	{"s", "silent", "", "no logs to stdout (maps to 'silent=true' in config file)", on(func(o *config.Overrides) *bool { return &o.Silent })},
	{"h", "help", "", "print this usage message and exit", nil},
	{"v", "version", "", "print supervisord version number and exit", nil},
	{"u", "user", "USER", "run supervisord as this user (or numeric uid)", value(asIs, func(o *config.Overrides) **string { return &o.User })},
	{"m", "umask", "UMASK", "use this umask for daemon subprocess (default is 022)", value(plain(config.Octal), func(o *config.Overrides) **int { return &o.Umask })},
	{"d", "directory", "DIRECTORY", "directory to chdir to when daemonized", value(directory, func(o *config.Overrides) **string { return &o.Directory })},
	{"l", "logfile", "FILENAME", "use FILENAME as logfile path", value(dirpath, func(o *config.Overrides) **string { return &o.Logfile })},
	{"y", "logfile_maxbytes", "BYTES", "use BYTES to limit the max size of logfile", value(plain(config.ByteSize), func(o *config.Overrides) **int64 { return &o.LogfileMaxbytes })},
	{"z", "logfile_backups", "NUM", "number of backups to keep when max bytes reached", value(plain(config.Integer), func(o *config.Overrides) **int { return &o.LogfileBackups })},
	{"e", "loglevel", "LEVEL", "use LEVEL as log level (debug,info,warn,error,critical)", value(plain(config.LogLevel), func(o *config.Overrides) **config.Level { return &o.Loglevel })},
	{"j", "pidfile", "FILENAME", "write a pid file for the daemon process to FILENAME", value(dirpath, func(o *config.Overrides) **string { return &o.Pidfile })},
	{"i", "identifier", "STR", "identifier used for this instance of supervisord", value(asIs, func(o *config.Overrides) **string { return &o.Identifier })},
	{"q", "childlogdir", "DIRECTORY", "the log directory for child process logs", value(directory, func(o *config.Overrides) **string { return &o.Childlogdir })},
	{"k", "nocleanup", "", "keep automatic child log files of earlier runs", on(func(o *config.Overrides) *bool { return &o.Nocleanup })},
	{"a", "minfds", "NUM", "the minimum number of file descriptors for start success", value(plain(config.Integer), func(o *config.Overrides) **int { return &o.Minfds })},
	{"t", "strip_ansi", "", "strip ansi escape codes from process output", on(func(o *config.Overrides) *bool { return &o.StripANSI })},
	{"", "minprocs", "NUM", "the minimum number of processes available for start success", value(plain(config.Integer), func(o *config.Overrides) **int { return &o.Minprocs })},
	{"", "profile_options", "OPTIONS", "accepted and ignored: a hook for Python's profiler", func(*program, string) error { return nil }},
}

func text(to func(*program) *string) func(*program, string) error {
	return func(p *program, v string) error {
		*to(p) = v
		return nil
	}
}

func on(to func(*config.Overrides) *bool) func(*program, string) error {
	return func(p *program, _ string) error {
		*to(&p.flags.over) = true
		return nil
	}
}

func value[T any](convert func(*program, string) (T, error), to func(*config.Overrides) **T) func(*program, string) error {
	return func(p *program, v string) error {
		t, err := convert(p, v)
		*to(&p.flags.over) = &t
		return err
	}
}

func plain[T any](convert func(string) (T, error)) func(*program, string) (T, error) {
	return func(_ *program, v string) (T, error) { return convert(v) }
}

func asIs(_ *program, v string) (string, error) { return v, nil }

func directory(p *program, v string) (string, error) { return config.ExistingDirectory(p.world, v) }

func dirpath(p *program, v string) (string, error) { return config.ExistingDirpath(p.world, v) }

// parse reads the command line. done is true when it asked only for help or the version (CLI-003).
func (p *program) parse(args []string) (done bool, err error) {
	short, long := "?", []string{}
	find := map[string]*flag{}
	for i := range options {
		f := &options[i]
		colon, equals := "", ""
		if f.argument != "" {
			colon, equals = ":", "="
		}
		if f.short != "" {
			short += f.short + colon
			find["-"+f.short] = f
		}
		long = append(long, f.long+equals)
		find["--"+f.long] = f
	}
	opts, rest, err := getopt.Parse(args, short, long)
	if err != nil {
		return false, refuse("%s", err)
	}
	if len(rest) > 0 {
		return false, refuse("positional arguments are not supported: %s", quoteAll(rest))
	}
	seen := map[*flag]bool{}
	for _, o := range opts {
		f := find[o.Name]
		switch {
		case f == nil || f.long == "help":
			fmt.Fprint(p.stdout, p.help())
			return true, nil
		case f.long == "version":
			fmt.Fprintln(p.stdout, service.Version)
			return true, nil
		}
		if err := f.set(p, o.Value); err != nil {
			return false, refuse("invalid value for %s %s: %s", o.Name, config.Quote(o.Value), err)
		}
		if seen[f] {
			return false, refuse("conflicting command line option %s", config.Quote(o.Name))
		}
		seen[f] = true
	}
	return false, nil
}

// help is the text of -h.
func (p *program) help() string {
	var b strings.Builder
	fmt.Fprintf(&b, "supervisord -- run a set of applications as daemons.\n\nUsage: %s [options]\n\nOptions:\n", p.name)
	for _, f := range options {
		names := "--" + f.long
		if f.short != "" {
			names = "-" + f.short + "/" + names
		}
		if f.argument != "" {
			names += " " + f.argument
		}
		fmt.Fprintf(&b, "%s -- %s\n", names, f.help)
	}
	b.WriteString("\nThis is Reeve, Supervisor in Go. It reads the same files; doc/configuration.md lists every option.\n\n")
	return b.String()
}

func join(list []string) string { return strings.Join(list, ", ") }

func quoteAll(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = config.Quote(s)
	}
	return "[" + join(quoted) + "]"
}
