package config

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Parse reads the file at path with its includes, expands and checks everything, and lays the command line over it.
// The error is a *Problem whose text is Supervisor's own; the daemon prints it after "Error: " (CFG-005). Calling it
// again with the same world gives an equal Config.
func Parse(path string, w World, o Overrides) (*Config, error) {
	r := &reader{world: w, over: &o, cfg: &Config{File: path}}
	steps := []func() *Problem{r.load, r.include, r.daemon, r.plugins, r.groups, r.servers, r.operators, r.account}
	for _, step := range steps {
		if p := step(); p != nil {
			return nil, p
		}
	}
	r.warnUnknown()
	return r.cfg, nil
}

// reader is the work of one Parse.
type reader struct {
	world World
	over  *Overrides
	cfg   *Config
	ini   *INI
	env   *environment
	host  string
}

func (r *reader) warn(format string, args ...any) {
	r.cfg.Warnings = append(r.cfg.Warnings, fmt.Sprintf(format, args...))
}

// load reads the root file (CFG-006).
func (r *reader) load() *Problem {
	path := r.cfg.File
	data, p := readRoot(path, r.world)
	if p != nil {
		return p
	}
	r.cfg.Here = absDir(r.world, path)
	r.env = newEnvironment(r.world.Environ())
	r.host = r.world.Hostname()
	ini, err := ReadINI(path, data)
	if err != nil {
		return err.(*Problem)
	}
	r.ini = ini
	return nil
}

func readRoot(path string, w World) ([]byte, *Problem) {
	data, found, err := w.ReadFile(path)
	switch {
	case !found && err == nil:
		return nil, refuse("could not find config file " + path)
	case err != nil:
		return nil, refuse("could not read config file " + path)
	}
	return data, nil
}

// absDir is the absolute directory in which the file at path stands.
func absDir(w World, path string) string {
	dir := dirname(path)
	if dir == "" {
		dir = "."
	}
	return w.Abs(dir)
}

// include reads the files that [include] names (CFG-053 to CFG-056). Includes of included files are not followed.
func (r *reader) include() *Problem {
	section, found := r.ini.Section("include")
	if !found {
		return nil
	}
	expandHere(r.ini, r.cfg.Here)
	files, found := r.ini.Get(section, "files")
	if !found {
		return &Problem{Text: ".ini file has [include] section, but no files setting", File: section.File,
			Line: section.Line}
	}
	names := &scope{env: r.env, own: []name{text("here", r.cfg.Here), text("host_node_name", r.host)}}
	patterns, p := expand(files.Value, names, "include.files")
	if p != nil {
		p.File, p.Line = files.File, files.Line
		return p
	}
	for _, pattern := range strings.FieldsFunc(patterns, isSpace) {
		if p := r.includeAll(join(r.cfg.Here, pattern)); p != nil {
			return p
		}
	}
	return nil
}

// includeAll reads every file that matches, by name.
func (r *reader) includeAll(pattern string) *Problem {
	files := append([]string(nil), r.world.Glob(pattern)...)
	sort.Strings(files)
	if len(files) == 0 {
		r.warn("No file matches via include \"%s\"", pattern)
	}
	for _, file := range files {
		r.cfg.Infos = append(r.cfg.Infos, fmt.Sprintf("Included extra file \"%s\" during parsing", file))
		data, found, err := r.world.ReadFile(file)
		if found && err == nil {
			if err := r.ini.Read(file, data); err != nil {
				return err.(*Problem)
			}
		}
		expandHere(r.ini, absDir(r.world, file))
	}
	return nil
}

// expandHere replaces a literal %(here)s in every value that does not have it replaced yet (CFG-032). What a section
// has from [DEFAULT] becomes its own, with the directory of the file that was just read.
func expandHere(ini *INI, here string) {
	const format = "%(here)s"
	for _, section := range ini.Sections {
		for _, o := range ini.Default.Options {
			if _, own := section.Get(o.Name); !own && strings.Contains(o.Value, format) {
				section.set(o)
			}
		}
		for i, o := range section.Options {
			if strings.Contains(o.Value, format) {
				section.Options[i].Value = strings.ReplaceAll(o.Value, format, here)
			}
		}
	}
}

// daemon reads [supervisord]. The order of the options is the order in which their errors are found.
func (r *reader) daemon() *Problem {
	section, found := r.ini.Section("supervisord")
	if !found {
		return refuse(".ini file does not include supervisord section")
	}
	w := r.world
	v := r.values(section, text("here", r.cfg.Here))
	path := func(s string) (string, *Problem) { return existingDirpath(w, s) }
	directory := func(s string) (string, *Problem) { return existingDirectory(w, s) }
	d := &r.cfg.Daemon
	d.Minfds = get(v, "minfds", 1024, integer)
	d.Minprocs = get(v, "minprocs", 200, integer)
	d.Directory = get(v, "directory", "", directory)
	d.User, _ = v.text("user")
	d.Umask = get(v, "umask", 0o022, octal)
	d.Logfile = get(v, "logfile", "supervisord.log", path)
	d.LogfileMaxbytes = get(v, "logfile_maxbytes", 50<<20, byteSize)
	d.LogfileBackups = get(v, "logfile_backups", 10, integer)
	d.Loglevel = get(v, "loglevel", Info, logLevel)
	d.Pidfile = get(v, "pidfile", "supervisord.pid", path)
	d.Identifier = get(v, "identifier", "supervisor", plain)
	d.Nodaemon = get(v, "nodaemon", false, boolean)
	d.Silent = get(v, "silent", false, boolean)
	d.Childlogdir = get(v, "childlogdir", w.TempDir(), directory)
	d.Nocleanup = get(v, "nocleanup", false, boolean)
	d.Python = get(v, "python", "", plain)
	d.StripANSI = get(v, "strip_ansi", false, boolean)
	if v.p != nil {
		return v.p
	}
	return r.daemonEnvironment(section)
}

// daemonEnvironment reads the environment that all programs get. Its variables are names for whatever is read later
// (CFG-029); it is expanded once (VER-003).
func (r *reader) daemonEnvironment(section *Section) *Problem {
	v := r.values(section, text("here", r.cfg.Here), text("host_node_name", r.host))
	raw, found := v.raw("environment")
	if !found {
		return nil
	}
	s, p := expand(raw.Value, v.names, "environment")
	if p == nil {
		r.cfg.Daemon.Environment, p = parseEnvironment(s)
	}
	if p != nil {
		return v.fail(raw, p)
	}
	for _, variable := range r.cfg.Daemon.Environment {
		r.env.put(variable)
	}
	return nil
}

// account lays the command line over the file and looks up the user, which Supervisor does last of all.
func (r *reader) account() *Problem {
	d := &r.cfg.Daemon
	section, _ := r.ini.Section("supervisord")
	o, found := r.ini.Get(section, "user")
	found = found || r.over.User != nil
	r.over.apply(d)
	if p := r.mainLogHost(section); p != nil {
		return p
	}
	d.UID, d.GID = -1, -1
	if !found {
		return nil
	}
	uid, p := user(r.world, d.User)
	if p != nil {
		if r.over.User == nil {
			p.File, p.Line = o.File, o.Line
		}
		return p
	}
	d.UID = uid
	_, d.GID, _ = r.world.User(strconv.Itoa(uid))
	return nil
}
