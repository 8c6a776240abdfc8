package exthost

import (
	"context"
	"maps"
	"slices"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
)

var _ ext.Programs = host{}

// Groups are the active groups.
func (h host) Groups(ctx context.Context) ([]string, error) {
	v, err := h.o.house.api.Service.View(service.As(ctx, nil))
	if err != nil {
		return nil, guestFault(err)
	}
	names := []string{}
	for _, g := range v.Groups() {
		names = append(names, g.Name)
	}
	return names, nil
}

// CheckProgram reads the options and does nothing.
func (h host) CheckProgram(ctx context.Context, group, program string, options map[string]string) ([]string, error) {
	names, err := h.o.house.api.Service.CheckProgram(service.As(ctx, nil), group, program, variables(options))
	return names, guestFault(err)
}

// AddProcesses adds to an active group.
func (h host) AddProcesses(ctx context.Context, group, program string, options map[string]string) ([]string, error) {
	names, err := h.o.house.api.Service.AddProcesses(service.As(ctx, nil), group, program, variables(options))
	return names, guestFault(err)
}

// AddProgram adds a group.
func (h host) AddProgram(ctx context.Context, program string, options map[string]string) ([]string, error) {
	names, err := h.o.house.api.Service.AddProgram(service.As(ctx, nil), program, variables(options))
	return names, guestFault(err)
}

// RemoveProcess takes one out.
func (h host) RemoveProcess(ctx context.Context, group, process string) error {
	return guestFault(h.o.house.api.Service.RemoveProcess(service.As(ctx, nil), group, process))
}

// Preview is what a reread would say.
func (h host) Preview(ctx context.Context) (added, changed, removed []string, err error) {
	p, err := h.o.house.api.Service.Preview(service.As(ctx, nil))
	if err != nil {
		return nil, nil, nil, guestFault(err)
	}
	return p.Added, p.Changed, p.Removed, nil
}

// variables are options in alphabetical order, so that of two that differ in case always the same one counts.
func variables(options map[string]string) []config.Var {
	out := make([]config.Var, 0, len(options))
	for _, name := range slices.Sorted(maps.Keys(options)) {
		out = append(out, config.Var{Name: name, Value: options[name]})
	}
	return out
}

// guestFault is a refusal as guests know it.
func guestFault(err error) error {
	if f, ok := fault.As(err); ok {
		return &ext.Fault{Code: ext.Code(f.Kind), Text: f.Detail}
	}
	return err
}
