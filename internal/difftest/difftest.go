// Package difftest gives the same configuration and the same calls to two implementations of Supervisor, Debian's and
// ours, and compares what each of them lets its users see. A scenario is a text file of steps; the daemon and the
// supervisorctl it runs are parameters. Nothing is stored: what is right is what Debian's programs say while the test
// runs.
package difftest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Programs are the executables of one implementation, by absolute path.
type Programs struct {
	Name          string // "debian" or "ours"
	Supervisord   string
	Supervisorctl string
	Pidproxy      string
	EchoConf      string
	Nursery       *Nursery // forks runs of supervisord and supervisorctl that are to end; nil to start them as they are
}

// Debian finds the original. The error says what is missing, for a test to skip with.
func Debian() (Programs, error) {
	p := Programs{
		Name:          "debian",
		Supervisord:   "/usr/bin/supervisord",
		Supervisorctl: "/usr/bin/supervisorctl",
		Pidproxy:      "/usr/bin/pidproxy",
		EchoConf:      "/usr/bin/echo_supervisord_conf",
	}
	for _, path := range []string{p.Supervisord, p.Supervisorctl, p.Pidproxy, p.EchoConf, "/usr/bin/python3"} {
		if _, err := exec.LookPath(path); err != nil {
			return p, fmt.Errorf("Debian's supervisor is not installed: %v", err)
		}
	}
	return p, nil
}

// Build compiles our programs from the module at root into dir. With race they report data races and end with status
// 66 when there was one.
func Build(ctx context.Context, root, dir string, race bool) (Programs, error) {
	args := []string{"build", "-o", dir + "/"}
	env := os.Environ()
	if race {
		args = append(args, "-race")
	} else {
		env = append(env, "CGO_ENABLED=0")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./cmd/...")...)
	cmd.Dir, cmd.Env = root, env
	if out, err := cmd.CombinedOutput(); err != nil {
		return Programs{}, fmt.Errorf("cannot build our programs: %v\n%s", err, out)
	}
	return Ours(dir), nil
}

// Ours are our programs in a directory.
func Ours(dir string) Programs {
	return Programs{
		Name:          "ours",
		Supervisord:   filepath.Join(dir, "supervisord"),
		Supervisorctl: filepath.Join(dir, "supervisorctl"),
		Pidproxy:      filepath.Join(dir, "pidproxy"),
		EchoConf:      filepath.Join(dir, "echo_supervisord_conf"),
	}
}

// path finds one of the four by the name that scripts use; anything else is itself.
func (p Programs) path(name string) string {
	switch name {
	case "supervisord":
		return p.Supervisord
	case "supervisorctl":
		return p.Supervisorctl
	case "pidproxy":
		return p.Pidproxy
	case "echo_supervisord_conf":
		return p.EchoConf
	}
	return name
}

// hide replaces the paths of the programs by their bare names, for usage lines show argv[0], and the place of a
// configuration beside them.
func (p Programs) hide(text string) string {
	prefix := filepath.Dir(filepath.Dir(p.Supervisord))
	text = strings.NewReplacer(prefix+"/etc/supervisord.conf", "PREFIX/etc/supervisord.conf",
		prefix+"/supervisord.conf", "PREFIX/supervisord.conf").Replace(text)
	return strings.NewReplacer(p.Supervisord, "supervisord", p.Supervisorctl, "supervisorctl",
		p.Pidproxy, "pidproxy", p.EchoConf, "echo_supervisord_conf").Replace(text)
}

// Poll calls done every 30 ms until it says true or ctx ends, which is then the error.
func Poll(ctx context.Context, done func() bool) error {
	tick := time.NewTicker(30 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}
