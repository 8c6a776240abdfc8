package kernel

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
)

// ChildRole is the argv[0] under which our own binary finishes a child's preparation and becomes it.
const ChildRole = "reeve:child"

// Spawn forks with vfork semantics and executes. What the fast path cannot do, or what failed in it for a reason of
// the child's own, is done again step by step by the helper role, so that the child has a pid, a log text and exit
// status 127 as under Supervisor.
func (k *System) Spawn(c Child) (int, error) {
	if c.Umask < 0 && c.Refused == "" {
		attr := &syscall.ProcAttr{
			Dir:   c.Dir,
			Env:   c.Env,
			Files: []uintptr{uintptr(c.Files[0]), uintptr(c.Files[1]), uintptr(c.Files[2])},
			Sys:   &syscall.SysProcAttr{Setpgid: true, Credential: credential(c.Cred)},
		}
		pid, err := syscall.ForkExec(c.Path, c.Argv, attr)
		if err == nil || exhausted(err) {
			return pid, err
		}
	}
	return k.spawnByRole(c)
}

// exhausted is true for errors of fork itself: there is no room for a child.
func exhausted(err error) bool {
	return err == syscall.EAGAIN || err == syscall.ENOMEM || err == syscall.EMFILE || err == syscall.ENFILE
}

func credential(c *Cred) *syscall.Credential {
	if c == nil {
		return nil
	}
	groups := make([]uint32, len(c.Groups))
	for i, g := range c.Groups {
		groups[i] = uint32(g)
	}
	return &syscall.Credential{Uid: uint32(c.UID), Gid: uint32(c.GID), Groups: groups}
}

// last is what the helper role is told: the steps between fork and exec.
type last struct {
	Path    string
	Dir     string
	Umask   int
	Cred    *Cred
	Refused string
	UID     int
	Exec    string // why the program cannot be executed, if that is known already
}

func (k *System) spawnByRole(c Child) (int, error) {
	if k.self == "" {
		return 0, syscall.ENOENT
	}
	l := last{Path: c.Path, Dir: c.Dir, Umask: c.Umask, Cred: c.Cred, Refused: c.Refused, UID: c.UID}
	pid, err := k.fork(c, l, c.Argv, c.Env)
	if err != syscall.E2BIG {
		return pid, err
	}
	// What is too long for the program is so for the helper: it only tells.
	l.Exec = ErrnoName(err)
	return k.fork(c, l, c.Argv[:1], nil)
}

// fork starts the helper role.
func (k *System) fork(c Child, l last, argv, env []string) (int, error) {
	spec, err := json.Marshal(l)
	if err != nil {
		return 0, err
	}
	return syscall.ForkExec(k.self, append([]string{ChildRole, string(spec)}, argv...), &syscall.ProcAttr{
		Env:   env,
		Files: []uintptr{uintptr(c.Files[0]), uintptr(c.Files[1]), uintptr(c.Files[2])},
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	})
}

// Become is the helper role: it takes the steps of PROC-038 in their order (user, directory, umask, exec) and does
// not return. args are the words after ChildRole.
func Become(args []string) {
	defer os.Exit(127)
	defer fmt.Fprint(os.Stderr, "supervisor: child process was not spawned\n")
	var l last
	if len(args) < 2 || json.Unmarshal([]byte(args[0]), &l) != nil {
		return
	}
	if l.Refused == "" && l.Cred != nil {
		l.Refused = take(l.Cred)
	}
	if l.Refused != "" {
		fmt.Fprintf(os.Stderr, "supervisor: couldn't setuid to %d: %s\n", l.UID, l.Refused)
		return
	}
	if l.Dir != "" {
		if err := syscall.Chdir(l.Dir); err != nil {
			fmt.Fprintf(os.Stderr, "supervisor: couldn't chdir to %s: %s\n", l.Dir, ErrnoName(err))
			return
		}
	}
	if l.Umask >= 0 {
		syscall.Umask(l.Umask)
	}
	if l.Exec == "" {
		l.Exec = ErrnoName(syscall.Exec(l.Path, args[1:], os.Environ()))
	}
	fmt.Fprintf(os.Stderr, "supervisor: couldn't exec %s: %s\n", args[1], l.Exec)
}

// take becomes the user and returns Supervisor's words for the step that was refused.
func take(c *Cred) string {
	if err := syscall.Setgroups(c.Groups); err != nil {
		return "Could not set groups of effective user"
	}
	if err := syscall.Setgid(c.GID); err != nil {
		return "Could not set group id of effective user"
	}
	if err := syscall.Setuid(c.UID); err != nil {
		return err.Error()
	}
	return ""
}
