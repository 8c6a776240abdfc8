package loop

// environ is a child's environment: ours, what says that it is supervised, and the program's own words over both
// (PROC-031). It is built from names, so that no name stands twice.
func (l *Loop) environ(m *member) []string {
	url := m.conf.ServerURL
	if url == "" {
		url = l.o.ServerURL
	}
	n := len(l.o.Environ) + len(m.conf.Environment) + 4
	at := make(map[string]int, n)
	env := make([]string, 0, n)
	set := func(name, value string) {
		if i, ok := at[name]; ok {
			env[i] = name + "=" + value
			return
		}
		at[name] = len(env)
		env = append(env, name+"="+value)
	}
	for _, v := range l.o.Environ {
		set(v.Name, v.Value)
	}
	set("SUPERVISOR_ENABLED", "1")
	if url != "" {
		set("SUPERVISOR_SERVER_URL", url)
	}
	set("SUPERVISOR_PROCESS_NAME", m.conf.Name)
	set("SUPERVISOR_GROUP_NAME", m.group)
	for _, v := range m.conf.Environment {
		set(v.Name, v.Value)
	}
	return env
}
