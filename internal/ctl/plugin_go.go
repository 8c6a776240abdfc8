package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/ext"
	extcommand "github.com/reeve-sh/reeve/ext/command"
	"github.com/reeve-sh/reeve/internal/core/config"
)

// compiled is a plug-in in Go.
type compiled struct {
	conf    *config.CtlPlugin
	factory extcommand.Factory
	once    once[[]extcommand.Command]
}

// table makes the plug-in.
func (p *compiled) table() ([]extcommand.Command, error) {
	return p.once.do(func() (table []extcommand.Command, err error) {
		defer fence(&err, func(why any) error { return useless(p.conf, why) })
		section := ext.Section{
			Kind: "ctlplugin", Name: p.conf.Name, Options: map[string]string{},
			File: p.conf.File, Line: p.conf.Line, Lines: p.conf.Lines,
		}
		for _, o := range p.conf.Options {
			section.Options[o.Name] = o.Value
		}
		made, err := p.factory(section)
		if err != nil {
			return nil, useless(p.conf, err)
		}
		return made.Commands(), nil
	})
}

func (p *compiled) find(name string) *extcommand.Command {
	table, _ := p.table()
	for i := range table {
		if table[i].Name == name {
			return &table[i]
		}
	}
	return nil
}

func (p *compiled) commands(*controller) ([]string, error) {
	table, err := p.table()
	var names []string
	for _, cmd := range table {
		names = append(names, cmd.Name)
	}
	return names, err
}

func (p *compiled) run(c *controller, ctx context.Context, o order) error {
	s := &session{c: c}
	err := p.attempt(ctx, s, o)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set {
		c.exit = s.status
	}
	var end extcommand.Exit
	var fault *ext.Fault
	var refused *client.HTTPError
	switch {
	case errors.As(err, &end):
		return exitError(end)
	case errors.As(err, &fault):
		return &client.Fault{Code: int(fault.Code), String: fault.Text}
	case errors.As(err, &refused), client.Refused(err), client.Missing(err):
		return err
	case err != nil:
		c.complain(exitGeneric, "error: %v", err)
	}
	return nil
}

// attempt runs a command; a panic of its is an error.
func (p *compiled) attempt(ctx context.Context, s *session, o order) (err error) {
	defer fence(&err, func(why any) error { return fmt.Errorf("[%s] %v", p.conf.Section, why) })
	cmd := p.find(o.name)
	if cmd.Run == nil {
		return fmt.Errorf("[%s] has nothing to run for %q", p.conf.Section, o.name)
	}
	return cmd.Run(ctx, s, o.arg)
}

// fence turns a panic into an error. It is deferred.
func fence(err *error, word func(why any) error) {
	if why := recover(); why != nil {
		*err = word(fmt.Sprintf("panic: %v", why))
	}
}

func (p *compiled) help(c *controller, _ context.Context, topic string) error {
	table, err := p.table()
	if err != nil {
		return err
	}
	if topic == "" {
		var names []string
		for _, cmd := range table {
			if cmd.Help != "" {
				names = append(names, cmd.Name)
			}
		}
		slices.Sort(names)
		c.printTopics(p.conf.Name, names)
		return nil
	}
	if cmd := p.find(topic); cmd != nil && cmd.Help != "" {
		c.say("%s", cmd.Help)
		return nil
	}
	c.say("*** No help on %s", topic)
	return nil
}

func (p *compiled) complete(c *controller, o order, w extcommand.Word) (words []string) {
	defer func() {
		if recover() != nil {
			words = nil
		}
	}()
	if cmd := p.find(o.name); cmd != nil && cmd.Complete != nil {
		return cmd.Complete(context.Background(), &session{c: c}, w)
	}
	return nil
}

func (p *compiled) close(*controller) {}

// session is supervisorctl as a compiled-in command sees it.
type session struct {
	c *controller

	mu     sync.Mutex // guards what follows
	status int
	set    bool
}

func (s *session) Stdout() io.Writer { return s.c.out }
func (s *session) Stderr() io.Writer { return s.c.err }

func (s *session) Server() (url, username, password string) {
	o := s.c.options
	return o.url, o.username, o.password
}

func (s *session) SetStatus(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.set = status, true
}

func (s *session) Call(ctx context.Context, method string, args ...any) (any, error) {
	sub := s.c.sub(s.c.options)
	defer sub.disconnect()
	v, err := sub.call(ctx, method, args)
	var fault *client.Fault
	if errors.As(err, &fault) {
		return nil, &ext.Fault{Code: ext.Code(fault.Code), Text: fault.String}
	}
	return v, err
}

func (s *session) Up(ctx context.Context) bool {
	sub := s.c.sub(s.c.options)
	defer sub.disconnect()
	d, err := sub.check(ctx)
	switch {
	case err != nil:
		fmt.Fprintln(s.c.out, explain(err, s.c.options.url))
		s.SetStatus(exitGeneric)
	case d == nil:
		s.SetStatus(sub.exit)
	}
	return d != nil
}

func (s *session) Command(ctx context.Context, line string) int {
	sub := s.c.sub(s.c.options)
	sub.perform(ctx, line)
	if sub.exit != 0 {
		s.SetStatus(sub.exit)
	}
	return sub.exit
}
