package python

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// served are the requests of plug-ins. Each is served in a goroutine of its own.
var served = map[string]func(*life, json.RawMessage) (any, error){
	"sup.call":         (*life).call,
	"proc.do":          (*life).do,
	"mood.set":         (*life).setMood,
	"reap":             (*life).look,
	"group.transition": (*life).look,
	"config.reread":    (*life).reread,
	"config.diff":      (*life).diff,
	"events.notify":    (*life).notify,

	"config.section":       (*life).section,
	"group.add":            (*life).addGroup,
	"group.add_process":    (*life).addProcess,
	"group.remove_process": (*life).removeProcess,
}

// unhurried is how long a request of a plug-in may take: what it asks for is done at once or not at all.
const unhurried = time.Minute

func (l *life) context() (context.Context, context.CancelFunc) {
	return context.WithTimeout(l.ctx, unhurried)
}

// valueError is raised as ValueError.
type valueError string

func (e valueError) Error() string { return string(e) }

// problemOf tells an error in a way that the other side makes the right exception of.
func problemOf(err error) *problem {
	p := &problem{Code: -32000, Message: err.Error()}
	var value valueError
	var errno syscall.Errno
	f, refused := fault.As(err)
	switch {
	case refused:
		p.Data = map[string]any{"fault": int(f.Kind)}
	case errors.As(err, &value):
		p.Data = map[string]any{"valueerror": true}
	case errors.As(err, &errno):
		p.Data = map[string]any{"errno": int(errno)}
	}
	return p
}

// call calls a method of the main interface.
func (l *life) call(params json.RawMessage) (any, error) {
	var p struct {
		Method string
		Args   []any
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, err
	}
	ctx, cancel := l.context()
	defer cancel()
	for i := range p.Args {
		p.Args[i] = fromJSON(p.Args[i])
	}
	v, err := l.b.o.Call(ctx, "supervisor."+p.Method, p.Args)
	if err != nil {
		return nil, err
	}
	return toJSON(v), nil
}

// fromJSON gives a value that Python sent the type that methods know.
func fromJSON(v any) any {
	switch v := v.(type) {
	case nil:
		return xmlrpc.Nil{}
	case float64:
		if n := int64(v); float64(n) == v {
			return n
		}
	case []any:
		for i := range v {
			v[i] = fromJSON(v[i])
		}
	case map[string]any:
		var s xmlrpc.Struct
		for name, one := range v {
			s = append(s, xmlrpc.Member{Name: name, Value: fromJSON(one)})
		}
		return s
	}
	return v
}

// toJSON gives a result types that JSON has.
func toJSON(v any) any {
	return json.RawMessage(appendValue(nil, v))
}

// do does something to one process.
func (l *life) do(params json.RawMessage) (any, error) {
	var p struct {
		Group, Name, Op, Data string
		Signal                int
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, err
	}
	ctx, cancel := l.context()
	defer cancel()
	view, err := l.b.o.View(ctx)
	if err != nil {
		return nil, err
	}
	at, ok := view.Find(p.Group, p.Name)
	if !ok {
		return nil, fault.About(fault.BadName, p.Group+":"+p.Name)
	}
	one := &view.Processes[at]
	fleetLoop := l.b.o.Loop
	ids := []fleet.ID{one.ID}
	switch p.Op {
	case "spawn":
		_, err = fleetLoop.StartAll(ctx, []fleet.Target{{ID: one.ID}}, false, false)
	case "stop":
		return message1(fleetLoop.StopAll(ctx, ids, false, false))
	case "kill":
		return l.kill(ctx, one, p.Signal)
	case "signal":
		return message1(fleetLoop.SignalAll(ctx, ids, p.Signal, false))
	case "write":
		err = write(ctx, fleetLoop, one.ID, p.Data)
	case "give_up":
		return message1(fleetLoop.GiveUp(ctx, one.ID))
	case "transition":
	default:
		return nil, fmt.Errorf("%q is nothing that is done to a process", p.Op)
	}
	return nil, err
}

// message1 is None for what was done, and why not otherwise, as Supervisor's methods of a process answer.
func message1(out []fleet.Outcome, err error) (any, error) {
	if err != nil || len(out) == 0 || out[0].Fault == nil {
		return nil, err
	}
	return out[0].Fault.Error(), nil
}

// kill stops a process by a signal of the plug-in's choice: the process's own stop signal goes first.
func (l *life) kill(ctx context.Context, p *loop.Process, sig int) (any, error) {
	fleetLoop, ids := l.b.o.Loop, []fleet.ID{p.ID}
	if p.Phase != proc.Stopping {
		if why, err := message1(fleetLoop.StopAll(ctx, ids, false, false)); why != nil || err != nil {
			return why, err
		}
	}
	if sig == p.Conf.Stopsignal || p.Pid == 0 {
		return nil, nil
	}
	_, err := fleetLoop.SignalAll(ctx, ids, sig, false)
	return nil, err
}

// write writes to a process's stdin. The text stands for bytes, one a character.
func write(ctx context.Context, l *loop.Loop, id fleet.ID, text string) error {
	data := make([]byte, 0, len(text))
	for _, r := range text {
		data = append(data, byte(r))
	}
	err := l.Write(ctx, id, data)
	if _, refused := fault.As(err); refused {
		return syscall.EPIPE
	}
	return err
}

// setMood shuts down or restarts.
func (l *life) setMood(params json.RawMessage) (any, error) {
	var p struct{ Value int }
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, err
	}
	ctx, cancel := l.context()
	defer cancel()
	switch p.Value {
	case -1:
		return nil, l.b.o.Service.Shutdown(ctx)
	case 0:
		return nil, l.b.o.Service.Restart(ctx)
	case 1:
		return nil, nil
	}
	return nil, valueError(fmt.Sprintf("%d is no state that the daemon can be put into", p.Value))
}

// look does nothing: what is due is done already, and what has changed goes before the answer.
func (l *life) look(json.RawMessage) (any, error) { return nil, nil }

// reread reads the configuration again.
func (l *life) reread(json.RawMessage) (any, error) {
	ctx, cancel := l.context()
	defer cancel()
	_, _, _, err := l.b.o.Service.Reload(ctx)
	if f, refused := fault.As(err); refused && f.Kind == fault.CantReread {
		return nil, valueError(f.Detail)
	}
	return nil, err
}

// diff compares the active groups with the configuration as last read.
func (l *life) diff(json.RawMessage) (any, error) {
	ctx, cancel := l.context()
	defer cancel()
	view, err := l.b.o.View(ctx)
	if err != nil {
		return nil, err
	}
	var active []config.Group
	for _, g := range view.Active() {
		active = append(active, *g)
	}
	added, changed, removed := config.Diff(active, l.b.o.Service.Config().Groups)
	none := []string{}
	return map[string][]string{
		"added": append(none, added...), "changed": append(none, changed...), "removed": append(none, removed...),
	}, nil
}

// notify publishes REMOTE_COMMUNICATION.
func (l *life) notify(params json.RawMessage) (any, error) {
	var p struct{ Type, Data string }
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, err
	}
	ctx, cancel := l.context()
	defer cancel()
	return nil, l.b.o.Service.RemoteEvent(ctx, strings.ToValidUTF8(p.Type, "�"), []byte(p.Data))
}
