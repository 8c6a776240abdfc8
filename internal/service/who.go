package service

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/listen"
)

// Role is how much somebody may do. Each may do what those below it may.
type Role uint8

// The roles.
const (
	Nobody  Role = iota
	Read         // look at everything, logs and configuration included
	Operate      // start, stop and signal processes, write to them, clear their logs
	Admin        // everything
)

// roles are their names in configurations and messages.
var roles = [...]string{Nobody: "none", Read: "read", Operate: "operate", Admin: "admin"}

// String is the role's name.
func (r Role) String() string { return roles[r] }

// RoleOf finds a role by its name; Nobody is none.
func RoleOf(name string) (Role, bool) {
	at := slices.Index(roles[:], name)
	return Role(max(at, 0)), at > 0
}

// Who is somebody who asks.
type Who struct {
	Name   string // empty when no name was asked for
	Role   Role
	Groups []string // the groups that Operate is limited to; nil for all
	Conn   net.Conn // where from; may be nil
	Via    string   // the server's section
}

// From is the address of the asker: host:port, or the unix socket and the uid at its other end.
func (w *Who) From() string {
	if w.Conn == nil {
		return "inside"
	}
	if uid, _, _, ok := listen.Peer(w.Conn); ok {
		return "unix socket (uid " + strconv.Itoa(uid) + ")"
	}
	return w.Conn.RemoteAddr().String()
}

type whoKey struct{}

// As says in ctx who is asking; nil is the daemon itself, which may do everything, as a context without anybody is.
func As(ctx context.Context, w *Who) context.Context { return context.WithValue(ctx, whoKey{}, w) }

// Asker is who is asking; false is the daemon itself.
func Asker(ctx context.Context) (*Who, bool) {
	w, ok := ctx.Value(whoKey{}).(*Who)
	return w, ok && w != nil
}

// verb is one thing that can be asked of the service.
type verb uint8

const (
	doLook verb = iota
	doStart
	doStop
	doSignal
	doWrite
	doClearLogs
	doClearLog
	doShutdown
	doRestart
	doReload
	doAddGroup
	doAddProcess
	doRemoveProcess
	doRemoveGroup
	doPublish
	doGuestMethod
	doGuestPage
	doAudit
)

// least is what each takes. It is the one table of access: every method of the service is behind one of these lines.
var least = [...]struct {
	name string
	role Role
}{
	doLook: {"look", Read}, doStart: {"start", Operate}, doStop: {"stop", Operate}, doSignal: {"signal", Operate},
	doWrite: {"write to stdin", Operate}, doClearLogs: {"clear logs", Operate}, doClearLog: {"clear the main log", Admin},
	doShutdown: {"shut down", Admin}, doRestart: {"restart supervisord", Admin}, doReload: {"reread the configuration", Admin},
	doAddGroup: {"add groups", Admin}, doRemoveGroup: {"remove groups", Admin},
	doAddProcess: {"add processes", Admin}, doRemoveProcess: {"remove processes", Admin}, doPublish: {"send events", Admin},
	doGuestMethod: {"call this method", Admin}, doGuestPage: {"see this page", Admin},
	doAudit: {"see the audit", Admin},
}

// may is the refusal of a request by somebody whose role is too small for it, or nil.
func may(ctx context.Context, v verb) error { return mayAs(ctx, v, least[v].role) }

func mayAs(ctx context.Context, v verb, role Role) error {
	w, asked := Asker(ctx)
	if !asked || w.Role >= role {
		return nil
	}
	return fault.New(fault.Forbidden, fmt.Sprintf("role %s may not %s", w.Role, least[v].name))
}

// mayTouch is may for something that is done to one group.
func mayTouch(ctx context.Context, v verb, group string) error {
	if err := may(ctx, v); err != nil {
		return err
	}
	if w, asked := Asker(ctx); asked && w.confined() && !slices.Contains(w.Groups, group) {
		return fault.New(fault.Forbidden, fmt.Sprintf("group %q is not among those that %q may operate", group, w.Name))
	}
	return nil
}

// confined is true of whoever may operate some groups only.
func (w *Who) confined() bool { return w.Groups != nil && w.Role < Admin }

// mine are those of a list that the asker may touch. A request that is left with nobody is refused.
func mine(ctx context.Context, v verb, list []*loop.Process) ([]*loop.Process, error) {
	w, asked := Asker(ctx)
	if !asked || !w.confined() {
		return list, nil
	}
	var out []*loop.Process
	for _, p := range list {
		if slices.Contains(w.Groups, p.Group) {
			out = append(out, p)
		}
	}
	if len(out) == 0 && len(list) > 0 {
		return nil, mayTouch(ctx, v, list[0].Group)
	}
	return out, nil
}
