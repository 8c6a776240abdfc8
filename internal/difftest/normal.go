package difftest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// replacements take out what cannot be the same twice: times, pids, random names. Order matters.
var replacements = []struct {
	find *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} `), ""},
	{regexp.MustCompile(`(?m)^(Date|Last-Modified): .*$`), "$1: then"},
	{regexp.MustCompile(`<name>(start|stop|now|pid)</name>\n<value><int>[1-9]\d*</int>`), "<name>$1</name>\n<value><int>N</int>"},
	{regexp.MustCompile(`\bpid \d+, uptime \d+:\d\d:\d\d`), "pid N, uptime T"},
	{regexp.MustCompile(`\b(pid:? )\d+`), "${1}N"},
	{regexp.MustCompile(`(killing '?[^' ]*'? \((?:pid )?)\d+\)`), "${1}N)"},
	{regexp.MustCompile(`\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d \d\d:\d\d [AP]M`), "DATE"},
	{regexp.MustCompile(`(---\S*?-)[a-z0-9_]{8}(\.log)`), "${1}RANDOM${2}"},
	{regexp.MustCompile(`file: \S+ line: \d+`), "file: F line: N"},
	{regexp.MustCompile(`\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]`), "[then]"},
	{regexp.MustCompile(`\b\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\b`), "CTIME"},
}

// normal takes out of text what differs from one run to the next.
func (d *Daemon) normal(text string) string {
	text = strings.ReplaceAll(text, d.Dir, "DIR")
	text = d.Programs.hide(text)
	if d.Pid > 1 {
		text = regexp.MustCompile(`\b`+strconv.Itoa(d.Pid)+`\b`).ReplaceAllString(text, "DAEMON")
	}
	text = regexp.MustCompile(`\b`+strconv.Itoa(d.Port)+`\b`).ReplaceAllString(text, "PORT")
	for _, r := range replacements {
		text = r.find.ReplaceAllString(text, r.with)
	}
	return text
}

// spoken finds the process that a line of the main log is about.
var spoken = []*regexp.Regexp{
	regexp.MustCompile(`^(?:\w{4} )?(?:spawned: |killing |process )'([^']*)'`),
	regexp.MustCompile(`^(?:\w{4} )?(?:success: |exited: |stopped: |gave up: |waiting for |killing )(\S+)`),
	regexp.MustCompile(`^(?:\w{4} )?'([^']*)' (?:stdout|stderr) (?:output|emitted)`),
}

// waiting lines come as often as the clock says; scenarios that are about them wait for them.
var waiting = regexp.MustCompile(`^INFO waiting for .* to (die|stop)$`)

var leveled = regexp.MustCompile(`^[A-Z]{4} `)

// ByProcess puts a normalised main log in an order that does not depend on which of two independent processes was
// faster: first the lines about none, then those about each process, all in their own order. Lines that say that
// something is being waited for are left out.
func ByProcess(log string) string {
	var general []string
	about := map[string][]string{}
	last := "" // continuation lines belong to the line before
	for _, line := range strings.Split(strings.TrimSuffix(log, "\n"), "\n") {
		if waiting.MatchString(line) {
			continue
		}
		if leveled.MatchString(line) {
			last = ""
			for _, re := range spoken {
				if m := re.FindStringSubmatch(line); m != nil {
					last = m[1]
					break
				}
			}
		}
		if last == "" {
			general = append(general, line)
		} else {
			about[last] = append(about[last], line)
		}
	}
	var names []string
	for name := range about {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString(strings.Join(general, "\n") + "\n")
	for _, name := range names {
		fmt.Fprintf(&b, "  about %s:\n%s\n", name, strings.Join(about[name], "\n"))
	}
	return b.String()
}

// sortStructs puts the elements of an array of structs into an order of their own: several processes that were waited
// for are answered for as they finish.
func sortStructs(body string) string {
	const open, end = "<value><struct>\n", "</struct></value>\n"
	first, last := strings.Index(body, open), strings.LastIndex(body, end)
	if first < 0 || last < 0 {
		return body
	}
	last += len(end)
	list := strings.SplitAfter(body[first:last], end)
	slices.Sort(list)
	return body[:first] + strings.Join(list, "") + body[last:]
}
