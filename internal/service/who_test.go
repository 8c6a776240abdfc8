package service_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/service"
	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

// asked is every method of the service that a face may call, with the least role for it and a call of it.
var asked = map[string]struct {
	least service.Role
	call  func(*desk, context.Context) error
}{
	"Up":             {service.Read, func(d *desk, c context.Context) error { return d.Up(c) }},
	"View":           {service.Read, func(d *desk, c context.Context) error { _, err := d.View(c); return err }},
	"Identification": {service.Read, func(d *desk, c context.Context) error { _, err := d.Identification(c); return err }},
	"State":          {service.Read, func(d *desk, c context.Context) error { _, _, err := d.State(c); return err }},
	"PID":            {service.Read, func(d *desk, c context.Context) error { _, err := d.PID(c); return err }},
	"ReadLog":        {service.Read, func(d *desk, c context.Context) error { _, err := d.ReadLog(c, 0, 0); return err }},
	"ProcessInfo":    {service.Read, func(d *desk, c context.Context) error { _, err := d.ProcessInfo(c, "g:a"); return err }},
	"AllProcessInfo": {service.Read, func(d *desk, c context.Context) error { _, err := d.AllProcessInfo(c); return err }},
	"Everything":     {service.Read, func(d *desk, c context.Context) error { _, err := d.Everything(c); return err }},
	"Programs":       {service.Read, func(d *desk, c context.Context) error { _, err := d.Programs(c); return err }},
	"LogPath":        {service.Read, func(d *desk, c context.Context) error { _, err := d.LogPath(c, "g:a", service.Stdout); return err }},
	"FollowPath":     {service.Read, func(d *desk, c context.Context) error { _, err := d.FollowPath(c, "g:a", service.Stdout); return err }},
	"ReadProcessLog": {service.Read, func(d *desk, c context.Context) error {
		_, err := d.ReadProcessLog(c, "g:a", service.Stdout, 0, 0)
		return err
	}},
	"TailProcessLog": {service.Read, func(d *desk, c context.Context) error {
		_, _, _, err := d.TailProcessLog(c, "g:a", service.Stdout, 0, 0)
		return err
	}},
	"Start":          {service.Operate, func(d *desk, c context.Context) error { _, _, err := d.Start(c, "g:a", false); return err }},
	"StartGroup":     {service.Operate, func(d *desk, c context.Context) error { _, err := d.StartGroup(c, "g", false); return err }},
	"StartAll":       {service.Operate, func(d *desk, c context.Context) error { _, err := d.StartAll(c, false); return err }},
	"Stop":           {service.Operate, func(d *desk, c context.Context) error { _, _, err := d.Stop(c, "g:a", false); return err }},
	"StopGroup":      {service.Operate, func(d *desk, c context.Context) error { _, err := d.StopGroup(c, "g", false); return err }},
	"StopAll":        {service.Operate, func(d *desk, c context.Context) error { _, err := d.StopAll(c, false); return err }},
	"Signal":         {service.Operate, func(d *desk, c context.Context) error { _, _, err := d.Signal(c, "g:a", "USR1"); return err }},
	"SignalGroup":    {service.Operate, func(d *desk, c context.Context) error { _, err := d.SignalGroup(c, "g", "USR1"); return err }},
	"SignalAll":      {service.Operate, func(d *desk, c context.Context) error { _, err := d.SignalAll(c, "USR1"); return err }},
	"Detail":         {service.Read, func(d *desk, c context.Context) error { _, err := d.Detail(c, "g:a"); return err }},
	"Details":        {service.Read, func(d *desk, c context.Context) error { _, err := d.Details(c); return err }},
	"Groups":         {service.Read, func(d *desk, c context.Context) error { _, err := d.Groups(c); return err }},
	"Ready":          {service.Read, func(d *desk, c context.Context) error { _, err := d.Ready(c, nil, nil); return err }},
	"RestartProcess": {service.Operate, func(d *desk, c context.Context) error { _, _, err := d.RestartProcess(c, "g:a", false); return err }},
	"RestartGroup":   {service.Operate, func(d *desk, c context.Context) error { _, err := d.RestartGroup(c, "g", false); return err }},
	"RestartAll":     {service.Operate, func(d *desk, c context.Context) error { _, err := d.RestartAll(c, false); return err }},
	"ClearGroupLogs": {service.Operate, func(d *desk, c context.Context) error { _, err := d.ClearGroupLogs(c, "g"); return err }},
	"WriteGroup":     {service.Operate, func(d *desk, c context.Context) error { _, err := d.WriteGroup(c, "g", nil); return err }},
	"WriteAll":       {service.Operate, func(d *desk, c context.Context) error { _, err := d.WriteAll(c, nil); return err }},
	"Update":         {service.Admin, func(d *desk, c context.Context) error { _, err := d.Update(c, nil); return err }},
	"QueryLog": {service.Read, func(d *desk, c context.Context) error {
		_, err := d.QueryLog(c, "g:a", service.Stdout, logfile.Query{})
		return err
	}},
	"QueryMainLog":        {service.Read, func(d *desk, c context.Context) error { _, err := d.QueryMainLog(c, logfile.Query{}); return err }},
	"Write":               {service.Operate, func(d *desk, c context.Context) error { return d.Write(c, "g:a", nil) }},
	"ClearProcessLogs":    {service.Operate, func(d *desk, c context.Context) error { return d.ClearProcessLogs(c, "g:a") }},
	"ClearAllProcessLogs": {service.Operate, func(d *desk, c context.Context) error { _, err := d.ClearAllProcessLogs(c); return err }},
	"ClearLog":            {service.Admin, func(d *desk, c context.Context) error { return d.ClearLog(c) }},
	"Reload":              {service.Admin, func(d *desk, c context.Context) error { _, _, _, err := d.Reload(c); return err }},
	"AddGroup":            {service.Admin, func(d *desk, c context.Context) error { return d.AddGroup(c, "nobody") }},
	"RemoveGroup":         {service.Admin, func(d *desk, c context.Context) error { return d.RemoveGroup(c, "nobody") }},
	"RemoteEvent":         {service.Admin, func(d *desk, c context.Context) error { return d.RemoteEvent(c, "a", nil) }},
	"Restart":             {service.Admin, func(d *desk, c context.Context) error { return d.Restart(c) }},
	"Shutdown":            {service.Admin, func(d *desk, c context.Context) error { return d.Shutdown(c) }},
	"Count":               {service.Read, func(d *desk, c context.Context) error { _, err := d.Count(c, []string{"g:a"}); return err }},
	"Preview":             {service.Read, func(d *desk, c context.Context) error { _, err := d.Preview(c); return err }},
	"StartSome":           {service.Operate, func(d *desk, c context.Context) error { _, err := d.StartSome(c, []string{"g:a"}, false); return err }},
	"StopSome":            {service.Operate, func(d *desk, c context.Context) error { _, err := d.StopSome(c, []string{"g:*"}, false); return err }},
	"SignalSome":          {service.Operate, func(d *desk, c context.Context) error { _, err := d.SignalSome(c, []string{"g:*"}, "USR1"); return err }},
	"ClearSomeLogs":       {service.Operate, func(d *desk, c context.Context) error { _, err := d.ClearSomeLogs(c, []string{"g:a"}); return err }},
	"AddProcesses":        {service.Admin, func(d *desk, c context.Context) error { _, err := d.AddProcesses(c, "nobody", "x", nil); return err }},
	"Adopt":               {service.Admin, func(d *desk, c context.Context) error { return d.Adopt(c, "nobody", config.Process{}) }},
	"CheckProgram":        {service.Admin, func(d *desk, c context.Context) error { _, err := d.CheckProgram(c, "g", "x", nil); return err }},
	"RemoveProcess":       {service.Admin, func(d *desk, c context.Context) error { return d.RemoveProcess(c, "nobody", "x") }},
	"AddProgram":          {service.Admin, func(d *desk, c context.Context) error { _, err := d.AddProgram(c, "g", nil); return err }},
	"NewGroup":            {service.Admin, func(d *desk, c context.Context) error { return d.NewGroup(c, "g", 1) }},
	"Invoke": {service.Admin, func(d *desk, c context.Context) error {
		_, err := d.Invoke(c, &service.Method{Call: func(context.Context, []any) (any, error) { return true, nil }}, nil)
		return err
	}},
	"Audit":    {service.Admin, func(d *desk, c context.Context) error { _, err := d.Audit(c); return err }},
	"Warnings": {service.Read, func(d *desk, c context.Context) error { _, err := d.Warnings(c); return err }},
	"MayOperate": {service.Operate, func(d *desk, c context.Context) error {
		if d.MayOperate(c, "g") {
			return nil
		}
		return fault.New(fault.Forbidden, "")
	}},
	"MayVisit": {service.Admin, func(d *desk, c context.Context) error { return d.MayVisit(c, &service.Page{}) }},
}

