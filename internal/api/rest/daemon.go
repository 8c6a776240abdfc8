package rest

import (
	"strings"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/service"
)

func daemon(a *ask) (any, error) {
	identifier, err := a.f.s.Identification(a.ctx)
	if err != nil {
		return nil, err
	}
	_, state, err := a.f.s.State(a.ctx)
	if err != nil {
		return nil, err
	}
	warnings, err := a.f.s.Warnings(a.ctx)
	if err != nil {
		return nil, err
	}
	pid, err := a.f.s.PID(a.ctx)
	return client.Daemon{
		Identifier: identifier, State: state, PID: pid, Version: service.Version, APIVersion: service.APIVersion,
		Logfile: a.f.s.MainLog(), ConfigFile: a.f.s.Config().File, Warnings: append([]string{}, warnings...),
	}, err
}

func shutdown(a *ask) (any, error)      { return done(a.f.s.Shutdown(a.ctx)) }
func restartDaemon(a *ask) (any, error) { return done(a.f.s.Restart(a.ctx)) }
func clearMainLog(a *ask) (any, error)  { return done(a.f.s.ClearLog(a.ctx)) }

func tellEvent(a *ask) (any, error) {
	b := a.body.(*eventBody)
	return done(a.f.s.RemoteEvent(a.ctx, b.Type, []byte(b.Data)))
}

// follow hands the request to GET /events; its refusals get our shape.
func follow(a *ask) (any, error) {
	r := *a.r
	r.Method, r.Path = "GET", "/events"
	resp := a.f.o.Events.Serve(a.ctx, &r)
	if resp != nil && resp.Status == 400 {
		return wrong("%s", strings.TrimSpace(string(resp.Body))), nil
	}
	return resp, nil
}
