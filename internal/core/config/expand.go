package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// expand replaces every %(name)s of s as Python's % operator does with a mapping (CFG-026). What comes out is not
// looked at again. option is the name that the message shows (CFG-027).
func expand(s string, names *scope, option string) (string, *Problem) {
	if strings.IndexByte(s, '%') < 0 {
		return s, nil
	}
	f := formatter{in: []rune(s), names: names}
	for f.next() {
		if f.c != '%' {
			f.out.WriteRune(f.c)
		} else if err := f.item(); err != nil {
			return "", badFormat(s, names, option, err)
		}
	}
	return f.out.String(), nil
}

// unknownName is the error of a name that the scope does not have.
type unknownName string

func (u unknownName) Error() string { return quote(string(u)) }

func badFormat(s string, names *scope, option string, err error) *Problem {
	if _, unknown := err.(unknownName); unknown {
		return refuse(fmt.Sprintf("Format string %s for %s contains names (%s) which cannot be expanded. "+
			"Available names: %s", quote(s), quote(option), err, strings.Join(names.names(), ", ")))
	}
	return refuse(fmt.Sprintf("Format string %s for %s is badly formatted: %s", quote(s), quote(option), err))
}

// formatter walks over a format string. Positions count characters, because Python's messages do.
type formatter struct {
	in    []rune
	pos   int // of the character after c
	c     rune
	names *scope
	out   strings.Builder

	// The item at hand: its value once it has a name; mapped is false while only the mapping itself could be meant,
	// and spent when that or the value has been used.
	named value
	kind  argument
	flags struct{ left, plus, blank, alt, zero bool }
	width int // -1 for none
	prec  int // -1 for none
}

// argument says what the next conversion would take.
type argument uint8

const (
	theMapping argument = iota
	theNamed
	nothing
)

type badItem string

func (b badItem) Error() string { return string(b) }

const (
	incomplete = badItem("incomplete format")
	tooFew     = badItem("not enough arguments for format string")
)

// next moves to the following character; false at the end.
func (f *formatter) next() bool {
	if f.pos >= len(f.in) {
		return false
	}
	f.c = f.in[f.pos]
	f.pos++
	return true
}

// item reads one item after its '%': (name), flags, width, precision, length, conversion.
func (f *formatter) item() error {
	if !f.next() {
		return incomplete
	}
	if f.c == '%' {
		f.out.WriteByte('%')
		return nil
	}
	f.flags.left, f.flags.plus, f.flags.blank, f.flags.alt, f.flags.zero = false, false, false, false, false
	f.width, f.prec = -1, -1
	if f.c == '(' {
		if err := f.name(); err != nil {
			return err
		}
		if !f.next() {
			return incomplete
		}
	}
	more := f.readFlags()
	var err error
	if more {
		if more, err = f.readNumber(&f.width, math.MaxInt64, "width too big"); err != nil {
			return err
		}
	}
	if more && f.c == '.' {
		f.prec = 0
		if more = f.next(); more {
			if more, err = f.readNumber(&f.prec, math.MaxInt32, "precision too big"); err != nil {
				return err
			}
		}
	}
	if more && (f.c == 'h' || f.c == 'l' || f.c == 'L') {
		more = f.next()
	}
	if !more {
		return incomplete
	}
	return f.convert()
}

// name reads "name)" with balanced parentheses inside and looks it up.
func (f *formatter) name() error {
	start, depth := f.pos, 1
	for depth > 0 {
		if !f.next() {
			return badItem("incomplete format key")
		}
		switch f.c {
		case '(':
			depth++
		case ')':
			depth--
		}
	}
	key := string(f.in[start : f.pos-1])
	v, found := f.names.lookup(key)
	if !found {
		return unknownName(key)
	}
	f.named, f.kind = v, theNamed
	return nil
}

func (f *formatter) readFlags() bool {
	for {
		switch f.c {
		case '-':
			f.flags.left = true
		case '+':
			f.flags.plus = true
		case ' ':
			f.flags.blank = true
		case '#':
			f.flags.alt = true
		case '0':
			f.flags.zero = true
		default:
			return true
		}
		if !f.next() {
			return false
		}
	}
}

// readNumber reads a width or a precision; more is false when the text ends in it. A star takes the argument for it,
// so that none is left for the conversion: all that matters is which of the errors comes first.
func (f *formatter) readNumber(to *int, limit int64, tooBig badItem) (more bool, err error) {
	if f.c == '*' {
		v, mapping, err := f.take()
		if err != nil {
			return false, err
		}
		if mapping || !v.number {
			return false, badItem("* wants int")
		}
		return f.next(), nil
	}
	if f.c < '0' || f.c > '9' {
		return true, nil
	}
	n := int64(0)
	for {
		if n > (limit-int64(f.c-'0'))/10 {
			return false, tooBig
		}
		n = n*10 + int64(f.c-'0')
		*to = int(n)
		if !f.next() {
			return false, nil
		}
		if f.c < '0' || f.c > '9' {
			return true, nil
		}
	}
}

