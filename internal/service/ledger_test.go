package service_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/service"
)

// TestEveryChangeIsWrittenDown plays all requests there are by a name, and finds each that may change something.
func TestEveryChangeIsWrittenDown(t *testing.T) {
	t.Parallel()
	for name, m := range asked {
		for _, role := range []service.Role{service.Read, service.Admin} {
			withDesk(t, deskGroups(), func(d *desk) {
				log := d.Config().Daemon.Logfile
				_ = m.call(d, service.As(ctx, nil))
				before, _ := d.Audit(ctx)
				if len(before) != 0 {
					t.Fatalf("%s by the daemon itself: %v", name, before)
				}
				_ = m.call(d, service.As(ctx, &service.Who{Name: "eve", Role: role, Via: "unix_http_server"}))
				after, _ := d.Audit(ctx)
				changes := m.least > service.Read && !slices.Contains([]string{"MayVisit", "MayOperate", "Audit", "CheckProgram"}, name)
				if changes != (len(after) > 0) {
					t.Errorf("%s by %s: %v", name, role, after)
					return
				}
				if !changes {
					return
				}
				e := after[len(after)-1]
				if e.Name != "eve" || e.Role != role || e.From != "inside" || e.Via != "unix_http_server" || e.Verb == "" || (role == service.Read) != strings.HasPrefix(e.Result, "FORBIDDEN") {
					t.Errorf("%s: %+v", name, e)
				}
				if text, _ := os.ReadFile(log); name != "ClearLog" && name != "Invoke" && !strings.Contains(string(text), "INFO audit: 'eve' from inside at 'unix_http_server': "+e.Verb) {
					t.Errorf("%s is not in the log:\n%s", name, text)
				} else if name == "Invoke" && strings.Contains(string(text), "INFO audit") {
					t.Errorf("calls of extensions are in the log:\n%s", text)
				}
			})
		}
	}
}

func TestWhatAnEntrySays(t *testing.T) {
	t.Parallel()
	withDesk(t, deskGroups(), func(d *desk) {
		by := func(role service.Role, groups ...string) context.Context {
			w := &service.Who{Name: "bob", Role: role, Groups: groups}
			return service.As(ctx, w)
		}
		_, _, _ = d.Stop(by(service.Admin), "g:a", true)
		_, _, _ = d.Stop(by(service.Admin), "g:a", true)
		_, _, _ = d.Stop(by(service.Admin), "no\nbody", true)
		_, _, _ = d.Stop(by(service.Admin), "h:*", true)
		_, _ = d.StartAll(by(service.Operate, "h"), false)
		_, _ = d.StopAll(by(service.Read), false)
		_, _, _ = d.Start(by(service.Operate, "h"), "g:a", false)
		_, _ = d.StartSome(by(service.Admin), []string{"h:a", "nobody"}, false)
		_, _, _ = d.Signal(by(service.Admin), strings.Repeat("x", 1000), "HUP")
		_, _, _ = d.Signal(by(service.Admin), "h:a", "18")
		_, _ = d.SignalGroup(by(service.Admin), "h", "cont")
		_, _, _ = d.Signal(by(service.Admin), "h:a", "KI\nLL")
		long := strings.Repeat("x", 300) + "..."
		list, _ := d.Audit(ctx)
		var got []string
		for _, e := range list {
			got = append(got, fmt.Sprintf("%d %s %q %s", e.ID, e.Verb, e.About, e.Result))
		}
		want := []string{
			`1 stop "g:a" OK`, `2 stop "g:a" NOT_RUNNING: g:a`, `3 stop "no\nbody" BAD_NAME: no` + "\n" + `body`, `4 stop "h:a" OK`, `5 start "h:a" OK`,
			`6 stop "g:a, h:a" FORBIDDEN: role read may not stop`,
			`7 start "g:a" FORBIDDEN: group "g" is not among those that "bob" may operate`,
			`8 start "" BAD_NAME: nobody`, `9 signal SIGHUP "` + long + `" BAD_NAME: ` + long[:290] + "...",
			`10 signal SIGCONT "h:a" OK`, `11 signal SIGCONT "h:a" OK`, `12 signal "h:a" BAD_SIGNAL: KI` + "\n" + `LL`,
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		log, _ := os.ReadFile(d.Config().Daemon.Logfile)
		if !strings.Contains(string(log), `INFO audit: 'bob' from inside at '': stop 'no\nbody': BAD_NAME: no body`) {
			t.Errorf("%s", log)
		}
	})
}

// TestAnEntryOfMany names some, counts the others, and says who is why not; a text is cut where a character ends.
func TestAnEntryOfMany(t *testing.T) {
	t.Parallel()
	var list []config.Process
	for i := range 13 {
		list = append(list, program(fmt.Sprintf("p%02d", i)))
	}
	list[0].Command = "/no/such/file"
	withDesk(t, []config.Group{group("g", 1, list...)}, func(d *desk) {
		c := service.As(ctx, &service.Who{Name: "bob", Role: service.Admin})
		if _, err := d.StartGroup(c, "g", false); err != nil {
			t.Fatal(err)
		}
		_ = d.Write(c, "é"+strings.Repeat("é", 200), nil)
		_ = d.Write(c, "x"+strings.Repeat("é", 200), nil)
		log, _ := d.Audit(ctx)
		e := log[0]
		if !strings.HasSuffix(e.About, "g:p09 and 3 more") || !strings.HasPrefix(e.Result, "12 OK, g:p00: ") {
			t.Errorf("%q: %q", e.About, e.Result)
		}
		for _, e := range log[1:] {
			if !utf8.ValidString(e.About) || !strings.HasSuffix(e.About, "é...") || len(e.About) > 303 {
				t.Errorf("%q", e.About)
			}
		}
	})
}

func TestTheAuditIsBounded(t *testing.T) {
	t.Parallel()
	withDesk(t, deskGroups(), func(d *desk) {
		c := service.As(ctx, &service.Who{Name: "bob", Role: service.Admin})
		for range 990 {
			_ = d.Write(c, "nobody", nil)
		}
		before, _ := d.Audit(ctx)
		for range 2500 - 990 {
			_ = d.Write(c, "nobody", nil)
		}
		for i, e := range before {
			if e.ID != uint64(i)+1 {
				t.Fatalf("what was told before has changed: %d at %d", e.ID, i)
			}
		}
		list, _ := d.Audit(ctx)
		if len(list) > 1000 || len(list) < 900 || list[len(list)-1].ID != 2500 {
			t.Errorf("%d entries", len(list))
		}
	})
}
