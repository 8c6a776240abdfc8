package ctl

import (
	"io"
	"strings"
)

// Completer is what the Tab key asks, in a shell without a terminal.
func Completer(url string) func(line string, cursor int) (head string, words []string, tail string) {
	c := newController(&options{url: url}, strings.NewReader(""), io.Discard, io.Discard)
	return c.completions
}
