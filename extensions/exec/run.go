package exec

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/reeve-sh/reeve/ext"
)

// Options are what a call may say beside the command.
type Options struct {
	Shell       bool              `rpc:"shell" json:"shell"` // the command is one line for /bin/sh
	User        string            `rpc:"user" json:"user"`
	Directory   string            `rpc:"directory" json:"directory"`
	Environment map[string]string `rpc:"environment" json:"environment"`
	Timeout     float64           `rpc:"timeout" json:"timeout"`       // seconds; 0 is the section's
	MaxOutput   int               `rpc:"max_output" json:"max_output"` // bytes of each output; 0 is the section's
	Stdin       []byte            `rpc:"stdin" json:"stdin_base64"`
	Text        string            `rpc:"-" json:"stdin"` // the same, for JSON
}

// Answer is how a command ended and what it wrote. An output is text if it can be sent as such, else its bytes.
type Answer struct {
	ExitCode int     `rpc:"exitcode" json:"exitcode"` // -1 after a signal
	Signal   int     `rpc:"signal" json:"signal"`     // 0 after an exit
	Stdout   any     `rpc:"stdout" json:"-"`
	Stderr   any     `rpc:"stderr" json:"-"`
	Cut      bool    `rpc:"truncated" json:"truncated"` // an output was longer than max_output
	TimedOut bool    `rpc:"timed_out" json:"timed_out"`
	Seconds  float64 `rpc:"seconds" json:"seconds"`
}

// order is a command that is allowed.
type order struct {
	c       ext.Command
	timeout time.Duration
	most    int
	what    string // for the main log
}

// Run runs a command and answers when it has ended.
func (x *Exec) Run(ctx context.Context, command any, options *Options) (*Answer, error) {
	if options == nil {
		options = &Options{}
	}
	o, err := x.order(ctx, command, options)
	if err != nil {
		return nil, err
	}
	out, errs := bound{most: o.most}, bound{most: o.most}
	o.c.Stdout, o.c.Stderr = &out, &errs
	a, err := x.carryOut(ctx, o)
	if err != nil {
		return nil, err
	}
	a.Stdout, a.Stderr, a.Cut = readable(out.kept), readable(errs.kept), out.cut || errs.cut
	return a, nil
}

// order is what a call asks for, if it may. That it may not is told in the main log.
func (x *Exec) order(ctx context.Context, command any, options *Options) (*order, error) {
	o := &order{timeout: x.timeout, most: x.most}
	err := x.check(o, command, options)
	if err != nil {
		x.host.Log(ext.Warn, "%s may not run %s: %s", who(ctx), o.what, err.Text)
		return nil, err
	}
	return o, nil
}

func (x *Exec) check(o *order, command any, options *Options) *ext.Fault {
	o.what = fmt.Sprintf("%.500q", command)
	argv, refused := x.argv(command, options)
	if refused != nil {
		return refused
	}
	o.what = spell(argv)
	o.c = ext.Command{Argv: argv, User: x.user, Directory: x.directory, Stdin: append(options.Stdin, options.Text...)}
	if options.User != "" {
		if !slices.Contains(x.users, options.User) {
			return ext.Refuse(ext.BadArguments, "user %q is not among those that are allowed", options.User)
		}
		o.c.User = options.User
	}
	if options.Directory != "" {
		if !path.IsAbs(options.Directory) {
			return ext.Refuse(ext.BadArguments, "no absolute path: %q", options.Directory)
		}
		o.c.Directory = options.Directory
	}
	for name, value := range options.Environment {
		if !slices.ContainsFunc(x.names, func(p string) bool { return glob(p, name) }) || strings.Contains(name, "=") {
			return ext.Refuse(ext.BadArguments, "variable %q is not among those that may be set", name)
		}
		o.c.AddEnv = append(o.c.AddEnv, name+"="+value)
	}
	return o.limits(options)
}

// limits lowers what the section grants.
func (o *order) limits(options *Options) *ext.Fault {
	if t := options.Timeout; t != 0 {
		if t < 0 || t > o.timeout.Seconds() {
			return ext.Refuse(ext.BadArguments, "timeout must be between 0 and %v seconds", o.timeout.Seconds())
		}
		o.timeout = time.Duration(t * float64(time.Second))
	}
	if n := options.MaxOutput; n != 0 {
		if n < 0 || n > o.most {
			return ext.Refuse(ext.BadArguments, "max_output must be between 1 and %d bytes", o.most)
		}
		o.most = n
	}
	return nil
}

