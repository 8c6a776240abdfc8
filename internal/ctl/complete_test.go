package ctl_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/ctl"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

// holds: CTL-050
func TestTabOffersWhatCanStandThere(t *testing.T) {
	t.Parallel()
	asked := 0
	url := fake(t, func(method string, r *http.Request) any {
		asked++
		var all []any
		for _, name := range []string{"cat:cat", "my-app:one", "my-app:two"} {
			group, process, _ := strings.Cut(name, ":")
			all = append(all, xmlrpc.Struct{{Name: "group", Value: group}, {Name: "name", Value: process}})
		}
		return all
	})
	complete := ctl.Completer(url)
	for line, want := range map[string]string{
		"re|":                 "|reload |remove |reread |restart ",
		"  stat|":             "  |status ",
		"start |":             "start |cat |my-app:one |my-app:* |my-app:two ",
		"start my-|":          "start |my-app:one |my-app:* |my-app:two ",
		"start my-app:*|":     "start |my-app:* ",
		"start cat:|":         "start |cat:cat |cat:* ",
		"start cat my-app:t|": "start cat |my-app:two ",
		"update |":            "update |cat |my-app ",
		"help sh|":            "help |shutdown ",
		"version |":           "version ",
		"nonsense |":          "nonsense ",
		"start c| my":         "start |cat | my",
	} {
		before, after, _ := strings.Cut(line, "|")
		head, words, tail := complete(before+after, len(before))
		got := strings.Join(slices.Concat([]string{head}, words), "|")
		if tail != "" {
			got += "|" + tail
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
	if asked != 1 {
		t.Errorf("the daemon was asked %d times", asked)
	}
}
