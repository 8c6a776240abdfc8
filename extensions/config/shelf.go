package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// heading is the first line of our files; what does not begin so is somebody else's.
const heading = "; Written by the config extension: change this program by its methods.\n"

// mostBytes is how long a file of ours may be.
const mostBytes = 1 << 20

// shelf is the directory in which programs are kept, one file each, named GROUP:NAME.
type shelf struct {
	dir, before, after string // of the file's name
	here               string // directory of the main file
}

// openShelf reads the option: a directory, or a pattern with one star in its last part.
func openShelf(pattern string) (*shelf, error) {
	if !filepath.IsAbs(pattern) {
		return nil, fmt.Errorf("no absolute path: %q", pattern)
	}
	s := &shelf{dir: pattern, after: ".conf"}
	if strings.Contains(pattern, "*") {
		var base string
		s.dir, base = filepath.Split(pattern)
		var found bool
		if s.before, s.after, found = strings.Cut(base, "*"); !found || strings.ContainsAny(s.dir+s.after, "*?[") {
			return nil, fmt.Errorf("no directory, nor one star in a file's name: %q", pattern)
		}
	}
	s.dir = filepath.Clean(s.dir)
	if info, err := os.Stat(s.dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("there is no directory %q", s.dir)
	}
	return s, nil
}

// path is a program's file.
func (s *shelf) path(p *program) string {
	return filepath.Join(s.dir, s.before+id(p.group, p.name)+s.after)
}

// put makes the file of before that of after; nil is no file. It is there whole or not at all, and on the disk when put
// returns. A file that is to come must not be there yet.
func (s *shelf) put(before, after *program) error {
	switch {
	case before == nil && after == nil:
		return nil
	case after == nil:
		if err := os.Remove(s.path(before)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot remove the program's file: %w", err)
		}
		return s.settle()
	case before == nil:
		if _, err := os.Lstat(s.path(after)); err == nil {
			return fmt.Errorf("cannot keep the program: there is a file %s", s.path(after))
		}
	}
	f, err := os.CreateTemp(s.dir, ".reeve-*")
	if err != nil {
		return fmt.Errorf("cannot keep the program: %w", err)
	}
	defer os.Remove(f.Name()) // it has another name by then, if all went well
	_, err = f.Write(spell(after))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), s.path(after))
	}
	if err != nil {
		return fmt.Errorf("cannot keep the program: %w", err)
	}
	return s.settle()
}

// settle brings the names in the directory to the disk.
func (s *shelf) settle() error {
	d, err := os.Open(s.dir)
	if err != nil {
		return fmt.Errorf("cannot keep the program: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("cannot keep the program: %w", err)
	}
	return nil
}

// spell is a program as a file.
func spell(p *program) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s[program:%s]\n", heading, p.name)
	if !p.own() {
		fmt.Fprintf(&b, "join_group = %s\n", p.group)
	}
	for _, name := range slices.Sorted(maps.Keys(p.options)) {
		fmt.Fprintf(&b, "%s = %s\n", name, strings.ReplaceAll(p.options[name], "\n", "\n\t"))
	}
	return b.Bytes()
}

var optionName = regexp.MustCompile(`^[a-z][a-z0-9_.-]*$`)

// fits refuses what would not be read back as it is.
func (s *shelf) fits(p *program) error {
	if name := p.group + p.name; strings.ContainsAny(name, "[]") || strings.ContainsFunc(name, unicode.IsControl) {
		return fmt.Errorf("%q cannot be the name of a file's section", p.name)
	}
	for name, value := range p.options {
		if !optionName.MatchString(name) {
			return fmt.Errorf("option %q cannot stand in a file", name)
		}
		for line := range strings.SplitSeq(value, "\n") {
			if why := s.crooked(line, value != ""); why != "" {
				return fmt.Errorf("option %s cannot stand in a file: %s", name, why)
			}
		}
	}
	if len(spell(p)) > mostBytes {
		return fmt.Errorf("its options are longer than %d bytes", mostBytes)
	}
	return nil
}

func (s *shelf) crooked(line string, some bool) string {
	blank := true // before the first sign
	for _, r := range line {
		switch {
		case (r == ';' || r == '#') && blank:
			return "what stands behind a blank and " + string(r) + " is a comment there"
		case unicode.IsControl(r) && r != '\t':
			return "it has a control character"
		}
		blank = unicode.IsSpace(r)
	}
	switch {
	case strings.TrimSpace(line) != line:
		return "blanks at the ends of a line are lost there"
	case line == "" && some:
		return "an empty line is lost there"
	case strings.Contains(line, "%(here)s") && s.dir != s.here:
		return "%(here)s means " + s.dir + " there"
	}
	return ""
}

// all are the programs in files of ours, and what is wrong with others.
func (s *shelf) all() (found []*program, strange []error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, []error{err}
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, s.before) || !strings.HasSuffix(name, s.after) || !strings.Contains(name, ":") || !e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(s.dir, e.Name())
		if info, err := e.Info(); err != nil || info.Size() > mostBytes {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(text, []byte(heading)) {
			continue
		}
		p, err := parse(string(text[len(heading):]))
		if err == nil && s.path(p) != path {
			err = fmt.Errorf("it is about %s", id(p.group, p.name))
		}
		if err != nil {
			strange = append(strange, fmt.Errorf("cannot take over %s: %w", path, err))
			continue
		}
		found = append(found, p)
	}
	return found, strange
}

// parse reads what spell has written.
func parse(text string) (*program, error) {
	p := &program{options: map[string]string{}}
	last := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		more, continued := strings.CutPrefix(line, "\t")
		name, value, pair := strings.Cut(line, " = ")
		switch {
		case p.name == "" && strings.HasPrefix(line, "[program:") && strings.HasSuffix(line, "]"):
			p.name = strings.TrimSuffix(strings.TrimPrefix(line, "[program:"), "]")
			p.group = p.name
		case continued && last != "":
			p.options[last] += "\n" + more
		case p.name != "" && pair && name == "join_group":
			p.group = value
		case p.name != "" && pair && optionName.MatchString(name):
			p.options[name], last = value, name
		default:
			return nil, fmt.Errorf("%q is none of ours", line)
		}
	}
	if p.name == "" {
		return nil, errors.New("it has no program")
	}
	return p, nil
}
