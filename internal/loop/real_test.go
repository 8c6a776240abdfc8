package loop_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/event"
	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/fleet"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// one lets one loop at a time wait for the children of this process.
var one sync.Mutex

// onEarth plays a story on the real kernel.
func onEarth(t *testing.T, onEvent func(event.Event), story func(*house)) {
	t.Helper()
	one.Lock()
	defer one.Unlock()
	k := kernel.Open()
	defer k.Close()
	h := &house{t: t, k: kernel.NewFake(), log: &paper{}, onEvent: onEvent, born: k.Now()}
	h.l = h.loop(k)
	defer h.end()
	story(h)
}

// TestGrandchildThatKeepsThePipeHoldsNobodyUp: the stop is done, and the next life begins, while it sleeps on.
// holds: PROC-045
// fault: 8
func TestGrandchildThatKeepsThePipeHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.log")
	onEarth(t, nil, func(h *house) {
		h.add(program("a", logged(path), onDemand, startsecs(0), command(`/bin/sh -c "sleep 300 & echo $!; exec sleep 301"`)))
		h.begin()
		for range 2 {
			c := patient(t)
			if err := h.start(c, "a", true); err != nil {
				t.Fatal(err)
			}
			text := waitFor(path, "\n")
			if err := h.stop(c, "a", true); err != nil {
				t.Fatal(err)
			}
			if p := h.see("a"); p.Phase != proc.Stopped {
				t.Error(p.Phase)
			}
			pid, _ := strconv.Atoi(strings.TrimSpace(text))
			k := kernel.System{}
			if err := k.Kill(pid, 9, false); err != nil {
				t.Errorf("the grandchild %q did not sleep on: %v", text, err)
			}
			os.Truncate(path, 0)
		}
	})
}

// waitFor reads a file until it holds what is wanted.
func waitFor(path, what string) string {
	for {
		if text, _ := os.ReadFile(path); bytes.Contains(text, []byte(what)) {
			return string(text)
		}
		<-time.After(time.Millisecond)
	}
}

// TestAFullDiskIsToldOnceUntilThereIsRoom, and the program goes on.
func TestAFullDiskIsToldOnceUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no device without room: ", err)
	}
	done := filepath.Join(t.TempDir(), "done")
	onEarth(t, nil, func(h *house) {
		h.add(program("a", logged("/dev/full"), onDemand, startsecs(0),
			command(`/bin/sh -c "for i in 1 2 3; do echo $i; sleep 0.1; done; echo all >`+done+`; exec sleep 301"`)))
		h.begin()
		c := patient(t)
		if err := h.start(c, "a", true); err != nil {
			t.Fatal(err)
		}
		waitFor(done, "all\n")
		if err := h.stop(c, "a", true); err != nil {
			t.Fatal(err)
		}
		const want = `cannot write "/dev/full": write /dev/full: no space left on device (output is lost until it can be written again)`
		if n := strings.Count(h.log.String(), want); n != 1 {
			t.Errorf("told %d times:\n%s", n, h.log)
		}
	})
}

// TestLastMegabyteIsInTheLogInItsOrderBeforeTheStopIsTold: it is written when the signal comes.
// holds: PROC-023
// fault: 8
func TestLastMegabyteIsInTheLogInItsOrderBeforeTheStopIsTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.log")
	var told atomic.Int64
	onEvent := func(e event.Event) {
		if e.Type == event.ProcessStateStopped {
			info, _ := os.Stat(path)
			told.Store(info.Size())
		}
	}
	onEarth(t, onEvent, func(h *house) {
		h.add(program("a", logged(path), onDemand, startsecs(0),
			command(`/bin/sh -c "trap 'seq 1000000 1150000; exit 0' TERM; echo ready; while :; do sleep 0.01; done"`)))
		h.begin()
		c := patient(t)
		if err := h.start(c, "a", true); err != nil {
			t.Fatal(err)
		}
		waitFor(path, "ready\n")
		if err := h.stop(c, "a", true); err != nil {
			t.Fatal(err)
		}
		text, _ := os.ReadFile(path)
		var want bytes.Buffer
		want.WriteString("ready\n")
		for i := 1000000; i <= 1150000; i++ {
			fmt.Fprintln(&want, i)
		}
		if !bytes.Equal(text, want.Bytes()) || told.Load() != int64(want.Len()) {
			t.Errorf("%d bytes, %d when it was told, want %d", len(text), told.Load(), want.Len())
		}
	})
}

