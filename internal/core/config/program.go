package config

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// program is what is read once per section; copies are made of it for each process number.
type program struct {
	r       *reader
	v       *values
	name    string // of the process, not yet expanded
	first   int
	count   int
	env     string // not yet expanded
	process Process
}

// processes reads the processes of a [program:x]-like section as members of a group. A problem gets Supervisor's
// suffix, which names the file in which the section was first seen (CFG-009).
func (r *reader) processes(section *Section, group string) ([]Process, *Problem) {
	p := &program{r: r, v: r.values(section)}
	title, problem := processName(afterColon(section.Name))
	if problem != nil {
		p.v.refuse("", problem.Text)
	} else {
		p.v.names.own = []name{text("here", r.cfg.Here), text("program_name", title), text("host_node_name", r.host),
			text("group_name", group)}
		p.process.Program = title
		p.once()
	}
	var all []Process
	for n := 0; n < p.count && p.v.p == nil; n++ {
		all = append(all, p.numbered(p.first+n))
	}
	if p.v.p != nil {
		p.v.p.Text += fmt.Sprintf(" in section %s (file: %s)", quote(section.Name), quote(section.File))
		return nil, p.v.p
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all, nil
}

func afterColon(s string) string {
	_, after, _ := strings.Cut(s, ":")
	return after
}

// once reads what is the same for every process number, in the order in which Supervisor finds the errors.
func (p *program) once() {
	v, c := p.v, &p.process
	c.Priority = get(v, "priority", 999, integer)
	c.Autostart = get(v, "autostart", true, boolean)
	c.Autorestart = get(v, "autorestart", RestartUnexpected, autorestart)
	c.Startsecs = get(v, "startsecs", 1, integer)
	c.Startretries = get(v, "startretries", 3, integer)
	c.Stopsignal = get(v, "stopsignal", 15, signal)
	c.Stopwaitsecs = get(v, "stopwaitsecs", 10, integer)
	c.Stopasgroup = get(v, "stopasgroup", false, boolean)
	c.Killasgroup = get(v, "killasgroup", c.Stopasgroup, boolean)
	c.Exitcodes = get(v, "exitcodes", []int{0}, exitcodes)
	c.Redirect = get(v, "redirect_stderr", false, boolean)
	p.count = get(v, "numprocs", 1, integer)
	p.first = get(v, "numprocs_start", 0, integer)
	if o, found := v.raw("environment"); found {
		p.env = o.Value
	}
	c.Stdout.CaptureMaxbytes = get(v, "stdout_capture_maxbytes", 0, byteSize)
	c.Stdout.EventsEnabled = get(v, "stdout_events_enabled", false, boolean)
	c.Stderr.CaptureMaxbytes = get(v, "stderr_capture_maxbytes", 0, byteSize)
	c.Stderr.EventsEnabled = get(v, "stderr_events_enabled", false, boolean)
	c.ServerURL, _ = v.text("serverurl")
	if strings.EqualFold(strip(c.ServerURL), "AUTO") {
		c.ServerURL = ""
	}
	c.LogFormat = get(v, "log_format", FormatRaw, logFormat)
	c.LogTimestamps = get(v, "log_timestamps", true, boolean)
	p.identity()
	if v.p == nil && c.Stopasgroup && !c.Killasgroup {
		v.refuse("killasgroup", "Cannot set stopasgroup=true and killasgroup=false")
	}
}

// identity reads user, umask and the name.
func (p *program) identity() {
	v, c := p.v, &p.process
	c.UID = -1
	if who, found := v.text("user"); found {
		uid, problem := user(p.r.world, who)
		if problem != nil {
			v.refuse("user", problem.Text)
		}
		c.User, c.UID = who, uid
	}
	c.Umask = get(v, "umask", -1, octal)
	p.name = "%(program_name)s"
	o, found := v.raw("process_name")
	if found {
		p.name = o.Value
	}
	if v.p != nil {
		return
	}
	var problem *Problem
	if p.name, problem = processName(p.name); problem != nil {
		v.fail(o, problem)
		return
	}
	if p.count > 1 && !strings.Contains(p.name, "%(process_num)") {
		v.refuse("process_name", "%(process_num) must be present within process_name when numprocs > 1")
	}
}

// numbered reads what may differ from one process number to the next.
func (p *program) numbered(n int) Process {
	v, c := p.v, p.process
	v.names.put("process_num", value{n: int64(n), number: true})
	v.names.put("numprocs", value{n: int64(p.count), number: true})
	// The variables of the copy before are still names here, unless the daemon's environment has them (CFG-030).
	v.names.own = slices.DeleteFunc(v.names.own, func(n name) bool {
		_, shared := p.r.env.values[n.name]
		return shared
	})
	own := p.expandInto("environment", p.env)
	vars, problem := parseEnvironment(own)
	if problem != nil {
		v.refuse("environment", problem.Text)
	}
	for _, variable := range vars {
		v.names.putText("ENV_"+variable.Name, variable.Value)
	}
	c.Environment = merge(p.r.cfg.Daemon.Environment, vars)
	c.Directory, _ = v.text("directory")
	p.channel("stdout", &c.Stdout)
	p.channel("stderr", &c.Stderr)
	if c.Redirect && v.p == nil {
		if c.Stderr.Log.Kind == LogFile {
			p.r.warn("For [%s], redirect_stderr=true but stderr_logfile has also been set to a filename, the "+
				"filename has been ignored", v.section.Name)
		}
		c.Stderr.Log, c.Stderr.Also = Log{Kind: LogNone}, nil
	}
	var found bool
	if c.Command, found = v.text("command"); !found && v.p == nil {
		v.refuse("", fmt.Sprintf("program section %s does not specify a command", v.section.Name))
	}
	c.Name = p.expandInto("process_name", p.name)
	c.settle()
	return c
}

// settle makes an empty logfile option no log at all, which is what Supervisor does with it.
func (c *Process) settle() {
	for _, channel := range []*Channel{&c.Stdout, &c.Stderr} {
		if channel.Log == (Log{Kind: LogFile}) {
			channel.Log = Log{Kind: LogNone}
		}
	}
}

// expandInto expands a text whose messages show the bare name of the option.
func (p *program) expandInto(option, s string) string {
	if p.v.p != nil {
		return ""
	}
	s, problem := expand(s, p.v.names, option)
	if problem != nil {
		p.v.refuse(option, problem.Text)
	}
	return s
}

// channel reads where one output stream goes (CFG-080, CFG-081). The name of the file is expanded twice (CFG-033).
func (p *program) channel(stream string, c *Channel) {
	v := p.v
	key := stream + "_logfile"
	syslog := false
	if s, found := v.text(key); found {
		s = p.expandInto(key, s)
		if v.p == nil {
			syslog = p.targets(key, s, c)
		}
	}
	c.LogfileBackups = get(v, key+"_backups", 10, integer)
	c.LogfileMaxbytes = get(v, key+"_maxbytes", 50<<20, byteSize)
	c.Syslog = get(v, stream+"_syslog", false, boolean)
	if v.p != nil {
		return
	}
	if syslog {
		p.r.warn("For [%s], %s=syslog but this is deprecated and will be removed.  Use %s_syslog=true to enable "+
			"syslog instead.", v.section.Name, key, stream)
		c.Syslog = true
	}
	if c.Log.Kind == LogAuto && c.LogfileMaxbytes == 0 {
		p.r.warn("For [%s], AUTO logging used for %s without rollover, set maxbytes > 0 to avoid filling up "+
			"filesystem unintentionally", v.section.Name, key)
	}
}

// log reads the value of a logfile option; syslog is true for the magic word, which means no file.
func (p *program) log(key, s string) (log Log, syslog bool) {
	switch lower(s) {
	case "none", "off":
		return Log{Kind: LogNone}, false
	case "auto":
		return Log{Kind: LogAuto}, false
	case "syslog":
		return Log{Kind: LogNone}, true
	}
	path, problem := existingDirpath(p.r.world, s)
	if problem != nil {
		p.v.refuse(key, problem.Text)
	}
	return Log{Kind: LogFile, Path: path}, false
}

// merge lays own over shared and sorts by name.
func merge(shared, own []Var) []Var {
	all := slices.Clone(shared)
	for _, v := range own {
		all = assign(all, v)
	}
	slices.SortFunc(all, func(a, b Var) int { return strings.Compare(a.Name, b.Name) })
	return all
}
