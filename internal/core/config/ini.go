package config

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Option is one "name = value" of a section: the name in lower case, the value raw, and where it was last set.
type Option struct {
	Name, Value, File string
	Line              int
}

// Section is one section: its options in the order in which their names first appeared.
type Section struct {
	Name    string
	File    string // the file in which it was first seen
	Line    int
	Options []Option
	index   map[string]int
}

// Get finds an option of this section itself, not of [DEFAULT].
func (s *Section) Get(name string) (Option, bool) {
	i, found := s.index[name]
	if !found {
		return Option{}, false
	}
	return s.Options[i], true
}

// set gives an option its value; a name already there keeps its place in the order.
func (s *Section) set(o Option) {
	if i, found := s.index[o.Name]; found {
		s.Options[i] = o
		return
	}
	if s.index == nil {
		s.index = make(map[string]int, 8)
	}
	s.index[o.Name] = len(s.Options)
	s.Options = append(s.Options, o)
}

// INI is the text of one or more files, as Python's RawConfigParser with inline comments and without strictness
// understands it (CFG-011 to CFG-025). Nothing in it is expanded or checked.
type INI struct {
	Sections []*Section // without [DEFAULT], in the order in which they first appeared
	Default  *Section
	index    map[string]*Section
}

// Section finds a section by its exact name; [DEFAULT] is not one.
func (ini *INI) Section(name string) (*Section, bool) {
	s, found := ini.index[name]
	return s, found
}

// Get finds an option in s, else in [DEFAULT] (CFG-023).
func (ini *INI) Get(s *Section, name string) (Option, bool) {
	if o, found := s.Get(name); found {
		return o, true
	}
	return ini.Default.Get(name)
}

// ReadINI reads one file. The error is a *Problem with Supervisor's text.
func ReadINI(file string, data []byte) (*INI, error) {
	ini := &INI{Default: &Section{Name: "DEFAULT"}, index: map[string]*Section{}}
	if err := ini.Read(file, data); err != nil {
		return nil, err
	}
	return ini, nil
}

// Read adds another file: sections of one name are one section, and a later value replaces an earlier one (CFG-019).
func (ini *INI) Read(file string, data []byte) error {
	text, bad := decode(data)
	if bad != nil {
		bad.File = file
		return bad
	}
	g := grammar{ini: ini, file: file}
	for text != "" {
		var line string
		line, text = cutLine(text)
		if p := g.line(line); p != nil {
			return p
		}
	}
	g.finish()
	if g.bad != nil {
		return g.bad
	}
	return nil
}

// cutLine takes the first line with its newline off text, whatever kind of newline it is written with; the newline
// comes back as \n (CFG-024).
func cutLine(text string) (line, rest string) {
	i := strings.IndexAny(text, "\r\n")
	switch {
	case i < 0:
		return text, ""
	case text[i] == '\n':
		return text[:i+1], text[i+1:]
	case strings.HasPrefix(text[i:], "\r\n"):
		return text[:i] + "\n", text[i+2:]
	default:
		return text[:i] + "\n", text[i+1:]
	}
}

// grammar is the state between two lines of one file.
type grammar struct {
	ini     *INI
	file    string
	n       int // number of the line
	section *Section
	indent  int
	// name is the option that an indented line continues; empty when there is none to continue.
	name string
	more []string // its further lines
	bad  *Problem
}

// line reads one line, newline included. The Problem it returns ends the file at once; g.bad is told at its end.
func (g *grammar) line(line string) *Problem {
	g.n++
	text, commented := uncomment(line)
	value := strip(text)
	if value == "" {
		if !commented && g.name != "" {
			g.more = append(g.more, "")
		}
		return nil
	}
	indent := indentation(line)
	if g.section != nil && g.name != "" && indent > g.indent {
		g.more = append(g.more, value)
		return nil
	}
	g.indent = indent
	if name, ok := header(value); ok {
		g.finish()
		g.enter(name)
		return nil
	}
	if g.section == nil {
		return &Problem{
			Text: fmt.Sprintf("File contains no section headers.\nfile: %s, line: %d\n%s", quote(g.file), g.n, quote(line)),
			File: g.file, Line: g.n,
		}
	}
	g.option(line, value)
	return nil
}

