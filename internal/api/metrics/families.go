package metrics

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/core/fault"
	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/service"
)

// fill writes all families. On the way down nothing is told of processes any more.
func (f *Face) fill(ctx context.Context, p *page) error {
	list, err := f.o.Service.Details(ctx)
	down := false
	if refused, ok := fault.As(err); ok && refused.Kind == fault.ShutdownState {
		err, down = nil, true
	}
	if err != nil {
		return err
	}
	p.family("supervisor_build", info, "The version of Supervisor that supervisord behaves as, and its identifier.")
	p.sample(1, "version", service.Version, "identifier", f.o.Service.Config().Daemon.Identifier)
	p.family("supervisor_up", gauge, "1 while requests are taken, 0 on the way down.")
	p.sample(flag(!down))
	states(p, list)
	processes(p, list)
	f.ends(p, list)
	f.usage(p, list)
	f.inside(p)
	runtimes(p)
	return nil
}

// states counts the processes by state; all states are there, so that a rule never misses its series.
func states(p *page, list []service.Detail) {
	p.family("supervisor_processes", gauge, "Processes in each state.")
	for ph := proc.Stopped; ph <= proc.Unknown; ph++ {
		n := 0
		for i := range list {
			if list[i].Phase == ph {
				n++
			}
		}
		p.sample(float64(n), "state", ph.String())
	}
}

// each writes one sample for every process for which there is a value.
func each(p *page, list []service.Detail, value func(*service.Detail) (float64, bool)) {
	for i := range list {
		if v, ok := value(&list[i]); ok {
			p.sample(v, "group", list[i].Group, "process", list[i].Name)
		}
	}
}

func processes(p *page, list []service.Detail) {
	p.family("supervisor_process_up", gauge, "1 for a process that is RUNNING, else 0.")
	each(p, list, func(d *service.Detail) (float64, bool) { return flag(d.Phase == proc.Running), true })
	p.family("supervisor_process_state", gauge, "Supervisor's number of the state: 0 STOPPED, 10 STARTING, 20 RUNNING, 30 BACKOFF, 40 STOPPING, 100 EXITED, 200 FATAL, 1000 UNKNOWN.")
	each(p, list, func(d *service.Detail) (float64, bool) { return float64(d.Phase.Code()), true })
	p.family("supervisor_process_restarts", counter, "Starts after the first, since the group came.")
	each(p, list, func(d *service.Detail) (float64, bool) { return float64(d.Restarts), true })
	p.family("supervisor_process_start_time_seconds", gauge, "When the child was started, in unix seconds; absent without a child.")
	each(p, list, func(d *service.Detail) (float64, bool) { return float64(d.Began.UnixMilli()) / 1000, d.Pid != 0 })
	p.family("supervisor_process_uptime_seconds", gauge, "How long the child has lived; absent without a child.")
	each(p, list, func(d *service.Detail) (float64, bool) { return d.Up.Seconds(), d.Pid != 0 })
}

// ends tells how the last children ended.
func (f *Face) ends(p *page, list []service.Detail) {
	p.family("supervisor_process_exit_code", gauge, "Exit status of the last child that has ended by itself; absent before the first, and after a signal.")
	each(p, list, func(d *service.Detail) (float64, bool) {
		return float64(d.Last.Code), d.Last.Ended && d.Last.Signal == 0
	})
	p.family("supervisor_process_exit_signal", gauge, "Number of the signal that ended the last child; absent when none has.")
	each(p, list, func(d *service.Detail) (float64, bool) { return float64(d.Last.Signal), d.Last.Signal != 0 })
}

// usage tells what processes take, where the system tells.
func (f *Face) usage(p *page, list []service.Detail) {
	if f.o.Usage == nil {
		return
	}
	sample := f.o.Usage.Look(func() []int {
		var roots []int
		for i := range list {
			if list[i].Pid != 0 {
				roots = append(roots, list[i].Pid)
			}
		}
		return roots
	})
	p.family("supervisor_process_resident_memory_bytes", gauge, "Memory of the child and everything below it; what is shared counts for each.")
	each(p, list, func(d *service.Detail) (float64, bool) {
		t, ok := sample.Of[d.Pid]
		return float64(t.Memory), ok && d.Pid != 0
	})
	p.family("supervisor_process_cpu_ratio", gauge, "Processors that the child and everything below it have kept busy since the sample before; absent at the first.")
	each(p, list, func(d *service.Detail) (float64, bool) {
		t, ok := sample.Of[d.Pid]
		return t.CPU / 100, ok && t.Known && d.Pid != 0
	})
}

// inside tells of supervisord's own work.
func (f *Face) inside(p *page) {
	if f.o.Events != nil {
		p.family("supervisor_events_published", counter, "Events that have happened since supervisord began or restarted.")
		p.sample(float64(f.o.Events()))
	}
	if f.o.Turns != nil {
		p.family("supervisor_loop_turns", counter, "Turns of the loop that owns the processes; an idle supervisord makes none.")
		p.sample(float64(f.o.Turns()))
	}
	if f.o.Queues != nil {
		queues := f.o.Queues()
		queue := func(name, kind, help string, value func(*Queue) float64) {
			p.family(name, kind, help)
			for i := range queues {
				p.sample(value(&queues[i]), "pool", queues[i].Pool)
			}
		}
		queue("supervisor_listener_queue_length", gauge, "Events that wait for a pool of listeners.", func(q *Queue) float64 { return float64(q.Length) })
		queue("supervisor_listener_queue_limit", gauge, "buffer_size of the pool.", func(q *Queue) float64 { return float64(q.Limit) })
		queue("supervisor_listener_events_lost", counter, "Events that were discarded because the queue was full.", func(q *Queue) float64 { return float64(q.Lost) })
	}
	if f.o.Requests != nil {
		p.family("supervisor_http_requests", counter, "Requests that were answered, by face and status.")
		for _, r := range f.o.Requests.list() {
			p.sample(float64(r.n), "face", r.face, "status", strconv.Itoa(r.status))
		}
	}
}

// runtimes tells of the process that supervisord is, under the names that everybody uses.
func runtimes(p *page) {
	p.family("go_goroutines", gauge, "Goroutines of supervisord.")
	p.sample(float64(runtime.NumGoroutine()))
	if rss, ok := resident(); ok {
		p.family("process_resident_memory_bytes", gauge, "Memory of supervisord itself.")
		p.sample(float64(rss))
	}
}

// resident is our own memory in bytes, where the system tells.
func resident() (int64, bool) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0, false
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err == nil
}
