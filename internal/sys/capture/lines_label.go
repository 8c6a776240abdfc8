package capture

import (
	"time"
	"unicode/utf8"
)

// timeFormat is RFC 3339 with milliseconds. Always in UTC and of one width, it sorts as text.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// label writes lines. What is the same in all lines of a stream is made once.
type label struct {
	now  func() time.Time
	json bool
	head []byte // between the time and the line
}

func newLabel(l Label) label {
	out := label{now: l.Now, json: l.JSON}
	if !l.JSON {
		name := l.Group + ":" + l.Process
		if l.Group == l.Process {
			name = l.Process
		}
		out.head = append(out.head, name+" "+l.Stream+" "...)
		return out
	}
	for _, f := range [][2]string{{"program", l.Program}, {"group", l.Group}, {"process", l.Process}, {"stream", l.Stream}} {
		out.head = append(out.head, `"`+f[0]+`":"`...)
		out.head = append(appendEscaped(out.head, []byte(f[1])), `",`...)
	}
	out.head = append(out.head, `"line":"`...)
	return out
}

// appendLine adds a line with its label. A part is one that goes on in the next line of its stream.
func (l *label) appendLine(b, stamp, text []byte, part bool) []byte {
	if l.json {
		return l.appendObject(b, stamp, text, part)
	}
	if stamp != nil {
		b = append(append(b, stamp...), ' ')
	}
	b = append(b, l.head...)
	if part {
		b = append(b, "+ "...)
	} else {
		b = append(b, "| "...)
	}
	return append(append(b, text...), '\n')
}

func (l *label) appendObject(b, stamp, text []byte, part bool) []byte {
	b = append(b, '{')
	if stamp != nil {
		b = append(append(append(b, `"time":"`...), stamp...), `",`...)
	}
	b = appendEscaped(append(b, l.head...), text)
	if part {
		return append(b, "\",\"partial\":true}\n"...)
	}
	return append(b, "\"}\n"...)
}

const hexDigits = "0123456789abcdef"

// appendEscaped adds the inside of a JSON string. A byte that is not UTF-8 becomes U+FFFD.
func appendEscaped(b, s []byte) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		size := 1
		if c >= utf8.RuneSelf {
			if _, size = utf8.DecodeRune(s[i:]); size > 1 {
				i += size
				continue
			}
		} else if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			i++
			continue
		}
		b = append(b, s[from:i]...)
		switch {
		case c >= utf8.RuneSelf:
			b = append(b, "\uFFFD"...)
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\t':
			b = append(b, `\t`...)
		case c == '\r':
			b = append(b, `\r`...)
		default:
			b = append(b, `\u00`...)
			b = append(b, hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		from = i
	}
	return append(b, s[from:]...)
}