// option reads "name = value" or "name: value", whichever sign comes first (CFG-016).
func (g *grammar) option(line, value string) {
	i := strings.IndexAny(value, "=:")
	if i < 0 {
		g.complain(line)
		return
	}
	g.finish()
	if strip(value[:i]) == "" {
		g.complain(line)
	}
	g.name = lower(stripRight(value[:i]))
	g.section.set(Option{Name: g.name, Value: strip(value[i+1:]), File: g.file, Line: g.n})
}

// complain adds a line that is no option to the one Problem of the file (CFG-020).
func (g *grammar) complain(line string) {
	if g.bad == nil {
		g.bad = &Problem{Text: "Source contains parsing errors: " + quote(g.file), File: g.file, Line: g.n}
	}
	g.bad.Text += fmt.Sprintf("\n\t[line %2d]: %s", g.n, quote(line))
}

// finish joins the lines of the option that ends here.
func (g *grammar) finish() {
	if g.name != "" && len(g.more) > 0 {
		o, _ := g.section.Get(g.name)
		o.Value = stripRight(o.Value + "\n" + strings.Join(g.more, "\n"))
		g.section.set(o)
	}
	g.name, g.more = "", g.more[:0]
}

// enter goes on with the section of that name, new or old.
func (g *grammar) enter(name string) {
	if name == g.ini.Default.Name {
		g.section = g.ini.Default
		return
	}
	s, found := g.ini.index[name]
	if !found {
		s = &Section{Name: name, File: g.file, Line: g.n}
		g.ini.index[name] = s
		g.ini.Sections = append(g.ini.Sections, s)
	}
	g.section = s
}

// header is the name between the first and the last bracket of a line that begins with one (CFG-018).
func header(value string) (name string, ok bool) {
	end := strings.LastIndexByte(value, ']')
	if value[0] != '[' || end < 2 {
		return "", false
	}
	return value[1:end], true
}

// indentation counts the characters before the first that is no blank.
func indentation(line string) int {
	n := 0
	for _, r := range line {
		if !isSpace(r) {
			break
		}
		n++
	}
	return n
}

// uncomment cuts the comment off a line; commented is true when there was one. A comment sign counts at the start of
// the line and after a blank. The two signs are looked for in step, the first of each, then the second of each, and
// the first step that finds a comment ends the search: "x;y ;a #b" is cut at the '#' (CFG-011).
func uncomment(line string) (text string, commented bool) {
	if strings.IndexByte(line, ';') < 0 && strings.IndexByte(line, '#') < 0 {
		return line, false
	}
	if s := strip(line); s != "" && (s[0] == ';' || s[0] == '#') {
		return "", true
	}
	const signs = ";#"
	at := [len(signs)]int{-1, -1}
	for {
		cut, left := -1, false
		for k := range len(signs) {
			if at[k] == len(line) {
				continue
			}
			i := strings.IndexByte(line[at[k]+1:], signs[k])
			if i < 0 {
				at[k] = len(line)
				continue
			}
			at[k] += 1 + i
			left = true
			before, _ := utf8.DecodeLastRuneInString(line[:at[k]])
			if (at[k] == 0 || isSpace(before)) && (cut < 0 || at[k] < cut) {
				cut = at[k]
			}
		}
		if cut >= 0 {
			return line[:cut], true
		}
		if !left {
			return line, false
		}
	}
}

// decode checks that data is UTF-8 and skips a byte order mark, which Supervisor trips over (CFG-101).
func decode(data []byte) (string, *Problem) {
	if !utf8.Valid(data) {
		return "", undecodable(data)
	}
	return strings.TrimPrefix(string(data), "\ufeff"), nil
}
