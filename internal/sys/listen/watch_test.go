package listen_test

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/reeve-sh/reeve/internal/sys/listen"
)

// TestAWatchSleepsUntilItsOwnFileIsTouched: what else happens in the directory wakes nobody.
func TestAWatchSleepsUntilItsOwnFileIsTouched(t *testing.T) {
	t.Parallel()
	w, err := listen.NewWatch()
	if err != nil {
		if runtime.GOOS == "linux" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "below", "s")
	woken := make(chan error)
	go func() {
		for err := error(nil); err == nil; {
			err = w.Wait()
			woken <- err
		}
	}()
	busy := func() {
		t.Helper()
		for i := range 100 {
			name := filepath.Join(dir, "below", strconv.Itoa(i))
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
		}
		select {
		case <-woken:
			t.Error("woken by files of others")
		default:
		}
	}
	add := func() {
		t.Helper()
		if err := w.Add(path); err != nil {
			t.Fatal(err)
		}
	}
	add() // and so the directory above, in which below is to come
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := <-woken; err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	add()
	busy()
	if err := os.Rename(path, path+"x"); err != nil {
		t.Fatal(err)
	}
	if err := <-woken; err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+"x", path); err != nil {
		t.Fatal(err)
	}
	if err := <-woken; err != nil {
		t.Fatal(err)
	}
	add()
	busy()
	if err := os.Remove(path); err != nil { // though its socket is still open
		t.Fatal(err)
	}
	if err := <-woken; err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := <-woken; err == nil {
		t.Error("a closed watch goes on")
	}
}
