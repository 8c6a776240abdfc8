package config_test

import (
	"os"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// disk is the real machine, with an environment that the test chooses.
type disk struct{ env []config.Var }

func (disk) ReadFile(path string) ([]byte, bool, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, false, nil
	}
	data, err := os.ReadFile(path)
	return data, true, err
}

func (disk) Glob(pattern string) []string {
	found, _ := filepath.Glob(strings.ReplaceAll(pattern, "[!", "[^"))
	return found
}

func (disk) IsDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (disk) Abs(path string) string {
	abs, _ := filepath.Abs(path)
	return abs
}

func (disk) Home(name string) (string, bool) {
	if name == "" {
		return os.Getenv("HOME"), true
	}
	u, err := user.Lookup(name)
	if err != nil {
		return "", false
	}
	return u.HomeDir, true
}

func (disk) User(nameOrID string) (uid, gid int, found bool) {
	u, err := user.Lookup(nameOrID)
	if err != nil {
		if u, err = user.LookupId(nameOrID); err != nil {
			return 0, 0, false
		}
	}
	uid, _ = strconv.Atoi(u.Uid)
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid, true
}

func (disk) Group(nameOrID string) (gid int, found bool) {
	g, err := user.LookupGroup(nameOrID)
	if err != nil {
		if g, err = user.LookupGroupId(nameOrID); err != nil {
			return 0, false
		}
	}
	gid, _ = strconv.Atoi(g.Gid)
	return gid, true
}

func (disk) UID() int { return os.Getuid() }

func (disk) Hostname() string {
	name, _ := os.Hostname()
	return name
}

func (disk) TempDir() string         { return "/tmp" }
func (d disk) Environ() []config.Var { return d.env }

// fake is a machine made of maps. Its working directory is /work; every directory that holds a file exists.
type fake struct {
	files map[string]string
	env   []config.Var
	host  string
}

func (f fake) ReadFile(path string) ([]byte, bool, error) {
	text, found := f.files[f.Abs(path)]
	if !found && f.IsDir(path) {
		return nil, true, os.ErrInvalid
	}
	return []byte(text), found, nil
}

func (f fake) Glob(pattern string) []string {
	var found []string
	for path := range f.files {
		if ok, _ := filepath.Match(pattern, path); ok {
			found = append(found, path)
		}
	}
	sort.Sort(sort.Reverse(sort.StringSlice(found))) // no order is promised, so this is the worst one
	return found
}

func (f fake) IsDir(path string) bool {
	path = f.Abs(path)
	if path == "/tmp" || path == "/work" || path == "/" {
		return true
	}
	for file := range f.files {
		if strings.HasPrefix(file, path+"/") {
			return true
		}
	}
	return false
}

func (fake) Abs(path string) string {
	if !filepath.IsAbs(path) {
		path = "/work/" + path
	}
	return filepath.Clean(path)
}

func (fake) Home(name string) (string, bool) { return "/home/" + name, name != "nobody-such" }

func (fake) User(nameOrID string) (uid, gid int, found bool) {
	switch nameOrID {
	case "root", "0":
		return 0, 0, true
	case "www", "33":
		return 33, 34, true
	}
	return 0, 0, false
}

func (fake) Group(nameOrID string) (gid int, found bool) {
	return 34, nameOrID == "www" || nameOrID == "34"
}
func (fake) UID() int                { return 0 }
func (f fake) Hostname() string      { return f.host }
func (fake) TempDir() string         { return "/tmp" }
func (f fake) Environ() []config.Var { return f.env }