// inside are the methods that no face can call for somebody, or that only tell what everybody knows.
var inside = []string{"Alive", "Boot", "Config", "Evict", "Host", "MainLog", "Processes", "ReopenLogs", "Strike"}

func forbidden(err error) bool {
	f, ok := fault.As(err)
	return ok && f.Kind == fault.Forbidden
}

func deskGroups() []config.Group {
	group := func(name string) config.Group {
		return config.Group{Name: name, Processes: []config.Process{{Name: "a", Command: "/bin/cat", Autostart: true, Stdout: config.Channel{Log: config.Log{Kind: config.LogNone}}, Stderr: config.Channel{Log: config.Log{Kind: config.LogNone}}, Stopsignal: 15, Stopwaitsecs: 1}}}
	}
	return []config.Group{group("g"), group("h")}
}

func TestEveryMethodTakesItsRole(t *testing.T) {
	t.Parallel()
	for m := range reflect.TypeFor[*service.Service]().Methods() {
		if _, known := asked[m.Name]; !known && !slices.Contains(inside, m.Name) {
			t.Errorf("%s is in no table of access: which role may call it?", m.Name)
		}
	}
	for name, m := range asked {
		for _, role := range []service.Role{service.Nobody, service.Read, service.Operate, service.Admin} {
			withDesk(t, deskGroups(), func(d *desk) {
				err := m.call(d, service.As(ctx, &service.Who{Name: "w", Role: role}))
				if forbidden(err) != (role < m.least) {
					t.Errorf("%s by role %s, which takes %s: %v", name, role, m.least, err)
				}
				if err := m.call(d, service.As(ctx, nil)); forbidden(err) {
					t.Errorf("%s by the daemon itself: %v", name, err)
				}
			})
		}
	}
}

