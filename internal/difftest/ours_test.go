package difftest_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// daemon starts our supervisord with these programs and stops it at the end of the test.
func daemon(t *testing.T, programs string, args ...string) *difftest.Daemon {
	t.Helper()
	if *self {
		t.Skip("it is about our own programs")
	}
	d, err := difftest.NewDaemon(built, difftest.Ordinary(programs))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			log := d.ReadFile("main.log")
			t.Logf("main.log:\n%s\nstderr:\n%s", log[max(0, len(log)-2000):], d.ReadFile("stderr"))
		}
		d.Close()
	})
	if err := os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(t.Context(), args...); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the start", func() bool { return strings.Contains(d.ReadFile("main.log"), "supervisord started") })
	return d
}

// eventually waits for done for up to half a minute.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := difftest.Poll(ctx, done); err != nil {
		t.Fatalf("%s: it never came", what)
	}
}

func untilState(t *testing.T, d *difftest.Daemon, name, state string) {
	t.Helper()
	eventually(t, name+" "+state, func() bool { return d.State(name) == state })
}

// call makes a call that must succeed and returns the body.
func call(t *testing.T, d *difftest.Daemon, method string, args ...any) string {
	t.Helper()
	status, body, err := d.Call(method, args...)
	if err != nil || status != "200 OK" || strings.Contains(body, "<fault>") {
		t.Fatalf("%s%v: %s %v\n%s", method, args, status, err, body)
	}
	return body
}
