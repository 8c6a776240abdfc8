package xmlrpc

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// scalar reads the text of a typed value as Python's int, float, strptime
// and base64 do. An element without text has the text "", which none of the
// first three is.
func scalar(k kind, text string) (any, error) {
	switch k {
	case intKind:
		return parseInt(text)
	case doubleKind:
		return parseFloat(text)
	case dateTimeKind:
		return parseDateTime(text)
	}
	return decodeBase64(text)
}

// maxDigits is where Python stops turning text into integers.
const maxDigits = 4300

// parseInt reads a decimal integer. Python's are unbounded: one beyond 64
// bits becomes the nearest that fits.
func parseInt(text string) (any, error) {
	s, ok := pythonNumber(text)
	digits := strings.TrimLeft(s, "+-")
	if !ok || len(s)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789") != "" || len(digits) > maxDigits {
		return nil, malformed("a bad int")
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return nil, malformed("a bad int")
	}
	return n, nil
}

func parseFloat(text string) (any, error) {
	s, ok := pythonNumber(text)
	if !ok {
		return nil, malformed("a bad double")
	}
	switch strings.ToLower(strings.TrimLeft(s, "+-")) {
	case "nan":
		if len(s) > 4 {
			return nil, malformed("a bad double")
		}
		return math.NaN(), nil
	case "inf", "infinity":
	default:
		if strings.Trim(s, "0123456789+-.eE") != "" {
			return nil, malformed("a bad double")
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return nil, malformed("a bad double")
	}
	return f, nil
}

// pythonNumber trims the blanks around a number, turns digits of any script
// into ASCII ones, and takes out the underscores that stand between digits.
func pythonNumber(text string) (string, bool) {
	text = strings.TrimFunc(text, unicode.IsSpace)
	var out []byte
	digit, underscore := false, false
	for _, r := range text {
		if r == '_' {
			if !digit {
				return "", false
			}
			digit, underscore = false, true
			continue
		}
		value, ok := digitValue(r)
		switch {
		case ok:
			out = append(out, '0'+value)
		case underscore || r >= utf8.RuneSelf:
			return "", false
		default:
			out = append(out, byte(r))
		}
		digit, underscore = ok, false
	}
	return string(out), !underscore
}

// digitValue gives the value of a decimal digit of any script. In Unicode
// each script's ten stand in a row, zero first, and rows may touch.
func digitValue(r rune) (byte, bool) {
	if r < utf8.RuneSelf {
		return byte(r - '0'), '0' <= r && r <= '9'
	}
	for _, row := range unicode.Nd.R16 {
		if rune(row.Lo) <= r && r <= rune(row.Hi) {
			return byte((r - rune(row.Lo)) % 10), true
		}
	}
	for _, row := range unicode.Nd.R32 {
		if rune(row.Lo) <= r && r <= rune(row.Hi) {
			return byte((r - rune(row.Lo)) % 10), true
		}
	}
	return 0, false
}

// dateTimeFormat is what strptime takes for %Y%m%dT%H:%M:%S: leading zeros
// may be missing.
var dateTimeFormat = regexp.MustCompile(`^(\d\d\d\d)(1[0-2]|0[1-9]|[1-9])(3[01]|[12]\d|0[1-9]|[1-9]| [1-9])[Tt](2[0-3]|[01]\d|\d):([0-5]\d|\d):(6[01]|[0-5]\d|\d)`)

func parseDateTime(text string) (any, error) {
	var ascii []byte
	for _, r := range text {
		if value, ok := digitValue(r); ok {
			ascii = append(ascii, '0'+value)
		} else {
			ascii = utf8.AppendRune(ascii, r)
		}
	}
	found := dateTimeFormat.FindSubmatch(ascii)
	if found == nil || len(found[0]) != len(ascii) {
		return nil, malformed("a bad dateTime")
	}
	var n [6]int
	for i := range n {
		n[i], _ = strconv.Atoi(strings.TrimSpace(string(found[i+1])))
	}
	t := DateTime{n[0], n[1], n[2], n[3], n[4], n[5]}
	lastDay := time.Date(t.Year, time.Month(t.Month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if t.Year == 0 || t.Day > lastDay || t.Second > 59 {
		return nil, malformed("a bad dateTime")
	}
	return t, nil
}

// decodeBase64 passes over whatever is no base64 and stops at the padding
// that completes a quartet; the result must be UTF-8.
func decodeBase64(text string) (any, error) {
	out := make([]byte, 0, len(text)*3/4)
	var held, n, pads int
	for i := range len(text) {
		c := text[i]
		if c == '=' {
			pads++
			if n >= 2 && n+pads >= 4 {
				n = 0
				break
			}
			continue
		}
		v := strings.IndexByte(base64Alphabet, c)
		if v < 0 {
			continue
		}
		pads = 0
		held = held<<6 | v
		if n++; n > 1 {
			out = append(out, byte(held>>(8-2*n)))
		}
		n &= 3
	}
	if n != 0 {
		return nil, malformed("a bad base64")
	}
	if !utf8.Valid(out) {
		return nil, malformed("base64 that is no UTF-8")
	}
	return string(out), nil
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
