package usage

import (
	"time"

	"github.com/prometheus/procfs"
)

// read looks at /proc. A process that ends meanwhile is left out.
func read() ([]Stat, error) {
	procs, err := procfs.AllProcs()
	if err != nil {
		return nil, err
	}
	list := make([]Stat, 0, len(procs))
	for _, p := range procs {
		st, err := p.Stat()
		if err != nil {
			continue
		}
		list = append(list, Stat{
			Pid: st.PID, Parent: st.PPID, Born: st.Starttime,
			CPU: time.Duration(st.CPUTime() * float64(time.Second)), Memory: uint64(st.ResidentMemory()),
		})
	}
	return list, nil
}
