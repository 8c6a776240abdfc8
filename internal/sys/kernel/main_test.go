package kernel_test

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// Roles that the test binary plays when it is started again under these names.
const (
	groupsRole = "test:groups" // has extra groups, and starts a child as nobody
	limitRole  = "test:limit"  // raises a limit
	credRole   = "test:cred"   // says what CredFor says to it
	detachRole = "test:detach" // detaches itself
)

// sys is the one real kernel of this test process, since a wait for any child takes everybody's.
var sys *kernel.System

func TestMain(m *testing.M) {
	if last := len(os.Args) - 1; os.Args[last] == kernel.DaemonRole {
		daemonMain(os.Args[1:last])
	}
	switch os.Args[0] {
	case kernel.ChildRole:
		kernel.Become(os.Args[1:])
	case groupsRole:
		groupsMain()
	case limitRole:
		limitMain(os.Args[1:])
	case credRole:
		uid, _ := strconv.Atoi(os.Args[1])
		c, refused := kernel.CredFor(uid)
		fmt.Printf("%v %q", c, refused)
		os.Exit(0)
	case detachRole:
		status, err := kernel.Detach(os.Args)
		fmt.Fprint(os.Stderr, status, " ", err)
		os.Exit(status)
	}
	sys = kernel.Open()
	go reap()
	os.Exit(m.Run())
}

// The graveyard: who was reaped, and who waits for whom.
var (
	graves  sync.Mutex
	buried  = map[int]kernel.Status{}
	waiting = map[int]chan kernel.Status{}
)

func reap() {
	for range sys.Bell() {
		for {
			pid, st, ok := sys.Wait()
			if !ok {
				break
			}
			graves.Lock()
			if ch := waiting[pid]; ch != nil {
				ch <- st
			} else {
				buried[pid] = st
			}
			graves.Unlock()
		}
	}
}

// await is how the child ended.
func await(pid int) kernel.Status {
	ch := make(chan kernel.Status, 1)
	graves.Lock()
	if st, ok := buried[pid]; ok {
		ch <- st
		delete(buried, pid)
	}
	waiting[pid] = ch
	graves.Unlock()
	return <-ch
}

// lives is a child under test with our ends of its pipes.
type lives struct {
	pid    int
	in     *os.File
	out    *os.File
	errors *os.File
}

// spawn starts a child between three pipes.
func spawn(t *testing.T, c kernel.Child) *lives {
	t.Helper()
	var theirs, ours [3]*os.File
	for i := range 3 {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		theirs[i], ours[i] = w, r
		if i == 0 {
			theirs[i], ours[i] = r, w
		}
		c.Files[i] = int(theirs[i].Fd())
	}
	pid, err := sys.Spawn(c)
	for _, f := range theirs {
		f.Close()
	}
	t.Cleanup(func() {
		for _, f := range ours {
			f.Close()
		}
	})
	if err != nil {
		t.Fatalf("no child: %v", err)
	}
	return &lives{pid, ours[0], ours[1], ours[2]}
}

// run starts a child and returns what it said and how it ended.
func run(t *testing.T, c kernel.Child) (stdout, stderr string, st kernel.Status) {
	t.Helper()
	l := spawn(t, c)
	l.in.Close()
	var e []byte
	var both sync.WaitGroup
	both.Go(func() { e, _ = io.ReadAll(l.errors) })
	o, _ := io.ReadAll(l.out)
	both.Wait()
	return string(o), string(e), await(l.pid)
}

// sh is a child that runs a shell script.
func sh(script string) kernel.Child {
	return kernel.Child{Path: "/bin/sh", Argv: []string{"sh", "-c", script}, Env: []string{"PATH=/usr/bin:/bin"}, Umask: -1}
}

// role is a child that is this binary under another name.
func role(t *testing.T, name string, args ...string) kernel.Child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return kernel.Child{Path: self, Argv: append([]string{name}, args...), Env: os.Environ(), Umask: -1}
}

// needRoot skips what only root can try.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can become somebody else")
	}
}
