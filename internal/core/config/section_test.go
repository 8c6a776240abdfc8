package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// TestASectionThatIsInNoFileIsReadAsOneThatIs compares both ways in: what they make of the options, and of what they
// complain.
func TestASectionThatIsInNoFileIsReadAsOneThatIs(t *testing.T) {
	t.Parallel()
	head := "[supervisord]\nenvironment=A=\"one\",B=\"two\"\n[group:g]\npriority=5\nprograms=%s\n"
	for _, c := range []struct {
		name    string
		options []config.Var
	}{
		{"p", []config.Var{{Name: "command", Value: "/bin/cat %(program_name)s %(group_name)s %(host_node_name)s %(here)s %(ENV_A)s"}}},
		{"p", []config.Var{{Name: "command", Value: "x"}, {Name: "COMMAND", Value: "y"}, {Name: "Startsecs", Value: "7"}}},
		{"p", []config.Var{{Name: "command", Value: "x"}, {Name: "numprocs", Value: "3"}, {Name: "numprocs_start", Value: "2"},
			{Name: "process_name", Value: "%(program_name)s_%(process_num)02d"}, {Name: "environment", Value: `N="%(process_num)d",B="own"`}}},
		{"p", []config.Var{{Name: "command", Value: "x"}, {Name: "user", Value: "www"}, {Name: "stdout_logfile", Value: "/tmp/o,syslog@h"}}},
		{"p", []config.Var{{Name: "command", Value: "x"}, {Name: "stdout_logfile", Value: "syslog"}, {Name: "startsec", Value: "1"}}},
		{"p", nil},
		{"p", []config.Var{{Name: "command", Value: "x"}, {Name: "numprocs", Value: "2"}}},
		{"p", []config.Var{{Name: "command", Value: "%(nothing)s"}}},
		{"p", []config.Var{{Name: "command", Value: "50%"}}},
		{"p", []config.Var{{Name: "command", Value: "x"}, {Name: "autostart", Value: "perhaps"}}},
		{"p", []config.Var{{Name: "command", Value: "x"}, {Name: "stdout_logfile", Value: "/no/such/o"}}},
		{"p", []config.Var{{Name: "command", Value: "x"}, {Name: "user", Value: "nosuch"}}},
		{"p", []config.Var{{Name: "command", Value: "x"}, {Name: "environment", Value: "A"}}},
		{"p", []config.Var{{Name: "command", Value: "x"}, {Name: "killasgroup", Value: "false"}, {Name: "stopasgroup", Value: "true"}}},
		{"p q", []config.Var{{Name: "command", Value: "x"}}},
		{"p:q", []config.Var{{Name: "command", Value: "x"}}},
	} {
		text := "[program:" + c.name + "]\n"
		for _, o := range c.options {
			text += o.Name + "=" + o.Value + "\n"
		}
		w := fake{host: "box", env: []config.Var{{Name: "HOME", Value: "/h"}, {Name: "B", Value: "outer"}}}
		read := func(programs, more string) (*config.Config, string) {
			w.files = map[string]string{"/work/s.conf": strings.Replace(head, "%s", programs, 1) + more, "/tmp/x": ""}
			conf, err := config.Parse("s.conf", w, config.Overrides{})
			if err != nil {
				return conf, err.Error()
			}
			return conf, ""
		}
		want, refused := read(c.name, text)
		conf, _ := read("", "")
		got, warnings, p := conf.ProcessesFromSection(w, c.name, "g", c.options)
		if text := problem(p); text != refused {
			t.Errorf("%q %v:\n%s\nwant %s", c.name, c.options, text, refused)
		}
		if refused == "" {
			if d := cmp.Diff(want.Groups[0].Processes, got); d != "" {
				t.Errorf("%v:\n%s", c.options, d)
			}
			if d := cmp.Diff(placeless(want.Warnings), warnings); d != "" {
				t.Errorf("%v:\n%s", c.options, d)
			}
		}
		own, refusedOwn := read("", text)
		g, _, p := conf.GroupFromSection(w, c.name, c.options)
		if text := problem(p); text != refusedOwn {
			t.Errorf("%q %v:\n%s\nwant %s", c.name, c.options, text, refusedOwn)
		} else if p == nil {
			if d := cmp.Diff(own.Groups[1], g); d != "" {
				t.Errorf("%v:\n%s", c.options, d)
			}
		}
	}
}

