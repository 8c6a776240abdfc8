// Package getopt splits a command line into options and the rest, by the
// rules that supervisord's and supervisorctl's users have in their fingers:
// clustered short flags, attached values, unique prefixes of long names, and
// the end of the options at the first argument that is none. The refusals
// have the words of Python's getopt, because scripts match them.
package getopt

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// Opt is one option as it was found: Name with its dashes and never
// abbreviated ("-c", "--configuration"), Value empty when it takes none.
type Opt struct {
	Name  string
	Value string
}

// Parse splits args, which do not include the program's name. short lists the
// letters ("c:h": c takes a value, h does not); long lists the names without
// dashes, "=" at the end of those that take a value. Options come back in the
// order in which they stood, repeated ones included; rest starts at the first
// argument that is no option, or after "--". The error is for the user's
// eyes: "option -x not recognized" (CLI-001).
func Parse(args []string, short string, long []string) (opts []Opt, rest []string, err error) {
	p := parser{rest: args, short: short, long: long}
	for len(p.rest) > 0 {
		arg := p.rest[0]
		if len(arg) < 2 || arg[0] != '-' {
			break
		}
		p.rest = p.rest[1:]
		if arg == "--" {
			break
		}
		if name, ok := strings.CutPrefix(arg, "--"); ok {
			err = p.longOption(name)
		} else {
			err = p.cluster(arg[1:])
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return p.opts, p.rest, nil
}

// parser holds what has been found and what is still to be read.
type parser struct {
	opts  []Opt
	rest  []string
	short string
	long  []string
}

// next takes the following argument as a value, whatever it looks like.
func (p *parser) next() (string, bool) {
	if len(p.rest) == 0 {
		return "", false
	}
	value := p.rest[0]
	p.rest = p.rest[1:]
	return value, true
}

func (p *parser) longOption(text string) error {
	typed, value, attached := strings.Cut(text, "=")
	name, takes, err := p.complete(typed)
	if err != nil {
		return err
	}
	switch {
	case takes && !attached:
		var ok bool
		if value, ok = p.next(); !ok {
			return refuse("--", name, "requires argument")
		}
	case !takes && attached:
		return refuse("--", name, "must not have an argument")
	}
	p.opts = append(p.opts, Opt{"--" + name, value})
	return nil
}

// complete finds the long name that was meant. An exact name wins over the
// longer ones that start with it.
func (p *parser) complete(typed string) (name string, takes bool, err error) {
	if slices.Contains(p.long, typed) {
		return typed, false, nil
	}
	var found []string
	for _, candidate := range p.long {
		if candidate == typed+"=" {
			return typed, true, nil
		}
		if strings.HasPrefix(candidate, typed) {
			found = append(found, candidate)
		}
	}
	switch len(found) {
	case 0:
		return "", false, refuse("--", typed, "not recognized")
	case 1:
		name, takes = strings.CutSuffix(found[0], "=")
		return name, takes, nil
	}
	return "", false, refuse("--", typed, "not a unique prefix")
}

// cluster reads the letters after one dash; the first that takes a value
// takes the remainder of the word, or the next argument.
func (p *parser) cluster(letters string) error {
	for letters != "" {
		_, size := utf8.DecodeRuneInString(letters)
		letter := letters[:size]
		letters = letters[size:]
		known, takes := p.letter(letter)
		if !known {
			return refuse("-", letter, "not recognized")
		}
		value := ""
		if takes {
			value, letters = letters, ""
			if value == "" {
				var ok bool
				if value, ok = p.next(); !ok {
					return refuse("-", letter, "requires argument")
				}
			}
		}
		p.opts = append(p.opts, Opt{"-" + letter, value})
	}
	return nil
}

func (p *parser) letter(letter string) (known, takes bool) {
	if letter == ":" {
		return false, false
	}
	at := strings.Index(p.short, letter)
	if at < 0 {
		return false, false
	}
	return true, strings.HasPrefix(p.short[at+len(letter):], ":")
}

func refuse(dashes, name, why string) error {
	return errors.New("option " + dashes + name + " " + why)
}
