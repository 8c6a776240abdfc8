package logfile

import (
	"strconv"
	"syscall"
)

// rotateIfDue rotates when the file has reached its size. The size is the position after our own append, which is the
// end of the file, so somebody else's truncation is noticed too.
func (t *target) rotateIfDue(o *Options) {
	if t.astray {
		return // this is a backup already
	}
	size, err := syscall.Seek(t.fd, 0, 1)
	if err != nil || size < o.MaxBytes || size < t.rotateAt {
		return
	}
	if o.Backups <= 0 {
		t.empty()
		return
	}
	for i := o.Backups - 1; i >= 1; i-- {
		if !t.rename(t.backup(i), t.backup(i+1)) {
			t.rotateAt = size + o.MaxBytes
			return
		}
	}
	if !t.rename(t.path, t.backup(1)) {
		t.rotateAt = size + o.MaxBytes
		return
	}
	t.recreate()
}

// backup is the name of the i-th newest rotated file (LOG-014).
func (t *target) backup(i int) string { return t.path + "." + strconv.Itoa(i) }

// rename moves a file over another; that there is nothing to move is no problem (LOG-018).
func (t *target) rename(from, to string) bool {
	err := syscall.Rename(from, to)
	return err == nil || err == syscall.ENOENT
}

// recreate starts the new file after the old was renamed. As long as that fails the old descriptor takes what is
// written, so that nothing is lost, and every write tries again.
func (t *target) recreate() { t.astray = t.swap() != nil }

// empty starts over without a backup: in place, or by path when the path means another file by now (LOG-017).
func (t *target) empty() {
	var here, there syscall.Stat_t
	same := syscall.Fstat(t.fd, &here) == nil && syscall.Stat(t.path, &there) == nil &&
		here.Ino == there.Ino && here.Dev == there.Dev
	if !same && t.swap() != nil {
		return
	}
	if err := syscall.Ftruncate(t.fd, 0); err != nil {
		size, _ := syscall.Seek(t.fd, 0, 2)
		t.rotateAt = size + t.options.Load().MaxBytes
	}
}
