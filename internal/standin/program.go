package standin

import "github.com/reeve-sh/reeve/internal/core/config"

// Program is a process as the configuration's defaults have it, but for autostart and for logs, which it has not.
func Program(name string, change ...func(*config.Process)) config.Process {
	p := config.Process{
		Name: name, Program: name, Command: "/bin/cat", Umask: -1, UID: -1, Priority: 999, Startsecs: 1, Startretries: 3,
		Stopsignal: 15, Stopwaitsecs: 10, Exitcodes: []int{0},
		Stdout: config.Channel{Log: config.Log{Kind: config.LogNone}}, Stderr: config.Channel{Log: config.Log{Kind: config.LogNone}},
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

// Up is a change: the process starts by itself.
func Up(p *config.Process) { p.Autostart = true }

// Logged is a change: the process has the logs a.out and a.err in dir.
func Logged(dir string) func(*config.Process) {
	return func(p *config.Process) {
		p.Stdout.Log = config.Log{Kind: config.LogFile, Path: dir + "/a.out"}
		p.Stderr.Log = config.Log{Kind: config.LogFile, Path: dir + "/a.err"}
	}
}
