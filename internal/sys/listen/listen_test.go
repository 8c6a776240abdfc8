package listen_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/listen"
)

const keep = -1 // leave owner or group as it is

// dir is a directory with a short name: socket addresses are.
func dir(t *testing.T) string {
	t.Helper()
	d, err := os.MkdirTemp("", "r")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(d) })
	return d
}

func unix(t *testing.T, path string, o listen.UnixOptions) net.Listener {
	t.Helper()
	l, err := listen.Unix(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func plain() listen.UnixOptions { return listen.UnixOptions{Mode: 0o700, UID: keep, GID: keep} }

// talks proves that somebody accepts at the other end of the address.
func talks(t *testing.T, l net.Listener) {
	t.Helper()
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = io.WriteString(c, "hello")
			c.Close()
		}
	}()
	c, err := net.Dial(l.Addr().Network(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got, err := io.ReadAll(c); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return strings.Join(all, " ")
}

// message is what the daemon prints for an error of this package.
func message(t *testing.T, err error) string {
	t.Helper()
	var e *listen.Error
	if !errors.As(err, &e) {
		t.Fatalf("no *listen.Error: %v", err)
	}
	return e.Message()
}

// holds: CFG-069 CFG-072 SEC-006
func TestUnixSocketHasItsModeWhateverTheUmask(t *testing.T) {
	// Not parallel: the umask is the process's.
	for _, umask := range []int{0, 0o077, 0o777} {
		for _, mode := range []fs.FileMode{0o700, 0o777, 0o660, 0} {
			d := dir(t)
			old := syscall.Umask(umask)
			l, err := listen.Unix(d+"/s", listen.UnixOptions{Mode: mode, UID: keep, GID: keep})
			syscall.Umask(old)
			if err != nil {
				t.Fatal(err)
			}
			st, err := os.Lstat(d + "/s")
			if err != nil || st.Mode() != mode|fs.ModeSocket {
				t.Errorf("umask %o: mode %v, not %v, %v", umask, st.Mode(), mode, err)
			}
			if got := names(t, d); got != "s" {
				t.Errorf("files: %s", got)
			}
			l.Close()
			if got := names(t, d); got != "" {
				t.Errorf("left: %s", got)
			}
		}
	}
}

// holds: CFG-072 SEC-006
func TestUnixSocketIsNeverThereWithAnotherMode(t *testing.T) {
	// Not parallel: the umask is the process's.
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	d := dir(t)
	path := d + "/s"
	temporary := fmt.Sprintf("%s.%d", path, os.Getpid())
	var done atomic.Bool
	var seen, refused atomic.Int64
	var watchers sync.WaitGroup
	watchers.Go(func() {
		for !done.Load() {
			for _, name := range []string{path, temporary} {
				st, err := os.Lstat(name)
				if err != nil {
					continue
				}
				seen.Add(1)
				if st.Mode().Perm()&^0o600 != 0 {
					t.Errorf("%s was there with mode %v", name, st.Mode())
					return
				}
			}
		}
	})
	watchers.Go(func() { // whoever sees the socket can connect
		for !done.Load() {
			c, err := net.Dial("unix", path)
			if errors.Is(err, syscall.ECONNREFUSED) {
				refused.Add(1)
			}
			if err == nil {
				c.Close()
			}
		}
	})
	for i := 0; i < 300 || (seen.Load() < 100 && !t.Failed()); i++ {
		l, err := listen.Unix(path, listen.UnixOptions{Mode: 0o600, UID: keep, GID: keep})
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
	}
	done.Store(true)
	watchers.Wait()
	if n := refused.Load(); n > 0 {
		t.Errorf("the socket was there %d times with nobody listening", n)
	}
}

// holds: CFG-069
func TestOwnerIsSetOrSupervisorsTextSaysWhyNot(t *testing.T) {
	t.Parallel()
	d := dir(t)
	if os.Geteuid() != 0 {
		t.Skip("only root may give sockets away")
	}
	unix(t, d+"/s", listen.UnixOptions{Mode: 0o770, UID: 65534, GID: 12})
	st, err := os.Lstat(d + "/s")
	if err != nil {
		t.Fatal(err)
	}
	if sys := st.Sys().(*syscall.Stat_t); sys.Uid != 65534 || sys.Gid != 12 || st.Mode().Perm() != 0o770 {
		t.Errorf("owner %d:%d, mode %v", sys.Uid, sys.Gid, st.Mode())
	}
	if err := os.Chmod(d, 0o777); err != nil {
		t.Fatal(err)
	}
	// The rest as nobody, in a process of its own.
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	own := d + "/test"
	data, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, data, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(own, "-test.run=^TestHelperAsNobody$", "-test.v")
	cmd.Env = append(os.Environ(), "LISTEN_HELPER="+d+"/mine")
	cmd.Dir = d
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	want := "Not permitted to chown " + d + "/mine to uid/gid (0, 0); adjust \"sockchown\" value in config file or on " +
		"command line to values that the current user (nobody) can successfully chown\n"
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := os.Lstat(d + "/mine"); !os.IsNotExist(err) {
		t.Errorf("a socket is left: %v", err)
	}
}

func TestHelperAsNobody(t *testing.T) {
	path := os.Getenv("LISTEN_HELPER")
	if path == "" {
		t.Skip("not a test of its own")
	}
	_, err := listen.Unix(path, listen.UnixOptions{Mode: 0o700, UID: 0, GID: 0})
	fmt.Println(message(t, err))
}

// holds: CFG-071 CFG-072
func TestLiveSocketIsLeftAlone(t *testing.T) {
	t.Parallel()
	d := dir(t)
	first := unix(t, d+"/s", plain())
	var stderr bytes.Buffer
	o := plain()
	o.Stderr = &stderr
	_, err := listen.Unix(d+"/s", o)
	if want := "Another program is already listening on a port that one of our HTTP servers is configured to use.  " +
		"Shut this program down first before starting supervisord."; err == nil || message(t, err) != want {
		t.Errorf("%v", err)
	}
	if stderr.Len() != 0 {
		t.Errorf("said %q", stderr.String())
	}
	if got := names(t, d); got != "s" {
		t.Errorf("files: %s", got)
	}
	// The attempt has knocked once; the next connection is answered all the same.
	if c, err := first.Accept(); err == nil {
		c.Close()
	}
	talks(t, first)
}

// A program that is alive but does not accept is no dead one: its socket must not be taken.
func TestSocketWithAFullBacklogIsAlive(t *testing.T) {
	t.Parallel()
	path := dir(t) + "/s"
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(fd)
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := listen.Unix(path, plain()); err == nil || !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatalf("%v", err)
		}
	}
}

