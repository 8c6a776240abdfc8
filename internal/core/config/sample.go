package config

import (
	"fmt"
	"io"
	"strings"
)

const sampleIntro = `; Sample supervisor config file.
;
; Lines that begin with a semicolon are switched off. What they show is the default, or an example where there is none.
;
; Good to know:
;  - A comment at the end of a line needs a blank before its semicolon. Quotes do not protect a semicolon with a blank
;    before it: in "command=sh -c 'a ; b'" the comment begins after the a.
;  - Values are taken as they stand, quotes included. Only environment= has quotes of its own, and a command is split
;    into words as a shell would do it. No shell runs it: no pipes, no variables, no patterns.
;  - %(ENV_HOME)s stands for the variable HOME of the daemon's environment, %(here)s for the directory of this file. A
;    percent sign by itself is written %%.
;  - A line that is indented deeper than the option above it continues that option.
;
; Files under /tmp are here because every machine has that directory. It is no good place for sockets and logs: files
; there may be deleted, or made by somebody else first.
`

// sampleName is what a section of each kind is called in the sample.
var sampleName = map[string]string{
	"user":         "deploy",
	"rpcinterface": "supervisor", "ctlplugin": "theplugin", "program": "theprogram", "group": "thegroup",
	"eventlistener": "thelistener", "fcgi-program": "thefcgiprogram",
}

// WriteSample writes an annotated configuration file that shows every option and is itself valid.
func WriteSample(w io.Writer) error {
	var b strings.Builder
	b.WriteString(sampleIntro)
	for _, t := range Topics {
		b.WriteString("\n")
		for _, line := range wrap(t.Help, 110) {
			b.WriteString("; " + line + "\n")
		}
		b.WriteString("\n")
		t.sample(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// sample writes one section, switched on when an option of it is.
func (t *Topic) sample(b *strings.Builder) {
	title := "[" + t.Kind + "]"
	if t.Suffix == named {
		title = "[" + t.Kind + ":" + sampleName[t.Kind] + "]"
	}
	live := t.live()
	if !live {
		title = ";" + title
	}
	b.WriteString(title + "\n")
	settings := t.Options
	if t.Process {
		settings = append([]Setting{programTopic.Options[0]}, settings...)
	}
	for _, s := range settings {
		line := s.Name + "=" + s.sampleValue()
		if !live || !s.Live {
			line = ";" + line
		}
		fmt.Fprintf(b, "%-45s ; %s\n", line, s.sampleHelp())
	}
}

// live is true for the sections without which nothing works. The program is shown, not run.
func (t *Topic) live() bool {
	for _, s := range t.Options {
		if s.Live && t != &programTopic {
			return true
		}
	}
	return false
}

func (s *Setting) sampleValue() string {
	if s.Example != "" {
		return s.Example
	}
	return s.Default
}

// sampleHelp names the default where the line shows something else.
func (s *Setting) sampleHelp() string {
	if s.Example != "" && s.Default != "" {
		return s.Help + " (default " + s.Default + ")"
	}
	return s.Help
}

// wrap breaks a paragraph into lines of at most width bytes.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
