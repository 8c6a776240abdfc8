package listen

import (
	"path/filepath"
	"strconv"
	"syscall"
)

// longest is what fits into a socket address with its final zero.
const longest = 107

const oPath = 0x200000 // O_PATH

// dir is how the names in a socket's directory are spelt: in full, or through a descriptor when that is too long.
type dir struct {
	fd   int // -1 when names are spelt in full
	path string
}

// enter prepares for names in the directory of path.
func enter(path string) (dir, error) {
	if len(path)+len(".4194304") <= longest {
		return dir{fd: -1, path: path}, nil
	}
	fd, err := syscall.Open(filepath.Dir(path), oPath|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	return dir{fd: fd, path: path}, err
}

// name spells path.
func (d dir) name(path string) string {
	if d.fd < 0 {
		return path
	}
	return "/proc/self/fd/" + strconv.Itoa(d.fd) + "/" + filepath.Base(path)
}

// temporary is the name under which the socket is made.
func (d dir) temporary(pid int) string {
	suffix := "." + strconv.Itoa(pid)
	if name := d.name(d.path + suffix); len(name) <= longest {
		return name
	}
	return d.name("r" + suffix)
}

func (d dir) leave() {
	if d.fd >= 0 {
		syscall.Close(d.fd)
	}
}
