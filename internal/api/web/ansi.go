package web

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A style is what the colour sequences of a terminal ask for. Colours are 1 more than their number, 0 for none.
type style struct {
	fore, back                                uint8
	bold, dim, italic, under, inverse, strike bool
}

// paper renders what a program writes as lines of HTML: everything is escaped, colours become classes, and what else a
// terminal would obey or hide is left out or made visible. It remembers what a chunk leaves open. Not safe for
// concurrent use.
type paper struct {
	style style
	rest  []byte // a sequence or a character that is not whole yet
	mid   bool   // the last line has not ended
}

const (
	longestSequence = 4 << 10  // bytes of one that is waited for
	longestLine     = 16 << 10 // bytes of HTML; a longer one is broken
)

// lines renders a chunk. The first line goes on with the last one of the chunk before when more is true.
func (p *paper) lines(text []byte) (out []string, more bool) {
	if len(p.rest) > 0 {
		text = append(p.rest, text...)
		p.rest = nil
	}
	more = p.mid
	var line, run []byte
	flush := func() {
		if len(run) > 0 {
			line = p.style.wrap(line, run)
			run = run[:0]
		}
	}
	end := func() {
		flush()
		out = append(out, string(line))
		line, p.mid = line[:0], false
	}
	for len(text) > 0 {
		c := text[0]
		switch {
		case c == '\n':
			text = text[1:]
			end()
			continue
		case c == '\r':
			if len(text) == 1 {
				p.rest = []byte{c}
				text = nil
				continue
			}
			text = text[1:]
			if text[0] != '\n' {
				end()
			}
			continue
		case c == 0x1b:
			n, sgr := sequence(text)
			if n == 0 && len(text) < longestSequence {
				p.rest = bytes.Clone(text)
				text = nil
				continue
			}
			if n == 0 {
				run = append(run, "␛"...)
				n = 1
			} else if sgr {
				flush()
				p.style.apply(string(text[2 : n-1]))
			}
			text = text[n:]
			continue
		case c >= utf8.RuneSelf && !utf8.FullRune(text):
			p.rest = bytes.Clone(text)
			text = nil
			continue
		}
		r, n := utf8.DecodeRune(text)
		run = appendRune(run, r)
		text = text[n:]
		p.mid = true
		if len(line)+len(run) > longestLine {
			end()
		}
	}
	flush()
	if p.mid && len(line) > 0 {
		out = append(out, string(line))
	}
	return out, more && len(out) > 0
}

// appendRune escapes one character. What cannot be seen, or makes others be seen in another order, is replaced.
func appendRune(dst []byte, r rune) []byte {
	switch {
	case r == '&':
		return append(dst, "&amp;"...)
	case r == '<':
		return append(dst, "&lt;"...)
	case r == '>':
		return append(dst, "&gt;"...)
	case r == '"':
		return append(dst, "&#34;"...)
	case r == '\'':
		return append(dst, "&#39;"...)
	case r == '\t':
		return append(dst, '\t')
	case r < 0x20:
		return utf8.AppendRune(dst, 0x2400+r)
	case r == 0x7f:
		return utf8.AppendRune(dst, 0x2421)
	case r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
		return utf8.AppendRune(dst, utf8.RuneError)
	}
	return utf8.AppendRune(dst, r)
}

// sequence is the length of the escape sequence that text begins with, 0 when it is not whole; sgr says that it sets
// colours.
func sequence(text []byte) (n int, sgr bool) {
	if len(text) < 2 {
		return 0, false
	}
	switch c := text[1]; {
	case c == '[':
		for i := 2; i < len(text); i++ {
			switch b := text[i]; {
			case b >= 0x40 && b <= 0x7e:
				return i + 1, b == 'm'
			case b < 0x20 || b > 0x7e:
				return i, false // not one after all
			}
		}
		return 0, false
	case c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_': // up to BEL or ESC \
		for i := 2; i < len(text); i++ {
			if text[i] == 7 {
				return i + 1, false
			}
			if text[i] == 0x1b && i+1 < len(text) && text[i+1] == '\\' {
				return i + 2, false
			}
			if text[i] == '\n' {
				return i, false // a line's end is not swallowed
			}
		}
		return 0, false
	case c >= 0x20 && c <= 0x2f:
		if len(text) < 3 {
			return 0, false
		}
		if text[2] < 0x20 {
			return 2, false
		}
		return 3, false
	case c >= 0x30 && c <= 0x7e:
		return 2, false
	}
	return 1, false
}

