package config_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"github.com/reeve-sh/reeve/internal/core/config"
)

// luck makes random text; the seed makes it the same every time.
type luck struct{ *rand.Rand }

func seeded(seed uint64) luck { return luck{rand.New(rand.NewPCG(seed, 7))} }

func (l luck) pick(from []string) string { return from[l.IntN(len(from))] }

// text strings up to n pieces together.
func (l luck) text(pieces []string, n int) string {
	var b strings.Builder
	for range l.IntN(n + 1) {
		b.WriteString(l.pick(pieces))
	}
	return b.String()
}

var grammarPieces = []string{
	"a", "b", "Key", "=", ":", " ", "  ", "\t", "\n", "\n", "\n", "\n ", "\n\t", "[", "]", "[s]\n", "[t]\n", "[DEFAULT]\n", ";", "#", " ;", " #",
	"'", "\"", "\\", "é", "\u00a0", "\u2003", "\x0b", "\x1f", "\r", "\r\n", "a=b\n", "c:d\n", " e=f\n", "\u200b", "😀", "\x00", "İ", "ΑΣ", "%(here)s",
}

// holds: CFG-011 CFG-012 CFG-013 CFG-014 CFG-015 CFG-016 CFG-018 CFG-020 CFG-021 CFG-024
func TestRandomGrammarIsReadAsPythonReadsIt(t *testing.T) {
	o := askOracle(t)
	for seed := range uint64(4000) {
		l := seeded(seed)
		text := l.text(grammarPieces, 40)
		if seed%3 > 0 {
			text = "[s]\n" + text
		}
		theirs := o.ask(t, question{"op": "ini", "text": text})
		ini, err := config.ReadINI("f.conf", []byte(text))
		if d := difference(theirs, shapeINI(ini), err); d != "" {
			t.Fatalf("seed %d: %q\n%s", seed, text, d)
		}
	}
}

func shapeINI(ini *config.INI) any {
	if ini == nil {
		return nil
	}
	pairs := func(s *config.Section) [][]string {
		all := [][]string{}
		for _, o := range s.Options {
			all = append(all, []string{o.Name, o.Value})
		}
		return all
	}
	sections := []any{}
	for _, s := range ini.Sections {
		sections = append(sections, []any{s.Name, pairs(s)})
	}
	return object{"default": pairs(ini.Default), "sections": sections}
}

var shellPieces = []string{
	"a", "b c", " ", "  ", "\t", "\n", "\r", "'", "\"", "\\", "#", "é", "×", "日", ",", "=", ";", "(", ")", "$", "~", "A=1", ",B=", "\"x\"", "'y'", "\x0b", "\u00a0",
}

// holds: PROC-039
func TestRandomCommandsAreSplitAsPythonSplitsThem(t *testing.T) {
	o := askOracle(t)
	for seed := range uint64(4000) {
		text := seeded(seed).text(shellPieces, 14)
		words, err := config.SplitCommand(text)
		if d := difference(o.ask(t, question{"op": "split", "text": text}), append([]string{}, words...), err); d != "" {
			t.Fatalf("seed %d: %q\n%s", seed, text, d)
		}
	}
}

// holds: CFG-048 CFG-049 CFG-051 CFG-052 VER-004
func TestRandomEnvironmentsAreReadAsPythonReadsThem(t *testing.T) {
	o := askOracle(t)
	for seed := range uint64(6000) {
		text := seeded(seed).text(shellPieces, 10)
		if seed%2 == 0 {
			text = "A=" + text
		}
		vars, err := config.ParseEnvironment(text)
		pairs := [][]string{}
		for _, v := range vars {
			pairs = append(pairs, []string{v.Name, v.Value})
		}
		if d := difference(o.ask(t, question{"op": "environment", "text": text}), pairs, err); d != "" {
			t.Fatalf("seed %d: %q\n%s", seed, text, d)
		}
	}
}

var formatPieces = []string{
	"%", "%", "%(a)", "%(n)", "%(z)", "%(m)", "s", "d", "x", "X", "o", "e", "f", "g", "c", "r", "a", "i", "u", "%%", "(", ")", "0", "5", "12", ".", ".3", "*", "-", "+",
	" ", "#", "h", "l", "L", "é", "y", "\n", "(a", "%(c)", "G", "E",
}

