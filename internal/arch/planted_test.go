package arch_test

import (
	"strings"
	"testing"
)

// planted are breaches; each rule must find its own and say the word.
var planted = []struct {
	name string
	rule func(pkg) []string
	path string // of the file
	text string
	want string // part of the complaint; empty when all is well
}{
	{"up", floorBreaches, "internal/loop/loop.go", `package loop; import _ "github.com/reeve-sh/reeve/internal/service"`, "above floor 3"},
	{"down", floorBreaches, "internal/loop/loop.go", `package loop; import _ "github.com/reeve-sh/reeve/internal/sys/kernel"`, ""},
	{"sideways", floorBreaches, "internal/api/rest/rest.go", `package rest; import _ "github.com/reeve-sh/reeve/internal/api/rpc2"`, "both are on floor 5"},
	{"listed", floorBreaches, "internal/api/rest/rest.go", `package rest; import _ "github.com/reeve-sh/reeve/internal/api"`, ""},
	{"api knows no face", floorBreaches, "internal/api/api.go", `package api; import _ "github.com/reeve-sh/reeve/internal/api/rpc2"`, "both are on floor 5"},
	{"core touches", floorBreaches, "internal/core/proc/proc.go", `package proc; import _ "os"`, "only thinks"},
	{"core asks core", floorBreaches, "internal/core/proc/proc.go", `package proc; import _ "github.com/reeve-sh/reeve/internal/core/config"`, "may import only"},
	{"core library", floorBreaches, "internal/core/proc/proc.go", `package proc; import _ "golang.org/x/sys/unix"`, "no library"},
	{"sys library", floorBreaches, "internal/sys/listen/listen.go", `package listen; import _ "example.org/x"`, "no library"},
	{"sys x/sys", floorBreaches, "internal/sys/listen/listen.go", `package listen; import _ "golang.org/x/sys/unix"`, ""},
	{"ctl", floorBreaches, "internal/ctl/ctl.go", `package ctl; import _ "github.com/reeve-sh/reeve/internal/service"`, "may import only"},
	{"nobody imports daemon", floorBreaches, "internal/api/api.go", `package api; import _ "github.com/reeve-sh/reeve/internal/daemon"`, "above floor 5"},
	{"guest", floorBreaches, "extensions/x/x.go", `package x; import _ "github.com/reeve-sh/reeve/client"`, "may import only"},
	{"host alone", floorBreaches, "internal/service/service.go", `package service; import _ "github.com/reeve-sh/reeve/ext"`, "exthost alone"},
	{"homeless", floorBreaches, "internal/new/new.go", `package new`, "has no floor"},
	{"tests are for nobody", floorBreaches, "internal/ctl/ctl.go", `package ctl; import _ "github.com/reeve-sh/reeve/internal/arch"`, "imported by nobody"},

	{"clock", callBreaches, "internal/loop/loop.go", `package loop; import "time"; var _ = time.Now()`, "time and luck"},
	{"clock as value", callBreaches, "internal/loop/loop.go", `package loop; import "time"; var now = time.Now`, "time and luck"},
	{"clock renamed", callBreaches, "internal/loop/loop.go", `package loop; import clock "time"; var _ = clock.Now()`, "time and luck"},
	{"clock in kernel", callBreaches, "internal/sys/kernel/time.go", `package kernel; import "time"; var _ = time.Now()`, ""},
	{"timer", callBreaches, "internal/loop/loop.go", `package loop; import "time"; func f() { time.AfterFunc(1, nil) }`, "time and luck"},
	{"dice", callBreaches, "internal/service/x.go", `package service; import "math/rand/v2"; var _ = rand.Int()`, "time and luck"},
	{"environment", callBreaches, "internal/ctl/x.go", `package ctl; import "os"; var _ = os.Getenv("X")`, "configuration"},
	{"fork", callBreaches, "internal/daemon/x.go", `package daemon; import "os/exec"; var _ = exec.Command("x")`, "forks, kills and waits"},
	{"start", callBreaches, "internal/loop/x.go", `package loop; import "os"; var _ = os.StartProcess`, "forks, kills and waits"},
	{"wait", callBreaches, "internal/loop/x.go", `package loop; import "syscall"; var _ = syscall.Wait4`, "forks, kills and waits"},
	{"kill", callBreaches, "internal/service/x.go", `package service; import "golang.org/x/sys/unix"; var _ = unix.Kill`, "forks, kills and waits"},
	{"pidproxy", callBreaches, "internal/pidproxy/x.go", `package pidproxy; import "syscall"; var _ = syscall.Kill`, ""},
	{"a variable called time", callBreaches, "internal/loop/x.go", `package loop; type c struct{}; func (c) Now() {}; func f(time c) { time.Now() }`, ""},
	{"go", callBreaches, "internal/service/x.go", `package service; func f() { go f() }`, "goroutine"},
	{"go in the loop", callBreaches, "internal/loop/x.go", `package loop; func f() { go f() }`, ""},
	{"go in a test", callBreaches, "internal/service/x_test.go", `package service_test; func f() { go f() }`, ""},
	{"sleep", callBreaches, "internal/service/x_test.go", `package service_test; import "time"; func f() { time.Sleep(1) }`, "time.Sleep"},

	{"long", fileBreaches, "internal/x/x.go", "package x\n" + strings.Repeat("\n", 450), "451 lines"},
	{"promise", fileBreaches, "internal/x/x.go", "package x // " + "TO" + "DO later", "note to oneself"},
	{"a word with it", fileBreaches, "internal/x/x.go", "package x // MASTODON", ""},
	{"vague", nameBreaches, "internal/util/util.go", "package util", "says nothing"},
	{"ignored signal", callBreaches, "internal/daemon/x.go", `package daemon; import "os/signal"; func f() { signal.Ignore() }`, "inherit it"},
	{"feeble", wordBreaches, "internal/x/x.go", "package x; const s = \"failed to open\"", "cannot X: why"},
	{"feeble and known", wordBreaches, "internal/x/x.go", "package x; const s = \"Failed to clean up %s\"", ""},
	{"feeble in the middle", wordBreaches, "internal/x/x.go", "package x; const s = `it Couldn't`", "cannot X: why"},
	{"strong", wordBreaches, "internal/x/x.go", "package x; const s = \"cannot open: it failed\"", ""},
	{"no screen", shapeBreaches, "internal/x/x.go", "package x; func f() {" + strings.Repeat("\n", 75) + "}", "76 lines"},
	{"a screen", shapeBreaches, "internal/x/x.go", "package x; func f() {" + strings.Repeat("\n", 74) + "}", ""},
	{"death signal", shapeBreaches, "internal/sys/kernel/x.go", `package kernel; var a = syscall.SysProcAttr{Pdeathsig: 9}`, "thread ends"},
	{"reflection", shapeBreaches, "internal/x/x.go", `package x; func f() { reflect.ValueOf(1).MethodByName("x") }`, "by reflection"},
	{"kept timer", shapeBreaches, "internal/service/x.go", `package service; type a struct { t *time.Timer }`, "a timer is not kept"},
	{"the timer", shapeBreaches, "internal/loop/x.go", `package loop; type a struct { t *time.Timer }`, ""},
	{"inside", shapeBreaches, "internal/x/x_test.go", `package x`, "from outside"},
	{"window", shapeBreaches, "internal/x/export_test.go", `package x`, ""},
	{"outside", shapeBreaches, "internal/x/x_test.go", `package x_test`, ""},
	{"port", shapeBreaches, "internal/x/x_test.go", `package x_test; var l = net.Listen("tcp", "127.0.0.1:` + `9001")`, "fixed port"},
	{"any port", shapeBreaches, "internal/x/x_test.go", `package x_test; var l = net.Listen("tcp", "127.0.0.1:0")`, ""},
	{"silent", commentBreaches, "internal/x/x.go", "package x", "0 package comments"},
	{"elsewhere", commentBreaches, "internal/x/y.go", "// Package x is x.\npackage x", "belongs in x.go"},
	{"right", commentBreaches, "internal/x/x.go", "// Package x is x.\npackage x", ""},
	{"main", commentBreaches, "cmd/x/main.go", "// X does x.\npackage main", ""},
}

func TestEachRuleFindsItsBreach(t *testing.T) {
	t.Parallel()
	for _, c := range planted {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, err := parseFile(c.path, c.text)
			if err != nil {
				t.Fatal(err)
			}
			dir := c.path[:strings.LastIndex(c.path, "/")]
			got := strings.Join(c.rule(pkg{Path: dir, Name: f.AST.Name.Name, Files: []file{f}}), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("complaint %q, want one with %q", got, c.want)
			}
		})
	}
}

func TestTwoPackageCommentsAreOneTooMany(t *testing.T) {
	t.Parallel()
	a, _ := parseFile("internal/x/x.go", "// Package x is x.\npackage x")
	b, _ := parseFile("internal/x/y.go", "// Package x is also y.\npackage x")
	got := commentBreaches(pkg{Path: "internal/x", Name: "x", Files: []file{a, b}})
	if len(got) != 1 || !strings.Contains(got[0], "2 package comments") {
		t.Errorf("got %q", got)
	}
}
