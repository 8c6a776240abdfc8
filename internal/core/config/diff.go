package config

import "slices"

// Diff says what an update from the active groups to the next ones would do, as names. Added and changed are in the
// order of next, removed in the order of active (RPC-015 to RPC-018).
func Diff(active, next []Group) (added, changed, removed []string) {
	old := make(map[string]*Group, len(active))
	for i := range active {
		old[active[i].Name] = &active[i]
	}
	kept := make(map[string]bool, len(next))
	for i := range next {
		g := &next[i]
		kept[g.Name] = true
		was, found := old[g.Name]
		switch {
		case !found:
			added = append(added, g.Name)
		case !sameGroup(was, g):
			changed = append(changed, g.Name)
		}
	}
	for i := range active {
		if !kept[active[i].Name] {
			removed = append(removed, active[i].Name)
		}
	}
	return added, changed, removed
}

// sameGroup compares what Supervisor compares: not the mode, owner and backlog of a FastCGI socket (RPC-016).
func sameGroup(a, b *Group) bool {
	return a.Kind == b.Kind && a.Priority == b.Priority && a.BufferSize == b.BufferSize &&
		a.ResultHandler == b.ResultHandler && a.EventBytes == b.EventBytes && a.HealBreach == b.HealBreach && a.Socket.URL == b.Socket.URL && slices.Equal(a.Events, b.Events) &&
		slices.EqualFunc(a.Processes, b.Processes, func(x, y Process) bool { return sameProcess(&x, &y) })
}

func sameProcess(a, b *Process) bool {
	return a.Name == b.Name && a.UID == b.UID && a.Command == b.Command && a.Directory == b.Directory &&
		a.Umask == b.Umask && a.Priority == b.Priority && a.Autostart == b.Autostart &&
		a.Autorestart == b.Autorestart && a.Startsecs == b.Startsecs && a.Startretries == b.Startretries &&
		sameChannel(&a.Stdout, &b.Stdout) && sameChannel(&a.Stderr, &b.Stderr) && a.Stopsignal == b.Stopsignal &&
		a.Stopwaitsecs == b.Stopwaitsecs && a.Stopasgroup == b.Stopasgroup && a.Killasgroup == b.Killasgroup &&
		slices.Equal(a.Exitcodes, b.Exitcodes) && a.Redirect == b.Redirect &&
		slices.Equal(a.Environment, b.Environment) && a.ServerURL == b.ServerURL && sameSocket(a.Socket, b.Socket) &&
		a.LogFormat == b.LogFormat && a.LogTimestamps == b.LogTimestamps
}

// sameSocket compares addresses, as Supervisor does for the socket of a group of its own (RPC-016).
func sameSocket(a, b *Socket) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.URL == b.URL
}

func sameChannel(a, b *Channel) bool {
	return sameLog(a.Log, b.Log) && a.LogfileMaxbytes == b.LogfileMaxbytes && a.LogfileBackups == b.LogfileBackups &&
		a.CaptureMaxbytes == b.CaptureMaxbytes && a.EventsEnabled == b.EventsEnabled && a.Syslog == b.Syslog &&
		a.LogHost == b.LogHost && slices.Equal(a.Also, b.Also)
}

// sameLog lets a next AUTO match anything; an active AUTO has become a file of its own, so anything else that is
// asked for now is a change (RPC-017).
func sameLog(active, next Log) bool {
	switch {
	case next.Kind == LogAuto:
		return true
	case active.Kind == LogAuto:
		return next.Kind == LogFile && next.Path == active.Path
	}
	return active == next
}

// DiffPlugins says which sections of extensions an update would touch, as their titles, in the orders of Diff. The
// built-in interface is never among them: it changes with a restart only.
func DiffPlugins(active, next []Plugin) (added, changed, removed []string) {
	find := func(list []Plugin, section string) *Plugin {
		for i := range list {
			if list[i].Section == section && !list[i].BuiltIn() {
				return &list[i]
			}
		}
		return nil
	}
	for i := range next {
		p := &next[i]
		switch was := find(active, p.Section); {
		case p.BuiltIn():
		case was == nil:
			added = append(added, p.Section)
		case was.Factory != p.Factory || !slices.Equal(was.Options, p.Options) || !sameExecutable(was, p):
			changed = append(changed, p.Section)
		}
	}
	for i := range active {
		if p := &active[i]; !p.BuiltIn() && find(next, p.Section) == nil {
			removed = append(removed, p.Section)
		}
	}
	return added, changed, removed
}