// holds: CFG-026 CFG-027
func TestRandomFormatsAreExpandedAsPythonExpandsThem(t *testing.T) {
	o := askOracle(t)
	texts := []config.Var{{Name: "a", Value: "it's é\n"}, {Name: "c", Value: "é"}}
	numbers := map[string]int{"n": 250, "m": -7}
	names := object{"a": "it's é\n", "c": "é", "n": 250, "m": -7}
	for seed := range uint64(8000) {
		text := seeded(seed).text(formatPieces, 9)
		theirs := o.ask(t, question{"op": "expand", "text": text, "names": names, "option": "o"})
		if strings.Contains(string(theirs.Value), "{") {
			continue // a bare %s shows the whole mapping, in an order of its own
		}
		got, err := config.Expand(text, texts, numbers, "o")
		if d := difference(theirs, got, err); d != "" {
			t.Fatalf("seed %d: %q\n%s", seed, text, d)
		}
	}
}

var valuePieces = []string{
	"1", "0", "7", "12", "_", "-", "+", " ", "o", "x", "kb", "MB", "Gb", "m", ",", ".", "true", "ON", "SIG", "TERM", "hup", "info", "Debug", ":", "*", "/", "'", "\"", "٣", "é", "\u00a0",
	"\u200b", "host", "65535", "İ", "Σ", "unexpected", "No", "\t", "𝟙", "９", "99999999999",
}

// holds: CFG-037 CFG-038 CFG-039 CFG-040 CFG-041 CFG-042 CFG-043 CFG-044 CFG-047 CFG-067
func TestRandomValuesAreConvertedAsSupervisorConvertsThem(t *testing.T) {
	o := askOracle(t)
	for _, what := range []string{"integer", "byte_size", "octal_type", "boolean", "signal_number", "list_of_exitcodes",
		"auto_restart", "logging_level", "inet_address", "process_or_group_name"} {
		for seed := range uint64(800) {
			text := seeded(seed).text(valuePieces, 4)
			got, err := config.Convert(what, text)
			if d := difference(o.ask(t, question{"op": "convert", "what": what, "text": text}), got, err); d != "" {
				t.Errorf("%s, seed %d: %q\n%s", what, seed, text, d)
			}
		}
	}
}

func TestStringsAreQuotedAndLoweredAsPythonDoes(t *testing.T) {
	o := askOracle(t)
	for seed := range uint64(3000) {
		l := seeded(seed)
		text := l.text([]string{"'", "\"", "\\", "a", "Σ", "ΑΣ", "İ", "\n", "\x7f", "\u00ad", "\u0300", "Ⅷ", "ǅ", "ʰ", ":", "."}, 5)
		for range l.IntN(4) {
			if r := rune(l.IntN(0x530)); unicode.IsGraphic(r) || unicode.IsControl(r) || unicode.IsSpace(r) {
				text += string(r)
			}
		}
		theirs := o.ask(t, question{"op": "quoted", "text": text})
		if d := difference(theirs, config.Quoted(text), nil); d != "" {
			t.Errorf("seed %d: %q\n%s", seed, text, d)
		}
	}
}

// randomDocument is a file made of lines from the tables, of which most are left out so that some files are right.
func randomDocument(l luck) string {
	var b strings.Builder
	if l.IntN(4) == 0 {
		b.WriteString("[DEFAULT]\n" + l.pick(append(programLines, daemonLines...)) + "\n")
	}
	b.WriteString(sv + l.pick(daemonLines) + "\n" + l.pick(daemonLines) + "\n")
	sections := []func(n int){
		func(n int) { b.WriteString(program(l, fmt.Sprintf("[program:p%d]", n), programLines)) },
		func(n int) {
			b.WriteString(program(l, fmt.Sprintf("[eventlistener:e%d]\nevents=TICK", n), listenerLines))
		},
		func(n int) {
			b.WriteString(program(l, fmt.Sprintf("[fcgi-program:f%d]\nsocket=tcp://h:1", n), fcgiLines))
		},
		func(n int) { fmt.Fprintf(&b, "[group:g%d]\nprograms=p%d\n", n, l.IntN(5)) },
		func(int) { b.WriteString("[inet_http_server]\nport=9001\n" + l.pick(inetLines) + "\n") },
		func(int) { b.WriteString("[unix_http_server]\nfile=/tmp/s\n" + l.pick(unixLines) + "\n") },
	}
	for range 1 + l.IntN(6) {
		sections[l.IntN(len(sections))](l.IntN(5))
	}
	if l.IntN(4) == 0 {
		b.WriteString("[include]\nfiles=i/*.ini\n-- i/a.ini --\n" + program(l, "[program:p1]", programLines))
	}
	return b.String()
}

