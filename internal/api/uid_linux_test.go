package api_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/reeve-sh/reeve/internal/api"
	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/sys/httpd"
)

// unixAs is our end of a connection over a unix socket that another account has made.
func unixAs(t *testing.T, uid int) net.Conn {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	dir, err := os.MkdirTemp("", "r") // whose parents everybody may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, p := range []string{dir, path} {
		if err := os.Chmod(p, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	made := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread, which is somebody else from now on, ends here
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0)); errno != 0 {
			made <- errno
			return
		}
		c, err := net.Dial("unix", path)
		if err == nil {
			t.Cleanup(func() { c.Close() })
		}
		made <- err
	}()
	if err := <-made; err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestAccountsAtAUnixSocket: who may connect, and whom the kernel says that it is.
func TestAccountsAtAUnixSocket(t *testing.T) {
	t.Parallel()
	www := []config.Operator{{Name: "www", UID: 4321, Role: "operate", Groups: []string{"web"}}}
	for name, x := range map[string]struct {
		uid  int
		gate api.Gate
		auth string
		want string
	}{
		"an operator by uid":                      {4321, api.Gate{Keys: api.NewKeys(www)}, "", "200 www operate [web]"},
		"another account":                         {4322, api.Gate{Keys: api.NewKeys(www)}, "", "401"},
		"another account with the old password":   {4322, api.Gate{Keys: api.NewKeys(www), Username: "u", Password: "p"}, "u:p", "200 u admin []"},
		"without users":                           {4322, api.Gate{}, "", "200  admin []"},
		"one that is let in":                      {4322, api.Gate{UIDs: []int{4322}}, "", "200  admin []"},
		"one that is not":                         {4323, api.Gate{UIDs: []int{4322}}, "", "403 cannot let you in: your uid is not in allow_uids of [unix_http_server]\n"},
		"nor with a password":                     {4323, api.Gate{UIDs: []int{4322}, Username: "u", Password: "p"}, "u:p", "403 cannot let"},
		"let in, and nobody":                      {4322, api.Gate{UIDs: []int{4322}, Keys: api.NewKeys(www)}, "", "401"},
		"nobody is let in but ourselves and root": {4321, api.Gate{UIDs: []int{}, Keys: api.NewKeys(www)}, "", "403 cannot let"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x.gate.Unix, x.gate.Section = true, "unix_http_server"
			x.gate.Routes = []api.Route{{Prefix: "/open", Open: true, Face: teller{}}, {Prefix: "/", Face: teller{}}}
			r := &httpd.Request{Method: "GET", Path: "/", Conn: unixAs(t, x.uid)}
			if x.auth != "" {
				r.Header = []httpd.Field{{Name: "Authorization", Value: basic(x.auth)}}
			}
			resp := x.gate.Serve(context.Background(), r)
			if got := fmt.Sprintf("%d %s", resp.Status, resp.Body); !strings.HasPrefix(got, x.want) {
				t.Errorf("%s, want %s", got, x.want)
			}
			r.Path = "/open" // health is for everybody whom the socket lets in
			if resp := x.gate.Serve(context.Background(), r); (resp.Status == 200) == strings.HasPrefix(x.want, "403") {
				t.Errorf("an open route: %d", resp.Status)
			}
		})
	}
}

// TestGuessingAtAUnixSocketIsSlowForWhoGuesses and for no other account.
func TestGuessingAtAUnixSocketIsSlowForWhoGuesses(t *testing.T) {
	t.Parallel()
	one, other := unixAs(t, 4321), unixAs(t, 4322)
	synctest.Test(t, func(t *testing.T) {
		gate := &api.Gate{Unix: true, Username: "u", Password: "p", Slow: api.NewSlow(time.Now), Routes: []api.Route{{Prefix: "/", Face: teller{}}}}
		try := func(c net.Conn, auth string) (int, time.Duration) {
			begin := time.Now()
			r := &httpd.Request{Method: "POST", Path: "/RPC2", Conn: c, Header: []httpd.Field{{Name: "Authorization", Value: auth}}}
			return gate.Serve(t.Context(), r).Status, time.Since(begin)
		}
		for i := range 12 {
			status, took := try(one, basic("u:guess"))
			if status != 401 || (took > 0) != (i >= 5) {
				t.Errorf("guess %d: %d after %v", i, status, took)
			}
		}
		if status, took := try(other, basic("u:guess")); status != 401 || took != 0 {
			t.Errorf("another account: %d after %v", status, took)
		}
	})
}