// argv is what is executed: the file that the rules found, and the words as they came.
func (x *Exec) argv(command any, options *Options) ([]string, *ext.Fault) {
	switch c := command.(type) {
	case string:
		if !options.Shell || !x.shell {
			return nil, ext.Refuse(ext.BadArguments, "a line for a shell is not allowed; send a list of words")
		}
		return []string{"/bin/sh", "-c", c}, nil
	case []any:
		var argv []string
		for _, w := range c {
			word, ok := w.(string)
			if !ok || strings.Contains(word, "\x00") {
				return nil, ext.Refuse(ext.BadArguments, "the words of a command are strings")
			}
			argv = append(argv, word)
		}
		if len(argv) == 0 || options.Shell {
			return nil, ext.Refuse(ext.BadArguments, "a command is a list of words, or with shell one line")
		}
		file := find(x.allow, argv)
		if file == "" {
			return nil, ext.Refuse(ext.NotExecutable, "%s is not among the commands that are allowed", spell(argv))
		}
		argv[0] = file
		return argv, nil
	}
	return nil, ext.Refuse(ext.IncorrectParameters, "a command is a list of words")
}

// carryOut runs an order and tells the main log of it.
func (x *Exec) carryOut(ctx context.Context, o *order) (*Answer, error) {
	select {
	case x.slots <- struct{}{}:
		defer func() { <-x.slots }()
	default:
		x.host.Log(ext.Warn, "%s may not run %s: %d commands are running", who(ctx), o.what, cap(x.slots))
		return nil, ext.Refuse(ext.Failed, "%d commands are running already", cap(x.slots))
	}
	x.host.Log(ext.Info, "%s runs %s%s", who(ctx), o.what, as(o.c.User))
	limited, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	exit, err := x.host.Run(limited, o.c)
	if err != nil {
		x.host.Log(ext.Warn, "%s could not run %s: %s", who(ctx), o.what, err)
		return nil, err
	}
	a := &Answer{ExitCode: exit.Code, Signal: exit.Signal, Seconds: exit.Took.Seconds()}
	a.TimedOut = limited.Err() != nil && ctx.Err() == nil
	x.host.Log(ext.Info, "%s ran %s%s: %s", who(ctx), o.what, as(o.c.User), a)
	return a, nil
}

// String is how a command ended, for the main log.
func (a *Answer) String() string {
	how := "exit status " + strconv.Itoa(a.ExitCode)
	if a.Signal != 0 {
		how = "killed by signal " + strconv.Itoa(a.Signal)
	}
	if a.TimedOut {
		how += ", it took too long"
	}
	return fmt.Sprintf("%s after %.3f s", how, a.Seconds)
}

// who is the caller, for the main log.
func who(ctx context.Context) string {
	c := ext.CallerOf(ctx)
	switch {
	case c.Name == "" && c.Address == "":
		return "the daemon"
	case c.Name == "":
		return c.Address
	}
	return fmt.Sprintf("%q (%s)", c.Name, c.Address)
}

func as(user string) string {
	if user == "" {
		return ""
	}
	return fmt.Sprintf(" as %q", user)
}

// spell writes words so that they stay one line and can be told apart, and not more than the log should have.
func spell(argv []string) string {
	const most = 1000
	var b strings.Builder
	for i, w := range argv {
		if b.Len() > most {
			fmt.Fprintf(&b, " and %d words more", len(argv)-i)
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		if len(w) > most {
			w = w[:most] + "..."
		}
		if w == "" || strings.ContainsFunc(w, func(r rune) bool { return r <= ' ' || r == '"' || r == '\\' || r > '~' }) {
			w = strconv.Quote(w)
		}
		b.WriteString(w)
	}
	return b.String()
}

// bound keeps the first bytes of an output.
type bound struct {
	most int
	kept []byte
	cut  bool
}

func (b *bound) Write(p []byte) (int, error) {
	n := min(len(p), b.most-len(b.kept))
	b.kept = append(b.kept, p[:n]...)
	b.cut = b.cut || n < len(p)
	return len(p), nil
}

// readable is text if every client can read it as such, else the bytes.
func readable(p []byte) any {
	if utf8.Valid(p) && !strings.ContainsFunc(string(p), func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff
	}) {
		return string(p)
	}
	if p == nil {
		return ""
	}
	return p
}
