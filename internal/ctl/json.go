package ctl

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/client"
	"github.com/reeve-sh/reeve/internal/core/fault"
)

// jsonForm is how a command answers with --json: it prints one JSON document on a line of stdout, or nothing when it has an error
// to tell, which goes to stderr. The exit status is the same as ever.
type jsonForm func(c *controller, ctx context.Context, arg string) error

// change is what became of one group.
type change struct {
	Group  string `json:"group"`
	Change string `json:"change"` // added, changed or removed
}

// form is how a command is run: for people or, with --json, for programs.
func (c *controller) form(cmd *command) func(*controller, context.Context, string) error {
	switch {
	case !c.options.json:
		return cmd.run
	case cmd.json == nil:
		return noJSON(cmd.name)
	}
	return cmd.json
}

// noJSON refuses --json for a command.
func noJSON(name string) func(*controller, context.Context, string) error {
	return func(c *controller, _ context.Context, _ string) error {
		c.complain(exitUsage, "Error: %s has no --json form", name)
		return nil
	}
}

// tell says a line or, with --json, keeps what it is about; nil is for people only.
func (c *controller) tell(line string, about any) {
	switch {
	case !c.options.json:
		c.say("%s", line)
	case about != nil:
		c.told = append(c.told, about)
	}
}

// listed is the JSON form of a command that tells one thing after the other: a list of them.
func listed(run func(*controller, context.Context, string) error) jsonForm {
	return func(c *controller, ctx context.Context, arg string) error {
		c.told = []any{}
		err := run(c, ctx, arg)
		if c.told != nil && (err == nil || len(c.told) > 0) {
			c.printJSON(c.told)
		}
		c.told = nil
		return err
	}
}

// byItself is the JSON form of a command that prints JSON by itself when it is told to.
func byItself(run func(*controller, context.Context, string) error) jsonForm {
	return func(c *controller, ctx context.Context, arg string) error { return run(c, ctx, "--json "+arg) }
}

// result is what became of one process, as the JSON face tells it.
func result(name string, code int, description string) client.Result {
	group, process, _ := splitNamespec(name)
	if code == faultSuccess {
		description = "OK"
	}
	return client.Result{
		Name: name, Group: group, Process: process, Code: code, Fault: fault.Kind(code).String(), Message: description,
	}
}

// statusJSON is status with --json: the processes as the JSON face tells them. The original has no such face and tells
// less.
func statusJSON(c *controller, ctx context.Context, arg string) error {
	d, err := c.check(ctx)
	if err != nil {
		return err
	}
	if d == nil {
		c.exit = exitStatusUnknown
		return nil
	}
	look := func() ([]client.Process, error) { return processes(ctx, d) }
	switch {
	case strings.TrimSpace(arg) == everything:
		look, arg = func() ([]client.Process, error) { return d.Everything(ctx) }, ""
	case slices.ContainsFunc(strings.Fields(arg), ofExtension):
		look = func() ([]client.Process, error) { return d.Everything(ctx) }
	}
	all, err := look()
	if err != nil {
		return err
	}
	shown := all
	if names := strings.Fields(arg); len(names) > 0 && !slices.Contains(names, "all") {
		shown = []client.Process{}
		for _, name := range names {
			shown = append(shown, c.namedJSON(all, name)...)
		}
	}
	c.printJSON(shown)
	c.warn(ctx, d)
	for i := range shown {
		c.judge(shown[i].State)
	}
	return nil
}

// namedJSON is named for processes as the JSON face tells them.
func (c *controller) namedJSON(all []client.Process, name string) []client.Process {
	infos := make([]client.ProcessInfo, len(all))
	for i := range all {
		infos[i] = client.ProcessInfo{Group: all[i].Group, Name: all[i].Process, Pid: i}
	}
	var out []client.Process
	for _, info := range c.named(infos, name) {
		out = append(out, all[info.Pid])
	}
	return out
}

// processes asks the JSON face, or XML-RPC when there is none.
func processes(ctx context.Context, d *client.Client) ([]client.Process, error) {
	list, err := d.Processes(ctx)
	if err == nil || !client.NoJSON(err) {
		return list, err
	}
	infos, err := d.AllProcessInfo(ctx)
	list = make([]client.Process, len(infos))
	for i := range infos {
		list[i] = told(&infos[i])
	}
	return list, err
}

// told words what XML-RPC tells of a process.
func told(info *client.ProcessInfo) client.Process {
	p := client.Process{
		Name: namespec(info.Group, info.Name), Group: info.Group, Process: info.Name, State: info.StateName,
		Description: info.Description, PID: info.Pid, StdoutLogfile: info.StdoutLogfile, StderrLogfile: info.StderrLogfile,
		Started: utc(info.Start), Stopped: utc(info.Stop),
	}
	if info.Pid != 0 {
		up := max(info.Now.Sub(info.Start).Seconds(), 0)
		p.Uptime = &up
	}
	if info.State == client.Exited {
		p.ExitCode = &info.ExitStatus
	}
	if info.State == client.Fatal || info.State == client.Backoff {
		p.Why = info.SpawnErr
	}
	return p
}

func utc(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
