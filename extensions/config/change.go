package config

import (
	"context"
	"errors"
	"slices"

	"github.com/reeve-sh/reeve/ext"
)

// AddProgram adds a program.
func (c *Config) AddProgram(ctx context.Context, group, name string, options map[string]any) ([]string, error) {
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	defer c.end()
	p, err := c.read(ctx, group, name, options)
	if err != nil {
		return nil, err
	}
	if err := c.free(ctx, p); err != nil {
		return nil, err
	}
	return p.processes, c.make(ctx, change{after: p})
}

// free tells whether a program can be added: its own group is not there, nor in a file that has not been put into
// effect yet, and another one is.
func (c *Config) free(ctx context.Context, p *program) error {
	if c.known[id(p.group, p.name)] != nil {
		return ext.Refuse(ext.AlreadyAdded, "%s", p.name)
	}
	groups, err := c.programs.Groups(ctx)
	if err != nil {
		return err
	}
	there := slices.Contains(groups, p.group)
	if !there && p.own() {
		added, _, _, err := c.programs.Preview(ctx)
		there = err == nil && slices.Contains(added, p.group)
	}
	switch {
	case there && p.own():
		return ext.Refuse(ext.AlreadyAdded, "%s", p.group)
	case !there && !p.own():
		return ext.Refuse(ext.BadName, "group: %s", p.group)
	}
	return nil
}

// SetProgram gives a program other options.
func (c *Config) SetProgram(ctx context.Context, group, name string, options map[string]any) ([]string, error) {
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	defer c.end()
	p, err := c.read(ctx, group, name, options)
	if err != nil {
		return nil, err
	}
	before, err := c.find(p.group, p.name)
	if err != nil {
		return nil, err
	}
	return p.processes, c.make(ctx, change{before: before, after: p})
}

// RemoveProgram removes a program.
func (c *Config) RemoveProgram(ctx context.Context, group, name string) error {
	if err := c.begin(ctx); err != nil {
		return err
	}
	defer c.end()
	before, err := c.find(group, name)
	if err != nil {
		return err
	}
	return c.make(ctx, change{before: before})
}

// Undo takes the last change back.
func (c *Config) Undo(ctx context.Context) (*Change, error) {
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	defer c.end()
	if len(c.changes) == 0 {
		return nil, ext.Refuse(ext.Failed, "there is nothing to undo")
	}
	last := c.changes[len(c.changes)-1]
	if err := c.carryOut(ctx, change{before: last.after, after: last.before}); err != nil {
		return nil, err
	}
	c.changes = c.changes[:len(c.changes)-1]
	told := last.told()
	c.host.Log(ext.Info, "%s has undone change %d: program %s of group %s was %s", who(ctx), told.Number, told.Name, told.Group, told.Action)
	return &told, nil
}

// forget lets go of programs that somebody else has removed. Those in files are kept with their files.
func (c *Config) forget(ctx context.Context) error {
	if c.shelf != nil {
		return nil
	}
	all, err := c.host.Processes(ctx)
	if err != nil {
		return err
	}
	for key, p := range c.known {
		if !slices.ContainsFunc(all, func(q ext.Process) bool { return q.Group == p.group && slices.Contains(p.processes, q.Name) }) {
			delete(c.known, key)
		}
	}
	return nil
}

// find is a program that this guest knows. What stands in other files is not its to change.
func (c *Config) find(group, name string) (*program, error) {
	if group == "" {
		group = name
	}
	p := c.known[id(group, name)]
	if p == nil {
		return nil, ext.Refuse(ext.BadName, "%s was not added here", id(group, name))
	}
	return p, nil
}

// make carries a change out and remembers it.
func (c *Config) make(ctx context.Context, ch change) error {
	if err := c.carryOut(ctx, ch); err != nil {
		return err
	}
	c.last++
	ch.number, ch.who = c.last, who(ctx)
	if len(c.changes) == mostChanges {
		c.changes = slices.Delete(c.changes, 0, 1)
	}
	c.changes = append(c.changes, ch)
	told := ch.told()
	c.host.Log(ext.Info, "%s has %s program %s of group %s (change %d)", told.Who, told.Action, told.Name, told.Group, told.Number)
	return nil
}

