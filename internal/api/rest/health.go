package rest

import (
	"context"
	"slices"
	"time"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// healthFor is how long the loop may take to answer before the daemon counts as stuck.
const healthFor = 5 * time.Second

// healthz answers 200 while the daemon lives, on its way down too: whoever restarts what is not healthy would cut that
// short.
func healthz(a *ask) (any, error) {
	ctx, cancel := context.WithTimeout(a.ctx, healthFor)
	defer cancel()
	goingDown, err := a.f.s.Alive(ctx)
	switch {
	case err != nil:
		return spell(503, client.Health{Status: "stuck"}), nil
	case goingDown:
		return client.Health{Status: "shutting down"}, nil
	}
	return client.Health{Status: "ok"}, nil
}

// readyz answers 200 when all that is asked about is ready, else 503.
func readyz(a *ask) (any, error) {
	list, err := a.f.s.Ready(a.ctx, a.words("program"), a.words("group"))
	if f, ok := fault.As(err); ok && f.Kind == fault.ShutdownState {
		return spell(503, client.Ready{Processes: []client.ReadyProcess{}}), nil
	}
	if err != nil {
		return nil, err
	}
	out := client.Ready{Processes: make([]client.ReadyProcess, 0, len(list))}
	for _, p := range list {
		out.Processes = append(out.Processes, client.ReadyProcess{Name: service.Namespec(p.Group, p.Process), State: p.Phase.String(), Ready: p.Ready})
	}
	out.Ready = !slices.ContainsFunc(out.Processes, func(p client.ReadyProcess) bool { return !p.Ready })
	if !out.Ready {
		return spell(503, out), nil
	}
	return out, nil
}

var _ httpd.Handler = (*Face)(nil)
