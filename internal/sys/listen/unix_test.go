package listen_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/listen"
)

func TestLongPathsAreFine(t *testing.T) {
	t.Parallel()
	d := dir(t)
	deep := filepath.Join(d, strings.Repeat("d", 100), strings.Repeat("e", 100))
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"s", strings.Repeat("n", 89)} {
		path := filepath.Join(deep, name)
		l, err := listen.Unix(path, plain())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := listen.Unix(path, plain()); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("the live one was not seen: %v", err)
		}
		if st, err := os.Lstat(path); err != nil || st.Mode() != 0o700|fs.ModeSocket {
			t.Errorf("%v, %v", st, err)
		}
		if l.Addr().String() != path {
			t.Error(l.Addr())
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if got := names(t, deep); got != "" {
			t.Errorf("left: %s", got)
		}
	}
}

// holds: CFG-071
func TestCloseRemovesOnlyItsOwnSocket(t *testing.T) {
	t.Parallel()
	d := dir(t)
	first := unix(t, d+"/s", plain())
	if listen.Gone(first) {
		t.Error("gone at once")
	}
	if err := os.Remove(d + "/s"); err != nil { // somebody tidied up
		t.Fatal(err)
	}
	if !listen.Gone(first) {
		t.Error("not missed")
	}
	second := unix(t, d+"/s", plain())
	if !listen.Gone(first) || listen.Gone(second) {
		t.Error("one was taken for the other")
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	_ = first.Close()
	talks(t, second)
	if listen.Gone(second) {
		t.Error("the first took the second's socket with it")
	}
	tcp, err := listen.TCP("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	if listen.Gone(tcp) {
		t.Error("a port has no file to lose")
	}
}

// holds: CFG-067 HTTP-024
func TestTCPListensWhereItIsTold(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{"": "0.0.0.0", "*": "0.0.0.0", "127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1",
		"::1": "::1", "[::1]": "::1"} {
		l, err := listen.TCP(host, 0)
		if err != nil {
			if strings.Contains(host, ":") {
				t.Logf("no IPv6 here: %v", err)
				continue
			}
			t.Fatal(err)
		}
		addr := l.Addr().(*net.TCPAddr)
		if addr.IP.String() != want {
			t.Errorf("%q listens on %v", host, addr)
		}
		rc, err := l.(*net.TCPListener).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		_ = rc.Control(func(fd uintptr) {
			if n, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR); err != nil || n == 0 {
				t.Errorf("SO_REUSEADDR is %d, %v", n, err)
			}
		})
		if got := backlog(t, addr.Port, strings.Contains(host, ":")); got >= 0 && got > 1024 {
			t.Errorf("a backlog of %d", got)
		}
		l.Close()
	}
}

// backlog asks the kernel how many may wait on a listening port; -1 when it cannot be told.
func backlog(t *testing.T, port int, six bool) int {
	t.Helper()
	args := []string{"-Hltn4", fmt.Sprintf("sport = :%d", port)}
	if six {
		args[0] = "-Hltn6"
	}
	out, err := exec.Command("ss", args...).Output()
	if err != nil {
		return -1
	}
	var state string
	var waiting, limit int
	if _, err := fmt.Sscan(string(out), &state, &waiting, &limit); err != nil {
		return -1
	}
	return limit
}

func TestSocketsAreNotInherited(t *testing.T) {
	t.Parallel()
	l := unix(t, dir(t)+"/s", plain())
	rc, err := l.(syscall.Conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	_ = rc.Control(func(fd uintptr) {
		if flags, _, e := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFD, 0); e != 0 || flags&syscall.FD_CLOEXEC == 0 {
			t.Errorf("flags %x, %v", flags, e)
		}
	})
}

func TestPeerIsWhoeverConnected(t *testing.T) {
	t.Parallel()
	l := unix(t, dir(t)+"/s", plain())
	go func() {
		if c, err := net.Dial("unix", l.Addr().String()); err == nil {
			defer c.Close()
			_, _ = io.ReadAll(c)
		}
	}()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	uid, gid, pid, ok := listen.Peer(c)
	if !ok || uid != os.Geteuid() || gid != os.Getegid() || pid != os.Getpid() {
		t.Errorf("%d %d %d %v", uid, gid, pid, ok)
	}
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	if _, _, _, ok := listen.Peer(a); ok {
		t.Error("a pipe has no peer")
	}
}
