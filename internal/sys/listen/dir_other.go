//go:build !linux

package listen

import "strconv"

// dir is how the names in a socket's directory are spelt: here only in full.
type dir struct{ path string }

func enter(path string) (dir, error) { return dir{path: path}, nil }

func (d dir) name(path string) string { return path }

func (d dir) temporary(pid int) string { return d.path + "." + strconv.Itoa(pid) }

func (d dir) leave() {}