// take uses up the next argument.
func (f *formatter) take() (v value, mapping bool, err error) {
	switch f.kind {
	case theNamed:
		f.kind = nothing
		return f.named, false, nil
	case theMapping:
		f.kind = nothing
		return value{}, true, nil
	}
	return value{}, false, tooFew
}

// convert writes the argument in the way that the conversion letter in f.c asks for.
func (f *formatter) convert() error {
	letter := f.c
	v, mapping, err := f.take()
	if err != nil {
		return err
	}
	switch letter {
	case 's', 'r', 'a':
		f.pad(f.cut(f.spell(letter, v, mapping)))
	case 'd', 'i', 'u', 'x', 'X', 'o':
		return f.integer(letter, v, mapping)
	case 'e', 'E', 'f', 'F', 'g', 'G':
		return f.float(letter, v, mapping)
	case 'c':
		return f.char(v, mapping)
	default:
		shown := '?'
		if letter >= 31 && letter <= 126 {
			shown = letter
		}
		return badItem(fmt.Sprintf("unsupported format character '%c' (0x%x) at index %d", shown, letter, f.pos-1))
	}
	return nil
}

func typeName(v value, mapping bool) string {
	switch {
	case mapping:
		return "dict"
	case v.number:
		return "int"
	}
	return "str"
}

func (f *formatter) spell(letter rune, v value, mapping bool) string {
	s := v.String()
	switch {
	case mapping:
		s = f.names.dump()
	case !v.number && letter == 'r':
		s = quote(s)
	case !v.number && letter == 'a':
		s = quoteASCII(s)
	}
	return s
}

func (f *formatter) cut(s string) string {
	if letters := []rune(s); f.prec >= 0 && f.prec < len(letters) {
		return string(letters[:f.prec])
	}
	return s
}

func (f *formatter) char(v value, mapping bool) error {
	letters := []rune(v.text)
	switch {
	case !mapping && v.number && (v.n < 0 || v.n > 0x10ffff):
		return badItem("%c arg not in range(0x110000)")
	case !mapping && v.number:
		letters = []rune{rune(v.n)}
	case mapping || len(letters) != 1:
		return badItem("%c requires int or char")
	}
	f.pad(string(letters))
	return nil
}

// pad writes s as wide as asked for. Strings are never filled with zeros.
func (f *formatter) pad(s string) {
	fill := strings.Repeat(" ", max(0, min(f.width, 1<<20)-len([]rune(s))))
	if f.flags.left {
		f.out.WriteString(s + fill)
	} else {
		f.out.WriteString(fill + s)
	}
}

func (f *formatter) integer(letter rune, v value, mapping bool) error {
	if mapping || !v.number {
		want := "a real number"
		if strings.ContainsRune("xXo", letter) {
			want = "an integer"
		}
		return badItem(fmt.Sprintf("%%%c format: %s is required, not %s", letter, want, typeName(v, mapping)))
	}
	base, prefix := 10, ""
	switch letter {
	case 'x', 'X':
		base, prefix = 16, "0"+string(letter)
	case 'o':
		base, prefix = 8, "0o"
	}
	digits := strings.TrimPrefix(strconv.FormatInt(v.n, base), "-")
	if letter == 'X' {
		digits = strings.ToUpper(digits)
	}
	if !f.flags.alt {
		prefix = ""
	}
	digits = strings.Repeat("0", max(0, min(f.prec, 1<<20)-len(digits))) + digits
	f.numeral(v.n < 0, prefix, digits)
	return nil
}

// numeral writes sign, prefix and digits, filled with zeros between prefix and digits when so flagged.
func (f *formatter) numeral(negative bool, prefix, digits string) {
	sign := ""
	switch {
	case negative:
		sign = "-"
	case f.flags.plus:
		sign = "+"
	case f.flags.blank:
		sign = " "
	}
	if f.flags.zero && !f.flags.left {
		digits = strings.Repeat("0", max(0, min(f.width, 1<<20)-len(sign+prefix+digits))) + digits
	}
	f.pad(sign + prefix + digits)
}

func (f *formatter) float(letter rune, v value, mapping bool) error {
	if mapping || !v.number {
		return badItem("must be real number, not " + typeName(v, mapping))
	}
	verb := "%"
	if f.flags.alt {
		verb += "#"
	}
	prec := f.prec
	if prec < 0 {
		prec = 6
	}
	verb += "." + strconv.Itoa(min(prec, 1<<20)) + string(letter)
	f.numeral(v.n < 0, "", fmt.Sprintf(verb, math.Abs(float64(v.n))))
	return nil
}
