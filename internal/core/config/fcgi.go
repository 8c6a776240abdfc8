package config

import (
	"fmt"
	"strconv"
	"strings"
)

// socketOptions are what is said about a FastCGI socket beside its address.
type socketOptions struct {
	user             int // the program's, -1 for none
	backlog          int
	uid, gid         int
	mode             int
	hasMode, hasUser bool // socket_mode, socket_owner are given
}

// socket reads the shared socket of an [fcgi-program:x] (CFG-095, CFG-096).
func (r *reader) socket(v *values, title string) Socket {
	o := r.socketOptions(v)
	v.names.own = append(v.names.own, text("program_name", title))
	address, _ := v.text("socket")
	if v.p == nil && address == "" {
		v.refuse("socket", fmt.Sprintf("[%s] section requires a \"socket\" line", v.section.Name))
	}
	if v.p != nil {
		return Socket{}
	}
	s, p := fcgiSocket(r.world, address)
	unix := strings.HasPrefix(address, "unix://")
	if !unix && (o.hasUser || o.hasMode) {
		p = refuse("socket_owner and socket_mode params should only be used with a Unix domain socket")
	}
	if p != nil {
		v.refuse("socket", fmt.Sprintf("%s in [%s] socket", p.Text, v.section.Name))
	}
	s.Backlog = o.backlog
	if !unix {
		return s
	}
	s.Mode, s.UID, s.GID = o.mode, o.uid, o.gid
	if !o.hasUser && o.user >= 0 && o.user != r.world.UID() {
		s.UID, s.GID, _ = r.world.User(strconv.Itoa(o.user))
	}
	return s
}

// socketOptions reads them in the order in which Supervisor finds their errors. Without socket_owner a unix socket
// belongs to the user of the program.
func (r *reader) socketOptions(v *values) socketOptions {
	o := socketOptions{user: -1, uid: -1, gid: -1, mode: 0o700}
	if who, found := v.text("user"); found {
		var p *Problem
		if o.user, p = user(r.world, who); p != nil {
			v.refuse("user", p.Text)
		}
	}
	o.backlog = get(v, "socket_backlog", 0, backlog)
	if owner, found := v.text("socket_owner"); found {
		if o.uid, o.gid, o.hasUser = userGroup(r.world, owner); !o.hasUser {
			v.refuse("socket_owner", "Invalid socket_owner value "+owner)
		}
	}
	if mode, found := v.text("socket_mode"); found {
		var p *Problem
		if o.mode, p = octal(mode); p != nil {
			v.refuse("socket_mode", "Invalid socket_mode value "+mode)
		}
		o.hasMode = true
	}
	return o
}

func backlog(s string) (int, *Problem) {
	n, p := integer(s)
	if p == nil && (n < 1 || n > 65535) {
		return 0, refuse(fmt.Sprintf("Invalid socket_backlog value %d", n))
	}
	return n, p
}
