package logfile

import "time"

// Stamp reads the time that a line begins with, in the forms that programs write: 2006-01-02 15:04:05 with a T or a
// blank between, slashes instead of dashes, a fraction behind a dot or a comma, and a zone. A bracket before it is
// passed over. Without a zone it is our own.
func Stamp(line []byte) (time.Time, bool) {
	if len(line) > 0 && line[0] == '[' {
		line = line[1:]
	}
	const shape = "dddd-dd-dd dd:dd:dd"
	if len(line) < len(shape) {
		return time.Time{}, false
	}
	for i := range len(shape) {
		if !fits(line[i], shape[i]) {
			return time.Time{}, false
		}
	}
	n := func(from, to int) (v int) {
		for _, c := range line[from:to] {
			v = v*10 + int(c-'0')
		}
		return v
	}
	month, day, hour, minute, second := n(5, 7), n(8, 10), n(11, 13), n(14, 16), n(17, 19)
	if month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 {
		return time.Time{}, false
	}
	nanos, rest := fraction(line[len(shape):])
	return time.Date(n(0, 4), time.Month(month), day, hour, minute, second, nanos, zone(rest)), true
}

// fits compares one byte with its place in the shape.
func fits(c, shape byte) bool {
	switch shape {
	case 'd':
		return c >= '0' && c <= '9'
	case '-':
		return c == '-' || c == '/'
	case ' ':
		return c == ' ' || c == 'T'
	}
	return c == shape
}

// fraction reads the part of a second, in nanoseconds.
func fraction(b []byte) (nanos int, rest []byte) {
	if len(b) == 0 || b[0] != '.' && b[0] != ',' {
		return 0, b
	}
	b = b[1:]
	for scale := 100_000_000; len(b) > 0 && b[0] >= '0' && b[0] <= '9'; b, scale = b[1:], scale/10 {
		nanos += int(b[0]-'0') * scale
	}
	return nanos, b
}

// zone reads Z, +01:00 or +0100.
func zone(b []byte) *time.Location {
	if len(b) > 0 && b[0] == 'Z' {
		return time.UTC
	}
	if len(b) < 5 || b[0] != '+' && b[0] != '-' {
		return time.Local
	}
	digits := make([]int, 0, 4)
	for i, c := range b[1:] {
		switch {
		case c >= '0' && c <= '9':
			digits = append(digits, int(c-'0'))
		case c != ':' || i != 2:
			return time.Local
		}
		if len(digits) == 4 {
			break
		}
	}
	if len(digits) < 4 {
		return time.Local
	}
	seconds := (digits[0]*10+digits[1])*3600 + (digits[2]*10+digits[3])*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds)
}
