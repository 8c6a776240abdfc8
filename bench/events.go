package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// listenerRole is an event listener as quick as one can be: after so many events it writes the nanoseconds since the
// first one to a file.
func listenerRole(args []string) {
	n, _ := strconv.Atoi(args[0])
	in := bufio.NewReaderSize(os.Stdin, 1<<16)
	var start time.Time
	_, _ = os.Stdout.WriteString("READY\n")
	for i := 1; ; i++ {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if i == 1 {
			start = time.Now()
		}
		size, _ := strconv.Atoi(strings.TrimSpace(line[strings.LastIndexByte(line, ':')+1:]))
		if _, err := in.Discard(size); err != nil {
			return
		}
		if i == n {
			_ = os.WriteFile(args[1]+".new", []byte(strconv.FormatInt(time.Since(start).Nanoseconds(), 10)), 0o644)
			_ = os.Rename(args[1]+".new", args[1])
		}
		_, _ = os.Stdout.WriteString("RESULT 2\nOKREADY\n")
	}
}

const speaker = `import os, time
b = (b'<!--XSUPERVISOR:BEGIN-->' + b'x' * 200 + b'<!--XSUPERVISOR:END-->') * 100
for i in range(%d): os.write(1, b)
os.write(1, b'z' * 64)
time.sleep(1000)
`

// eventRate is how many captured texts of 200 bytes a listener gets in a second, and what one costs the daemon.
func eventRate(b *bench) ([]float64, error) { return b.eventsOf("", b.events) }

// judgedRate is the same when a plug-in in Python judges each result.
func judgedRate(b *bench) ([]float64, error) {
	return b.eventsOf("result_handler=benchplugin:handler\n", b.events/5)
}

func (b *bench) eventsOf(option string, n int) ([]float64, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	script := filepath.Join(b.dir, b.programs.Name+".speaker.py")
	if err := os.WriteFile(script, fmt.Appendf(nil, speaker, n/100), 0o644); err != nil {
		return nil, err
	}
	took := filepath.Join(b.dir, b.programs.Name+".took")
	os.Remove(took)
	d, stop, err := b.plugged(fmt.Sprintf("[eventlistener:l]\n"+option+"command=%s listener %d %s\nevents=PROCESS_COMMUNICATION\nbuffer_size=1000000\n"+
		"stdout_logfile=NONE\nstartsecs=0\n[program:e]\ncommand=/usr/bin/python3 %s\nstdout_capture_maxbytes=1KB\nstdout_logfile=NONE\n",
		self, n, took, script))
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := wait(5*time.Millisecond, "the last event", func() bool { _, err := os.Stat(took); return err == nil }); err != nil {
		return nil, err
	}
	cpu := measureProcess(d.Pid).cpu
	rate, err := rateIn(took, n)
	return []float64{rate, float64(cpu.Nanoseconds()) / 1e3 / float64(n)}, err
}

func rateIn(file string, n int) (float64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	ns, err := strconv.ParseFloat(string(text), 64)
	return float64(n) / ns * 1e9, err
}

// pingPong gives the same listener the same envelopes over two pipes and does nothing else.
func pingPong(b *bench) ([]float64, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	took := filepath.Join(b.dir, "limit.took")
	cmd := exec.Command(self, "listener", strconv.Itoa(b.events), took)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer cmd.Wait()
	defer in.Close()
	envelope := []byte("ver:3.0 server:supervisor serial:10000 pool:l poolserial:10000 eventname:PROCESS_COMMUNICATION_STDOUT len:237\n" +
		strings.Repeat("x", 237))
	buf := make([]byte, 64)
	for range b.events {
		if _, err := out.Read(buf); err != nil {
			return nil, err
		}
		if _, err := in.Write(envelope); err != nil {
			return nil, err
		}
	}
	_, _ = out.Read(buf)
	rate, err := rateIn(took, b.events)
	return []float64{rate}, err
}
