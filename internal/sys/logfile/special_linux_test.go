package logfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/logfile"
)

func TestFullDiskIsCountedAndTriedAgain(t *testing.T) {
	t.Parallel()
	f := open(t, device(t, 7), logfile.Options{MaxBytes: 10, Backups: 1})
	if !f.Regular() {
		t.Error("/dev/full keeps nobody waiting")
	}
	for want := int64(5); want <= 10; want += 5 {
		if _, err := f.Write([]byte("12345")); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("error %v", err)
		}
		if f.Lost() != want {
			t.Errorf("lost %d, not %d", f.Lost(), want)
		}
	}
}

// holds: LOG-012 LOG-015
func TestOwnDescriptorsAreWrittenAsTheyAre(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	path := fmt.Sprintf("/dev/fd/%d", w.Fd())
	f := open(t, path, logfile.Options{MaxBytes: 3, Backups: 1})
	w.Close() // f has its own
	if f.Regular() {
		t.Error("a pipe is no regular file")
	}
	write(t, f, "hello ")
	if err := f.Reopen(); err != nil {
		t.Error(err)
	}
	if err := f.Clear(); err != nil {
		t.Error(err)
	}
	write(t, f, "world")
	f.Close()
	var got bytes.Buffer
	if _, err := got.ReadFrom(r); err != nil || got.String() != "hello world" {
		t.Errorf("got %q, %v", got.String(), err)
	}
}

func TestRegularFileBehindADescriptorIsNotRotated(t *testing.T) {
	dir := t.TempDir()
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	f := open(t, fmt.Sprintf("/proc/self/fd/%d", out.Fd()), logfile.Options{MaxBytes: 3, Backups: 2})
	write(t, f, "1234", "5678")
	if err := f.Clear(); err != nil {
		t.Error(err)
	}
	is(t, out.Name(), "12345678")
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("files: %v", entries)
	}
}

func TestDevNullIsNeitherRotatedNorRemoved(t *testing.T) {
	t.Parallel()
	path := device(t, 3)
	f := open(t, path, logfile.Options{MaxBytes: 1, Backups: 1})
	if !f.Regular() {
		t.Error("/dev/null keeps nobody waiting")
	}
	write(t, f, "abc")
	if err := f.Clear(); err != nil {
		t.Error(err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode()&fs.ModeCharDevice == 0 {
		t.Fatalf("it is %v, %v", st, err)
	}
}

// device makes a memory device of this minor number in a directory of its own: the machine's own ones are not for tests
// that may remove them.
func device(t *testing.T, minor int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "device")
	if err := syscall.Mknod(path, syscall.S_IFCHR|0o666, 1<<8|minor); err != nil {
		t.Skipf("cannot make a device here: %v", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("cannot use a device here: %v", err)
	}
	f.Close()
	return path
}

func TestFIFOWithoutReaderHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, path, logfile.Options{MaxBytes: 10, Backups: 1})
	write(t, f, "kept for the reader")
	r, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, err := r.Read(buf)
	if err != nil || string(buf[:n]) != "kept for the reader" {
		t.Errorf("read %q, %v", buf[:n], err)
	}
	f.Close()
	f = open(t, path, logfile.Options{}) // now with a reader, who leaves
	r.Close()
	write(t, f, "kept again")
}

func TestInterruptEndsAWriteThatWaits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, path, logfile.Options{})
	began, ended := make(chan struct{}), make(chan error)
	go func() {
		close(began)
		_, err := f.Write(make([]byte, 1<<20)) // no pipe holds that much
		ended <- err
	}()
	<-began
	if err := f.Reopen(); err != nil { // does not wait with it
		t.Error(err)
	}
	f.Interrupt()
	if err := <-ended; !errors.Is(err, os.ErrClosed) {
		t.Errorf("the write ended with %v", err)
	}
	if f.Lost() == 0 || f.Lost() >= 1<<20 {
		t.Errorf("lost %d", f.Lost())
	}
}

func TestDescriptorsAreClosedOnceAndNotInherited(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.log")
	before := descriptors(t)
	for range 50 {
		f, err := logfile.Open(path, logfile.Options{MaxBytes: 2, Backups: 1})
		if err != nil {
			t.Fatal(err)
		}
		write(t, f, "xxx", "y")
		for _, do := range []func() error{f.Reopen, f.Clear, f.Close, f.Close} {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if after := descriptors(t); after > before+5 {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

// A child that is started while logs are open must not have them.
func TestLogsAreNotInherited(t *testing.T) {
	dir := t.TempDir()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	has := func() string {
		out, err := exec.Command("/bin/sh", "-c", "ls /proc/$$/fd").Output()
		if err != nil {
			t.Skipf("cannot look: %v", err)
		}
		return string(out)
	}
	before := has()
	open(t, filepath.Join(dir, "x.log"), logfile.Options{})
	open(t, fifo, logfile.Options{})
	open(t, fmt.Sprintf("/dev/fd/%d", w.Fd()), logfile.Options{})
	if after := has(); after != before {
		t.Errorf("a child has %q, and had %q before", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(entries)
}
