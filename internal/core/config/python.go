package config

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isSpace is true for what Python's str.isspace, str.strip and \s call a blank: Unicode's blanks and the four
// information separators.
func isSpace(r rune) bool {
	return r >= 0x1c && r <= 0x1f || unicode.IsSpace(r)
}

func strip(s string) string      { return strings.TrimFunc(s, isSpace) }
func stripRight(s string) string { return strings.TrimRightFunc(s, isSpace) }

// lower is Python's str.lower: Go's, but for the two letters whose lower case depends on more than themselves.
func lower(s string) string {
	if !strings.ContainsAny(s, "İΣ") {
		return strings.ToLower(s)
	}
	var b strings.Builder
	letters := []rune(s)
	for i, r := range letters {
		switch {
		case r == 'İ':
			b.WriteString("i̇")
		case r == 'Σ' && finalSigma(letters, i):
			b.WriteRune('ς')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// finalSigma is Unicode's condition: a cased letter stands before and none follows, marks and the like skipped.
func finalSigma(s []rune, i int) bool {
	j := i - 1
	for j >= 0 && caseIgnorable(s[j]) {
		j--
	}
	if j < 0 || !cased(s[j]) {
		return false
	}
	j = i + 1
	for j < len(s) && caseIgnorable(s[j]) {
		j++
	}
	return j == len(s) || !cased(s[j])
}

func cased(r rune) bool {
	return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) || unicode.Is(unicode.Other_Lowercase, r) ||
		unicode.Is(unicode.Other_Uppercase, r)
}

func caseIgnorable(r rune) bool {
	return strings.ContainsRune("'.:·’", r) || unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}

// quote is Python's repr of a string: single quotes unless only single quotes are inside, and an escape for whatever
// cannot be printed.
func quote(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte(q)
	for _, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			escape(&b, r)
		}
	}
	b.WriteByte(q)
	return b.String()
}

// escape writes r as \x, \u or \U, whichever is the shortest that holds it.
func escape(b *strings.Builder, r rune) {
	form, width := `\x`, 2
	switch {
	case r > 0xffff:
		form, width = `\U`, 8
	case r > 0xff:
		form, width = `\u`, 4
	}
	digits := strconv.FormatInt(int64(r), 16)
	b.WriteString(form)
	b.WriteString(strings.Repeat("0", width-len(digits)))
	b.WriteString(digits)
}

// quoteASCII is Python's ascii(): quote, with everything beyond ASCII escaped too.
func quoteASCII(s string) string {
	var b strings.Builder
	for _, r := range quote(s) {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			escape(&b, r)
		}
	}
	return b.String()
}

// whole is a whole number of any size: n stays at the end of its range when the number does not fit, and decimal shows
// it as Python would.
type whole struct {
	n       int64
	decimal string // of a number read in base 10
}

// number reads s as Python's int(s, base) does: blanks around, a sign, single underscores between digits, the digits
// of any script; in base 8 also the prefix 0o. ok is false when Python would refuse.
func number(s string, base int) (w whole, ok bool) {
	text, negative := strip(s), false
	if text != "" && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		text = text[1:]
	}
	if base == 8 && len(text) > 2 && text[0] == '0' && (text[1] == 'o' || text[1] == 'O') {
		text = strings.TrimPrefix(text[2:], "_")
	}
	digits := make([]byte, 0, len(text))
	score := true // an underscore may not come now
	for _, r := range text {
		if r == '_' {
			if score {
				return whole{}, false
			}
			score = true
			continue
		}
		d := digit(r)
		if d < 0 || d >= base {
			return whole{}, false
		}
		digits = append(digits, byte('0'+d))
		score = false
	}
	if score {
		return whole{}, false
	}
	w.decimal = strings.TrimLeft(string(digits[:len(digits)-1]), "0") + string(digits[len(digits)-1:])
	if negative && w.decimal != "0" {
		w.decimal = "-" + w.decimal
	}
	w.n, _ = strconv.ParseInt(w.decimal, base, 64) // beyond the range it gives the end of the range
	return w, true
}

// shift is the number times 2 to the power of bits.
func (w whole) shift(bits int) int64 {
	switch {
	case w.n > math.MaxInt64>>bits:
		return math.MaxInt64
	case w.n < math.MinInt64>>bits:
		return math.MinInt64
	}
	return w.n << bits
}

// digit is the decimal value of r in whatever script, or -1.
func digit(r rune) int {
	if r < utf8.RuneSelf {
		if r >= '0' && r <= '9' {
			return int(r - '0')
		}
		return -1
	}
	// Every run of decimal digits in Unicode is a whole number of tens, each beginning at its zero.
	for _, t := range unicode.Nd.R16 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	for _, t := range unicode.Nd.R32 {
		if rune(t.Lo) <= r && r <= rune(t.Hi) {
			return int(r-rune(t.Lo)) % 10
		}
	}
	return -1
}

// small is number in base 10 for the plain digits that nearly every value is.
func small(s string) (n int64, ok bool) {
	if s == "" || len(s) > 18 {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, true
}

// badInteger is Python's complaint; it shows at most 200 characters.
func badInteger(s string) *Problem {
	shown := []rune(quote(s))
	if len(shown) > 200 {
		shown = shown[:200]
	}
	return refuse("invalid literal for int() with base 10: " + string(shown))
}