// carryOut makes before become after, in the file first: what cannot be kept is not begun, and what fails later puts
// the file back. A caller who leaves half way leaves nothing half done.
func (c *Config) carryOut(ctx context.Context, ch change) error {
	ctx = context.WithoutCancel(ctx)
	if err := c.keep(ctx, ch); err != nil {
		return err
	}
	if err := c.replace(ctx, ch); err != nil {
		if c.shelf != nil {
			if undone := c.shelf.put(ch.after, ch.before); undone != nil {
				c.host.Log(ext.Critical, "%s", undone)
			}
		}
		return err
	}
	if ch.before != nil {
		delete(c.known, id(ch.before.group, ch.before.name))
	}
	if ch.after != nil {
		c.known[id(ch.after.group, ch.after.name)] = ch.after
	}
	return nil
}

// replace is the change among what runs.
func (c *Config) replace(ctx context.Context, ch change) error {
	var ran []string
	var err error
	if ch.before != nil {
		if ran, err = c.take(ctx, ch.before); err != nil {
			return err
		}
	}
	if ch.after == nil {
		return nil
	}
	if err = c.put(ctx, ch.after); err == nil {
		c.start(ctx, ch.after, ran)
		return nil
	}
	if ch.before != nil {
		if back := c.put(ctx, ch.before); back != nil {
			c.host.Log(ext.Critical, "cannot put program %s back: %s", ch.before.name, back)
		}
		c.start(ctx, ch.before, ran)
	}
	return err
}

// put adds a program's processes.
func (c *Config) put(ctx context.Context, p *program) error {
	if p.own() {
		groups, err := c.programs.Groups(ctx)
		if err != nil {
			return err
		}
		if !slices.Contains(groups, p.group) {
			_, err := c.programs.AddProgram(ctx, p.name, p.options)
			return err
		}
		if c.known[id(p.group, p.name)] == nil {
			return ext.Refuse(ext.AlreadyAdded, "%s", p.group)
		}
	}
	_, err := c.programs.AddProcesses(ctx, p.group, p.name, p.options)
	return err
}

// take stops a program's processes and removes them, and its group if that was its own and is empty then. It tells
// which of them ran.
func (c *Config) take(ctx context.Context, p *program) (ran []string, err error) {
	for _, name := range p.processes {
		_, err := c.host.Call(ctx, "supervisor.stopProcess", id(p.group, name))
		switch {
		case err == nil:
			ran = append(ran, name)
		case !is(err, ext.NotRunning, ext.BadName):
			return ran, err
		}
	}
	for _, name := range p.processes {
		if err := c.programs.RemoveProcess(ctx, p.group, name); err != nil && !is(err, ext.BadName) {
			return ran, err
		}
	}
	if !p.own() {
		return ran, nil
	}
	all, err := c.host.Processes(ctx)
	if err != nil || slices.ContainsFunc(all, func(q ext.Process) bool { return q.Group == p.group }) {
		return ran, err
	}
	if _, err := c.host.Call(ctx, "supervisor.removeProcessGroup", p.group); err != nil && !is(err, ext.BadName) {
		return ran, err
	}
	return ran, nil
}

// start starts those that ran, as far as they are there again. That one cannot be started is its own affair by now.
func (c *Config) start(ctx context.Context, p *program, ran []string) {
	for _, name := range ran {
		if !slices.Contains(p.processes, name) {
			continue
		}
		if _, err := c.host.Call(ctx, "supervisor.startProcess", id(p.group, name), false); err != nil && !is(err, ext.AlreadyStarted) {
			c.host.Log(ext.Warn, "cannot start %s again: %s", id(p.group, name), err)
		}
	}
}

// is tells whether an error is one of these faults.
func is(err error, codes ...ext.Code) bool {
	var f *ext.Fault
	return errors.As(err, &f) && slices.Contains(codes, f.Code)
}

// keep is the change among the files, as far as there are any. The configuration must be one with it, and must read it.
func (c *Config) keep(ctx context.Context, ch change) error {
	if c.shelf == nil {
		return nil
	}
	_, already, _, err := c.programs.Preview(ctx)
	if err != nil {
		return err
	}
	if err := c.shelf.put(ch.before, ch.after); err != nil {
		return ext.Refuse(ext.Failed, "%s", err)
	}
	added, changed, _, err := c.programs.Preview(ctx)
	p := ch.after
	if err == nil && p != nil && ch.before == nil && !slices.Contains(added, p.group) && !slices.Contains(changed, p.group) &&
		!slices.Contains(already, p.group) {
		err = ext.Refuse(ext.Failed, "the configuration does not read %s", c.shelf.path(p))
	}
	if err != nil {
		if undone := c.shelf.put(ch.after, ch.before); undone != nil {
			c.host.Log(ext.Critical, "%s", undone)
		}
	}
	return err
}
