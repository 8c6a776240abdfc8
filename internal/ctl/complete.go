package ctl

import (
	"context"
	"slices"
	"strings"

	"github.com/reeve-sh/reeve/client"
	extcommand "github.com/reeve-sh/reeve/ext/command"
)

// breaks are the characters that end a word for the Tab key: readline's,
// without the three that names may contain (CTL-050).
const breaks = " \t\n`~!@#$%^&()=+[{]}\\|;'\",<>/?"

// completions lists what the word before the cursor may become. head and tail
// are what stands before and after it.
func (c *controller) completions(line string, cursor int) (head string, words []string, tail string) {
	before, tail := line, ""
	if runes := []rune(line); cursor < len(runes) {
		before, tail = string(runes[:cursor]), string(runes[cursor:])
	}
	at := strings.LastIndexAny(before, breaks) + 1
	head, word := before[:at], before[at:]
	for _, candidate := range c.candidates(before, word) {
		if strings.HasPrefix(candidate, word) {
			words = append(words, candidate)
		}
	}
	return head, words, tail
}

// candidates lists every word that could stand there, with what follows it: a blank, unless a plug-in says otherwise.
func (c *controller) candidates(before, word string) []string {
	fields := strings.Fields(before)
	if len(fields) == 0 || len(fields) == 1 && !strings.HasSuffix(before, " ") {
		return spaced(append(c.commandNames(), c.methodNames(word)...))
	}
	cmd := c.find(fields[0])
	if cmd == nil || cmd.ours {
		if p, _ := c.plugins.find(c, fields[0]); p != nil {
			name, arg, line := parseLine(before)
			return p.complete(c, order{name, arg, line}, extcommand.Word{Line: before, Text: word})
		}
	}
	if cmd == nil {
		return nil
	}
	switch cmd.complete {
	case completeCommands:
		return spaced(append(c.commandNames(), c.methodNames(word)...))
	case completeGroups:
		return spaced(c.groupNames())
	case completeProcesses:
		return spaced(c.processNames(word))
	case completeEvents:
		return spaced(eventWords(word))
	case completeMethods:
		return spaced(c.callable())
	}
	return nil
}

func spaced(words []string) []string {
	for i := range words {
		words[i] += " "
	}
	return words
}

// methodNames offers the methods of extensions to somebody who has begun with a namespace.
func (c *controller) methodNames(word string) []string {
	if !strings.Contains(word, ".") {
		return nil
	}
	return c.callable()
}

// callable lists all methods of the daemon.
func (c *controller) callable() []string {
	d, err := c.connect()
	if err != nil {
		return nil
	}
	defer c.disconnect()
	ctx, cancel := context.WithTimeout(context.Background(), askingTime)
	defer cancel()
	all, _ := d.ListMethods(ctx)
	return all
}

// eventWords spells types in the case that the user has begun with.
func eventWords(word string) []string {
	words := append([]string{"-f", "--json"}, client.EventTypes()...)
	if word != strings.ToUpper(word) {
		for i := range words {
			words[i] = strings.ToLower(words[i])
		}
	}
	return words
}

func (c *controller) commandNames() []string {
	var names []string
	for _, cmd := range c.commands {
		if cmd.name != endCommand.name {
			names = append(names, cmd.name)
		}
	}
	for _, name := range c.plugins.names(c) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (c *controller) groupNames() []string {
	var names []string
	c.askProcesses()
	for _, info := range c.processes {
		if !slices.Contains(names, info.Group) {
			names = append(names, info.Group)
		}
	}
	return names
}

// processNames spells a process the way the user has begun to.
func (c *controller) processNames(word string) []string {
	var names []string
	c.askProcesses()
	for _, info := range c.processes {
		if !strings.Contains(word, ":") && info.Name == info.Group {
			names = append(names, info.Name)
			continue
		}
		names = append(names, info.Group+":"+info.Name)
		if whole := info.Group + ":*"; !slices.Contains(names, whole) {
			names = append(names, whole)
		}
	}
	return names
}

// askProcesses asks the daemon once between two commands. A daemon that does
// not answer has nothing to offer.
func (c *controller) askProcesses() {
	if c.known {
		return
	}
	c.known = true
	d, err := c.connect()
	if err != nil {
		return
	}
	defer c.disconnect()
	c.processes, _ = d.AllProcessInfo(context.Background())
}
