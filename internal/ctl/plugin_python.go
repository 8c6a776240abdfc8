package ctl

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"time"

	extcommand "github.com/reeve-sh/reeve/ext/command"
	"github.com/reeve-sh/reeve/internal/core/config"
)

// scripted is a plug-in in Python.
type scripted struct {
	conf  *config.CtlPlugin
	index int // in the order of the file
	all   *plugins
}

// loaded is what a host says of a plug-in that it was to load.
type loaded struct {
	Commands   []string `json:"commands"`
	Unresolved *string  `json:"unresolved"`
	Err        string   `json:"error"`
	Exit       *int     `json:"exit"`
}

func (p *scripted) commands(c *controller) ([]string, error) {
	found, _ := p.all.scripts.do(func() (map[int]script, error) { return p.all.loadScripts(c), nil })
	return found[p.index].commands, found[p.index].err
}

// script is what became of a plug-in in Python.
type script struct {
	host     *pythonHost
	commands []string
	err      error
}

// systemPython is where the interpreter of a distribution is, which has Supervisor's old plug-ins in its directories.
const systemPython = "/usr/bin/python3"

// loadScripts loads all plug-ins in Python, in one process for each interpreter. Those that the interpreter on PATH
// does not have are looked for with the distribution's.
func (all *plugins) loadScripts(c *controller) map[int]script {
	found := map[int]script{}
	wanted := map[string][]*scripted{}
	var order []string
	for _, one := range all.list {
		p, ok := one.(*scripted)
		if !ok {
			continue
		}
		interpreter := p.conf.Python
		if interpreter == "" {
			interpreter = c.options.python
		}
		if !slices.Contains(order, interpreter) {
			order = append(order, interpreter)
		}
		wanted[interpreter] = append(wanted[interpreter], p)
	}
	for _, interpreter := range order {
		if interpreter != "" {
			all.load(c, interpreter, wanted[interpreter], found)
			continue
		}
		all.loadFromAnywhere(c, wanted[""], found)
	}
	return found
}

// loadFromAnywhere loads plug-ins whose interpreter nobody has named.
func (all *plugins) loadFromAnywhere(c *controller, wanted []*scripted, found map[int]script) {
	path, err := exec.LookPath("python3")
	if err != nil {
		path = systemPython
	}
	all.load(c, path, wanted, found)
	if path == systemPython {
		return
	}
	if _, err := os.Stat(systemPython); err != nil {
		return
	}
	var again []*scripted
	for _, p := range wanted {
		var u *unloadable
		if errors.As(found[p.index].err, &u) && u.status == exitUsage {
			again = append(again, p)
		}
	}
	if len(again) == 0 {
		return
	}
	second := map[int]script{}
	all.load(c, systemPython, again, second)
	for i, s := range second {
		if s.err == nil {
			found[i] = s
		}
	}
}

// load has one interpreter load plug-ins.
func (all *plugins) load(c *controller, interpreter string, wanted []*scripted, found map[int]script) {
	h, err := startPython(c, interpreter)
	var answers []loaded
	if err == nil {
		all.hosts = append(all.hosts, h)
		err = h.load(c, all.list, wanted, &answers)
	}
	if err == nil && len(answers) != len(all.list) {
		err = errors.New("it answers for another number of plug-ins")
	}
	for _, p := range wanted {
		if err != nil {
			found[p.index] = script{err: useless(p.conf, err)}
			continue
		}
		a := answers[p.index]
		s := script{host: h, commands: a.Commands}
		switch {
		case a.Unresolved != nil:
			s.err = unresolved(p.conf, *a.Unresolved)
		case a.Err != "":
			s.err = useless(p.conf, a.Err)
		}
		found[p.index] = s
	}
}

// outcome is what a host says of something that it has done.
type outcome struct {
	Stop        bool   `json:"stop"` // the session is to end
	ExitStatus  int    `json:"exitstatus"`
	Server      server `json:"server"`
	Exit        *int   `json:"exit"` // supervisorctl is to end with this status
	Interrupted bool   `json:"interrupted"`
	Failed      bool   `json:"failed"` // and that has been said
}

// server is where the daemon is and who asks; nil is not said.
type server [3]*string

func serverOf(o *options) server {
	s := server{&o.url, nil, nil}
	if o.username != "" || o.hasUsername {
		s[1] = &o.username
	}
	if o.password != "" || o.hasPassword {
		s[2] = &o.password
	}
	return s
}

func (s server) into(o *options) {
	set := func(into *string, has *bool, from *string) {
		*into, *has = "", from != nil
		if from != nil {
			*into = *from
		}
	}
	if s[0] != nil {
		o.url = *s[0]
	}
	set(&o.username, &o.hasUsername, s[1])
	set(&o.password, &o.hasPassword, s[2])
}

func (p *scripted) run(c *controller, ctx context.Context, o order) error {
	return p.ask(c, ctx, "do", map[string]any{
		"plugin": p.index, "command": o.name, "arg": o.arg, "line": o.line,
	})
}

func (p *scripted) help(c *controller, ctx context.Context, topic string) error {
	if _, err := p.commands(c); err != nil {
		return err
	}
	return p.ask(c, ctx, "help", map[string]any{"plugin": p.index, "topic": topic})
}

// ask has the host run something. Ctrl-C is for the host, which hears it as we do, and says what became of it.
func (p *scripted) ask(c *controller, ctx context.Context, method string, params map[string]any) error {
	interrupted, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	found, _ := p.all.scripts.do(nil)
	s := serverOf(c.options)
	params["exitstatus"], params["server"] = c.exit, s
	var did outcome
	err := found[p.index].host.call(method, params, &did)
	var ended *endedError
	switch {
	case errors.As(err, &ended) && ended.state.ExitCode() >= 0:
		return exitError(ended.state.ExitCode()) // by os._exit, as it would have ended supervisorctl
	case err != nil:
		c.complain(exitGeneric, "Error: [%s]: %v", p.conf.Section, err)
		return nil
	}
	c.exit = did.ExitStatus
	did.Server.into(c.options)
	switch {
	case did.Exit != nil:
		return exitError(*did.Exit)
	case did.Interrupted:
		// Our own signal may still be on its way, and would end us by default once we do not listen any more.
		late, cancel := context.WithTimeout(interrupted, time.Second)
		defer cancel()
		<-late.Done()
		return errInterrupted
	case did.Stop:
		return errQuit
	case did.Failed:
		return errSaid
	}
	return nil
}

func (p *scripted) complete(c *controller, o order, w extcommand.Word) []string {
	found, _ := p.all.scripts.do(nil)
	end := len([]rune(w.Line))
	var words []string
	err := found[p.index].host.call("complete", map[string]any{
		"plugin": p.index, "command": o.name, "text": w.Text, "line": w.Line, "begin": end - len([]rune(w.Text)), "end": end,
	}, &words)
	if err != nil {
		return nil
	}
	return words
}

func (p *scripted) close(*controller) {}
