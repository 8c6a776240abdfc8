// Package exec runs commands in the daemon's container for operators elsewhere: what its section allows and nothing
// else. A command is a list of words; its first is found among the allowed ones by where it really leads, so that no
// link and no detour runs something else under an allowed name. Every call is told in the main log.
//
//	[rpcinterface:ops]
//	supervisor.rpcinterface_factory = reeve.exec:make
//	allow =
//	    /usr/bin/uptime
//	    /usr/bin/pg_dump --schema-only *
//	    /opt/scripts/*
package exec

import (
	"strconv"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/ext"
)

func init() { ext.Register("reeve.exec:make", New) }

// Exec is the guest.
type Exec struct {
	allow     []rule
	users     []string // that a call may name
	user      string   // when it names none
	shell     bool
	directory string
	names     []string // of variables that a call may set
	timeout   time.Duration
	most      int // bytes of each output that an answer holds
	access    ext.Access
	slots     chan struct{}
	host      ext.Host
}

var (
	_ ext.Methods = (*Exec)(nil)
	_ ext.Pages   = (*Exec)(nil)
)

// New reads the section.
func New(s ext.Section) (ext.Extension, error) {
	if err := s.Only("allow", "users", "user", "shell", "directory", "environment", "timeout", "max_output", "max_running",
		"access"); err != nil {
		return nil, err
	}
	x := &Exec{user: s.Options["user"], users: words(s.Options["users"]), names: words(s.Options["environment"])}
	var err error
	if x.allow, err = rules(s.Options["allow"]); err != nil {
		return nil, s.Refuse("allow", "%s", err)
	}
	switch s.Options["shell"] {
	case "", "false":
	case "true":
		x.shell = true
	default:
		return nil, s.Refuse("shell", "neither true nor false: %q", s.Options["shell"])
	}
	if len(x.allow) == 0 && !x.shell {
		return nil, s.Refuse("allow", "nothing is allowed")
	}
	switch s.Options["access"] {
	case "", "admin":
		x.access = ext.Admin
	case "operate":
		x.access = ext.Operate
	default:
		return nil, s.Refuse("access", "neither admin nor operate: %q", s.Options["access"])
	}
	x.directory = s.Options["directory"]
	if x.directory != "" && !strings.HasPrefix(x.directory, "/") {
		return nil, s.Refuse("directory", "no absolute path: %q", x.directory)
	}
	if err := x.numbers(s); err != nil {
		return nil, err
	}
	return x, nil
}

func (x *Exec) numbers(s ext.Section) error {
	seconds, running := 60, 16
	x.most = 1 << 20
	for _, o := range []struct {
		name string
		to   *int
		most int
	}{{"timeout", &seconds, 1 << 30}, {"max_output", &x.most, 16 << 20}, {"max_running", &running, 1 << 16}} {
		text, given := s.Options[o.name]
		if !given {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > o.most {
			return s.Refuse(o.name, "not a number from 1 to %d: %q", o.most, text)
		}
		*o.to = n
	}
	x.timeout, x.slots = time.Duration(seconds)*time.Second, make(chan struct{}, running)
	return nil
}

// words splits a list at commas and lines.
func words(s string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '\n' }) {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// Init keeps the host.
func (x *Exec) Init(h ext.Host) error { x.host = h; return nil }

// Close has nothing to end: a command ends with the call that it was run for.
func (x *Exec) Close() error { return nil }

// Methods is the table.
func (x *Exec) Methods() []ext.Method {
	return ext.MustTable(x, map[string]ext.Doc{
		"Run": {
			Help: "Run a command, wait for its end and return what it wrote and how it ended.",
			Params: []string{"command: Its words; or one line for a shell, where that is allowed and asked for",
				"options: Any of shell, user, directory, environment, timeout (seconds), max_output (bytes), stdin"},
			Result: "answer: exitcode, signal, stdout, stderr, truncated, timed_out, seconds", Access: x.access,
		},
		"Allowed": {Help: "Return the commands that may be run, as the configuration has them.", Result: "commands", Access: x.access},
	})
}

// Allowed are the rules as they were written.
func (x *Exec) Allowed() []string {
	out := []string{}
	for _, r := range x.allow {
		out = append(out, r.text)
	}
	return out
}
