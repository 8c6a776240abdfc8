package event

import "unicode/utf8"

// text is what a process wrote as it may stand in a payload: itself, or spelt out when it is not UTF-8 (EVT-016).
func text(data []byte) []byte {
	if utf8.Valid(data) {
		return data
	}
	return spell(append(make([]byte, 0, 2*len(data)+16), "Undecodable: "...), data)
}

const hexDigits = "0123456789abcdef"

// spell appends bytes as Python prints them: b'\xff', in double quotes only when that saves escaping.
func spell(dst, data []byte) []byte {
	quote, single, double := byte('\''), false, false
	for _, c := range data {
		single, double = single || c == '\'', double || c == '"'
	}
	if single && !double {
		quote = '"'
	}
	dst = append(dst, 'b', quote)
	for _, c := range data {
		switch {
		case c == quote || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20 || c >= 0x7f:
			dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, quote)
}
