package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/reeve-sh/reeve/internal/api/web"
)

// FuzzOrder: a form is refused in words, or asks for one of the things that can be done, of all or of some and never of
// both, and of nobody whom it does not name.
func FuzzOrder(f *testing.F) {
	for _, s := range []string{
		"action=stop&processname=web", "action=stop", "action=stopall", "action=stopall&processname=web", "one=stop+web%3Aa", "one=stop+", "one=stopall+x", "one=", "action=update",
		"action=update&processname=g", "action=clear&processname=a&processname=a", "action=all", "action=allall", "action=signal&signal=HUP&processname=a", "action=refresh",
		"action=%00&processname=", "processname=a", "action=restartall&one=start+b", "action=clearlogall", "%zz",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		form, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		verb, names, all, err := web.Order(form)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x00") {
				t.Errorf("%q: %q", text, err)
			}
			return
		}
		if !slices.Contains([]string{"start", "stop", "restart", "signal", "clearlog", "update"}, verb) || all == (len(names) > 0) {
			t.Errorf("%q: %q of %q, all %v", text, verb, names, all)
		}
		for i, n := range names {
			if slices.Contains(names[:i], n) || !slices.Contains(form["processname"], n) && !strings.HasSuffix(form.Get("one"), " "+n) && n != "" {
				t.Errorf("%q: nobody named %q", text, n)
			}
		}
	})
}