func TestAnOperatorOfSomeGroupsTouchesThoseAlone(t *testing.T) {
	t.Parallel()
	withDesk(t, deskGroups(), func(d *desk) {
		c := service.As(ctx, &service.Who{Name: "bob", Role: service.Operate, Groups: []string{"h"}})
		for name, m := range asked {
			if err := m.call(d, c); m.least == service.Operate && !slices.Contains([]string{"StartAll", "StopAll", "SignalAll", "RestartAll", "WriteAll", "ClearAllProcessLogs"}, name) != forbidden(err) && m.least != service.Admin {
				t.Errorf("%s on another's group: %v", name, err)
			}
		}
		list, err := d.SignalAll(c, "USR1")
		if err != nil || len(list) > 1 || len(list) == 1 && list[0].Group != "h" {
			t.Errorf("%v %v", list, err)
		}
		for _, w := range []service.Who{{Name: "none", Role: service.Operate, Groups: []string{}}, {Name: "boss", Role: service.Admin, Groups: []string{"h"}}} {
			// no group at all is none, and an administrator has all whatever stands there
			if err := d.ClearProcessLogs(service.As(ctx, &w), "g:a"); forbidden(err) != (w.Name == "none") {
				t.Errorf("%s: %v", w.Name, err)
			}
		}
		want := `FORBIDDEN: group "g" is not among those that "bob" may operate`
		if _, _, err := d.Stop(c, "g:a", true); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		if _, err := d.StopGroup(c, "g", true); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		if _, _, err := d.Stop(service.As(ctx, &service.Who{Role: service.Read}), "g:a", true); err == nil || err.Error() != "FORBIDDEN: role read may not stop" {
			t.Errorf("%v", err)
		}
	})
}

func TestRolesHaveNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]service.Role{"read": service.Read, "operate": service.Operate, "admin": service.Admin, "none": service.Nobody, "": service.Nobody, "Admin": service.Nobody} {
		if got, known := service.RoleOf(name); got != want || known != (want != service.Nobody) {
			t.Errorf("%q: %v %v", name, got, known)
		}
	}
}

// TestWhereSomebodyComesFrom is an address, or the account at the other end of a unix socket.
func TestWhereSomebodyComesFrom(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"unix", "tcp"} {
		address := "127.0.0.1:0"
		if network == "unix" {
			address = filepath.Join(t.TempDir(), "s")
		}
		l, err := net.Listen(network, address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		c, err := net.Dial(network, l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		s, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		want := fmt.Sprintf("unix socket (uid %d)", os.Getuid())
		if network == "tcp" {
			want = c.LocalAddr().String()
		}
		if got := (&service.Who{Conn: s}).From(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
