package ctl

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/reeve-sh/reeve/internal/core/config"
	"github.com/reeve-sh/reeve/internal/world"
)

// Completer is what the Tab key asks, in a shell without a terminal.
func Completer(url string) func(line string, cursor int) (head string, words []string, tail string) {
	c := newController(&options{url: url}, strings.NewReader(""), io.Discard, io.Discard)
	return c.completions
}

// CompleterOf is the same with a file of these sections.
func CompleterOf(t *testing.T, url, sections string) func(line string, cursor int) (head string, words []string, tail string) {
	conf := filepath.Join(t.TempDir(), "conf")
	if err := os.WriteFile(conf, []byte("[supervisorctl]\nserverurl="+url+"\n"+sections), 0o644); err != nil {
		t.Fatal(err)
	}
	o, err := parseOptions("supervisorctl", []string{"-c", conf}, world.New(nil))
	if err != nil {
		t.Fatal(err)
	}
	c := newController(o, strings.NewReader(""), io.Discard, io.Discard)
	t.Cleanup(func() { c.plugins.close(c) })
	return c.completions
}

// Arguments, Readable and Usage are what "call" makes of words, of results and of help.
func Arguments(signature, words []string) ([]any, error) { return arguments(signature, words) }
func Readable(v any) string                              { return readable(v) }
func Usage(name, text string, signature []string) string {
	m := readHelp(text)
	m.types(signature)
	return m.usage(name)
}

// Listen reads what another process says until it ends.
func Listen(r io.Reader) error {
	p := newPeer(r, io.Discard, nil)
	<-p.over
	return p.why
}

// Offers is what an executable says that it offers, when it has so much time to say so, and to end.
func Offers(c config.CtlPlugin, greeting, parting time.Duration) ([]string, error) {
	p := &executable{conf: &c, greeting: greeting, parting: parting}
	return p.commands(newController(&options{}, strings.NewReader(""), io.Discard, io.Discard))
}
