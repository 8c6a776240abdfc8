package config

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// undecodable is Python's complaint about the first bytes that are no UTF-8 (CFG-010).
func undecodable(data []byte) *Problem {
	at := 0
	for at < len(data) {
		r, n := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	length, why := malformed(data[at:])
	where := fmt.Sprintf("byte 0x%02x in position %d", data[at], at)
	if length > 1 {
		where = fmt.Sprintf("bytes in position %d-%d", at, at+length-1)
	}
	return &Problem{
		Text: fmt.Sprintf("'utf-8' codec can't decode %s: %s", where, why),
		Line: 1 + bytes.Count(data[:at], []byte("\n")),
	}
}

// malformed says how many bytes at the start of b belong to one broken sequence and what is wrong with them.
func malformed(b []byte) (length int, why string) {
	low, high, need := byte(0x80), byte(0xbf), 0
	switch c := b[0]; {
	case c >= 0xc2 && c <= 0xdf:
		need = 1
	case c >= 0xe0 && c <= 0xef:
		need = 2
		if c == 0xe0 {
			low = 0xa0
		} else if c == 0xed {
			high = 0x9f
		}
	case c >= 0xf0 && c <= 0xf4:
		need = 3
		if c == 0xf0 {
			low = 0x90
		} else if c == 0xf4 {
			high = 0x8f
		}
	default:
		return 1, "invalid start byte"
	}
	for i := 1; i <= need; i++ {
		if i == len(b) {
			return i, "unexpected end of data"
		}
		if b[i] < low || b[i] > high {
			return i, "invalid continuation byte"
		}
		low, high = 0x80, 0xbf
	}
	return need + 1, "invalid continuation byte"
}