func program(l luck, head string, lines []string) string {
	text := head + "\ncommand=/bin/cat\n"
	for range l.IntN(3) {
		text += l.pick(lines) + "\n"
	}
	return text
}

func TestRandomFilesAreReadAsSupervisorReadsThem(t *testing.T) {
	o := askOracle(t)
	for seed := range uint64(1500) {
		compare(t, o, randomDocument(seeded(seed)))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// holds: RPC-015 RPC-016 RPC-017 RPC-018
func TestRandomUpdatesAreSeenAsSupervisorSeesThem(t *testing.T) {
	o := askOracle(t)
	w := disk{env: testEnv}
	seen := 0
	was, is := t.TempDir(), t.TempDir()
	for seed := range uint64(800) {
		l := seeded(seed)
		active, next := l.update(), l.update()
		from, to := lay(t, was, active), lay(t, is, next)
		theirs := o.ask(t, question{"op": "diff", "active": from, "next": to, "env": envObject()})
		before, err := config.Parse(from, w, config.Overrides{})
		if err != nil {
			continue
		}
		after, err := config.Parse(to, w, config.Overrides{})
		if err != nil {
			continue
		}
		for i := range before.Groups {
			for k := range before.Groups[i].Processes {
				materialise(&before.Groups[i].Processes[k])
			}
		}
		added, changed, removed := config.Diff(before.Groups, after.Groups)
		ours := [][]string{append([]string{}, added...), append([]string{}, changed...), append([]string{}, removed...)}
		if d := difference(theirs, ours, nil); d != "" {
			t.Fatalf("seed %d:\n%s\n-- next\n%s\n%s", seed, active, next, d)
		}
		seen++
	}
	if seen < 300 {
		t.Fatalf("only %d pairs of files were right", seen)
	}
}

// materialise gives the logs that the daemon chooses itself their names, as it does when a group becomes active.
func materialise(p *config.Process) {
	for stream, c := range map[string]*config.Channel{"stdout": &p.Stdout, "stderr": &p.Stderr} {
		if c.Log.Kind == config.LogAuto {
			c.Log.Path = "/auto/" + p.Name + stream
		}
	}
}

var updateLines = []string{
	"", "", "", "stdout_logfile=/tmp/a", "stdout_logfile=NONE", "stdout_logfile=AUTO", "redirect_stderr=true", "environment=A=1", "environment=A=2", "priority=5",
	"startsecs=1", "startsecs=2", "autorestart=true", "exitcodes=0", "exitcodes=1", "stopsignal=INT", "umask=022", "user=root", "numprocs=2\nprocess_name=%(process_num)s",
	"stderr_syslog=true", "killasgroup=true", "serverurl=AUTO", "serverurl=http://x", "directory=/tmp", "stdout_capture_maxbytes=1", "stdout_logfile_backups=3",
}

// update is a small file, of which another call makes one that is much alike.
func (l luck) update() string {
	text := sv
	if l.IntN(8) == 0 {
		text += "environment=S=1\n"
	}
	for _, name := range []string{"a", "b", "c"} {
		if l.IntN(4) > 0 {
			text += "[program:" + name + "]\ncommand=x\n" + l.pick(updateLines) + "\n"
		}
	}
	text += "[program:d]\ncommand=x\n"
	if l.IntN(3) == 0 {
		text += "[group:g]\nprograms=d\n" + l.pick([]string{"", "priority=3\n"})
	}
	if l.IntN(2) == 0 {
		text += "[eventlistener:e]\ncommand=x\n" + l.pick([]string{"events=TICK_5", "events=TICK_60", "events=TICK_5\nbuffer_size=3"}) + "\n"
	}
	if l.IntN(2) == 0 {
		text += "[fcgi-program:f]\ncommand=x\n" + l.pick([]string{"socket=unix:///tmp/x", "socket=unix:///tmp/x\nsocket_mode=0777", "socket=tcp://h:1"}) + "\n"
	}
	return text
}
