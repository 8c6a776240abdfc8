package daemon

import (
	"sync"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/service"
)

// interpreter is the process that runs the plug-ins in Python, for whoever asks about it.
type interpreter struct {
	mu    sync.Mutex // guards what follows
	pid   int        // 0 while there is none
	since proc.Time
}

func (i *interpreter) is(pid int, since proc.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.pid, i.since = pid, since
}

// residents are the sections that run in the Python interpreter: those with methods, then the pools whose results it
// judges.
func (g *generation) residents(v *loop.View) []service.Resident {
	if g.python == nil {
		return nil
	}
	titles, ready := g.python.Sections()
	for _, one := range v.Active() {
		if one.Kind == config.Listener && g.p.foreign(one.ResultHandler) {
			titles = append(titles, "eventlistener:"+one.Name)
		}
	}
	if len(titles) == 0 {
		return nil
	}
	g.interpreter.mu.Lock()
	r := service.Resident{Where: "the Python interpreter", Phase: proc.Running, Pid: g.interpreter.pid, Since: g.interpreter.since}
	g.interpreter.mu.Unlock()
	switch {
	case r.Pid == 0:
		r.Phase, r.Why = proc.Backoff, "the Python interpreter has ended (it is started again)"
	case !ready:
		r.Phase = proc.Starting
	}
	all := make([]service.Resident, len(titles))
	for i, title := range titles {
		all[i] = r
		all[i].Section = title
	}
	return all
}
