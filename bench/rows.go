package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/reeve-sh/reeve/internal/difftest"
)

var table = []row{
	{key: "first", name: "start to first answer", unit: "ms", target: "10 or less", daemon: firstAnswer},
	{key: "restart", name: "killed child runs again", unit: "ms", target: "5|20", columns: []string{"median", "worst"},
		daemon: restarts, limit: forkLatency},
	{key: "up", name: "programs all RUNNING", unit: "ms", target: "1.5 x the limit", columns: []string{"{programs}", "{many}"},
		daemon: allUp, limit: spawnLoop},
	{key: "idle", name: "idle programs", unit: "/s|ms/s|MB|", target: "0|0|15|under 16",
		columns: []string{"wake-ups", "CPU", "memory", "threads"}, daemon: idle},
	{key: "info", name: "getAllProcessInfo, median", unit: "ms", target: "1", daemon: allInfo, limit: echoOnce},
	{key: "rate", name: "getProcessInfo, many clients", unit: "/s", target: "3 x the best peer", more: true, daemon: callRate, limit: echoRate},
	{key: "log", name: "log flat out", unit: "MB/s|s/GB", target: "0.9 x the limit|1.2 x the limit", columns: []string{"speed", "CPU"},
		more: true, daemon: logSpeed, limit: copyLoop},
	{key: "lines", name: "numbered lines over rotations", unit: "", target: "0|0", columns: []string{"lost", "doubled or out of order"}, daemon: numbered},
	{key: "events", name: "events to a listener", unit: "/s|us", target: "3 x there, 0.7 x the limit|a third of there", more: true,
		columns: []string{"rate", "CPU of one"}, daemon: eventRate, limit: pingPong},
	{key: "judged", name: "events whose results Python judges", unit: "/s|us", target: "as many|", more: true,
		columns: []string{"rate", "CPU of one"}, daemon: judgedRate},
	{key: "plugin", name: "calls of a plug-in", unit: "/s", target: "as many|3 x Python there|as many", more: true,
		columns: []string{"in Python", "in Go (there: Python)", "a program (there: Python)"}, daemon: pluginRate},
	{key: "stall", name: "getState while a plug-in sleeps", unit: "/s|ms", target: "undisturbed", more: true,
		columns: []string{"answers", "longest wait"}, daemon: stalled},
	{key: "page", name: "page, 5 viewers, 50 changes/s", unit: "ms|ms|%|MB|kB/s", target: "under 100|under 100|under 5|0|",
		columns: []string{"first byte", "worst", "CPU", "growth", "each gets"}, daemon: pageRate},
}

func firstAnswer(b *bench) ([]float64, error) {
	var all []float64
	for range b.starts {
		d, err := difftest.NewDaemon(b.programs, conf(""))
		if err != nil {
			return nil, err
		}
		os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755)
		begin := time.Now()
		if err := d.Launch("-n", "-c", filepath.Join(d.Dir, "conf")); err != nil {
			return nil, err
		}
		ask := request("supervisor.getState")
		err = wait(200*time.Microsecond, "an answer", func() bool {
			c, err := dial(d)
			if err != nil {
				return false
			}
			defer c.conn.Close()
			_, err = c.ask(ask)
			return err == nil
		})
		all = append(all, millis(time.Since(begin)))
		d.Close()
		if err != nil {
			return nil, err
		}
	}
	return []float64{median(all)}, nil
}

// births reads a pid from a FIFO whenever a child begins to live.
func births(path string) (*os.File, *bufio.Reader, error) {
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	return f, bufio.NewReader(f), nil
}

func nextBirth(r *bufio.Reader) (int, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(line))
}

const crier = `echo $$ >%s; exec sleep 1000000`

func restarts(b *bench) ([]float64, error) {
	fifo := filepath.Join(b.dir, b.programs.Name+".fifo")
	f, r, err := births(fifo)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	_, stop, err := b.start(fmt.Sprintf("[program:p]\ncommand=/bin/sh -c \""+crier+"\"\nstartsecs=0\nautorestart=true\n", fifo))
	if err != nil {
		return nil, err
	}
	defer stop()
	luck := rand.New(rand.NewPCG(1, 2))
	var all []float64
	for range b.kills {
		pid, err := nextBirth(r)
		if err != nil {
			return nil, err
		}
		// At a moment that has nothing to do with anybody's clock.
		<-time.After(time.Duration(100+luck.IntN(600)) * time.Millisecond)
		begin := time.Now()
		syscall.Kill(pid, syscall.SIGKILL)
		if _, err = r.Peek(1); err != nil {
			return nil, err
		}
		all = append(all, millis(time.Since(begin)))
	}
	worst := 0.0
	for _, v := range all {
		worst = max(worst, v)
	}
	return []float64{median(all), worst}, nil
}

// forkLatency is what a fork and exec of the same child takes.
func forkLatency(b *bench) ([]float64, error) {
	fifo := filepath.Join(b.dir, "limit.fifo")
	f, r, err := births(fifo)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []float64
	worst := 0.0
	for range b.kills {
		begin := time.Now()
		pid, err := syscall.ForkExec("/bin/sh", []string{"sh", "-c", fmt.Sprintf(crier, fifo)}, &syscall.ProcAttr{Env: os.Environ()})
		if err != nil {
			return nil, err
		}
		if _, err := nextBirth(r); err != nil {
			return nil, err
		}
		all = append(all, millis(time.Since(begin)))
		worst = max(worst, all[len(all)-1])
		syscall.Kill(pid, syscall.SIGKILL)
		syscall.Wait4(pid, nil, 0, nil)
	}
	return []float64{median(all), worst}, nil
}

