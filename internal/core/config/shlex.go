package config

import (
	"errors"
	"fmt"
	"strings"
)

var (
	errQuotation = errors.New("No closing quotation")
	errEscape    = errors.New("No escaped character")
)

// SplitCommand splits a command into words as a shell would, and as Python's shlex.split does: quotes and backslashes,
// no comments, no globs, no variables (PROC-039). The error is "No closing quotation" or "No escaped character".
func SplitCommand(s string) ([]string, error) {
	l := lexer{in: s, split: true}
	return l.all()
}

// parseEnvironment reads K=V pairs as Supervisor 4.4 does, in the POSIX mode of Python's shlex (CFG-048 to CFG-052,
// VER-004). A name given twice keeps its place and takes the later value.
func parseEnvironment(s string) ([]Var, *Problem) {
	if s == "" {
		return nil, nil
	}
	l := lexer{in: s}
	tokens, err := l.all()
	if err != nil {
		return nil, refuse(err.Error())
	}
	var vars []Var
	for i := 0; i < len(tokens); i += 4 {
		if i+2 >= len(tokens) || tokens[i+1] != "=" {
			return nil, refuse(fmt.Sprintf("Unexpected end of key/value pairs in value '%s'", s))
		}
		vars = assign(vars, Var{tokens[i], tokens[i+2]})
	}
	return vars, nil
}

// assign sets one variable in a list that has no name twice.
func assign(vars []Var, v Var) []Var {
	for i := range vars {
		if vars[i].Name == v.Name {
			vars[i].Value = v.Value
			return vars
		}
	}
	return append(vars, v)
}

// lexer is Python's shlex in POSIX mode, in the two forms that Supervisor uses: split gives words between blanks; else
// every character that may not stand in a word is a token of its own and '#' starts a comment.
type lexer struct {
	in    string
	pos   int
	split bool

	token  strings.Builder
	quoted bool // the token has quotes, so it counts even when it is empty
	inside bool // within a word
}

func (l *lexer) all() ([]string, error) {
	var tokens []string
	for {
		token, more, err := l.next()
		if err != nil {
			return nil, err
		}
		if !more {
			return tokens, nil
		}
		tokens = append(tokens, token)
	}
}

// next reads one token; more is false when there is none left.
func (l *lexer) next() (token string, more bool, err error) {
	l.token.Reset()
	l.quoted, l.inside = false, false
	for l.pos < len(l.in) {
		c := l.in[l.pos]
		size := len(firstRune(l.in[l.pos:]))
		switch {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			l.pos++
			if l.has() {
				return l.token.String(), true, nil
			}
			l.inside = false
		case c == '#' && !l.split:
			l.skipLine()
			if l.has() {
				return l.token.String(), true, nil
			}
			l.inside = false
		case c == '\\':
			if err := l.escaped(); err != nil {
				return "", false, err
			}
		case c == '\'' || c == '"':
			if err := l.quotation(c); err != nil {
				return "", false, err
			}
		case l.split || wordChar(firstRune(l.in[l.pos:])):
			l.token.WriteString(l.in[l.pos : l.pos+size])
			l.pos += size
			l.inside = true
		case l.inside && l.has():
			return l.token.String(), true, nil
		default:
			l.pos += size
			return l.in[l.pos-size : l.pos], true, nil
		}
	}
	return l.token.String(), l.has(), nil
}

func (l *lexer) has() bool { return l.quoted || l.token.Len() > 0 }

func (l *lexer) skipLine() {
	if i := strings.IndexByte(l.in[l.pos:], '\n'); i >= 0 {
		l.pos += i + 1
	} else {
		l.pos = len(l.in)
	}
}

// escaped takes the character after a backslash as it is.
func (l *lexer) escaped() error {
	l.pos++
	if l.pos == len(l.in) {
		return errEscape
	}
	c := firstRune(l.in[l.pos:])
	l.token.WriteString(c)
	l.pos += len(c)
	l.inside = true
	return nil
}

// quotation reads up to the closing quote. Within double quotes a backslash hides a double quote or a backslash and
// is itself anywhere else.
func (l *lexer) quotation(quote byte) error {
	l.quoted, l.inside = true, true
	for l.pos++; l.pos < len(l.in); l.pos++ {
		c := l.in[l.pos]
		switch {
		case c == quote:
			l.pos++
			return nil
		case c == '\\' && quote == '"':
			l.pos++
			if l.pos == len(l.in) {
				return errEscape
			}
			if l.in[l.pos] != '"' && l.in[l.pos] != '\\' {
				l.token.WriteByte('\\')
			}
			l.token.WriteByte(l.in[l.pos])
		default:
			l.token.WriteByte(c)
		}
	}
	return errQuotation
}

// firstRune is the first character of s, or its first byte when that begins no character.
func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

// wordChar is true for what may stand unquoted in an environment value: ASCII letters and digits, a few signs, and
// the letters of Latin-1 (CFG-049).
func wordChar(c string) bool {
	if len(c) == 1 {
		b := c[0]
		return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' ||
			strings.IndexByte("_/.+-():", b) >= 0
	}
	r := []rune(c)[0]
	return r >= 'À' && r <= 'ÿ' && r != '×' && r != '÷'
}
