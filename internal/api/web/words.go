package web

import (
	"strconv"
	"time"

	"github.com/reeve-sh/reeve/internal/core/proc"
	"github.com/reeve-sh/reeve/internal/loop"
	"github.com/reeve-sh/reeve/internal/sys/journal"
)

// units of time, the largest first.
var units = []struct {
	name string
	size time.Duration
}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}}

// span is a time in its two largest units: "3 d 4 h", "12 min", "0.4 s".
func span(d time.Duration) string {
	if d < time.Second {
		return strconv.FormatFloat(max(d, 0).Seconds(), 'f', 1, 64) + " s"
	}
	for i, u := range units {
		if d < u.size {
			continue
		}
		s := strconv.Itoa(int(d/u.size)) + " " + u.name
		if i+1 < len(units) {
			if rest := d % u.size / units[i+1].size; rest > 0 {
				s += " " + strconv.Itoa(int(rest)) + " " + units[i+1].name
			}
		}
		return s
	}
	return ""
}

// ending tells how the last child ended: "killed by SIGKILL (core dumped) after 3 h".
func ending(e loop.End) string {
	if !e.Ended {
		return ""
	}
	s := "exited with status " + strconv.Itoa(e.Code)
	if e.Signal != 0 {
		s = "killed by " + journal.SignalName(e.Signal)
	}
	if e.OOM {
		s += " (out of memory)"
	}
	if e.Core {
		s += " (core dumped)"
	}
	if lived := time.Duration(e.Lived); lived >= 50*time.Millisecond {
		return s + " after " + span(lived)
	}
	return s + " at once"
}

// why is the last column: what there is to say about a process beside its state.
func why(p *loop.Process, now time.Time) string {
	end := ending(p.End)
	switch p.Phase {
	case proc.Running:
		if remark := p.Remark(); remark != "" {
			return remark
		}
		if p.Restarts > 0 && end != "" {
			return "before: " + end
		}
		return ""
	case proc.Fatal, proc.Backoff:
		return join(p.SpawnErr, end)
	case proc.Stopped, proc.Exited:
		if p.Started.IsZero() {
			return "not started yet"
		}
		return join(end, p.Stopped.Format("Jan 02 15:04"))
	case proc.Unknown:
		return p.SpawnErr
	}
	return ""
}

func join(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + "; " + b
}

// bytesIn spells an amount of memory or of log.
func bytesIn(n uint64) string {
	switch {
	case n < 1000:
		return strconv.FormatUint(n, 10) + " B"
	case n < 1000<<10:
		return short(float64(n)/(1<<10)) + " KB"
	case n < 1000<<20:
		return short(float64(n)/(1<<20)) + " MB"
	}
	return short(float64(n)/(1<<30)) + " GB"
}

// short is a number in three digits or so.
func short(x float64) string {
	if x < 10 {
		return strconv.FormatFloat(x, 'f', 1, 64)
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}