func allUp(b *bench) ([]float64, error) {
	var all []float64
	for _, n := range []int{b.size.programs, b.many} {
		d, err := difftest.NewDaemon(b.programs, conf(idlers(n)))
		if err != nil {
			return nil, err
		}
		os.Mkdir(filepath.Join(d.Dir, "auto"), 0o755)
		begin := time.Now()
		err = d.Launch("-n", "-c", filepath.Join(d.Dir, "conf"))
		if err == nil {
			err = wait(2*time.Millisecond, "all RUNNING", func() bool { return running(d) == n })
		}
		all = append(all, millis(time.Since(begin)))
		d.Close()
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// spawnLoop forks and executes as many, one after the other, with the pipes that they need.
func spawnLoop(b *bench) ([]float64, error) {
	var all []float64
	for _, n := range []int{b.size.programs, b.many} {
		var pids []int
		begin := time.Now()
		for range n {
			pid, err := syscall.ForkExec("/bin/sleep", []string{"sleep", "1000000"}, &syscall.ProcAttr{Env: os.Environ()})
			if err != nil {
				return nil, err
			}
			pids = append(pids, pid)
		}
		all = append(all, millis(time.Since(begin)))
		for _, pid := range pids {
			syscall.Kill(pid, syscall.SIGKILL)
			syscall.Wait4(pid, nil, 0, nil)
		}
	}
	return all, nil
}

// startIdle starts a daemon with so many programs and waits until all are up.
func (b *bench) startIdle(n int) (*difftest.Daemon, func(), error) {
	d, stop, err := b.start(idlers(n))
	if err == nil {
		err = wait(20*time.Millisecond, "all RUNNING", func() bool { return running(d) == n })
	}
	return d, stop, err
}

func idle(b *bench) ([]float64, error) {
	d, stop, err := b.startIdle(b.size.programs)
	if err != nil {
		return nil, err
	}
	defer stop()
	// What the start has left to do is not idleness.
	<-time.After(2 * time.Second)
	before := measureProcess(d.Pid)
	<-time.After(time.Duration(b.idle) * time.Second)
	after := measureProcess(d.Pid)
	seconds := float64(b.idle)
	return []float64{float64(after.switches-before.switches) / seconds, millis(after.cpu-before.cpu) / seconds, after.rss, after.threads}, nil
}

func allInfo(b *bench) ([]float64, error) {
	d, stop, err := b.startIdle(b.size.programs)
	if err != nil {
		return nil, err
	}
	defer stop()
	c, err := dial(d)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	return times(b.calls, c, request("supervisor.getAllProcessInfo"))
}

func times(n int, c *client, ask []byte) ([]float64, error) {
	var all []float64
	for range n {
		begin := time.Now()
		if _, err := c.ask(ask); err != nil {
			return nil, err
		}
		all = append(all, millis(time.Since(begin)))
	}
	return []float64{median(all)}, nil
}

// echoOnce is the time to carry an answer of that size.
func echoOnce(b *bench) ([]float64, error) {
	l, err := net.Listen("unix", filepath.Join(b.dir, "echo"))
	if err != nil {
		return nil, err
	}
	defer l.Close()
	go echo(l, 1300*b.size.programs)
	c, err := dialPath(filepath.Join(b.dir, "echo"))
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	return times(b.calls, c, request("x"))
}

func dialPath(path string) (*client, error) {
	c, err := net.Dial("unix", path)
	if err != nil {
		return nil, err
	}
	return &client{c, bufio.NewReaderSize(c, 1<<20)}, nil
}

func callRate(b *bench) ([]float64, error) {
	d, stop, err := b.startIdle(b.size.programs)
	if err != nil {
		return nil, err
	}
	defer stop()
	return b.rateOf(func() (*client, error) { return dial(d) }, request("supervisor.getProcessInfo", "idle:idle_0003"))
}

func echoRate(b *bench) ([]float64, error) {
	path := filepath.Join(b.dir, "echorate")
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	go echo(l, 1400)
	return b.rateOf(func() (*client, error) { return dialPath(path) }, request("supervisor.getProcessInfo", "idle:idle_0003"))
}

// rateOf counts the calls that several clients get answered in a second.
func (b *bench) rateOf(dial func() (*client, error), ask []byte) ([]float64, error) {
	var n atomic.Int64
	var failed atomic.Value
	var wg sync.WaitGroup
	end := time.Now().Add(time.Duration(b.rate) * time.Second)
	for range b.clients {
		c, err := dial()
		if err != nil {
			return nil, err
		}
		wg.Go(func() {
			defer c.conn.Close()
			for time.Now().Before(end) {
				if _, err := c.ask(ask); err != nil {
					failed.Store(err)
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	if err, ok := failed.Load().(error); ok {
		return nil, err
	}
	return []float64{float64(n.Load()) / float64(b.rate)}, nil
}
