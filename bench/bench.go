// Bench measures our supervisord beside Debian's and beside what the machine can do at all, in one run and with the same
// client code, and prints a table.
//
//	go run ./bench                 everything, some minutes
//	go run ./bench -quick          small numbers, to see that it works
//	go run ./bench -rows restart,log
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/reeve-sh/reeve/internal/difftest"
)

// size is how much is done of everything.
type size struct {
	starts   int // first answers
	kills    int
	programs int
	many     int
	idle     int // seconds
	calls    int // getAllProcessInfo
	rate     int // seconds of getProcessInfo
	clients  int
	log      int // MB
	lines    int
	events   int
	nap      int // seconds that a plug-in sleeps
}

var (
	whole = size{starts: 15, kills: 30, programs: 300, many: 1000, idle: 10, calls: 60, rate: 5, clients: 16, log: 1500, lines: 3000000, events: 50000, nap: 10}
	small = size{starts: 2, kills: 2, programs: 10, many: 20, idle: 1, calls: 5, rate: 1, clients: 4, log: 16, lines: 20000, events: 500, nap: 1}
)

// A row is one line of the table. Each side is measured by itself; limit may be nil.
type row struct {
	key     string
	name    string
	unit    string
	target  string
	more    bool // more is better
	daemon  func(b *bench) ([]float64, error)
	limit   func(b *bench) ([]float64, error)
	columns []string // names of the values, when there are several
}

type bench struct {
	size
	dir      string // for logs: in memory when there is such a place
	programs difftest.Programs
}

func main() {
	// In these roles it is a child of itself.
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		roles[os.Args[1]](os.Args[2:])
		return
	}
	quick := flag.Bool("quick", false, "small numbers")
	rows := flag.String("rows", "", "names of rows, separated by commas")
	ours := flag.String("programs", "", "directory of our programs; otherwise they are built")
	debian := flag.Bool("debian", true, "measure Debian's Supervisor, too")
	flag.Parse()
	if err := run(*quick, *rows, *ours, *debian); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(quick bool, rows, ours string, withDebian bool) error {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	mine := difftest.Ours(ours)
	if ours == "" {
		if mine, err = difftest.Build(context.Background(), moduleRoot(), dir, false); err != nil {
			return err
		}
	}
	sides := []difftest.Programs{mine}
	if withDebian {
		peer, err := difftest.Debian()
		if err != nil {
			fmt.Println(err)
		} else {
			sides = append(sides, peer)
		}
	}
	b := bench{size: whole, dir: memory(dir)}
	defer os.RemoveAll(b.dir)
	if quick {
		b.size = small
	}
	printMachine()
	return b.measure(sides, rows)
}

// moduleRoot is where go.mod is: bench runs anywhere below it.
func moduleRoot() string {
	out, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "."
	}
	return filepath.Dir(strings.TrimSpace(string(out)))
}

// memory is a directory without a disk, if there is one: the disk is not what is measured.
func memory(other string) string {
	if dir, err := os.MkdirTemp("/dev/shm", "bench"); err == nil {
		return dir
	}
	return other
}

func printMachine() {
	load, _ := os.ReadFile("/proc/loadavg")
	release, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	fmt.Printf("%d processors, Linux %s, load %s, %s\n\n", runtime.NumCPU(), strings.TrimSpace(string(release)),
		strings.Join(strings.Fields(string(load))[:3], " "), runtime.Version())
}

func (b *bench) measure(sides []difftest.Programs, rows string) error {
	fmt.Printf("%-44s %14s %14s %14s   %-22s %s\n", "", "ours", "debian", "limit", "ours to debian, limit", "wanted")
	for _, r := range table {
		if rows != "" && !strings.Contains(","+rows+",", ","+r.key+",") {
			continue
		}
		results := make([][]float64, 3)
		for i, side := range sides {
			one := *b
			one.programs = side
			values, err := r.daemon(&one)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", r.key, side.Name, err)
			}
			results[i] = values
		}
		if r.limit != nil {
			values, err := r.limit(b)
			if err != nil {
				return fmt.Errorf("%s, limit: %w", r.key, err)
			}
			results[2] = values
		}
		b.printRow(r, results)
	}
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Printf("\nload at the end %s\n", strings.Join(strings.Fields(string(load))[:3], " "))
	return nil
}

func (b *bench) printRow(r row, results [][]float64) {
	for i := range results[0] {
		name := r.name
		if len(r.columns) > 0 {
			name += ", " + strings.NewReplacer("{programs}", strconv.Itoa(b.size.programs), "{many}", strconv.Itoa(b.many)).Replace(r.columns[i])
		}
		cells := make([]string, 3)
		for side, values := range results {
			cells[side] = "-"
			if i < len(values) {
				cells[side] = show(values[i]) + " " + strings.Split(r.unit, "|")[min(i, strings.Count(r.unit, "|"))]
			}
		}
		fmt.Printf("%-44s %14s %14s %14s   %-22s %s\n", name, cells[0], cells[1], cells[2],
			ratio(results, 1, i)+"  "+ratio(results, 2, i), strings.Split(r.target, "|")[min(i, strings.Count(r.target, "|"))])
	}
}

func show(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// ratio is ours to another's.
func ratio(results [][]float64, other, i int) string {
	if i >= len(results[other]) || results[other][i] == 0 {
		return "-"
	}
	return fmt.Sprintf("x%.3g", results[0][i]/results[other][i])
}
