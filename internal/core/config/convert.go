package config

import (
	"fmt"
	"strings"
)

// The converters below turn one value of a file or of the command line into what it means. Each error is a *Problem
// with the text that Supervisor shows; the command line puts "invalid value for -e 'foo': " before it (CLI-006).

// Quote is Python's repr of a string, in which Supervisor shows values in its messages.
func Quote(s string) string { return quote(s) }

// Integer reads a whole number as Python's int does (CFG-038). What does not fit stays at the end of the range.
func Integer(s string) (int, error) { return fallible(integer(s)) }

// ByteSize reads a number of bytes with an optional KB, MB or GB, each 1024 of the one before (CFG-039).
func ByteSize(s string) (int64, error) { return fallible(byteSize(s)) }

// Octal reads a number in base 8, with or without 0o (CFG-040).
func Octal(s string) (int, error) { return fallible(octal(s)) }

// LogLevel reads the name of a log level in any case (CFG-041).
func LogLevel(s string) (Level, error) { return fallible(logLevel(s)) }

// ExistingDirectory expands a leading ~ and wants a directory there (CFG-045).
func ExistingDirectory(w World, s string) (string, error) { return fallible(existingDirectory(w, s)) }

// ExistingDirpath expands a leading ~ and wants the directory part to exist; a bare name has none (CFG-045).
func ExistingDirpath(w World, s string) (string, error) { return fallible(existingDirpath(w, s)) }

// User finds the uid of a user given by name or number (CFG-046).
func User(w World, s string) (uid int, err error) { return fallible(user(w, s)) }

// Signal reads the name or number of a signal; the names are those of Linux (CFG-042).
func Signal(s string) (int, error) { return fallible(signal(s)) }

// fallible makes a plain error of a *Problem; a nil pointer in an error interface would not be nil.
func fallible[T any](v T, p *Problem) (T, error) {
	if p != nil {
		return v, p
	}
	return v, nil
}

func integer(s string) (int, *Problem) {
	n, p := integer64(s)
	return int(n), p
}

func integer64(s string) (int64, *Problem) {
	if n, ok := small(s); ok {
		return n, nil
	}
	w, ok := number(s, 10)
	if !ok {
		return 0, badInteger(s)
	}
	return w.n, nil
}

func byteSize(s string) (int64, *Problem) {
	s = lower(s)
	shift := 0
	switch {
	case strings.HasSuffix(s, "kb"):
		shift = 10
	case strings.HasSuffix(s, "mb"):
		shift = 20
	case strings.HasSuffix(s, "gb"):
		shift = 30
	}
	if shift > 0 {
		s = s[:len(s)-2]
	}
	n, ok := number(s, 10)
	if !ok {
		return 0, badInteger(s)
	}
	return n.shift(shift), nil
}

func octal(s string) (int, *Problem) {
	n, ok := number(s, 8)
	if !ok {
		return 0, refuse(s + " can not be converted to an octal type")
	}
	return int(n.n), nil
}

func boolean(s string) (bool, *Problem) {
	switch lower(s) {
	case "yes", "true", "on", "1":
		return true, nil
	case "no", "false", "off", "0":
		return false, nil
	}
	return false, refuse("not a valid boolean value: " + quote(s))
}

func autorestart(s string) (Autorestart, *Problem) {
	s = lower(s)
	if s == "unexpected" {
		return RestartUnexpected, nil
	}
	always, p := boolean(s)
	switch {
	case p != nil:
		return 0, refuse("invalid 'autorestart' value " + quote(s))
	case always:
		return RestartAlways, nil
	}
	return RestartNever, nil
}

var levels = map[string]Level{
	"critical": Critical, "error": Error, "warn": Warn, "info": Info, "debug": Debug, "trace": Trace,
	"blather": Blather,
}

func logLevel(s string) (Level, *Problem) {
	level, found := levels[lower(s)]
	if !found {
		return 0, refuse("bad logging level name " + quote(s))
	}
	return level, nil
}

func exitcodes(s string) ([]int, *Problem) {
	if s == "" {
		return nil, nil
	}
	var codes []int
	for _, word := range strings.Split(s, ",") {
		code, p := integer(word)
		if p != nil || code < 0 || code > 255 {
			return nil, refuse("not a valid list of exit codes: " + quote(s))
		}
		codes = append(codes, code)
	}
	return codes, nil
}

// list splits at commas and strips; an empty text is an empty list, but "a," has two items.
func list(s string) []string {
	if s == "" {
		return nil
	}
	items := strings.Split(s, ",")
	for i := range items {
		items[i] = strip(items[i])
	}
	return items
}

// signals are the names that Python's signal module has on Linux, with the odd ones that begin alike (CFG-042).
var signals = map[string]int{
	"ABRT": 6, "ALRM": 14, "BUS": 7, "CHLD": 17, "CLD": 17, "CONT": 18, "FPE": 8, "HUP": 1, "ILL": 4, "INT": 2,
	"IO": 29, "IOT": 6, "KILL": 9, "PIPE": 13, "POLL": 29, "PROF": 27, "PWR": 30, "QUIT": 3, "RTMAX": 64, "RTMIN": 34,
	"SEGV": 11, "STKFLT": 16, "STOP": 19, "SYS": 31, "TERM": 15, "TRAP": 5, "TSTP": 20, "TTIN": 21, "TTOU": 22,
	"URG": 23, "USR1": 10, "USR2": 12, "VTALRM": 26, "WINCH": 28, "XCPU": 24, "XFSZ": 25,
	"_BLOCK": 0, "_DFL": 0, "_IGN": 1, "_SETMASK": 2, "_UNBLOCK": 1,
}

func signal(s string) (int, *Problem) {
	n, ok := number(s, 10)
	if ok {
		if k := int(n.n); k >= 0 && k <= 31 || k == 34 || k == 64 {
			return k, nil
		}
		return 0, refuse(fmt.Sprintf("value %s is not a valid signal number", quote(s)))
	}
	sig, found := signals[strings.TrimPrefix(strings.ToUpper(strip(s)), "SIG")]
	if !found {
		return 0, refuse(fmt.Sprintf("value %s is not a valid signal name", quote(s)))
	}
	return sig, nil
}

// processName strips a name and refuses what would break the event protocol and the web page's addresses (CFG-047).
func processName(s string) (string, *Problem) {
	name := strip(s)
	for _, c := range " :/" {
		if strings.ContainsRune(name, c) {
			return "", refuse(fmt.Sprintf("Invalid name: %s because of character: %s", quote(s), quote(string(c))))
		}
	}
	return name, nil
}
