package service

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
)

// Info is what is told about one process (RPC-031). Times are unix seconds, 0 for never.
type Info struct {
	Name, Group      string
	Start, Stop, Now int
	Phase            proc.Phase
	SpawnErr         string
	Exit             int
	Stdout, Stderr   string
	Pid              int
	Description      string
	// End is how the last child ended; its String is the reason in words. Restarts are the starts after the first,
	// since the group came. Supervisor's own clients are told neither.
	End      loop.End
	Restarts int
	Hidden   bool // the process of an extension
}

// ProcessInfo tells of one process.
func (s *Service) ProcessInfo(ctx context.Context, name string) (Info, error) {
	v, err := s.view(ctx)
	if err != nil {
		return Info{}, err
	}
	if r, is := s.resident(v, name); is {
		return s.now().resident(&r).Info, nil
	}
	p, err := s.only(v, name)
	if err != nil {
		return Info{}, err
	}
	return s.now().info(p), nil
}

// AllProcessInfo tells of all processes, by group and name.
func (s *Service) AllProcessInfo(ctx context.Context) ([]Info, error) {
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	now := s.now()
	out := make([]Info, len(v.Processes))
	for i := range v.Processes {
		out[i] = now.info(&v.Processes[i])
	}
	return out, nil
}

// moment is one instant on both clocks.
type moment struct {
	wall time.Time
	mono proc.Time
}

func (s *Service) now() moment { return moment{s.o.Kernel.Wall(), s.o.Kernel.Now()} }

func (m moment) info(p *loop.Process) Info {
	start := m.started(p)
	i := Info{
		Name: p.Conf.Name, Group: p.Group, Start: seconds(start), Stop: seconds(p.Stopped), Now: seconds(m.wall),
		Phase: p.Phase, SpawnErr: p.SpawnErr, Exit: p.Exit, Pid: p.Pid,
		Stdout: p.Conf.Stdout.Log.Path, Stderr: p.Conf.Stderr.Log.Path, End: p.End, Restarts: p.Restarts, Hidden: p.Conf.Hidden,
	}
	i.Description = describe(&i, int(m.wall.Unix()-start.Unix()))
	if remark := p.Remark(); remark != "" && p.Phase == proc.Running {
		i.Description += " (" + remark + ")"
	}
	return i
}

// started is when the process was started. When the wall clock was set while it lives, that is told on today's clock, so
// that now minus start stays the uptime.
func (m moment) started(p *loop.Process) time.Time {
	if p.Started.IsZero() || p.Pid == 0 {
		return p.Started
	}
	start := m.wall.Add(-time.Duration(m.mono - p.Since))
	if start.Sub(p.Started).Abs() < 2*time.Second {
		return p.Started
	}
	return start
}

// seconds caps a time to what an XML-RPC int holds (RPC-031).
func seconds(t time.Time) int {
	if t.IsZero() {
		return 0
	}
	return int(min(max(t.Unix(), math.MinInt32), math.MaxInt32))
}

// describe is the last column of status (RPC-032, RPC-033). up is the uptime in seconds, which goes on after 2038, when
// the times that it comes from have reached their cap.
func describe(i *Info, up int) string {
	switch i.Phase {
	case proc.Running:
		b := strconv.AppendInt(append(make([]byte, 0, 40), "pid "...), int64(i.Pid), 10)
		return string(appendSpan(append(b, ", uptime "...), max(up, 0)))
	case proc.Fatal, proc.Backoff:
		if i.SpawnErr == "" {
			return `unknown error (try "tail ` + i.Name + `")`
		}
		return i.SpawnErr
	case proc.Stopped, proc.Exited:
		if i.Start == 0 {
			return "Not started"
		}
		return time.Unix(int64(i.Stop), 0).Format("Jan 02 03:04 PM")
	}
	return ""
}

func appendSpan(b []byte, n int) []byte {
	switch days := n / 86400; {
	case days == 1:
		b = append(b, "1 day, "...)
	case days > 1:
		b = append(strconv.AppendInt(b, int64(days), 10), " days, "...)
	}
	b = strconv.AppendInt(b, int64(n/3600%24), 10)
	for _, part := range []int{n / 60 % 60, n % 60} {
		b = append(b, ':', byte('0'+part/10), byte('0'+part%10))
	}
	return b
}
