package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// pluginText is a plug-in for Supervisor: the same text runs inside of Debian's daemon and beside ours.
const pluginText = `import time

class Namespace:
    def echo(self, text):
        """Say it again."""
        return text

    def sleep(self, seconds):
        """Take long."""
        time.sleep(int(seconds))
        return True

def make(supervisord, **config):
    return Namespace()

def handler(event, response):
    if response != b'OK':
        raise ValueError(response)
`

// plugged starts a daemon with these sections, and the plug-in where it is found.
func (b *bench) plugged(sections string) (*difftest.Daemon, func(), error) {
	d, err := difftest.NewDaemon(b.programs, conf(sections))
	if err != nil {
		return nil, nil, err
	}
	os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755)
	if err := d.WriteFile("benchplugin.py", pluginText); err != nil {
		return nil, nil, err
	}
	d.Env = append(d.Env, "PYTHONPATH="+d.Dir)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := d.Start(ctx); err != nil || d.Exited() {
		defer d.Close()
		return nil, nil, fmt.Errorf("it does not start: %v\n%s", err, d.ReadFile("stderr"))
	}
	return d, d.Close, nil
}

const pythonSection = "[rpcinterface:b]\nsupervisor.rpcinterface_factory = benchplugin:make\n"

// guests are the sections whose methods ours calls, in the order of the columns. Debian's only knows the first. SELF is
// this program.
var guests = []struct {
	section, method string
	args            []string
}{
	{pythonSection, "b.echo", []string{"x"}},
	{"[rpcinterface:b]\nsupervisor.rpcinterface_factory = reeve.cache:make\n", "b.getAPIVersion", nil},
	{"[rpcinterface:b]\ncommand = SELF guest\n", "b.echo", []string{"x"}},
}

// guestRole is an executable extension whose one method says again what it is told.
func guestRole([]string) {
	in, out := bufio.NewScanner(os.Stdin), bufio.NewWriter(os.Stdout)
	for in.Scan() {
		var m struct {
			ID     json.RawMessage
			Method string
			Params struct{ Params []json.RawMessage }
		}
		if json.Unmarshal(in.Bytes(), &m) != nil || m.ID == nil {
			continue
		}
		result := []byte(`{"protocol":1,"methods":[{"name":"echo","params":[{"name":"text","type":"string"}],"result":"string"}]}`)
		if m.Method == "call" {
			result = m.Params.Params[0]
		}
		fmt.Fprintf(out, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}\n", m.ID, result)
		out.Flush()
	}
}

// pluginRate counts the calls of an extension's method. Beside each kind of ours stands what Debian's does in Python.
func pluginRate(b *bench) ([]float64, error) {
	var all []float64
	for i, g := range guests {
		if i > 0 && b.programs.Name == "debian" {
			all = append(all, all[0])
			continue
		}
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		d, stop, err := b.plugged(strings.Replace(g.section, "SELF", self, 1))
		if err != nil {
			return nil, err
		}
		err = wait(5*time.Millisecond, "the extension", func() bool {
			args := make([]any, len(g.args))
			for i, a := range g.args {
				args[i] = a
			}
			_, body, err := d.Call(g.method, args...)
			return err == nil && strings.Contains(body, "<params>")
		})
		if err != nil {
			stop()
			return nil, err
		}
		rate, err := b.rateOf(func() (*client, error) { return dial(d) }, request(g.method, g.args...))
		stop()
		if err != nil {
			return nil, err
		}
		all = append(all, rate...)
	}
	return all, nil
}

// stalled asks getState again and again while a plug-in sleeps: how many answers a second, and the longest wait.
func stalled(b *bench) ([]float64, error) {
	d, stop, err := b.plugged(pythonSection)
	if err != nil {
		return nil, err
	}
	defer stop()
	sleeper, err := dial(d)
	if err != nil {
		return nil, err
	}
	defer sleeper.conn.Close()
	c, err := dial(d)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	over := make(chan error, 1)
	begin := time.Now()
	go func() {
		_, err := sleeper.ask(request("b.sleep", fmt.Sprint(b.nap)))
		over <- err
	}()
	// The sleep has begun when it has been asked for and a little while has passed.
	<-time.After(100 * time.Millisecond)
	ask, worst, n := request("supervisor.getState"), 0.0, 0
	for {
		at := time.Now()
		if _, err := c.ask(ask); err != nil {
			return nil, err
		}
		worst = max(worst, millis(time.Since(at)))
		n++
		select {
		case err := <-over:
			return []float64{float64(n) / time.Since(begin).Seconds(), worst}, err
		default:
		}
	}
}
