package rpc2_test

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/api/rpc2"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/standin"
	"github.com/reeve-sh/reeve/internal/wire/xmlrpc"
)

func TestMain(m *testing.M) { standin.Main(m) }

// daemon is all that stands behind /RPC2, on a fake kernel and in a bubble's time.
type daemon struct {
	*standin.Daemon
	t   *testing.T
	dir string
}

// serve plays a story with a daemon of group "g" with "a" (up, with logs) and "b" (down, without), and group "solo".
func serve(t *testing.T, story func(*daemon)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		conf := &config.Config{
			Daemon: config.Daemon{Identifier: "test", Childlogdir: dir, Logfile: dir + "/main.log"},
			Groups: []config.Group{
				{Name: "g", Priority: 1, Processes: []config.Process{program("a", dir), program("b", "")}},
				{Name: "solo", Priority: 2, Processes: []config.Process{program("solo", "")}},
			},
		}
		d := &daemon{Daemon: standin.New(t, standin.Options{Config: conf}), t: t, dir: dir}
		d.Serve(&api.Gate{Routes: []api.Route{{Prefix: "/RPC2", Face: rpc2.New(d.Service, d.Journal, []string{"supervisor"}, nil)}}})
		d.Begin()
		story(d)
	})
}

// program is up and has logs when there is a dir.
func program(name, dir string) config.Process {
	if dir == "" {
		return standin.Program(name)
	}
	return standin.Program(name, standin.Up, standin.Logged(dir))
}

// raw sends bytes on a line of their own and returns what is answered until nothing more happens.
func (d *daemon) raw(request string) string {
	ours := d.Door.Knock()
	go io.WriteString(ours, request)
	heard := make(chan string, 1)
	go func() {
		var b strings.Builder
		buf := make([]byte, 4096)
		for {
			n, err := ours.Read(buf)
			b.Write(buf[:n])
			if err != nil {
				heard <- b.String()
				return
			}
		}
	}()
	standin.Pass(30 * time.Second) // whoever waits for startsecs has got his answer by then
	ours.Close()
	return <-heard
}

// post sends a body and returns the status and the body of the answer.
func (d *daemon) post(body string) (status int, answer string) {
	d.t.Helper()
	got := d.raw("POST /RPC2 HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	head, answer, _ := strings.Cut(got, "\r\n\r\n")
	fmt.Sscanf(head, "HTTP/1.1 %d ", &status)
	return status, answer
}

// call is one call, its answer in the short spelling of show.
func (d *daemon) call(method string, args ...any) string {
	d.t.Helper()
	status, body := d.post(string(xmlrpc.AppendCall(nil, method, args)))
	if status != 200 {
		return fmt.Sprint("HTTP ", status)
	}
	v, err := xmlrpc.ParseResponse([]byte(body), xmlrpc.Limits{})
	var f *xmlrpc.Fault
	if errors.As(err, &f) {
		return fmt.Sprint(f.Code, " ", f.String)
	}
	if err != nil {
		d.t.Errorf("%s: %v in %s", method, err, body)
	}
	return show(v)
}

// show spells a value shortly.
func show(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = show(e)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case xmlrpc.Struct:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = m.Name + "=" + show(m.Value)
		}
		return "{" + strings.Join(parts, " ") + "}"
	case string:
		return strconv.Quote(v)
	}
	return fmt.Sprint(v)
}
