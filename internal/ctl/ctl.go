// Package ctl is supervisorctl: it reads a command, asks a daemon through
// package client, and says what came of it in the words, columns and exit
// statuses of Supervisor's own supervisorctl, which scripts depend on.
//
// A command is a value in one table (command.go): its name, what it does,
// its help and what can be completed after it. Dispatch, the help columns and
// the Tab key all read that table. What a command says goes to stdout, errors
// included; stderr is for usage errors and for streams that break.
package ctl

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/reeve-sh/reeve/internal/world"
)

// The exit statuses (CTL-005). They come from the LSB's lists for init
// scripts, one of which is about status and the other about the rest.
const (
	exitOK            = 0
	exitGeneric       = 1
	exitUsage         = 2
	exitNoNamespace   = 3
	exitRefused       = 4
	exitOtherAPI      = 5
	exitNotRunning    = 7
	exitInterrupted   = 130 // as a shell calls SIGINT
	exitStatusStopped = 3
	exitStatusUnknown = 4
)

// Main runs supervisorctl and returns its exit status. args starts with the
// program's name. A terminal on stdin gets a line editor.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	progname := "supervisorctl"
	if len(args) > 0 {
		progname, args = args[0], args[1:]
	}
	o, err := parseOptions(progname, args, world.New(os.Environ()))
	if err != nil {
		fmt.Fprintf(stderr, "Error: %s\nFor help, use %s -h\n", err, progname)
		return exitUsage
	}
	if o.help {
		io.WriteString(stdout, usage(progname))
		return exitOK
	}
	o.argv = append([]string{progname}, args...)
	c := newController(o, stdin, stdout, stderr)
	defer c.plugins.close(c)
	if len(o.action) > 0 {
		c.perform(context.Background(), strings.Join(o.action, " "))
		return c.exit
	}
	c.shell()
	if c.ended {
		return c.exit
	}
	return exitOK
}

// usage is what -h prints.
func usage(progname string) string {
	return `supervisorctl -- control applications run by supervisord from the cmd line.

Usage: ` + progname + ` [options] [action [arguments]]

Options:
-c/--configuration FILENAME -- configuration file path (searches if not given)
-h/--help -- print usage message and exit
-i/--interactive -- start an interactive shell after executing commands
-s/--serverurl URL -- URL on which supervisord server is listening
     (default "http://localhost:9001").
-u/--username USERNAME -- username to use for authentication with server
-p/--password PASSWORD -- password to use for authentication with server
-r/--history_file FILENAME -- keep the shell's history in this file
--tls_ca FILENAME -- certificates that an https server's must come from
--tls_cert FILENAME, --tls_key FILENAME -- certificate to show to it
--token TOKEN -- token to use for authentication with server
--json -- print what the action answers as JSON; errors go to standard error

An action is a command such as "status", "start web" or "tail -f web"; the
action "help" lists them all. Without one a shell is started, which reads
actions line by line.

`
}
