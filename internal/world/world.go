// Package world is the machine as a configuration may look at it: its files, users, host name and environment. It is
// the one real config.World.
package world

import (
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// maxFile bounds a configuration file in bytes: a device or a log named by mistake is refused, not read for ever.
const maxFile = 64 << 20

// World is this machine. The environment is the one it was made with.
type World struct{ environ []config.Var }

var _ config.World = World{}

// New returns the world with that environment, in the form of os.Environ.
func New(environ []string) World {
	w := World{}
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok && name != "" {
			w.environ = append(w.environ, config.Var{Name: name, Value: value})
		}
	}
	return w
}

// ReadFile reads a file whole.
func (World) ReadFile(path string) (data []byte, found bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, true, err
	}
	if info.Size() > maxFile {
		return nil, true, errors.New("file too large")
	}
	data, err = os.ReadFile(path)
	return data, true, err
}

// IsDir is true for a directory, or a link to one.
func (World) IsDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Abs makes a path absolute and clean.
func (World) Abs(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return filepath.Clean(path)
	}
	return abs
}

// Home is a user's home directory; the caller's own is HOME where that is set.
func (w World) Home(name string) (string, bool) {
	if name == "" {
		for _, v := range w.environ {
			if v.Name == "HOME" {
				return v.Value, true
			}
		}
		name = strconv.Itoa(os.Getuid())
	}
	u, err := lookup(name)
	if err != nil {
		return "", false
	}
	return u.HomeDir, true
}

func lookup(nameOrID string) (*user.User, error) {
	if _, err := strconv.Atoi(nameOrID); err == nil {
		return user.LookupId(nameOrID)
	}
	return user.Lookup(nameOrID)
}

// User looks a user up by name or number.
func (World) User(nameOrID string) (uid, gid int, found bool) {
	u, err := lookup(nameOrID)
	if err != nil {
		return -1, -1, false
	}
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid, true
}

// Group looks a group up by name or number.
func (World) Group(nameOrID string) (gid int, found bool) {
	find := user.LookupGroup
	if _, err := strconv.Atoi(nameOrID); err == nil {
		find = user.LookupGroupId
	}
	g, err := find(nameOrID)
	if err != nil {
		return -1, false
	}
	gid, _ = strconv.Atoi(g.Gid)
	return gid, true
}

// UID is ours.
func (World) UID() int { return os.Getuid() }

// Hostname is the node name.
func (World) Hostname() string {
	name, _ := os.Hostname()
	return name
}

// TempDir is the first usable directory of those that Python's tempfile tries.
func (w World) TempDir() string {
	var dirs []string
	for _, name := range []string{"TMPDIR", "TEMP", "TMP"} {
		for _, v := range w.environ {
			if v.Name == name && v.Value != "" {
				dirs = append(dirs, v.Value)
			}
		}
	}
	for _, dir := range append(dirs, "/tmp", "/var/tmp", "/usr/tmp") {
		if usable(dir) {
			return w.Abs(dir)
		}
	}
	return w.Abs(".")
}

// usable tries whether a file can be made in dir, which is what decides for Python too.
func usable(dir string) bool {
	f, err := os.CreateTemp(dir, "")
	if err != nil {
		return false
	}
	f.Close()
	return os.Remove(f.Name()) == nil
}

// Environ is the environment.
func (w World) Environ() []config.Var { return w.environ }