// TestEightClientsAndTwentyUnsteadyPrograms is the race that others lose: whatever comes together, there is one child
// of a process at most, every call is answered, and the last wish of each is what is.
// fault: 1 12
func TestEightClientsAndTwentyUnsteadyPrograms(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("REEVE_SEED"), 10, 64); err == nil {
		seed = s
	}
	const programs, clients = 20, 8
	calls := 150
	if testing.Short() {
		calls = 30
	}
	onEarth(t, nil, func(h *house) {
		for i := range programs {
			cmd := "/bin/sleep 300"
			switch i % 5 {
			case 1:
				cmd = fmt.Sprintf("/bin/sleep 0.0%d", i)
			case 2:
				cmd = `/bin/sh -c "exit 3"`
			case 3:
				cmd = `/bin/sh -c "trap '' TERM; while :; do sleep 1; done"`
			case 4:
				cmd = `/bin/sh -c "trap 'exit 0' TERM; while :; do sleep 0.01; done"`
			}
			p := program(fmt.Sprintf("p%02d", i), onDemand, command(cmd), startsecs(0), restart(config.Autorestart(i%3)))
			p.Environment, p.Stopwaitsecs, p.Killasgroup = []config.Var{{Name: "REEVE_MARK", Value: fmt.Sprint(seed, "/", i, "/")}}, 1, true
			h.add(p)
		}
		h.begin()
		c := patient(t)
		var ids []fleet.ID
		for _, p := range h.view().Processes {
			ids = append(ids, p.ID)
		}
		var all sync.WaitGroup
		for client := range clients {
			rnd := rand.New(rand.NewPCG(seed, uint64(client)))
			all.Go(func() {
				for range calls {
					id := ids[rnd.IntN(len(ids))]
					var err error
					switch rnd.IntN(5) {
					case 0, 1:
						err = first(h.l.StartAll(c, []fleet.Target{{ID: id}}, rnd.IntN(2) == 0, false))
					case 2:
						err = first(h.l.StopAll(c, []fleet.ID{id}, rnd.IntN(4) == 0, false))
					case 3:
						err = first(h.l.SignalAll(c, []fleet.ID{id}, []int{1, 9, 10, 15}[rnd.IntN(4)], false))
					case 4:
						h.alone(seed)
					}
					if _, refused := fault.As(err); err != nil && !refused {
						t.Errorf("a call was not answered: %v", err)
						return
					}
				}
			})
		}
		all.Wait()
		if t.Failed() {
			t.Logf("REEVE_SEED=%d", seed)
			return
		}
		h.settle(t, ids, seed)
	})
}

// settle stops all, then starts those that stay, and looks at what is.
func (h *house) settle(t *testing.T, ids []fleet.ID, seed uint64) {
	c := patient(t)
	if _, err := h.l.StopAll(c, ids, true, true); err != nil {
		t.Fatal(err)
	}
	h.untilStopped(c)
	for _, p := range h.view().Processes {
		if !p.Phase.IsStopped() || p.Pid != 0 {
			t.Errorf("%s was stopped, and is %v with pid %d (REEVE_SEED=%d)", p.Conf.Name, p.Phase, p.Pid, seed)
		}
	}
	if marked := marks(seed); len(marked) > 0 {
		t.Errorf("all was stopped, and there are still %v (REEVE_SEED=%d)", marked, seed)
	}
	var stay []fleet.Target
	for i := 0; i < len(ids); i += 5 {
		stay = append(stay, fleet.Target{ID: ids[i]})
	}
	if _, err := h.l.StartAll(c, stay, true, false); err != nil {
		t.Fatal(err)
	}
	for i, p := range h.view().Processes {
		if up := i%5 == 0; up != (p.Phase == proc.Running) {
			t.Errorf("%s is %v (REEVE_SEED=%d)", p.Conf.Name, p.Phase, seed)
		}
	}
	if marked := marks(seed); len(marked) != len(stay) {
		t.Errorf("%d were started, and there are %v (REEVE_SEED=%d)", len(stay), marked, seed)
	}
}

// untilStopped waits for those that an earlier stop without waiting has left on their way.
func (h *house) untilStopped(c context.Context) {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for slices.ContainsFunc(h.view().Processes, func(p loop.Process) bool { return p.Phase == proc.Stopping }) {
		select {
		case <-look.C:
		case <-c.Done():
			return
		}
	}
}

// alone looks whether any process has two children of ours at once. One that is dead and not yet reaped has no
// environment any more.
func (h *house) alone(seed uint64) {
	for mark, pids := range marks(seed) {
		if len(pids) > 1 {
			// A child that died while we were looking is none: look again at these alone.
			pids = slices.DeleteFunc(pids, func(pid int) bool { return marked(pid) != mark })
		}
		if len(pids) > 1 {
			h.t.Errorf("%s has children %v at once (REEVE_SEED=%d)", mark, pids, seed)
		}
	}
}

// marks finds our children by their environment.
func marks(seed uint64) map[string][]int {
	found := map[string][]int{}
	dirs, _ := os.ReadDir("/proc")
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil {
			continue
		}
		if mark := marked(pid); strings.HasPrefix(mark, fmt.Sprint(seed, "/")) {
			found[mark] = append(found[mark], pid)
		}
	}
	return found
}

// marked is the mark of a direct child of ours; what the shells among them start is theirs.
func marked(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	f := bytes.Fields(rest)
	if len(f) < 2 || string(f[1]) != strconv.Itoa(os.Getpid()) || string(f[0]) == "Z" {
		return ""
	}
	env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	for _, kv := range bytes.Split(env, []byte{0}) {
		if v, ok := bytes.CutPrefix(kv, []byte("REEVE_MARK=")); ok {
			return string(v)
		}
	}
	return ""
}
