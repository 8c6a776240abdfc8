package client_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/difftest"
)

const configuration = `[supervisord]
logfile=${DIR}/main.log
pidfile=${DIR}/pid
[unix_http_server]
file=${DIR}/s
[inet_http_server]
port=127.0.0.1:${PORT}
username=me
password=s:e c
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:cat]
command=/bin/cat
startsecs=0
stdout_logfile=${DIR}/cat.log
[program:off]
command=/bin/cat
autostart=false
startsecs=0
`

// holds: CTL-013 HTTP-018
func TestDebiansDaemonUnderstandsTheClient(t *testing.T) {
	t.Parallel()
	programs, err := difftest.Debian()
	if err != nil {
		t.Skip(err)
	}
	d, err := difftest.NewDaemon(programs, configuration)
	must(t, err)
	defer d.Close()
	must(t, d.Start(t.Context()))
	for _, url := range []string{"unix://" + d.Dir + "/s", d.Expand("http://127.0.0.1:${PORT}")} {
		c, err := client.Dial(client.Options{URL: url, Username: "me", Password: "s:e c"})
		must(t, err)
		processes(t, c)
		logs(t, c)
		calls(t, c, d.Pid)
		c.Close()
	}
}

func processes(t *testing.T, c *client.Client) {
	t.Helper()
	ctx := t.Context()
	must(t, difftest.Poll(ctx, func() bool {
		info, err := c.ProcessInfo(ctx, "cat")
		return err == nil && info.State == client.Running && info.Pid > 1 && !info.Start.IsZero() && info.StdoutLogfile != ""
	}))
	equal(t, "start", first(c.StartProcessGroup(ctx, "off", true)), []client.ProcessStatus{{Name: "off", Group: "off", Status: 80, Description: "OK"}})
	equal(t, "stop", c.StopProcess(ctx, "off", true), nil)
	all, err := c.AllProcessInfo(ctx)
	must(t, err)
	equal(t, "how many", len(all), 2)
	equal(t, "the other", all[1].StateName, "STOPPED")
	configured, err := c.AllConfigInfo(ctx)
	must(t, err)
	equal(t, "configured", configured[0].Command, "/bin/cat")
	equal(t, "changes", first(c.ReloadConfig(ctx)), client.Changes{Added: []string{}, Changed: []string{}, Removed: []string{}})
}

func logs(t *testing.T, c *client.Client) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	must(t, c.SendProcessStdin(ctx, "cat", "hello\n"))
	stream, err := c.FollowLog(ctx, "cat", "stdout")
	must(t, err)
	defer stream.Close()
	buf := make([]byte, 6)
	_, err = io.ReadFull(stream, buf)
	must(t, err)
	equal(t, "stream", string(buf), "hello\n")
	tail, err := c.TailProcessStdoutLog(ctx, "cat", 0, 6)
	must(t, err)
	equal(t, "tail", tail.Text, "hello\n")
	var refused *client.HTTPError
	if _, err := c.FollowLog(ctx, "nope", "stdout"); !errors.As(err, &refused) || refused.Status != 404 {
		t.Errorf("following nobody: %v", err)
	}
}

func calls(t *testing.T, c *client.Client, pid int) {
	t.Helper()
	ctx := t.Context()
	equal(t, "version", first(c.APIVersion(ctx)), "3.0")
	equal(t, "state", first(c.State(ctx)), client.State{Code: 1, Name: "RUNNING"})
	results, err := c.Multicall(ctx, []client.CallSpec{
		{Method: "supervisor.getPID"}, {Method: "supervisor.getProcessInfo", Args: []any{"nope"}},
	})
	must(t, err)
	equal(t, "first of two", results[0].Value, int64(pid))
	equal(t, "second of two", results[1].Err, &client.Fault{Code: 10, String: "BAD_NAME: nope"})
	info, err := c.Call(ctx, "supervisor.getProcessInfo", "cat")
	must(t, err)
	equal(t, "generic call", info.(map[string]any)["name"], "cat")
}

// first is a value, or the error in its place.
func first[T any](v T, err error) any {
	if err != nil {
		return err
	}
	return v
}
