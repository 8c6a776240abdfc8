package web_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/api/web"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// TestConfigurationSaysWhatAnUpdateWouldChange and shows no value of the environment.
func TestConfigurationSaysWhatAnUpdateWouldChange(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		before := d.Service.Config()
		has(t, "all", d.get("/config.html").body, "an update would change nothing", "-<strong>")
		has(t, "one", d.get("/config.html?processname=g:a").body, "as it is", "/bin/cat", "the same", `-class="differs"`)
		next := *d.conf
		next.Groups = slices.Clone(d.conf.Groups)
		next.Groups[0].Processes = slices.Clone(next.Groups[0].Processes)
		next.Groups[0].Processes[0].Command = "/bin/cat <new>"
		next.Groups[0].Processes[0].Environment = []config.Var{{Name: "TOKEN", Value: "hush"}}
		next.Groups[1] = config.Group{Name: "fresh", Priority: 2, Processes: []config.Process{program("fresh", "")}}
		d.next = &next
		page := d.get("/config.html").body
		has(t, "all", page, "an update would touch 3 of these", "<strong>change</strong>", "<strong>add</strong>", "<strong>remove</strong>", "config.html?processname=fresh")
		page = d.get("/config.html?processname=g:a").body
		has(t, "one", page, "stop its group and start it anew", "/bin/cat &lt;new&gt;", "TOKEN", "-hush", `<tr class="differs"><th scope="row">command`, `<tr class="differs"><th scope="row">environment`)
		has(t, "the new one", d.get("/config.html?processname=fresh").body, "would add it")
		has(t, "the old one", d.get("/config.html?processname=solo").body, "remove it")
		if a := d.get("/config.html?processname=nobody"); a.status != 404 {
			t.Errorf("nobody: %d", a.status)
		}
		if d.Service.Config() != before {
			t.Error("looking has taken the new configuration over")
		}
		d.broken = "syntax error in line <7>"
		has(t, "a broken file", d.get("/config.html").body, "would be refused: syntax error in line &lt;7&gt;", "g:a")
		has(t, "one of a broken file", d.get("/config.html?processname=g:a").body, "would be refused", "/bin/cat")
	})
}

// TestEveryOptionIsCompared: whatever part of a process's configuration changes, the page says so.
func TestEveryOptionIsCompared(t *testing.T) {
	t.Parallel()
	var walk func(path string, v reflect.Value, check func(string))
	walk = func(path string, v reflect.Value, check func(string)) {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		switch v.Kind() {
		case reflect.Bool:
			v.SetBool(!v.Bool())
		case reflect.Int, reflect.Int64:
			v.SetInt(v.Int() + 1)
		case reflect.Uint8:
			v.SetUint((v.Uint() + 1) % 2)
		case reflect.String:
			v.SetString(v.String() + "x")
		case reflect.Slice:
			v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			v.Elem().FieldByName("URL").SetString("unix:///x")
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i), check)
			}
			return
		default:
			t.Fatalf("%s is a %s", path, v.Kind())
		}
		check(path)
		v.Set(old)
	}
	p := program("a", "/logs")
	before := p
	// Names and what follows from other options are no options of their own.
	skip := map[string]bool{".Name": true, ".Program": true, ".UID": true, ".Hidden": true}
	walk("", reflect.ValueOf(&p).Elem(), func(path string) {
		if !skip[path] && !web.Differs(&before, &p) {
			t.Errorf("a change of %s is not shown", path)
		}
	})
	if web.Differs(&before, &p) {
		t.Error("the same differs")
	}
}

// TestEventsAreToldInWords, the past and what happens.
func TestEventsAreToldInWords(t *testing.T) {
	t.Parallel()
	visit(t, func(d *site) {
		page := d.get("/events.html").body
		has(t, "the page", page, "PROCESS_STATE_RUNNING", "tail.html?processname=g%3aa", "PROCESS_GROUP_ADDED", "&lt;b&gt;&amp;", "-<b>")
		if strings.Index(page, "PROCESS_STATE_RUNNING") > strings.Index(page, "PROCESS_STATE_STARTING") {
			t.Error("the newest is not on top")
		}
		has(t, "a search", d.get("/events.html?q=group_added").body, "-PROCESS_STATE", "PROCESS_GROUP_ADDED")
		heard, leave := d.follow("/events.html")
		defer leave()
		has(t, "the stream", heard(), "-event: news")
		d.Kernel.End(d.Kernel.Alive()[0], kernel.Status{Code: -1, Signal: 9})
		standin.Pass(time.Second)
		got := heard()
		has(t, "the stream", got, "event: news\ndata: <tr>", "PROCESS_STATE_EXITED", "killed by SIGKILL after 2 s, not expected")
		if err := d.Loop.Publish(context.Background(), event.Event{Type: event.RemoteCommunication, Kind: "<k>", Data: []byte("a\nevent: rows\xff<d>")}); err != nil {
			t.Fatal(err)
		}
		standin.Pass(time.Second)
		got = heard()
		has(t, "the stream", got, "&lt;k&gt;: a event: rows\ufffd&lt;d&gt;")
		if strings.Count(got, "\n") != 4 {
			t.Errorf("%q", got)
		}
	})
}
