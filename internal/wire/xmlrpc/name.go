package xmlrpc

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameAt returns the XML name at the start of s, colons included, or "".
// Characters beyond ASCII are judged by the fifth edition of XML 1.0, within
// 16 bits, which allows more than the fourth that Supervisor's parser follows.
func nameAt(s string) string {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if !nameByte(c, i == 0) {
				return s[:i]
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !nameRune(r, i == 0) {
			return s[:i]
		}
		i += size
	}
	return s
}

func nameByte(c byte, start bool) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == ':':
		return true
	case '0' <= c && c <= '9', c == '-', c == '.':
		return !start
	}
	return false
}

func nameRune(r rune, start bool) bool {
	switch {
	case r == 0xB7, unicode.IsDigit(r), 0x300 <= r && r <= 0x36F, 0x203F <= r && r <= 0x2040:
		return !start
	case r < 0xC0, r == 0xD7, r == 0xF7, r == 0x37E:
		return false
	case r <= 0x1FFF, r == 0x200C, r == 0x200D:
		return true
	case 0x2070 <= r && r <= 0x218F, 0x2C00 <= r && r <= 0x2FEF, 0x3001 <= r && r <= 0xD7FF:
		return true
	case 0xF900 <= r && r <= 0xFDCF, 0xFDF0 <= r && r < utf8.RuneError:
		return true
	}
	return false
}

// qualified tells whether a name is one that an element or attribute may
// have: at most one colon, with a name on either side of it.
func qualified(name string) bool {
	if name == "" {
		return false
	}
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		return true
	}
	return prefix != "" && local != "" && nameAt(local) == local &&
		!strings.Contains(local, ":") && startsName(local)
}

func startsName(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	if r < utf8.RuneSelf {
		return nameByte(byte(r), true)
	}
	return nameRune(r, true)
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r'
}

// spaces counts the blanks at the start of s.
func spaces(s string) int {
	n := 0
	for n < len(s) && isSpace(s[n]) {
		n++
	}
	return n
}

// decodeText makes data the text of a request: UTF-8 without the characters
// that XML does not have.
func decodeText(data []byte, lim Limits) (string, error) {
	if err := lim.tooBig(len(data)); err != nil {
		return "", err
	}
	text := string(data)
	if !utf8.ValidString(text) {
		if !declaresLatin1(text) {
			return "", malformed("bytes that are no UTF-8")
		}
		text = fromLatin1(data)
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= ' ' && c != 0xEF, isSpace(c):
		case c == 0xEF && text[i+1] == 0xBF && text[i+2] >= 0xBE:
			return "", malformed("a character that XML does not have")
		case c < ' ':
			return "", malformed("a character that XML does not have")
		}
	}
	return text, nil
}

func declaresLatin1(text string) bool {
	decl, _, ok := strings.Cut(text, "?>")
	if !ok || !strings.HasPrefix(decl, "<?xml") {
		return false
	}
	_, encoding, ok := strings.Cut(decl, "encoding")
	encoding, quotedOK := quoted(strings.TrimLeft(encoding, "= \t\r\n"))
	return ok && quotedOK && strings.EqualFold(encoding, "iso-8859-1")
}

func fromLatin1(data []byte) string {
	runes := make([]rune, len(data))
	for i, c := range data {
		runes[i] = rune(c)
	}
	return string(runes)
}
