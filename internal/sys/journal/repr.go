package journal

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"
)

// Repr spells a text as Python prints a string: some lines have it so.
func Repr(s string) string { return repr(s, false) }

// BytesRepr spells bytes as Python prints them: b'...'.
func BytesRepr(b []byte) string { return "b" + repr(string(b), true) }

// text is data itself, or its spelling when it is not UTF-8 (LOG-006).
func text(data []byte) string {
	if utf8.Valid(data) {
		return string(data)
	}
	return "Undecodable: " + BytesRepr(data)
}

// repr quotes s: with ' unless only " saves escaping.
func repr(s string, bytes bool) string {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(quote)
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if bytes || (r == utf8.RuneError && n == 1) {
			r, n = rune(s[0]), 1
			escape(&b, r, quote, r < 0x20 || r >= 0x7f)
		} else {
			escape(&b, r, quote, !unicode.IsPrint(r))
		}
		s = s[n:]
	}
	b.WriteByte(quote)
	return b.String()
}

// escape writes one character, by its number when it cannot be printed.
func escape(b *strings.Builder, r rune, quote byte, number bool) {
	switch {
	case r == rune(quote) || r == '\\':
		b.WriteByte('\\')
		b.WriteRune(r)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case !number:
		b.WriteRune(r)
	case r < 0x100:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// reason spells an error of the system as Python does, with the path when there is one.
func reason(err error, path string) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return fmt.Sprint(err)
	}
	msg := errno.Error()
	msg = fmt.Sprintf("[Errno %d] %s%s", int(errno), strings.ToUpper(msg[:1]), msg[1:])
	if path != "" {
		msg += ": " + Repr(path)
	}
	return msg
}
