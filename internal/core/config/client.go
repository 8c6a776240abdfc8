package config

import "strings"

// Client is what supervisorctl takes from its configuration file. A Has flag tells an empty value from none.
type Client struct {
	ServerURL                string // default http://localhost:9001; a unix:// path is absolute
	Username, Password       string
	HasUsername, HasPassword bool
	Prompt                   string   // default supervisor
	HistoryFile              string   // absolute; empty for none
	Plugins                  []Plugin // [ctlplugin:x] in file order
	Warnings                 []string // unknown options of [supervisorctl]
}

// DefaultClient is what supervisorctl uses when there is no configuration file at all (CFG-004).
func DefaultClient() *Client {
	return &Client{ServerURL: "http://localhost:9001", Prompt: "supervisor"}
}

// ParseClient reads [supervisorctl] and [ctlplugin:x] from the root file; includes are not followed (CFG-057). A
// plug-in's factory must have the form module:function; whether it exists shows when its command is typed. The error is
// a *Problem.
func ParseClient(path string, w World) (*Client, error) {
	known := func(string) bool { return true }
	r := &reader{world: w, over: &Overrides{Known: known}, cfg: &Config{File: path}}
	if p := r.load(); p != nil {
		return nil, p
	}
	section, found := r.ini.Section("supervisorctl")
	if !found {
		return nil, refuse(".ini file does not include supervisorctl section")
	}
	c, p := r.client(section)
	if p != nil {
		return nil, p
	}
	if c.Plugins, p = r.pluginSections("ctlplugin:", ctlFactory); p != nil {
		return nil, p
	}
	r.warnUnknownIn("supervisorctl")
	c.Warnings = r.cfg.Warnings
	return c, nil
}

// client reads [supervisorctl] (CFG-099); here is a name in two of its options only (CFG-031).
func (r *reader) client(section *Section) (*Client, *Problem) {
	c := DefaultClient()
	v := r.values(section)
	here := []name{text("here", r.cfg.Here)}
	v.names.own = here
	c.ServerURL = get(v, "serverurl", c.ServerURL, plain)
	if p, unix := strings.CutPrefix(c.ServerURL, "unix://"); unix {
		c.ServerURL = "unix://" + normalize(r.world, p)
	}
	v.names.own = nil
	c.Prompt = get(v, "prompt", c.Prompt, plain)
	c.Username, c.HasUsername = v.text("username")
	c.Password, c.HasPassword = v.text("password")
	v.names.own = here
	if c.HistoryFile, _ = v.text("history_file"); c.HistoryFile != "" {
		c.HistoryFile = normalize(r.world, c.HistoryFile)
	}
	return c, v.p
}

// SearchPaths lists where a configuration file is looked for when none is named, in that order (CFG-001). argv0 is
// the program's name as it was typed.
func SearchPaths(argv0 string) []string {
	here := dirname(dirname(argv0))
	return []string{
		join(here, "etc/supervisord.conf"), join(here, "supervisord.conf"), "supervisord.conf",
		"etc/supervisord.conf", "/etc/supervisord.conf", "/etc/supervisor/supervisord.conf",
	}
}
