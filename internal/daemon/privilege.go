package daemon

import (
	"fmt"
	"os"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/sys/journal"
	"github.com/reeve-sh/reeve/internal/sys/kernel"
)

// privileges becomes the configured user and raises the limits, and returns what the journal is to say of it.
func (p *program) privileges(conf *config.Config, first bool) (func(*journal.Journal), error) {
	d := &conf.Daemon
	var lines []func(*journal.Journal)
	root := d.User == "" && os.Getuid() == 0
	if d.User != "" {
		if refused := kernel.Drop(d.UID); refused != "" {
			return nil, refuse("%s", refused)
		}
		lines = append(lines, func(j *journal.Journal) { j.UIDSet(d.UID) })
	}
	if first {
		for _, l := range []limit{{kernel.Files, "RLIMIT_NOFILE", d.Minfds}, {kernel.Processes, "RLIMIT_NPROC", d.Minprocs}} {
			raised, hard, err := kernel.Raise(l.resource, l.min)
			if err != nil {
				return nil, refuse("%s", l.refusal(hard))
			}
			if raised {
				lines = append(lines, func(j *journal.Journal) { j.LimitIncreased(l.name, l.min) })
			}
		}
	}
	return func(j *journal.Journal) {
		if root {
			j.RunningAsRoot()
		}
		for _, w := range conf.Criticals {
			j.Notice(config.Critical, w)
		}
		for _, w := range conf.Warnings {
			j.Notice(config.Warn, w)
		}
		for _, w := range conf.Infos {
			j.Notice(config.Info, w)
		}
		for _, line := range lines {
			line(j)
		}
	}, nil
}

// limit is one of the two resource limits that the configuration asks for.
type limit struct {
	resource kernel.Resource
	name     string
	min      int
}

// refusal is Supervisor's sentence for a limit that cannot be had (CFG-064).
func (l limit) refusal(hard uint64) string {
	if l.resource == kernel.Files {
		return fmt.Sprintf("The minimum number of file descriptors required to run this process is %d as per the "+
			`"minfds" command-line argument or config file setting. The current environment will only allow you to open `+
			"%d file descriptors.  Either raise the number of usable file descriptors in your environment (see "+
			"README.rst) or lower the minfds setting in the config file to allow the process to start.", l.min, hard)
	}
	return fmt.Sprintf("The minimum number of available processes required to run this program is %d as per the "+
		`"minprocs" command-line argument or config file setting. The current environment will only allow you to open `+
		"%d processes.  Either raise the number of usable processes in your environment (see README.rst) or lower the "+
		"minprocs setting in the config file to allow the program to start.", l.min, hard)
}