// holds: CFG-072
func TestStaleSocketIsReplaced(t *testing.T) {
	t.Parallel()
	d := dir(t)
	path := d + "/s"
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	dead.Close()
	if err := os.WriteFile(fmt.Sprintf("%s.%d", path, os.Getpid()), nil, 0o600); err != nil { // left by an earlier pid
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	o := plain()
	o.Stderr = &stderr
	talks(t, unix(t, path, o))
	if stderr.String() != "Unlinking stale socket "+path+"\n" {
		t.Errorf("said %q", stderr.String())
	}
	if got := names(t, d); got != "s" {
		t.Errorf("files: %s", got)
	}
}

func TestWhatIsNoSocketIsNotRemoved(t *testing.T) {
	t.Parallel()
	d := dir(t)
	if err := os.WriteFile(d+"/precious", []byte("data"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen.Unix(d+"/precious", plain()); !errors.Is(err, syscall.ENOTSOCK) {
		t.Errorf("a file: %v", err)
	}
	if err := os.Symlink(d+"/precious", d+"/link"); err != nil {
		t.Fatal(err)
	}
	talks(t, unix(t, d+"/link", plain())) // a link to no socket is as good as a dead one
	if data, err := os.ReadFile(d + "/precious"); err != nil || string(data) != "data" {
		t.Errorf("%q, %v", data, err)
	}
}

// holds: CFG-071
func TestErrorsHaveSupervisorsTexts(t *testing.T) {
	t.Parallel()
	d := dir(t)
	l, err := listen.TCP("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, inUse := listen.TCP("127.0.0.1", l.Addr().(*net.TCPAddr).Port)
	_, notHere := listen.TCP("203.0.113.7", 9001)
	_, noDir := listen.Unix(d+"/none/s", plain())
	_, longNoDir := listen.Unix(d+"/"+strings.Repeat("n", 120)+"/s", plain())
	_, noName := listen.TCP("nosuchhost.invalid", 9001)
	for want, err := range map[string]error{
		"Another program is already listening on a port that one of our HTTP servers is configured to use.  Shut this program down first before starting supervisord.": inUse,
		"Cannot open an HTTP server: socket.error reported errno.EADDRNOTAVAIL (99)":                                                                                   notHere,
		"Cannot open an HTTP server: socket.error reported errno.ENOENT (2)":                                                                                           noDir,
		"Cannot open an HTTP server: socket.error reported errno.ENOENT (2) ":                                                                                          longNoDir,
	} {
		if err == nil || message(t, err) != strings.TrimSpace(want) {
			t.Errorf("%v", err)
		}
	}
	if got := message(t, noName); !strings.HasPrefix(got, "Cannot open an HTTP server: socket.error reported -") {
		t.Errorf("%q", got)
	}
	if got := noDir.Error(); got != "cannot listen on \""+d+"/none/s\": no such file or directory" {
		t.Errorf("%q", got)
	}
}