// apply takes the parameters of a colour sequence.
func (s *style) apply(params string) {
	list := strings.FieldsFunc(params+";", func(r rune) bool { return r == ':' })
	var codes []int
	for _, f := range strings.Split(strings.Join(list, ";"), ";") {
		n, _ := strconv.Atoi(f)
		codes = append(codes, n)
	}
	if len(codes) > 1 { // the one that was added
		codes = codes[:len(codes)-1]
	}
	for len(codes) > 0 {
		codes = s.code(codes)
	}
}

// code takes one attribute off codes.
func (s *style) code(codes []int) []int {
	c := codes[0]
	switch {
	case c == 0:
		*s = style{}
	case c == 1:
		s.bold = true
	case c == 2:
		s.dim = true
	case c == 3:
		s.italic = true
	case c == 4:
		s.under = true
	case c == 7:
		s.inverse = true
	case c == 9:
		s.strike = true
	case c == 22:
		s.bold, s.dim = false, false
	case c == 23:
		s.italic = false
	case c == 24:
		s.under = false
	case c == 27:
		s.inverse = false
	case c == 29:
		s.strike = false
	case c >= 30 && c <= 37:
		s.fore = uint8(c - 30 + 1)
	case c >= 90 && c <= 97:
		s.fore = uint8(c - 90 + 9)
	case c == 39:
		s.fore = 0
	case c >= 40 && c <= 47:
		s.back = uint8(c - 40 + 1)
	case c >= 100 && c <= 107:
		s.back = uint8(c - 100 + 9)
	case c == 49:
		s.back = 0
	case c == 38 || c == 48:
		colour, n := extended(codes[1:])
		if c == 38 {
			s.fore = colour
		} else {
			s.back = colour
		}
		return codes[1+n:]
	}
	return codes[1:]
}

// extended reads the colour behind 38 or 48 as the nearest of the sixteen, and how many numbers it took.
func extended(codes []int) (colour uint8, n int) {
	switch {
	case len(codes) >= 2 && codes[0] == 5:
		c := codes[1] & 255
		switch {
		case c < 16:
			return uint8(c + 1), 2
		case c >= 232:
			return nearest(8+10*(c-232), 8+10*(c-232), 8+10*(c-232)), 2
		}
		c -= 16
		return nearest(c/36*51, c/6%6*51, c%6*51), 2
	case len(codes) >= 4 && codes[0] == 2:
		return nearest(codes[1], codes[2], codes[3]), 4
	}
	return 0, len(codes)
}

// nearest is the one of the sixteen colours that a light of these parts looks like most.
func nearest(r, g, b int) uint8 {
	most, least := max(r, g, b), min(r, g, b)
	switch {
	case most < 48:
		return 1
	case (most-least)*4 < most && most < 128:
		return 9
	case (most-least)*4 < most && most < 224:
		return 8
	case (most-least)*4 < most:
		return 16
	}
	c := 0
	for i, part := range []int{r, g, b} {
		if 2*part > most {
			c |= 1 << i
		}
	}
	if most > 208 {
		c += 8
	}
	return uint8(c + 1)
}

// wrap appends a run of text in this style.
func (s *style) wrap(dst, run []byte) []byte {
	if *s == (style{}) {
		return append(dst, run...)
	}
	dst = append(dst, `<span class="`...)
	first := true
	for _, c := range []struct {
		on   bool
		name string
	}{
		{s.fore > 0, "f" + strconv.Itoa(int(s.fore)-1)}, {s.back > 0, "b" + strconv.Itoa(int(s.back)-1)}, {s.bold, "bo"}, {s.dim, "di"},
		{s.italic, "it"}, {s.under, "un"}, {s.inverse, "in"}, {s.strike, "st"},
	} {
		if !c.on {
			continue
		}
		if !first {
			dst = append(dst, ' ')
		}
		first = false
		dst = append(dst, c.name...)
	}
	return append(append(append(dst, `">`...), run...), "</span>"...)
}

// unescape gives the text of a line back, for searching.
func unescape(line string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(line, "<")
		b.WriteString(before)
		if !found {
			return html.UnescapeString(b.String())
		}
		_, line, _ = strings.Cut(rest, ">")
	}
}
