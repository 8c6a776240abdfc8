package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// executable parses a section [rpcinterface:x] of a file in /etc with more behind it.
func executable(options, more string) (*config.Config, error) {
	w := fake{files: map[string]string{"/work/s.conf": "[supervisord]\n[rpcinterface:x]\n" + options + more}}
	return config.Parse("s.conf", w, config.Overrides{})
}

func TestASectionWithACommandIsAHiddenProcess(t *testing.T) {
	t.Parallel()
	c, err := executable("command=%(here)s/guest\nstartsecs=5\nenvironment=A=\"1\"\ncolor=blue\ncall_timeout=7\nnumprocs_wanted=3\n", "[program:p]\ncommand=p\n")
	if err != nil {
		t.Fatal(err)
	}
	p := c.Plugins[0]
	if d := cmp.Diff([]config.Var{{Name: "color", Value: "blue"}, {Name: "numprocs_wanted", Value: "3"}}, p.Options); d != "" {
		t.Errorf("the guest's own options:\n%s", d)
	}
	if one := p.Process; one == nil || p.CallTimeout != 7 || one.Name != "rpcinterface:x" || !one.Hidden || one.Startsecs != 5 ||
		one.Autorestart != config.RestartAlways || one.Stdout.Log.Kind != config.LogNone || !strings.HasSuffix(one.Command, "/guest") || len(one.Environment) != 1 {
		t.Errorf("%+v", p)
	}
	if len(c.Groups) != 1 {
		t.Errorf("a guest's process is among the groups: %v", c.Groups)
	}
	other, err := executable("command=%(here)s/guest\nstartsecs=6\nenvironment=A=\"1\"\ncolor=blue\ncall_timeout=7\nnumprocs_wanted=3\n", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, changed, _ := config.DiffPlugins(c.Plugins, other.Plugins); len(changed) != 1 {
		t.Error("another startsecs is no change")
	}
	if a, b, r := config.DiffPlugins(c.Plugins, c.Plugins); len(a)+len(b)+len(r) != 0 {
		t.Error("the same is a change")
	}
	for options, want := range map[string]string{
		"command=x\ncall_timeout=0\n": "sets invalid call_timeout", "command=x\ncall_timeout=soon\n": "soon",
		"command=x\nstartsecs=a\n": "invalid literal for int() with base 10: 'a' in section 'rpcinterface:x'", "color=blue\n": "does not specify a supervisor.rpcinterface_factory",
	} {
		if _, err := executable(options, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", options, err, want)
		}
	}
}
