package ctl

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/reeve-sh/reeve/client"
)

// Methods that extensions of the daemon offer are commands too, called as they are: "cache.store key value". Who
// they are is asked of the daemon, and only when nobody else knows a command or a topic.

// askingTime is how long a daemon may take to say what it offers.
const askingTime = 5 * time.Second

var (
	methodShape = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*\.[A-Za-z][A-Za-z0-9_]*$`)
	wordShape   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
)

// isMethod tells whether a line calls a method: it begins with NAMESPACE.METHOD, or is the name of an extension, whose
// methods are then listed.
func (c *controller) isMethod(ctx context.Context, name, line string) bool {
	first, _, _ := strings.Cut(line, " ")
	return methodShape.MatchString(first) ||
		c.find(name) == nil && first == line && wordShape.MatchString(first) && len(c.offered(ctx, first)) > 0
}

// offered lists the methods that extensions offer, all or those of one namespace. A daemon that does not answer
// offers nothing.
func (c *controller) offered(ctx context.Context, namespace string) []string {
	ctx, cancel := context.WithTimeout(ctx, askingTime)
	defer cancel()
	sub := c.sub(c.options)
	defer sub.disconnect()
	d, err := sub.connect()
	if err != nil {
		return nil
	}
	all, _ := d.ListMethods(ctx)
	return slices.DeleteFunc(all, func(m string) bool {
		of, _, _ := strings.Cut(m, ".")
		return of == "supervisor" || of == "system" || namespace != "" && of != namespace
	})
}

// listMethods prints the block of help about extensions, if there are any.
func (c *controller) listMethods(ctx context.Context) {
	if names := c.offered(ctx, ""); len(names) > 0 {
		c.block("extension commands (type help <topic>):", names)
	}
}

// explainMethod prints the help of a method or of all of a namespace; false means that there is none.
func (c *controller) explainMethod(ctx context.Context, topic string) bool {
	switch {
	case wordShape.MatchString(topic):
		names := c.offered(ctx, topic)
		if len(names) > 0 {
			c.block(topic+" commands (type help <topic>):", names)
		}
		return len(names) > 0
	case !methodShape.MatchString(topic):
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, askingTime)
	defer cancel()
	sub := c.sub(c.options)
	defer sub.disconnect()
	d, err := sub.connect()
	if err != nil {
		return false
	}
	text, err := d.MethodHelp(ctx, topic)
	if err != nil {
		return false
	}
	about := readHelp(text)
	if signature, err := d.MethodSignature(ctx, topic); err == nil {
		about.types(signature)
	}
	c.say("%s", about.usage(topic))
	return true
}

// manual is what a method's help says.
type manual struct {
	text   []string // without tags
	params []parameter
	result parameter
}

type parameter struct{ kind, name, about string }

// readHelp reads a text with @param and @return lines, each of which may go on for several.
func readHelp(text string) *manual {
	m := &manual{}
	into := &m.text
	var tags [][]string
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "@") {
			tags = append(tags, nil)
			into = &tags[len(tags)-1]
		}
		*into = append(*into, line)
	}
	m.text = trimBlank(m.text)
	for _, lines := range tags {
		words := strings.Fields(strings.Join(lines, " "))
		p := parameter{kind: at(words, 1), name: at(words, 2)}
		if len(words) > 3 {
			p.about = strings.Join(words[3:], " ")
		}
		switch words[0] {
		case "@param":
			m.params = append(m.params, p)
		case "@return":
			m.result = p
		}
	}
	return m
}

func at(words []string, i int) string {
	if i < len(words) {
		return words[i]
	}
	return ""
}

func trimBlank(lines []string) []string {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// types adds what a signature knows and the text did not say.
func (m *manual) types(signature []string) {
	if len(m.params) > 0 || len(signature) == 0 {
		return
	}
	m.result.kind = signature[0]
	for _, kind := range signature[1:] {
		m.params = append(m.params, parameter{kind: kind, name: kind})
	}
}

// usage is the manual as help prints it: a line to type, the text, then what each argument is.
func (m *manual) usage(name string) string {
	var b strings.Builder
	b.WriteString(name)
	for _, p := range m.params {
		b.WriteString(" <" + p.name + ">")
	}
	for _, line := range m.text {
		b.WriteString("\n" + strings.TrimRight("\t"+line, "\t"))
	}
	for _, p := range m.params {
		fmt.Fprintf(&b, "\n%s\t\t%s", "<"+p.name+">", strings.TrimSpace("("+p.kind+") "+p.about))
	}
	if m.result.kind != "" {
		fmt.Fprintf(&b, "\nanswers\t\t%s", strings.TrimSpace("("+m.result.kind+") "+m.result.about))
	}
	return b.String()
}

// call calls a method with the daemon's client.
func (c *controller) call(ctx context.Context, method string, args []any) (any, error) {
	d, err := c.connect()
	if err != nil {
		return nil, err
	}
	return d.Call(ctx, method, args...)
}

// refusalOf words a fault of a method, and sets the exit status.
func (c *controller) refusalOf(method string, err error) error {
	var fault *client.Fault
	if !errors.As(err, &fault) {
		return err
	}
	c.outcome(fault.Code, faultSuccess)
	c.exit = max(c.exit, exitGeneric)
	c.say("%s: ERROR (%s)", method, fault.String)
	return nil
}
