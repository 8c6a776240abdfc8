package stdio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/bus"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/exthost"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/wire/jsonrpc"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// call calls a method of the guest. Whatever goes wrong is a fault that says so.
func (g *guest) call(ctx context.Context, m *ext.Method, args []any) (any, error) {
	in := make([]any, len(args))
	for i := range args {
		in[i] = xmlrpc.Natural(args[i])
		if p := m.Params[min(i, len(m.Params)-1)]; !is(in[i], p.Kind) {
			return nil, fault.New(fault.IncorrectParameters, fmt.Sprintf("%s is no %s", p.Name, p.Kind))
		}
	}
	params, err := parameters(ctx, m.Name, in)
	if err != nil {
		return nil, fault.New(fault.IncorrectParameters, err.Error())
	}
	l, err := g.speaker()
	if err != nil {
		return nil, fault.New(fault.Failed, err.Error())
	}
	limit := time.Duration(g.conf.CallTimeout) * time.Second
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	answer, err := l.request(short, "call", params)
	if err != nil {
		return nil, g.failure(ctx, err, m.Name, limit)
	}
	v, err := jsonrpc.ParseValue(answer.Result)
	if err == nil && !is(v, m.Result.Kind) {
		err = fmt.Errorf("it is no %s, which it has promised", m.Result.Kind)
	}
	if err != nil {
		return nil, fault.New(fault.Failed, fmt.Sprintf("extension %s is lying: the result of %s cannot be sent, %v", g.conf.Name, m.Name, err))
	}
	return exthost.Outgoing(v), nil
}

// parameters are those of our call, the method first: programs without a parser look for it there.
func parameters(ctx context.Context, method string, args []any) ([]byte, error) {
	b := append(jsonrpc.AppendString([]byte(`{"method":`), method), `,"params":`...)
	b, err := jsonrpc.AppendValue(b, args)
	if w, asked := service.Asker(ctx); asked && err == nil {
		b, err = jsonrpc.AppendValue(append(b, `,"caller":`...), map[string]any{"name": w.Name, "address": w.From()})
	}
	return append(b, '}'), err
}

// failure is a call that has no result, as its caller is told.
func (g *guest) failure(ctx context.Context, err error, method string, limit time.Duration) error {
	var no *jsonrpc.Error
	switch {
	case errors.As(err, &no) && no.Code == jsonrpc.InvalidParams:
		return fault.New(fault.IncorrectParameters, no.Text)
	case errors.As(err, &no) && no.Code > 0:
		return exthost.Refusal(&ext.Fault{Code: ext.Code(no.Code), Text: no.Text})
	case errors.As(err, &no):
		return fault.New(fault.Failed, no.Text)
	case ctx.Err() != nil: // nobody waits any more
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Failed, fmt.Sprintf("extension %s is slow: %s was not answered within %v", g.conf.Name, method, limit))
	case errors.Is(err, errBusy):
		return fault.New(fault.Failed, fmt.Sprintf("extension %s is slow: %v", g.conf.Name, err))
	}
	return fault.New(fault.Failed, err.Error())
}

// is tells whether a value is of a kind. Whole numbers are numbers, too.
func is(v any, k ext.Kind) bool {
	var ok bool
	switch k {
	case ext.Int:
		_, ok = v.(int64)
	case ext.Boolean:
		_, ok = v.(bool)
	case ext.Double:
		if _, ok = v.(float64); !ok {
			_, ok = v.(int64)
		}
	case ext.String:
		_, ok = v.(string)
	case ext.Base64:
		_, ok = v.([]byte)
	case ext.Time:
		_, ok = v.(time.Time)
	case ext.Array:
		_, ok = v.([]any)
	case ext.Struct:
		_, ok = v.(map[string]any)
	default:
		ok = true
	}
	return ok
}

// tell sends events until the process ends. Those that do not fit into its pipe any more are counted.
func (l *life) tell(sub *bus.Subscription) {
	var missed uint64
	for {
		f, lost, err := sub.Next(l.ctx)
		if err != nil {
			return
		}
		missed += lost
		e := exthost.Event(f)
		e.Lost = missed
		params, err := jsonrpc.AppendValue(nil, spelled(&e))
		if err == nil {
			err = l.notify("event", params)
		}
		if err != nil {
			missed++
			continue
		}
		if missed > 0 {
			l.g.h.o.Journal.GuestLost(l.g.conf.Section, "events", missed)
		}
		missed = 0
	}
}

// spelled is an event with those of its parts that mean something.
func spelled(e *ext.Event) map[string]any {
	m := map[string]any{"type": e.Type, "number": int(e.Number), "payload": e.Payload}
	for name, v := range map[string]string{"process": e.Process, "group": e.Group, "from": e.From, "to": e.To, "why": e.Why, "kind": e.Kind} {
		if v != "" {
			m[name] = v
		}
	}
	for name, n := range map[string]int{
		"lost": int(e.Lost), "pid": e.PID, "tries": e.Tries, "signal": e.Signal, "when": int(e.When),
		"restarts": e.Restarts,
	} {
		if n != 0 {
			m[name] = n
		}
	}
	for name, yes := range map[string]bool{"core_dumped": e.CoreDumped, "oom": e.OOM} {
		if yes {
			m[name] = true
		}
	}
	if e.ExitCode >= 0 {
		m["exit_code"] = e.ExitCode
	}
	if e.Type == event.ProcessStateExited.String() {
		m["expected"] = e.Expected
	}
	if e.Uptime > 0 {
		m["uptime"] = e.Uptime.Seconds()
	}
	if e.Data != nil {
		m["data"] = e.Data
	}
	return m
}
