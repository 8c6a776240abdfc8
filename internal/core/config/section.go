package config

// ProcessesFromSection reads the processes of a [program:name] that is in no file, as members of a group, exactly as
// one of c's file would be read: the problems have the same texts, and its expansions and environment are those of the
// file. Of two options of one name the later counts. Warnings are what a file would be warned of.
func (c *Config) ProcessesFromSection(w World, name, group string, options []Var) (list []Process, warnings []string, p *Problem) {
	r, section := c.sectionReader(w, "program:"+name, options)
	list, p = r.processes(section, group)
	if p == nil {
		r.warnUnknownIn(section.Name)
	}
	return list, r.cfg.Warnings, p
}

// GroupFromSection reads a [program:name] that is in no file as a group of its own.
func (c *Config) GroupFromSection(w World, name string, options []Var) (g Group, warnings []string, p *Problem) {
	r, section := c.sectionReader(w, "program:"+name, options)
	g, p = r.alone(section, nil)
	if p == nil {
		r.warnUnknownIn(section.Name)
	}
	return g, r.cfg.Warnings, p
}

// GroupName checks the name of a group that is in no file.
func GroupName(name string) (string, *Problem) { return processName(name) }

// sectionReader reads on where Parse has ended: with the environment, the host and the directory of the file.
func (c *Config) sectionReader(w World, section string, options []Var) (*reader, *Section) {
	r := &reader{
		world: w, over: &Overrides{}, cfg: &Config{File: c.File, Here: c.Here, Daemon: c.Daemon},
		env: newEnvironment(w.Environ()), host: w.Hostname(),
		ini: &INI{Default: &Section{Name: "DEFAULT"}, index: map[string]*Section{}},
	}
	for _, v := range c.Daemon.Environment {
		r.env.put(v)
	}
	s := &Section{Name: section, File: c.File}
	for _, o := range options {
		s.set(Option{Name: lower(o.Name), Value: o.Value, File: c.File})
	}
	r.ini.Sections, r.ini.index[section] = []*Section{s}, s
	return r, s
}
