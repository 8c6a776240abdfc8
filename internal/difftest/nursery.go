package difftest

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

//go:embed nursery.py
var nurseryPy string

// A Nursery is one Python process that has loaded Debian's programs and forks a run of them whenever one is wanted:
// several hundred starts of an interpreter would otherwise be most of the work. Close it at the end.
type Nursery struct {
	dir string
	cmd *exec.Cmd
}

// OpenNursery starts the process and waits until it is ready.
func OpenNursery(ctx context.Context) (*Nursery, error) {
	dir, err := os.MkdirTemp("", "n")
	if err != nil {
		return nil, err
	}
	script := filepath.Join(dir, "nursery.py")
	if err := os.WriteFile(script, []byte(nurseryPy), 0o644); err != nil {
		return nil, err
	}
	n := &Nursery{dir: dir, cmd: exec.Command("/usr/bin/python3", "-W", "ignore::DeprecationWarning", script, filepath.Join(dir, "s"))}
	n.cmd.Env = []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC"}
	n.cmd.Stderr = os.Stderr
	if err := n.cmd.Start(); err != nil {
		return nil, err
	}
	err = Poll(ctx, func() bool {
		c, err := net.Dial("unix", filepath.Join(dir, "s"))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	if err != nil {
		n.Close()
		return nil, fmt.Errorf("cannot load Debian's supervisor: %w", err)
	}
	return n, nil
}

// Close ends the process; runs that have not ended go on.
func (n *Nursery) Close() {
	n.cmd.Process.Kill()
	n.cmd.Wait()
	os.RemoveAll(n.dir)
}

// run is one run of supervisord or supervisorctl to its end, which ctx may bring about.
func (n *Nursery) run(ctx context.Context, program, argv0 string, args []string, dir string, env []string, stdin string) (code int, out, errs string, err error) {
	files, err := os.MkdirTemp(n.dir, "r")
	if err != nil {
		return 0, "", "", err
	}
	defer os.RemoveAll(files)
	job := map[string]any{"program": program, "argv0": argv0, "args": append([]string{}, args...), "dir": dir, "env": env}
	for name, text := range map[string]string{"stdin": stdin, "stdout": "", "stderr": ""} {
		path := filepath.Join(files, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return 0, "", "", err
		}
		job[name] = path
	}
	conn, err := net.Dial("unix", filepath.Join(n.dir, "s"))
	if err != nil {
		return 0, "", "", err
	}
	defer conn.Close()
	if err := json.NewEncoder(conn).Encode(job); err != nil {
		return 0, "", "", err
	}
	r := bufio.NewReader(conn)
	pid, err := readNumber(r)
	if err != nil {
		return 0, "", "", err
	}
	defer context.AfterFunc(ctx, func() { syscall.Kill(-pid, syscall.SIGKILL) })()
	code, err = readNumber(r)
	o, _ := os.ReadFile(filepath.Join(files, "stdout"))
	e, _ := os.ReadFile(filepath.Join(files, "stderr"))
	return code, string(o), string(e), err
}

func readNumber(r *bufio.Reader) (int, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(line))
}
