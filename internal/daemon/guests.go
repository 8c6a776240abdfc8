package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/api/rpc2"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/exthost"
	"github.com/reeve-sh/reeve/internal/exthost/stdio"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
)

// knowGuests lets the configuration name the extensions that have been compiled in.
func (p *program) knowGuests(r *ext.Registry) {
	p.guests = r
	factories := r.Factories()
	p.compiled = func(spec string) bool { _, ok := factories[spec]; return ok }
	p.flags.over.Known = func(string) bool { return true } // what is not compiled in is for Python to resolve
	p.flags.over.Owned = slices.Sorted(maps.Keys(r.Sections()))
}

// thinkOfGuests makes the house that they will come to: the loop and the service are told of it before it can be used.
func (g *generation) thinkOfGuests() {
	g.executables = stdio.New(stdio.Options{
		Journal: g.journal, Bus: g.news.bus, Capture: g.capture, Keeper: func() stdio.Keeper { return g.service },
		Patience: cmp.Or(g.p.patience, patience),
	})
	g.guests = exthost.New(exthost.Options{
		Strangers: []exthost.Maker{g.executables.Maker, func(p *config.Plugin) (ext.Extension, error) { return g.python.Maker(p) }},
		Factories: g.p.guests.Factories(), Sections: g.p.guests.Sections(),
		Journal: g.journal, Bus: g.news.bus, Servers: len(g.conf.Servers), Run: g.runCommand,
		Daemon: ext.Daemon{
			Identifier: g.conf.Daemon.Identifier, Version: service.Version,
			ConfigFile: g.conf.File, Directory: g.conf.Here, PID: os.Getpid(),
		},
	})
}

// talkers finds who talks with the processes of a group: a pool of listeners, or an executable guest.
type talkers struct{ g *generation }

func (t talkers) Open(group *config.Group) loop.Pool {
	if group.Kind == config.Guest {
		return t.g.executables.Open(group)
	}
	return t.g.news.listeners.Open(group)
}

// patience is how long a start waits for the handshakes of executable guests, all in all.
const patience = 3 * time.Second

// openGuests admits the extensions of the configuration, before any program is started. Without an HTTP server nobody
// could call them, and as in Supervisor none is made.
func (g *generation) openGuests() error {
	if len(g.conf.Servers) == 0 {
		return nil
	}
	failed, err := g.guests.Open(context.Background(), exthost.API{Service: g.service, Call: g.rpc2(0).Call}, g.conf.Plugins)
	if err != nil {
		return cannotMake(failed, err)
	}
	return nil
}

// cannotMake tells in Supervisor's form, with its section's place, that there is no guest.
func cannotMake(p *config.Plugin, err error) error {
	u := &usage{text: fmt.Sprintf("Could not make %s rpc interface", p.Name), where: fmt.Sprintf("%s, line %d", p.File, p.Line)}
	var told *exthost.Told
	var refusal *ext.Refusal
	if errors.As(err, &told) { // Supervisor says no more on its first line
		u.where += ": " + told.Why
		return u
	}
	u.text += ": " + err.Error()
	if errors.As(err, &refusal) && refusal.File != "" { // it has the place of the option
		u.where = ""
	}
	return u
}

// rpc2 is the XML-RPC face of one server.
func (g *generation) rpc2(server int) *rpc2.Face {
	var namespaces []string
	for _, p := range g.conf.Plugins {
		if p.BuiltIn() {
			namespaces = append(namespaces, p.Name)
		}
	}
	return rpc2.New(g.service, g.journal, namespaces, g.guests.Methods(server))
}
