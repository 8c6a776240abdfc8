package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// roles are what this program does as a child of itself.
var roles = map[string]func([]string){
	"write":   write,
	"copy":    copyStdin,
	"numbers": numbers,

	"listener": listenerRole,
	"guest":    guestRole,
}

// write writes so many MB as fast as it can, when the file appears, and stays.
func write(args []string) {
	mb, _ := strconv.Atoi(args[0])
	wait(time.Millisecond, "the sign to begin", func() bool {
		_, err := os.Stat(args[1])
		return err == nil
	})
	block := bytes.Repeat([]byte(strings.Repeat("x", 99)+"\n"), 655) // about 64 KiB
	for left := mb << 20; left > 0; {
		n, err := syscall.Write(1, block[:min(left, len(block))])
		if err != nil && err != syscall.EINTR {
			os.Exit(1)
		}
		left -= max(n, 0)
	}
	<-time.After(time.Hour)
}

// copyStdin is the read and write loop that nobody beats without tricks: from the pipe into the file.
func copyStdin(args []string) {
	fd, err := syscall.Open(args[0], syscall.O_WRONLY|syscall.O_CREAT|syscall.O_APPEND, 0o644)
	if err != nil {
		os.Exit(1)
	}
	buf := make([]byte, 128<<10)
	for {
		n, err := syscall.Read(0, buf)
		if n <= 0 && err != syscall.EINTR {
			return
		}
		if n > 0 {
			syscall.Write(fd, buf[:n])
		}
	}
}

// numbers writes numbered lines and says so in a file.
func numbers(args []string) {
	n, _ := strconv.Atoi(args[0])
	out := bufio.NewWriterSize(os.Stdout, 8<<10)
	for i := range n {
		out.WriteString(strconv.Itoa(i + 1))
		out.WriteByte('\n')
	}
	out.Flush()
	os.WriteFile(args[1], nil, 0o644)
	io.Copy(io.Discard, os.Stdin)
}

// self is the path of this program.
func self() string {
	path, _ := os.Executable()
	return path
}

func logSpeed(b *bench) ([]float64, error) {
	log, sign := filepath.Join(b.dir, b.programs.Name+".log"), filepath.Join(b.dir, b.programs.Name+".go")
	defer os.Remove(log)
	d, stop, err := b.start(fmt.Sprintf("[program:w]\ncommand=%s write %d %s\nstartsecs=0\nstdout_logfile=%s\nstdout_logfile_maxbytes=0\n",
		self(), b.log, sign, log))
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := wait(5*time.Millisecond, "the writer", func() bool { return running(d) == 1 }); err != nil {
		return nil, err
	}
	return flatOut(b.log, log, sign, d.Pid)
}

// flatOut gives the sign and waits until the log holds everything.
func flatOut(mb int, log, sign string, pid int) ([]float64, error) {
	before := measureProcess(pid)
	begin := time.Now()
	if err := os.WriteFile(sign, nil, 0o644); err != nil {
		return nil, err
	}
	err := wait(time.Millisecond, "the whole log", func() bool {
		info, err := os.Stat(log)
		return err == nil && info.Size() >= int64(mb)<<20
	})
	took := time.Since(begin)
	cpu := measureProcess(pid).cpu - before.cpu
	return []float64{float64(mb) / took.Seconds(), cpu.Seconds() / float64(mb) * 1024}, err
}

func copyLoop(b *bench) ([]float64, error) {
	log, sign := filepath.Join(b.dir, "limit.log"), filepath.Join(b.dir, "limit.go")
	defer os.Remove(log)
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	reader := exec.Command(self(), "copy", log)
	reader.Stdin = r
	writer := exec.Command(self(), "write", strconv.Itoa(b.log), sign)
	writer.Stdout = w
	for _, c := range []*exec.Cmd{reader, writer} {
		if err := c.Start(); err != nil {
			return nil, err
		}
		defer c.Wait()
		defer c.Process.Kill()
	}
	r.Close()
	w.Close()
	return flatOut(b.log, log, sign, reader.Process.Pid)
}

func numbered(b *bench) ([]float64, error) {
	log, done := filepath.Join(b.dir, b.programs.Name+".lines"), filepath.Join(b.dir, b.programs.Name+".done")
	d, stop, err := b.start(fmt.Sprintf("[program:n]\ncommand=%s numbers %d %s\nstartsecs=0\nautorestart=false\nstdout_logfile=%s\n"+
		"stdout_logfile_maxbytes=1MB\nstdout_logfile_backups=1000\n", self(), b.lines, done, log))
	if err != nil {
		return nil, err
	}
	err = wait(20*time.Millisecond, "the last line", func() bool { _, err := os.Stat(done); return err == nil })
	d.Call("supervisor.stopProcess", "n")
	stop()
	if err != nil {
		return nil, err
	}
	var whole bytes.Buffer
	last := 0
	for _, err := os.Stat(fmt.Sprintf("%s.%d", log, last+1)); err == nil; _, err = os.Stat(fmt.Sprintf("%s.%d", log, last+1)) {
		last++
	}
	for ; last >= 0; last-- {
		path := fmt.Sprintf("%s.%d", log, last)
		if last == 0 {
			path = log
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		whole.Write(text)
		os.Remove(path)
	}
	return compareLines(whole.Bytes(), b.lines), nil
}

// compareLines counts the numbers that are missing, and those that are there twice or before a smaller one.
func compareLines(text []byte, lines int) []float64 {
	seen := make([]bool, lines+1)
	lost, wrong, highest := lines, 0, 0
	for f := range bytes.FieldsSeq(text) {
		n, _ := strconv.Atoi(string(f))
		switch {
		case n < 1 || n > lines || seen[n] || n < highest:
			wrong++
			continue
		}
		seen[n], highest = true, n
		lost--
	}
	return []float64{float64(lost), float64(wrong)}
}