func problem(p *config.Problem) string {
	if p == nil {
		return ""
	}
	return p.Text
}

// placeless takes the places off warnings.
func placeless(warnings []string) []string {
	var out []string
	for _, w := range warnings {
		before, rest, found := strings.Cut(w, " (file: ")
		if _, after, ok := strings.Cut(rest, ")"); found && ok {
			w = before + after
		}
		out = append(out, w)
	}
	return out
}

// TestAProgramMayJoinAGroup that is written down elsewhere.
func TestAProgramMayJoinAGroup(t *testing.T) {
	t.Parallel()
	const rest = "[group:g]\nprograms=b\n[program:b]\ncommand=b\n[program:own]\ncommand=own\n[eventlistener:l]\ncommand=l\nevents=EVENT\n"
	for _, c := range []struct{ text, want string }{
		{"[program:a]\ncommand=%(group_name)s\njoin_group=g\n", "l/l g/b g/a own/own"},
		{"[program:z]\ncommand=x\njoin_group=g\n[program:a]\ncommand=x\njoin_group=g\nnumprocs=2\nprocess_name=%(process_num)s\n", "l/l g/b g/z g/0 g/1 own/own"},
		{"[program:a]\ncommand=x\njoin_group=own\n", "l/l g/b own/own own/a"},
		{"[program:a]\ncommand=x\njoin_group=a\n", "l/l a/a g/b own/own"},
		{"[program:a]\ncommand=x\njoin_group=\n", "l/l a/a g/b own/own"},
		{"[program:a]\ncommand=x\njoin_group=h\n[group:h]\nprograms=a\n", "l/l g/b h/a own/own"},
		{"[fcgi-program:a]\ncommand=x\njoin_group=g\nsocket=unix:///tmp/s\n", "l/l g/b g/a+socket own/own"},
		{"[program:a]\ncommand=x\njoin_group=nobody\n", "[program:a] joins unknown group nobody"},
		{"[program:a]\ncommand=x\njoin_group=l\n", "[program:a] joins unknown group l"},
		{"[program:a]\njoin_group=g\n", "program section program:a does not specify a command in section 'program:a' (file: 's.conf')"},
		{"[program:a]\ncommand=x\njoin_group=%(nothing)s\n", "contains names ('nothing')"},
		{"[eventlistener:a]\ncommand=x\nevents=EVENT\njoin_group=g\n", "a/a l/l g/b own/own"},
	} {
		conf, err := config.Parse("s.conf", fake{files: map[string]string{"/work/s.conf": sv + rest + c.text, "/tmp/x": ""}}, config.Overrides{})
		if err != nil {
			if !strings.Contains(err.Error(), c.want) || err.(*config.Problem).Line == 0 {
				t.Errorf("%s: %v at %s", c.text, err, err.(*config.Problem).Where())
			}
			continue
		}
		var told []string
		for _, g := range conf.Groups {
			for _, p := range g.Processes {
				one := g.Name + "/" + p.Name
				if p.Socket != nil {
					one += "+socket"
				}
				told = append(told, one)
			}
		}
		if got := strings.Join(told, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}

// TestAnEmptyGroupIsLegal, with a priority and nothing in it.
func TestAnEmptyGroupIsLegal(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"programs=", ""} {
		w := fake{files: map[string]string{"/work/s.conf": sv + "[group:x]\npriority=3\n" + line + "\n"}}
		c, err := config.Parse("s.conf", w, config.Overrides{})
		if err != nil || len(c.Groups) != 1 || c.Groups[0].Name != "x" || c.Groups[0].Priority != 3 || len(c.Groups[0].Processes) != 0 {
			t.Errorf("%q: %v %+v", line, err, c)
		}
	}
}
