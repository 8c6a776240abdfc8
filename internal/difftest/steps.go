package difftest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// patience is how long a scenario waits for something that must come.
const patience = 20 * time.Second

func (r *runner) rpc(_ context.Context, rest string) (string, error) {
	method, args, err := r.call(rest)
	if err != nil {
		return "", err
	}
	return answer(r.d.Call(method, args...)), nil
}

func (r *runner) rpcSet(ctx context.Context, rest string) (string, error) {
	text, err := r.rpc(ctx, rest)
	return sortStructs(text), err
}

func (r *runner) call(rest string) (method string, args []any, err error) {
	method, rest, _ = strings.Cut(rest, " ")
	args, err = arguments(r.d.Expand(rest))
	return method, args, err
}

// answer is a reply as text; a broken connection is one too.
func answer(status, body string, err error) string {
	if err != nil {
		return "(no answer: " + silence(err) + ")"
	}
	return status + "\n" + body
}

func (r *runner) post(_ context.Context, rest string) (string, error) {
	w, err := words(r.d.Expand(rest))
	if err != nil {
		return "", err
	}
	return answer(r.d.Post(w[0])), nil
}

func (r *runner) later(_ context.Context, rest string) (string, error) {
	key, rest, _ := strings.Cut(rest, " ")
	method, args, err := r.call(rest)
	if err != nil {
		return "", err
	}
	c := make(chan string, 1)
	r.pending[key] = c
	go func() { c <- answer(r.d.Call(method, args...)) }()
	return "", nil
}

func (r *runner) await(ctx context.Context, rest string) (string, error) {
	select {
	case text := <-r.pending[rest]:
		return text, nil
	case <-ctx.Done():
		return stuck + "no answer", nil
	}
}

func (r *runner) http(_ context.Context, rest string) (string, error) { return r.exchange(false, rest) }

func (r *runner) httpInet(_ context.Context, rest string) (string, error) {
	return r.exchange(true, rest)
}

func (r *runner) exchange(inet bool, rest string) (string, error) {
	w, err := words(r.d.Expand(rest))
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(w[0])
	if err != nil || len(w) != 2 {
		return "", fmt.Errorf("want a number and the bytes")
	}
	return r.d.Exchange(inet || r.d.inet, n, w[1])
}

func (r *runner) stream(ctx context.Context, rest string) (string, error) {
	w, err := words(r.d.Expand(rest))
	if err != nil {
		return "", err
	}
	if len(w) < 2 {
		return "", fmt.Errorf("want the request and what to wait for")
	}
	var do func()
	if len(w) > 2 {
		do = func() { r.sh(ctx, w[2]) }
	}
	return r.d.Stream(r.d.inet, w[0], w[1], do)
}

var statename = regexp.MustCompile(`<name>statename</name>\n<value><string>(\w+)</string>`)

// State asks for the state of a process: RUNNING, or what the daemon said instead.
func (d *Daemon) State(name string) string {
	_, body, err := d.Call("supervisor.getProcessInfo", name)
	if err != nil {
		return err.Error()
	}
	if m := statename.FindStringSubmatch(body); m != nil {
		return m[1]
	}
	return body
}

func (r *runner) until(ctx context.Context, rest string) (string, error) {
	w := strings.Fields(rest)
	if len(w) != 2 {
		return "", fmt.Errorf("want a name and a state")
	}
	return r.poll(ctx, func() (bool, string) {
		got := r.d.State(w[0])
		return got == w[1], got
	})
}

func (r *runner) untilLog(ctx context.Context, rest string) (string, error) {
	return r.untilFile(ctx, "main.log "+rest)
}

func (r *runner) untilFile(ctx context.Context, rest string) (string, error) {
	w, err := words(r.d.Expand(rest))
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(w[0]) {
		w[0] = filepath.Join(r.d.Dir, w[0])
	}
	return r.poll(ctx, func() (bool, string) {
		text, _ := os.ReadFile(w[0])
		return strings.Contains(string(text), w[1]), string(text)
	})
}

func (r *runner) untilSh(ctx context.Context, rest string) (string, error) {
	return r.poll(ctx, func() (bool, string) {
		text, err := r.sh(ctx, rest)
		return err == nil && strings.HasPrefix(text, "exit 0\n"), text
	})
}

// poll waits for done and says nothing when it comes; it is stuck with the last thing seen when it does not.
func (r *runner) poll(ctx context.Context, done func() (bool, string)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	last := ""
	err := Poll(ctx, func() bool {
		ok, text := done()
		last = text
		return ok
	})
	if err != nil {
		return stuck + "it never came; last was:\n" + last[max(0, len(last)-600):], nil
	}
	return "", nil
}
