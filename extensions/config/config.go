// Package config adds, changes and removes programs while the daemon runs, and takes that back. What is asked for is
// read as a file would be, and kept as one if the section names a place: then a restart brings it back, and an update
// has nothing to do. It also answers to the methods of supervisor_twiddler, as a guest of its own.
//
//	[rpcinterface:config]
//	supervisor.rpcinterface_factory = reeve.config:make
//	persist = /etc/supervisor/conf.d/*.conf
package config

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/ext"
)

func init() { ext.Register("reeve.config:make", New) }

// mostChanges is how many changes can be undone.
const mostChanges = 100

// Config is the guest.
type Config struct {
	shelf    *shelf // nil when nothing is kept in files
	host     ext.Host
	programs ext.Programs

	// turn is held by the change that is under way, and guards the fields below. A channel, because who waits may leave.
	turn    chan struct{}
	known   map[string]*program // by id
	changes []change
	last    int // number of the last change
}

var _ ext.Methods = (*Config)(nil)

// program is one that this guest has added, or found among its files.
type program struct {
	group, name string
	options     map[string]string
	processes   []string
}

func id(group, name string) string { return group + ":" + name }

// own is true of a program that makes a group of its own.
func (p *program) own() bool { return p.group == p.name }

// change is one that can be taken back: before and after, of which one may be missing.
type change struct {
	number        int
	who           string
	before, after *program
}

// New reads the section.
func New(s ext.Section) (ext.Extension, error) {
	if err := s.Only("persist"); err != nil {
		return nil, err
	}
	c := &Config{turn: make(chan struct{}, 1), known: map[string]*program{}}
	if pattern := s.Options["persist"]; pattern != "" {
		var err error
		if c.shelf, err = openShelf(pattern); err != nil {
			return nil, s.Refuse("persist", "%s", err)
		}
	}
	return c, nil
}

// Init takes over the programs that stand in files of ours.
func (c *Config) Init(h ext.Host) (err error) {
	c.host = h
	if c.programs, err = programsOf(h); err != nil || c.shelf == nil {
		return err
	}
	c.shelf.here = h.Daemon().Directory
	found, strange := c.shelf.all()
	for _, err := range strange {
		h.Log(ext.Warn, "%s", err)
	}
	for _, p := range found {
		p.processes, err = c.programs.CheckProgram(context.Background(), p.group, p.name, p.options)
		if err != nil {
			h.Log(ext.Warn, "cannot take over %s: %s", c.shelf.path(p), err)
			continue
		}
		c.known[id(p.group, p.name)] = p
	}
	return nil
}

// Close leaves the programs as they are.
func (c *Config) Close() error { return nil }

// Methods is the table.
func (c *Config) Methods() []ext.Method {
	group := "group: Name of an active group; the program's own name, or nothing, for a group of its own"
	name := "name: Name of the program"
	options := "options: Program options, as in a configuration file"
	return ext.MustTable(c, map[string]ext.Doc{
		"AddProgram":    {Help: "Add a program, start what starts by itself, and return the names of its processes.", Params: []string{group, name, options}, Result: "names"},
		"SetProgram":    {Help: "Give a program that was added other options, all of them; what ran before runs again.", Params: []string{group, name, options}, Result: "names"},
		"RemoveProgram": {Help: "Stop a program that was added and remove it.", Params: []string{group, name}},
		"GetPrograms":   {Help: "Return the programs that were added: group, name, options, processes, file.", Result: "programs"},
		"History":       {Help: "Return the changes that can be undone, the last one first: number, who, action, group, name.", Result: "changes", Access: ext.Read},
		"Undo":          {Help: "Take the last change back and return it.", Result: "change"},
	})
}

// Entry is a program as GetPrograms tells it.
type Entry struct {
	Group     string            `rpc:"group"`
	Name      string            `rpc:"name"`
	Options   map[string]string `rpc:"options"`
	Processes []string          `rpc:"processes"`
	File      string            `rpc:"file"` // empty when it is in none
}

// GetPrograms are the programs by group and name.
func (c *Config) GetPrograms(ctx context.Context) ([]Entry, error) {
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	defer c.end()
	out := []Entry{}
	for _, key := range slices.Sorted(maps.Keys(c.known)) {
		p := c.known[key]
		e := Entry{Group: p.group, Name: p.name, Options: p.options, Processes: p.processes}
		if c.shelf != nil {
			e.File = c.shelf.path(p)
		}
		out = append(out, e)
	}
	return out, nil
}

// Change is a change as History and Undo tell it.
type Change struct {
	Number int    `rpc:"number"`
	Who    string `rpc:"who"`
	Action string `rpc:"action"` // added, changed or removed
	Group  string `rpc:"group"`
	Name   string `rpc:"name"`
}

// told is the change for clients and the main log.
func (c *change) told() Change {
	out := Change{Number: c.number, Who: c.who, Action: "changed"}
	p := c.after
	switch {
	case c.before == nil:
		out.Action = "added"
	case c.after == nil:
		out.Action, p = "removed", c.before
	}
	out.Group, out.Name = p.group, p.name
	return out
}

// History is what can be undone.
func (c *Config) History(ctx context.Context) ([]Change, error) {
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	defer c.end()
	out := []Change{}
	for i := range c.changes {
		out = append(out, c.changes[len(c.changes)-1-i].told())
	}
	return out, nil
}

// begin waits for its turn, and looks what has happened before it.
func (c *Config) begin(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		err := c.forget(ctx)
		if err != nil {
			c.end()
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Config) end() { <-c.turn }

// read makes a program of what a client sent.
func (c *Config) read(ctx context.Context, group, name string, options map[string]any) (*program, error) {
	sent, err := texts(options)
	if err != nil {
		return nil, err
	}
	if group == "" {
		group = name
	}
	p := &program{group: group, name: name, options: map[string]string{}}
	for key, value := range sent {
		lower := strings.ToLower(key)
		if _, twice := p.options[lower]; twice {
			return nil, ext.Refuse(ext.IncorrectParameters, "option %s is there twice", lower)
		}
		p.options[lower] = value
	}
	if _, given := p.options["join_group"]; given {
		return nil, ext.Refuse(ext.IncorrectParameters, "join_group is said by the group")
	}
	if p.processes, err = c.programs.CheckProgram(ctx, group, name, p.options); err != nil {
		return nil, err
	}
	if c.shelf != nil {
		if err := c.shelf.fits(p); err != nil {
			return nil, ext.Refuse(ext.IncorrectParameters, "%s", err)
		}
	}
	return p, nil
}

// who is the caller.
func who(ctx context.Context) string {
	caller := ext.CallerOf(ctx)
	switch {
	case caller.Name == "" && caller.Address == "":
		return "the daemon"
	case caller.Name == "":
		return caller.Address
	}
	return fmt.Sprintf("%q (%s)", caller.Name, caller.Address)
}
