// Package daemon wires everything together and lives its life: the command line, the start of one generation after
// the other, the signals, and the way down. One generation is one reading of the configuration with all that runs
// under it; a restart ends it and begins the next in the same process (CLI-013).
package daemon

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/listener"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
	"github.com/reeve-sh/reeve/internal/world"
)

// program is one run of supervisord.
type program struct {
	name     string // argv[0], for messages and the search for a file
	flags    flags
	world    world.World
	kernel   *kernel.System
	serials  listener.Serials  // of the events that listeners get; goes on over restarts
	guests   *ext.Registry     // that have been compiled in
	compiled func(string) bool // whether a factory has been
	detached bool              // we are the child that Detach made
	patience time.Duration     // with handshakes, in place of the usual
	stdout   io.Writer
	stderr   io.Writer
}

// usage is an error that the caller sees as two lines and exit status 2 (CFG-005).
type usage struct {
	text  string
	where string // "file:line", or empty
}

func (u *usage) Error() string { return u.text }

func refuse(format string, args ...any) error { return &usage{text: fmt.Sprintf(format, args...)} }

// Main runs supervisord and returns its exit status. argv is the whole command line, the program's name first.
func Main(argv []string) int {
	if len(argv) > 0 && argv[0] == kernel.ChildRole {
		kernel.Become(argv[1:])
	}
	if len(argv) > 1 && argv[1] == checkRole {
		return checkGuest(argv[2:], os.Stdout, os.Stderr)
	}
	p := &program{stdout: os.Stdout, stderr: os.Stderr, world: world.New(os.Environ())}
	if last := len(argv) - 1; last > 0 && argv[last] == kernel.DaemonRole {
		p.detached, argv = true, argv[:last]
	}
	p.name = argv[0]
	p.knowGuests(&ext.Default)
	done, err := p.parse(argv[1:])
	if err == nil && !done {
		err = p.run(argv)
	}
	return p.report(err)
}

// report tells an error in Supervisor's form and gives the exit status for it.
func (p *program) report(err error) int {
	var u *usage
	var status exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case errors.As(err, &u):
		fmt.Fprintf(p.stderr, "Error: %s\nFor help, use %s -h", u.text, p.name)
		if u.where != "" {
			fmt.Fprintf(p.stderr, " (see %s)", u.where)
		}
		fmt.Fprintln(p.stderr)
		return 2
	}
	fmt.Fprintf(p.stderr, "Error: %s\n", err)
	return 1
}

// exitStatus is the status of a child that has told its own error.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// run reads the configuration, detaches if it is asked to, and lives.
func (p *program) run(argv []string) error {
	if err := p.find(); err != nil {
		return err
	}
	conf, err := p.load()
	if err != nil {
		return err
	}
	if !conf.Daemon.Nodaemon && !p.detached {
		status, err := kernel.Detach(argv)
		if err != nil {
			return fmt.Errorf("cannot detach: %w", err)
		}
		if status != 0 {
			return exitStatus(status)
		}
		return nil
	}
	return p.live(conf)
}

// find settles which file is read (CFG-001 ... CFG-003).
func (p *program) find() error {
	if p.flags.file != "" {
		return nil
	}
	if os.Getuid() == 0 && !p.detached {
		fmt.Fprintln(p.stderr, "UserWarning: Supervisord is running as root and it is searching for its configuration "+
			"file in default locations (including its current working directory); you probably want to specify a "+
			`"-c" argument specifying an absolute path to a configuration file for improved security.`)
	}
	paths := config.SearchPaths(p.name)
	for _, path := range paths {
		if _, err := os.Stat(path); err == nil {
			p.flags.file = path
			return nil
		}
	}
	return refuse("No config file found at default paths (%s); use the -c option to specify a config file at a "+
		"different path", join(paths))
}

// load reads the configuration and makes the daemon's own paths absolute, so that they mean the same after chdir.
func (p *program) load() (*config.Config, error) {
	conf, err := config.Parse(p.flags.file, p.world, p.flags.over)
	var problem *config.Problem
	if errors.As(err, &problem) {
		return nil, &usage{problem.Text, where(problem)}
	}
	if err != nil {
		return nil, err
	}
	if conf.Daemon.Logfile != "syslog" && conf.Daemon.LogHost == "" {
		conf.Daemon.Logfile = p.world.Abs(conf.Daemon.Logfile)
	}
	conf.Daemon.Pidfile = p.world.Abs(conf.Daemon.Pidfile)
	return conf, nil
}

// where is the place of a problem, unless its text tells it already (CFG-020, CFG-021).
func where(p *config.Problem) string {
	if strings.Contains(p.Text, "[line ") || strings.Contains(p.Text, ", line: ") {
		return ""
	}
	return p.Where()
}

// live runs one generation after the other until one ends for good.
func (p *program) live(conf *config.Config) error {
	p.kernel = kernel.Open()
	defer p.kernel.Close()
	signals := catch()
	for first := true; ; first = false {
		g, err := p.start(conf, first)
		if err != nil {
			return err
		}
		mood := g.run(signals, first)
		g.close()
		if mood != fleet.Restarting {
			return nil
		}
		// A file that was broken since it was checked must not cost us the programs: the last good one serves.
		if next, err := p.load(); err == nil {
			conf = next
		} else {
			fmt.Fprintf(p.stderr, "Error: %s (going on with the configuration as last read)\n", err)
		}
	}
}
