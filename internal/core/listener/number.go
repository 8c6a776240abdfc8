package listener

// huge is a length that never arrives: whatever is longer is as good as this.
const huge = 1 << 40

// number reads a length as Python's int() does from bytes: blanks around it, a sign, and single underscores between
// digits. A negative one is refused: Supervisor loses the listener's output over it.
func number(b []byte) (int, bool) {
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && blank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	n, digit := 0, false
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			n, digit = min(n*10+int(c-'0'), huge), true
		case c == '_' && digit:
			digit = false
		default:
			return 0, false
		}
	}
	return n, digit && (!negative || n == 0)
}

func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
