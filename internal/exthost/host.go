package exthost

import (
	"context"
	"fmt"
	"time"

	"github.com/reeve-sh/reeve/ext"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// host is the daemon as one guest may use it.
type host struct{ o *guest }

func (o *guest) host() ext.Host { return host{o} }

// Log writes a line with the guest's name before it.
func (h host) Log(level ext.Level, format string, args ...any) {
	h.o.house.o.Journal.GuestSays(config.Level(level), h.o.conf.Section, fmt.Sprintf(format, args...))
}

// Name is that of the section.
func (h host) Name() string { return h.o.conf.Name }

// Daemon is what does not change.
func (h host) Daemon() ext.Daemon { return h.o.house.o.Daemon }

// Call calls any method of the API.
func (h host) Call(ctx context.Context, method string, args ...any) (any, error) {
	in := make([]any, len(args))
	for i, a := range args {
		v, err := ext.Encode(a)
		if err != nil {
			return nil, err
		}
		in[i] = Outgoing(v)
	}
	// A guest is trusted: what it asks is asked by the daemon, whoever has called it.
	v, err := h.o.house.api.Call(service.As(ctx, nil), method, in)
	if f, ok := fault.As(err); ok {
		return nil, &ext.Fault{Code: ext.Code(f.Kind), Text: f.Detail}
	}
	return xmlrpc.Natural(v), err
}

// Processes lists all processes.
func (h host) Processes(ctx context.Context) ([]ext.Process, error) {
	list, err := h.o.house.api.Service.AllProcessInfo(service.As(ctx, nil))
	if err != nil {
		return nil, err
	}
	out := make([]ext.Process, len(list))
	for i := range list {
		out[i] = processOf(&list[i])
	}
	return out, nil
}

func processOf(i *service.Info) ext.Process {
	moment := func(n int) time.Time {
		if n == 0 {
			return time.Time{}
		}
		return time.Unix(int64(n), 0)
	}
	return ext.Process{
		Name: i.Name, Group: i.Group, State: i.Phase.String(), StateCode: i.Phase.Code(), PID: i.Pid,
		Start: moment(i.Start), Stop: moment(i.Stop), ExitStatus: i.Exit, SpawnError: i.SpawnErr,
		Description: i.Description, Stdout: i.Stdout, Stderr: i.Stderr,
	}
}

// Publish publishes a REMOTE_COMMUNICATION event.
func (h host) Publish(ctx context.Context, kind string, data []byte) error {
	return h.o.house.api.Service.RemoteEvent(service.As(ctx, nil), kind, data)
}

// Run runs a command through the loop, which alone may fork.
func (h host) Run(ctx context.Context, c ext.Command) (ext.Exit, error) {
	if h.o.house.o.Run == nil {
		return ext.Exit{}, fmt.Errorf("cannot run %q: there is nobody to run it", c.Argv)
	}
	return h.o.house.o.Run(ctx, c)
}

// caller tells a guest who is asking.
func (o *guest) caller(ctx context.Context) context.Context {
	w, asked := service.Asker(ctx)
	if !asked {
		return ctx
	}
	return ext.WithCaller(ctx, ext.Caller{Name: w.Name, Address: w.From()})
}
