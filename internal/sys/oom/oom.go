// Package oom tells whether a child that was killed was killed by the kernel for want of memory. The kernel does not
// say so in the child's status; it counts. The counter of our own control group (v2: memory.events, v1:
// memory.oom_control) counts our children and theirs, in a container too; where there is none, /proc/vmstat counts for
// the whole machine. A Watch looks when a child comes or goes and never in between, so that it costs an idle daemon
// nothing, and what it notices is good for a few seconds only: a kill that hit somebody else long ago blames nobody.
package oom

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/proc"
)

// fresh is how long after it was noticed a kill may explain a child's end.
const fresh = 5 * proc.Second

// Watch follows the counter. It is not safe for use from several goroutines. A nil Watch blames nobody.
type Watch struct {
	file    *os.File
	wide    bool   // it counts for the whole machine, and is long
	seen    uint64 // of the counter
	open    uint64 // kills that nobody's end was put down to yet
	noticed proc.Time
	buf     []byte
}

// Open finds the counter below root, which is / but in tests. Without one the result is nil.
func Open(root string) *Watch {
	own, _ := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	mounts, _ := os.ReadFile(filepath.Join(root, "proc/self/mountinfo"))
	for _, path := range append(groups(root, string(own), string(mounts)), filepath.Join(root, "proc/vmstat")) {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		w := &Watch{file: f, wide: filepath.Base(path) == "vmstat", buf: make([]byte, 16<<10)}
		if n, ok := w.read(); ok {
			w.seen = n
			return w
		}
		f.Close()
	}
	return nil
}

// Close gives the counter up.
func (w *Watch) Close() {
	if w != nil {
		w.file.Close()
	}
}

// Look takes notice of what the kernel has done so far. It is for births and for ends that are no kill.
func (w *Watch) Look(now proc.Time) {
	if w != nil && !w.wide {
		w.look(now)
	}
}

// Blames is whether a child that was killed, and not by us, was killed for want of memory. Each kill explains one end.
func (w *Watch) Blames(now proc.Time) bool {
	if w == nil {
		return false
	}
	w.look(now)
	if w.open == 0 {
		return false
	}
	w.open--
	return true
}

func (w *Watch) look(now proc.Time) {
	n, ok := w.read()
	if !ok {
		return
	}
	if now-w.noticed > fresh {
		w.open = 0
	}
	if n > w.seen {
		w.open, w.noticed = w.open+n-w.seen, now
	}
	w.seen = n
}

// read is the counter.
func (w *Watch) read() (uint64, bool) {
	n, _ := w.file.ReadAt(w.buf, 0)
	for line := range bytes.Lines(w.buf[:n]) {
		if value, ok := bytes.CutPrefix(line, []byte("oom_kill ")); ok {
			count, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 64)
			return count, err == nil
		}
	}
	return 0, false
}

// groups are the files that may count for our own control group, the best first, from what /proc says of ourselves.
func groups(root, own, mounts string) []string {
	var out []string
	for _, v := range []struct{ fstype, option, line, file string }{
		{"cgroup2", "", "", "memory.events"}, {"cgroup", "memory", "memory", "memory.oom_control"},
	} {
		path, ok := ownGroup(own, v.line)
		if !ok {
			continue
		}
		at, below, ok := mounted(mounts, v.fstype, v.option, path)
		for ; ok; below = filepath.Dir(below) {
			// A group without the memory controller is counted by the one that it is in.
			out = append(out, filepath.Join(root, filepath.Join("/", at, below, v.file)))
			ok = below != "/"
		}
	}
	return out
}

// ownGroup is the path of our control group in the hierarchy of a controller; the one of v2 has no name.
func ownGroup(text, controller string) (string, bool) {
	for line := range strings.Lines(text) {
		part := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(part) == 3 && has(part[1], controller) {
			return part[2], true
		}
	}
	return "", false
}

// mounted is where a hierarchy is seen, and which directory below it is that of a control group. In a container what is
// mounted is often the group itself.
func mounted(text, fstype, option, group string) (at, below string, ok bool) {
	for line := range strings.Lines(text) {
		front, back, _ := strings.Cut(line, " - ")
		f, b := strings.Fields(front), strings.Fields(back)
		if len(f) < 5 || len(b) < 3 || b[0] != fstype || option != "" && !has(b[2], option) {
			continue
		}
		if f[3] == "/" {
			return f[4], filepath.Join("/", group), true
		}
		if below, ok := strings.CutPrefix(group+"/", f[3]+"/"); ok {
			return f[4], filepath.Join("/", below), true
		}
		return f[4], "/", true
	}
	return "", "", false
}

// has is whether word is one of the words of a list with commas.
func has(list, word string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if w == word {
			return true
		}
	}
	return false
}
