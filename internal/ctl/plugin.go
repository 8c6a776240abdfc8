package ctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	extcommand "github.com/reeve-sh/reeve/ext/command"
	"github.com/reeve-sh/reeve/internal/core/config"
)

// A plugin is what one [ctlplugin:x] brings. Nothing of it is started before somebody asks for its commands.
type plugin interface {
	// commands lists the names of what it offers. An error says why there is nothing.
	commands(c *controller) ([]string, error)
	// run does a command; errQuit, errInterrupted and an exitError end the session.
	run(c *controller, ctx context.Context, o order) error
	// help explains a topic, or lists the commands when it is empty.
	help(c *controller, ctx context.Context, topic string) error
	// complete lists what a word may become.
	complete(c *controller, o order, w extcommand.Word) []string
	// close ends what was started.
	close(c *controller)
}

// order is a line that names a plug-in's command.
type order struct{ name, arg, line string }

// exitError ends supervisorctl with that status.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// errSaid means that what went wrong has been printed.
var errSaid = errors.New("said")

// unloadable says why a plug-in cannot be had.
type unloadable struct {
	status int
	text   string
}

func (u *unloadable) Error() string { return u.text }

// unresolved is the error of a factory that is not there, in Supervisor's words and with the reason.
func unresolved(p *config.CtlPlugin, why string) error {
	return &unloadable{exitUsage, fmt.Sprintf("Error: %s cannot be resolved within [%s]: %s", p.Factory, p.Section, why)}
}

// useless is the error of a plug-in that is there and cannot be used.
func useless(p *config.CtlPlugin, why any) error {
	return &unloadable{exitGeneric, fmt.Sprintf("Error: cannot use [%s]: %v", p.Section, why)}
}

// plugins are those of a session, in the order of the file. Those in Python share a process for each interpreter.
type plugins struct {
	list    []plugin
	hosts   []*pythonHost
	scripts once[map[int]script] // by index in list
}

// newPlugins sorts the sections by who makes their commands: a factory that is compiled in, an executable, or Python.
func newPlugins(o *options, factories map[string]extcommand.Factory) *plugins {
	all := &plugins{}
	for i := range o.plugins {
		conf := &o.plugins[i]
		factory := factories[conf.Factory]
		switch {
		case conf.Command != "":
			all.list = append(all.list, newExecutable(conf))
		case factory != nil:
			all.list = append(all.list, &compiled{conf: conf, factory: factory})
		default:
			all.list = append(all.list, &scripted{conf: conf, index: i, all: all})
		}
	}
	return all
}

// find returns the first plug-in with a command of that name, or nil; why are those that may have had it.
func (all *plugins) find(c *controller, name string) (found plugin, why []error) {
	for _, p := range all.list {
		names, err := p.commands(c)
		if err != nil {
			why = append(why, err)
		}
		if slices.Contains(names, name) {
			return p, nil
		}
	}
	return nil, why
}

// names lists all commands of all plug-ins.
func (all *plugins) names(c *controller) []string {
	var names []string
	for _, p := range all.list {
		some, _ := p.commands(c)
		names = append(names, some...)
	}
	return names
}

// close ends everything that was started, the last first.
func (all *plugins) close(c *controller) {
	for _, p := range slices.Backward(all.list) {
		p.close(c)
	}
	for _, h := range slices.Backward(all.hosts) {
		h.close()
	}
}

// once remembers what was found out the first time.
type once[T any] struct {
	once  sync.Once
	value T
	err   error
}

func (o *once[T]) do(find func() (T, error)) (T, error) {
	o.once.Do(func() { o.value, o.err = find() })
	return o.value, o.err
}

// printTopics is how plug-ins list their commands, in Supervisor's form: an empty line, then the title with the
// names, if there are any.
func (c *controller) printTopics(name string, topics []string) {
	c.say("")
	if len(topics) > 0 {
		c.block(name+" commands (type help <topic>):", topics)
	}
}
