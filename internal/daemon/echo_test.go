package daemon_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheMainLogAndProgramsShareStandardOutputByTheLine, though its reader is slow, so that all of them wait for room.
func TestTheMainLogAndProgramsShareStandardOutputByTheLine(t *testing.T) {
	t.Parallel()
	dir := short(t)
	_, out := foreground(t, settings(t, dir, "[program:a]\ncommand=/usr/bin/seq 1000000 1060000\nstdout_logfile=/dev/stdout, "+dir+"/a\n"+
		"log_format=prefix\nautorestart=false\nstartsecs=0\n"+
		"[program:b]\ncommand=/bin/true\nautorestart=true\nstartsecs=0\nstdout_logfile=NONE\nstderr_logfile=NONE\n"))
	quick(t, "a full pipe and a main log behind it", func() bool {
		log, _ := os.ReadFile(dir + "/log")
		return strings.Count(string(log), "spawned: 'b'") > 400
	})
	whole := regexp.MustCompile(`^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]{4} .*|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z a stdout \| \d{7})\n$`)
	for said := 1000000; said <= 1060000; {
		line, err := out.ReadString('\n')
		if err != nil || !whole.MatchString(line) || strings.Contains(line, "stdout") && line[10] != 'T' {
			t.Fatalf("%q, %v", line, err)
		}
		if strings.Contains(line, " a stdout | ") {
			said++
		}
	}
}
