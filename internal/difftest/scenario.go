package difftest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// A Scenario is one file: steps, one a line, then the files they need. Before the steps stands a story in comments.
//
//	# A program that is told to stop twice stops once.
//	# holds: PROC-014 RPC-027
//	start
//	rpc supervisor.stopProcess "cat"
//	until cat STOPPED
//	-- programs --
//	[program:cat]
//	command=/bin/cat
//
// The section "programs" is appended to an ordinary configuration; a section "conf" is the whole configuration. Every
// other section is a file below the daemon's directory, executable when it starts with #!. In everything ${DIR} is that
// directory, ${PORT} a free port and ${PID} the daemon. A file "x.txt" that has a line "each NAME..." is run once for
// every name, with ${EACH} replaced.
type Scenario struct {
	Name  string
	Steps []Step
	Files []txtar.File
	Root  bool // it must be run by root
}

// Step is one line. One that starts with ~ is done and not compared.
type Step struct {
	Line  int
	Text  string
	Verb  string
	Rest  string
	Quiet bool
}

// ordinary is the configuration that "programs" is appended to.
const ordinary = `[supervisord]
logfile=${DIR}/main.log
pidfile=${DIR}/pid
childlogdir=${DIR}/auto
identifier=supervisor
%s
[unix_http_server]
file=${DIR}/s

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://${DIR}/s

`

// Ordinary is a whole configuration with these programs, for a daemon that NewDaemon makes.
func Ordinary(programs string) string {
	user := ""
	if os.Getuid() == 0 {
		user = "user=root"
	}
	return fmt.Sprintf(ordinary, user) + programs
}

// Load reads all scenarios below dir.
func Load(dir string) ([]Scenario, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no scenarios in %s: %v", dir, err)
	}
	var all []Scenario
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		some, err := Parse(strings.TrimSuffix(filepath.Base(path), ".txt"), string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// Parse reads one file: one scenario, or several when it says each.
func Parse(name, text string) ([]Scenario, error) {
	for line := range strings.Lines(text) {
		if list, ok := strings.CutPrefix(line, "each "); ok {
			var all []Scenario
			for one := range strings.FieldsSeq(list) {
				some, err := Parse(name+"/"+one, strings.ReplaceAll(strings.Replace(text, line, "#\n", 1), "${EACH}", one))
				if err != nil {
					return nil, err
				}
				all = append(all, some...)
			}
			return all, nil
		}
	}
	ar := txtar.Parse([]byte(text))
	s := Scenario{Name: name, Files: ar.Files}
	line := 0
	for raw := range strings.Lines(string(ar.Comment)) {
		line++
		text := strings.TrimSpace(raw)
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if text == "root" {
			s.Root = true
			continue
		}
		rest, quiet := strings.CutPrefix(text, "~")
		verb, rest, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if verbs[verb] == nil {
			return nil, fmt.Errorf("line %d: no such step %q", line, verb)
		}
		s.Steps = append(s.Steps, Step{Line: line, Text: text, Verb: verb, Rest: strings.TrimSpace(rest), Quiet: quiet})
	}
	return []Scenario{s}, nil
}

// UsesCtl tells whether supervisorctl is run, so that the scenario is worth four pairings.
func (s Scenario) UsesCtl() bool {
	for _, st := range s.Steps {
		if st.Verb == "ctl" || st.Verb == "run" && strings.HasPrefix(st.Rest, "supervisorctl") {
			return true
		}
	}
	return false
}

// config is the text of the scenario's configuration.
func (s Scenario) config() string {
	for _, f := range s.Files {
		switch f.Name {
		case "conf":
			return string(f.Data)
		case "programs":
			return Ordinary(string(f.Data))
		}
	}
	return Ordinary("")
}

// words splits a line at blanks; a word in double quotes is a Go string.
func words(line string) ([]string, error) {
	var all []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if line[0] != '"' {
			word, rest, _ := strings.Cut(line, " ")
			all, line = append(all, word), rest
			continue
		}
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", line, err)
		}
		word, _ := strconv.Unquote(quoted)
		all, line = append(all, word), line[len(quoted):]
	}
	return all, nil
}
