package daemon_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// visit asks for something over a connection that stays.
func visit(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprint(c, "GET /healthy-or-not HTTP/1.1\r\nHost: localhost\r\n\r\n")
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
}

// TestASocketThatACleanerRemovedIsMadeAgain, with the right mode from its first moment, and nobody's connection is cut.
// fault: 16
func TestASocketThatACleanerRemovedIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := short(t)
	sock := filepath.Join(dir, "run", "sock")
	if err := os.Mkdir(filepath.Dir(sock), 0o755); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(settings(t, dir, ""))
	if err != nil {
		t.Fatal(err)
	}
	conf := write(t, dir, "s.conf", strings.Replace(string(text), dir+"/sock", sock+"\nchmod=0610", 1))
	cmd, out := foreground(t, conf)
	until(t, out, "supervisord started")
	dial := func() net.Conn {
		t.Helper()
		var c net.Conn
		quick(t, "connection", func() bool { c, err = net.Dial("unix", sock); return err == nil })
		return c
	}
	old := dial()
	defer old.Close()
	descriptors := func() int {
		names, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", cmd.Process.Pid))
		return len(names)
	}
	come := func() {
		t.Helper()
		quick(t, "socket", func() bool {
			st, err := os.Lstat(sock)
			if err == nil && st.Mode() != os.ModeSocket|0o610 {
				t.Errorf("its mode is %v", st.Mode())
			}
			return err == nil
		})
		c := dial()
		visit(t, c)
		c.Close()
		visit(t, old)
	}
	come()
	before := descriptors()
	for range 20 {
		if err := os.Remove(sock); err != nil {
			t.Fatal(err)
		}
		come()
		until(t, out, "WARN socket "+sock+" had been removed (made again)")
	}
	quick(t, "end of the old sockets", func() bool { return descriptors() <= before+1 })

	// It is being made again meanwhile.
	quick(t, "empty directory", func() bool { return os.RemoveAll(filepath.Dir(sock)) == nil })
	until(t, out, "ERRO socket "+sock+" has been removed: ")
	if err := os.Mkdir(filepath.Dir(sock), 0o755); err != nil {
		t.Fatal(err)
	}
	come()

	other := write(t, dir, "run/other", "somebody else's")
	if err := os.Rename(other, sock); err != nil {
		t.Fatal(err)
	}
	until(t, out, "ERRO socket "+sock+" has been removed: ")
	if text, err := os.ReadFile(sock); string(text) != "somebody else's" {
		t.Errorf("what stands in its place is %q, %v", text, err)
	}
	visit(t, old)
	if err := os.Remove(sock); err != nil {
		t.Fatal(err)
	}
	come()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(sock); err == nil {
		t.Error("the last socket is left behind")
	}
}
