package ctl

import (
	"context"
	"strings"
)

var helpCommand = command{
	name: "help",
	help: "help\t\tPrint a list of available actions\n" +
		"help <action>\tPrint help for <action>",
	complete: completeCommands,
	run: func(c *controller, _ context.Context, arg string) error {
		if arg == "" {
			c.listCommands()
			c.mentionPlugins()
			return nil
		}
		if cmd := c.find(arg); cmd != nil && cmd.name != endCommand.name {
			c.say("%s", cmd.help)
			return nil
		}
		c.say("*** No help on %s", arg)
		c.mentionPlugins()
		return nil
	},
}

// listCommands prints every command's name in columns, but for "help", which
// got one here to begin with (CTL-047), and those that only we have: scripts
// and tests compare this list.
func (c *controller) listCommands() {
	const title = "default commands (type help <topic>):"
	var names []string
	for _, cmd := range c.commands {
		if cmd.name != endCommand.name && cmd.name != "help" && !cmd.ours {
			names = append(names, cmd.name)
		}
	}
	c.say("\n%s\n%s", title, strings.Repeat("=", len(title)))
	for _, line := range columns(names, 79) {
		c.say("%s", line)
	}
	c.say("")
}

// columns arranges words into as few lines of that width as possible, to be
// read downwards, two blanks between columns.
func columns(words []string, width int) []string {
	for rows := 1; ; rows++ {
		perLine := (len(words) + rows - 1) / rows
		widths := make([]int, perLine)
		total := -2
		for col := range perLine {
			for _, w := range words[min(col*rows, len(words)):min((col+1)*rows, len(words))] {
				widths[col] = max(widths[col], len(w))
			}
			total += widths[col] + 2
		}
		if total > width && rows < len(words) {
			continue
		}
		return arrange(words, rows, widths)
	}
}

func arrange(words []string, rows int, widths []int) []string {
	lines := make([]string, rows)
	for row := range rows {
		var cells []string
		for col := range widths {
			if i := col*rows + row; i < len(words) {
				cells = append(cells, words[i]+strings.Repeat(" ", widths[col]-len(words[i])))
			}
		}
		lines[row] = strings.Join(cells, "  ")
	}
	return lines
}
