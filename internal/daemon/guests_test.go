package daemon_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/ext"
)

// clerk is a guest that is compiled into the supervisord of these tests. It has every ability.
type clerk struct {
	word, path string
	host       ext.Host

	mu   sync.Mutex // guards what follows
	seen []string
}

func init() {
	ext.Register("reeve.test:clerk", newClerk)
	ext.RegisterSection("clerk", newClerk)
}

func newClerk(s ext.Section) (ext.Extension, error) {
	if err := s.Only("word", "life"); err != nil {
		return nil, err
	}
	return &clerk{word: s.Options["word"], path: s.Options["life"]}, nil
}

func (c *clerk) note(what string) {
	if f, err := os.OpenFile(c.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
		f.WriteString(what + " " + c.word + "\n")
		f.Close()
	}
}

func (c *clerk) Init(h ext.Host) error { c.host = h; c.note("init"); return nil }
func (c *clerk) Close() error          { c.note("close"); return nil }

func (c *clerk) Methods() []ext.Method {
	return ext.MustTable(c, map[string]ext.Doc{
		"Word":  {Help: "The word.", Result: "word: as configured"},
		"Ask":   {Help: "Call the API.", Params: []string{"method: its name", "args"}},
		"Names": {Help: "Processes that there are."},
		"Seen":  {Help: "What was heard."},
		"Run":   {Help: "Run a command.", Params: []string{"user: who runs it", "argv: its words"}},
	})
}

func (c *clerk) Word() string { return c.word }
func (c *clerk) Ask(ctx context.Context, method string, args ...any) (any, error) {
	return c.host.Call(ctx, method, args...)
}
func (c *clerk) Names(ctx context.Context) (names []string, err error) {
	list, err := c.host.Processes(ctx)
	for _, p := range list {
		names = append(names, p.Namespec()+" "+p.State)
	}
	return names, err
}
func (c *clerk) Run(ctx context.Context, user string, argv ...string) (string, error) {
	var out, errs strings.Builder
	e, err := c.host.Run(ctx, ext.Command{Argv: argv, User: user, Stdin: []byte("input"), Env: []string{"PATH=/bin", "A=x"}, Stdout: &out, Stderr: &errs})
	return fmt.Sprintf("%d/%d %s|%s", e.Code, e.Signal, out.String(), errs.String()), err
}
func (c *clerk) Seen() []string { c.mu.Lock(); defer c.mu.Unlock(); return slices.Clone(c.seen) }

func (c *clerk) Events() []string { return []string{"SUPERVISOR_STATE_CHANGE", "REMOTE_COMMUNICATION"} }
func (c *clerk) Handle(_ context.Context, e ext.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, e.Type+" "+e.Kind)
	c.note(e.Type)
}
func (c *clerk) TakeLog(_ context.Context, o ext.Output) { c.host.Log(ext.Info, "heard %s", o.Data) }
func (c *clerk) MayStart(_ context.Context, p ext.Process) error {
	if p.Name == "forbidden" {
		return ext.Refuse(ext.Failed, "not on a Sunday")
	}
	return nil
}
func (c *clerk) Page() ext.Page { return ext.Page{Title: "Clerk"} }
func (c *clerk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Write([]byte(c.word + " at " + r.URL.Path))
}

var (
	_ ext.Methods   = (*clerk)(nil)
	_ ext.EventSink = (*clerk)(nil)
	_ ext.LogSink   = (*clerk)(nil)
	_ ext.Policy    = (*clerk)(nil)
	_ ext.Pages     = (*clerk)(nil)
)

