package config

import (
	"fmt"
	"slices"
	"strings"
)

// Client is what supervisorctl takes from its configuration file. A Has flag tells an empty value from none.
type Client struct {
	ServerURL                string // default http://localhost:9001; a unix:// path is absolute
	Username, Password       string
	HasUsername, HasPassword bool
	Prompt                   string      // default supervisor
	HistoryFile              string      // absolute; empty for none
	Plugins                  []CtlPlugin // [ctlplugin:x] in file order
	Python                   string      // [supervisord] python; empty when it is not said
	TLS                      ClientTLS
	Token                    string
	Warnings                 []string // unknown options of [supervisorctl]
}

// ClientTLS are the files that https takes, each absolute or empty.
type ClientTLS struct{ CA, Cert, Key string }

// CtlPlugin is one [ctlplugin:x]. It has a Factory or a Command.
type CtlPlugin struct {
	Plugin
	Command string // an executable with its arguments
	Python  string // the interpreter of a factory in Python; empty for whichever is found
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
	if p = r.clientPlugins(c); p != nil {
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
	for _, file := range []struct {
		option string
		into   *string
	}{{"tls_ca", &c.TLS.CA}, {"tls_cert", &c.TLS.Cert}, {"tls_key", &c.TLS.Key}} {
		if *file.into, _ = v.text(file.option); *file.into != "" {
			*file.into = normalize(r.world, *file.into)
		}
	}
	v.names.own = nil
	c.Token, _ = v.text("token")
	return c, v.p
}

// clientPlugins reads [ctlplugin:x] and, for those in Python, [supervisord] python.
func (r *reader) clientPlugins(c *Client) *Problem {
	if daemon, found := r.ini.Section("supervisord"); found {
		v := r.values(daemon)
		v.names.own = []name{text("here", r.cfg.Here)}
		if c.Python, _ = v.text("python"); v.p != nil {
			return v.p
		}
	}
	for _, section := range r.ini.Sections {
		title, matches := strings.CutPrefix(section.Name, "ctlplugin:")
		if !matches {
			continue
		}
		plugin, p := r.clientPlugin(section)
		if p != nil {
			return p
		}
		plugin.Name = title
		c.Plugins = append(c.Plugins, plugin)
	}
	return nil
}

// clientPlugin reads one [ctlplugin:x]. What is neither of its factory nor of its interpreter goes to the plug-in.
func (r *reader) clientPlugin(section *Section) (CtlPlugin, *Problem) {
	v := r.values(section)
	plugin := CtlPlugin{Plugin: Plugin{Section: section.Name}}
	spec, hasFactory := v.text(ctlFactory)
	but := ctlFactory
	if hasFactory {
		plugin.Factory = spec
		plugin.Python, _ = v.text("python")
	} else {
		plugin.Command, _ = v.text("command")
		but = "command"
	}
	switch {
	case v.p != nil:
		return plugin, v.p
	case plugin.Factory == "" && plugin.Command == "":
		return plugin, v.refuse("", fmt.Sprintf("section [%s] does not specify a %s", section.Name, ctlFactory))
	case hasFactory:
		if p := unresolved(spec, section.Name, r.over.Known); p != nil {
			o, _ := v.raw(ctlFactory)
			return plugin, v.fail(o, p)
		}
	}
	r.options(v, section, &plugin.Plugin, but)
	if hasFactory {
		plugin.Options = slices.DeleteFunc(plugin.Options, func(o Var) bool { return o.Name == "python" })
	}
	return plugin, v.p
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
