package config

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

const (
	rpcFactory = "supervisor.rpcinterface_factory"
	ctlFactory = "supervisor.ctl_factory"
)

// MainInterface is the factory of the built-in methods.
const MainInterface = "supervisor.rpcinterface:make_main_rpcinterface"

// stock are the modules of Supervisor that a configuration names, with what they have (VER-005).
var stock = map[string][]string{
	"supervisor.dispatchers":   {"default_handler"},
	"supervisor.rpcinterface":  {"make_main_rpcinterface"},
	"supervisor.supervisorctl": {"DefaultControllerPlugin"},
}

// Stock tells whether a spec names something of Supervisor's that we have built in.
func Stock(spec string) bool {
	module, function, ok := factory(spec)
	return ok && slices.Contains(stock[module], function)
}

// factory takes a "module:function" apart; there may be blanks around the colon and at the end.
func factory(spec string) (module, function string, ok bool) {
	const blanks = " \t\n\r\f"
	module, function, ok = strings.Cut(spec, ":")
	module, function = strings.TrimRight(module, blanks), strings.Trim(function, blanks)
	return module, function, ok && dotted(module) && dotted(function)
}

// dotted tells whether s is letters, digits, underscores and dots. A regular expression with all letters of the world
// costs the daemon's start half a millisecond.
func dotted(s string) bool {
	odd := func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsNumber(r) }
	return s != "" && !strings.ContainsFunc(s, odd)
}

// resolve says why a "module:function" cannot be found; empty when it can.
func resolve(spec string, known func(string) bool) string {
	module, function, ok := factory(spec)
	if !ok {
		return "it is not of the form module:function"
	}
	functions, ours := stock[module]
	for _, f := range functions {
		if f == function {
			return ""
		}
	}
	if known != nil && known(spec) {
		return ""
	}
	if ours {
		return fmt.Sprintf("module %s has no attribute %s", quote(module), quote(function))
	}
	if root, _, _ := strings.Cut(module, "."); root != "supervisor" {
		module = root
	}
	return "No module named " + quote(module)
}

// unresolved is the problem of a factory or handler that is not known (VER-005); nil when it is.
func unresolved(spec, section string, known func(string) bool) *Problem {
	if why := resolve(spec, known); why != "" {
		return refuse(fmt.Sprintf("%s cannot be resolved within [%s]: %s", spec, section, why))
	}
	return nil
}

// plugins reads [rpcinterface:x] (CFG-097).
func (r *reader) plugins() *Problem {
	plugins, p := r.pluginSections("rpcinterface:", rpcFactory)
	if p != nil {
		return p
	}
	more, p := r.owned()
	r.cfg.Plugins = append(plugins, more...)
	return p
}

// owned reads the sections that belong to guests: [kind] and [kind:x], whatever stands in them.
func (r *reader) owned() ([]Plugin, *Problem) {
	var plugins []Plugin
	for _, section := range r.ini.Sections {
		kind, name, _ := strings.Cut(section.Name, ":")
		if topicOf(section.Name) != nil || !slices.Contains(r.over.Owned, kind) {
			continue
		}
		plugin := Plugin{Name: name, Section: section.Name, Factory: kind}
		if name == "" {
			plugin.Name = kind
		}
		v := r.values(section)
		r.options(v, section, &plugin, "")
		if v.p != nil {
			return nil, v.p
		}
		plugins = append(plugins, plugin)
	}
	return plugins, nil
}

// options gives a plugin what its section says, but for some options, and where that stands.
func (r *reader) options(v *values, section *Section, plugin *Plugin, but ...string) {
	plugin.File, plugin.Line, plugin.Lines = section.File, section.Line, map[string]int{}
	for _, key := range r.ini.keys(section) {
		if slices.Contains(but, key) {
			continue
		}
		s, _ := v.text(key)
		plugin.Options = append(plugin.Options, Var{key, s})
		if o, _ := v.raw(key); o.File == section.File {
			plugin.Lines[key] = o.Line
		}
	}
}

// pluginSections reads all sections with a prefix; every option but the factory goes to the plugin as it is.
func (r *reader) pluginSections(prefix, factory string) ([]Plugin, *Problem) {
	var plugins []Plugin
	for _, section := range r.ini.Sections {
		title, matches := strings.CutPrefix(section.Name, prefix)
		if !matches {
			continue
		}
		v := r.values(section)
		plugin := Plugin{Name: title, Section: section.Name}
		spec, found := v.text(factory)
		if v.p != nil {
			return nil, v.p
		}
		if _, runs := v.raw("command"); !found && runs {
			if p := r.executable(section, &plugin); p != nil {
				return nil, p
			}
			plugins = append(plugins, plugin)
			continue
		}
		if !found {
			return nil, v.refuse("", fmt.Sprintf("section [%s] does not specify a %s", section.Name, factory))
		}
		if p := unresolved(spec, section.Name, r.over.Known); p != nil {
			o, _ := v.raw(factory)
			return nil, v.fail(o, p)
		}
		plugin.Factory = spec
		r.options(v, section, &plugin, factory)
		if v.p != nil {
			return nil, v.p
		}
		plugins = append(plugins, plugin)
	}
	return plugins, nil
}

// keys lists the options of a section, those from [DEFAULT] last.
func (ini *INI) keys(s *Section) []string {
	var keys []string
	for _, o := range s.Options {
		keys = append(keys, o.Name)
	}
	for _, o := range ini.Default.Options {
		if _, own := s.Get(o.Name); !own {
			keys = append(keys, o.Name)
		}
	}
	return keys
}