func connect(t *testing.T, dir string) *client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{URL: "unix://" + dir + "/sock"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// value calls and compares.
func value(t *testing.T, c *client.Client, want any, method string, args ...any) {
	t.Helper()
	got, err := c.Call(t.Context(), method, args...)
	if err != nil {
		got = err.Error()
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s%v:\n%s", method, args, d)
	}
}

const guestPrograms = "[program:talker]\ncommand=/bin/sh -c 'echo hello; exec sleep 600'\nstartsecs=0\n" +
	"[program:forbidden]\ncommand=/bin/cat\nautostart=false\n"

func TestACompiledInGuestHasEveryAbility(t *testing.T) {
	t.Parallel()
	dir := short(t)
	conf := settings(t, dir, guestPrograms+"[rpcinterface:ops]\nsupervisor.rpcinterface_factory = reeve.test:clerk\nword = good\nlife = "+dir+"/life\n[clerk]\nword = own\n")
	cmd, out := foreground(t, conf)
	until(t, out, "[rpcinterface:ops] heard hello")
	c := connect(t, dir)
	value(t, c, "good", "ops.word")
	value(t, c, "own", "clerk.word")
	value(t, c, "INCORRECT_PARAMETERS", "ops.word", 1)
	value(t, c, "UNKNOWN_METHOD", "ops.close")
	value(t, c, "UNKNOWN_METHOD", "ops.host.log")
	value(t, c, []any{"forbidden STOPPED", "talker RUNNING"}, "ops.names")
	value(t, c, "supervisor", "ops.ask", "ops.ask", "ops.ask", "supervisor.getIdentification")
	value(t, c, true, "ops.ask", "supervisor.sendRemoteCommEvent", "a", "b")
	value(t, c, "BAD_NAME: nobody", "ops.ask", "supervisor.startProcess", "nobody")
	value(t, c, "FAILED: not on a Sunday", "supervisor.startProcess", "forbidden")
	value(t, c, []any{"string"}, "system.methodSignature", "ops.word")
	value(t, c, " The word.\n\n        @return string word  as configured\n        ", "system.methodHelp", "ops.word")
	value(t, c, "3/0 x input|no\n", "ops.run", "", "sh", "-c", "echo -n $A' '; cat; echo no >&2; exit 3")
	value(t, c, "-1/9 |", "ops.run", "", "sh", "-c", "kill -9 $$")
	value(t, c, "NO_FILE: can't find command 'nothing'", "ops.run", "", "nothing")
	value(t, c, "NOT_EXECUTABLE: command at '/bin' is a directory", "ops.run", "", "/bin")
	value(t, c, `FAILED: cannot run ["true"]: there is no user "nobody at all"`, "ops.run", "nobody at all", "true")
	names, err := c.ListMethods(t.Context())
	if err != nil || !slices.Contains(names, "ops.seen") || !slices.IsSorted(names) {
		t.Errorf("%v %q", err, names)
	}
	quick(t, "remote event", func() bool {
		seen, _ := c.Call(t.Context(), "ops.seen")
		list, _ := seen.([]any)
		return slices.Contains(list, any("REMOTE_COMMUNICATION a"))
	})
	if got := page(t, dir, "/ext/ops/a/b"); got != "200 good at /a/b" {
		t.Error(got)
	}
	if err := c.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	life, _ := os.ReadFile(filepath.Join(dir, "life"))
	want := "init good\nSUPERVISOR_STATE_CHANGE_RUNNING good\nREMOTE_COMMUNICATION good\nSUPERVISOR_STATE_CHANGE_STOPPING good\nclose good\n"
	if d := cmp.Diff(want, string(life)); d != "" {
		t.Error(d)
	}
}

func page(t *testing.T, dir, path string) string {
	t.Helper()
	tr := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", dir+"/sock") }}
	defer tr.CloseIdleConnections()
	resp, err := (&http.Client{Transport: tr}).Get("http://localhost" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	b.WriteString(resp.Status[:4])
	buf := make([]byte, 512)
	n, _ := resp.Body.Read(buf)
	return b.String() + string(buf[:n])
}

func TestAnUpdateTakesExtensionsAlong(t *testing.T) {
	t.Parallel()
	dir := short(t)
	section := func(name, word string) string {
		return "[rpcinterface:" + name + "]\nsupervisor.rpcinterface_factory = reeve.test:clerk\nword = " + word + "\n"
	}
	conf := settings(t, dir, section("changed", "one")+section("gone", "one")+section("same", "one"))
	_, out := foreground(t, conf)
	until(t, out, "supervisord started")
	c := connect(t, dir)
	value(t, c, "one", "changed.word")
	settings(t, dir, section("changed", "two")+section("new", "two")+section("same", "one"))
	value(t, c, []any{[]any{[]any{"rpcinterface:new"}, []any{"rpcinterface:changed"}, []any{"rpcinterface:gone"}}}, "supervisor.reloadConfig")
	value(t, c, "one", "changed.word") // nothing is changed yet
	// What every supervisorctl does for an update.
	value(t, c, []any{}, "supervisor.stopProcessGroup", "rpcinterface:gone")
	value(t, c, true, "supervisor.removeProcessGroup", "rpcinterface:gone")
	value(t, c, []any{}, "supervisor.stopProcessGroup", "rpcinterface:changed")
	value(t, c, true, "supervisor.removeProcessGroup", "rpcinterface:changed")
	value(t, c, true, "supervisor.addProcessGroup", "rpcinterface:changed")
	value(t, c, true, "supervisor.addProcessGroup", "rpcinterface:new")
	value(t, c, "ALREADY_ADDED: rpcinterface:new", "supervisor.addProcessGroup", "rpcinterface:new")
	value(t, c, "BAD_NAME: rpcinterface:supervisor", "supervisor.removeProcessGroup", "rpcinterface:supervisor")
	value(t, c, "UNKNOWN_METHOD", "gone.word")
	value(t, c, "two", "changed.word")
	value(t, c, "two", "new.word")
	value(t, c, []any{[]any{[]any{}, []any{}, []any{}}}, "supervisor.reloadConfig")
}

func TestAGuestThatRefusesItsSectionRefusesTheStart(t *testing.T) {
	t.Parallel()
	dir := short(t)
	conf := settings(t, dir, "[rpcinterface:ops]\nsupervisor.rpcinterface_factory = reeve.test:clerk\nwrod = x\n")
	r := run(t, command(t, "-n", "-c", conf))
	want := `Error: Could not make ops rpc interface: unknown option "wrod" in [rpcinterface:ops] option wrod (file: '` + conf + `', line 11)`
	if r.status != 2 || !strings.HasPrefix(r.stderr, want) {
		t.Errorf("status %d, %s\nwant %s", r.status, r.stderr, want)
	}
}
