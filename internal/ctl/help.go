package ctl

import (
	"context"
	"errors"
	"strings"
)

var helpCommand = command{
	name: "help",
	help: "help\t\tPrint a list of available actions\n" +
		"help <action>\tPrint help for <action>",
	complete: completeCommands,
	run: func(c *controller, ctx context.Context, arg string) error {
		switch arg {
		case "":
			return c.listAll(ctx)
		case "help":
			c.explainUsage("help")
			return nil
		}
		return c.explainTopic(ctx, arg)
	},
}

// listAll lists the commands of everybody who has some, each in a block.
func (c *controller) listAll(ctx context.Context) error {
	c.listCommands()
	if err := c.helpOfPlugins(ctx, ""); err != nil {
		return err
	}
	if len(c.plugins.list) == 0 {
		c.listMethods(ctx)
	}
	return nil
}

// explainTopic prints the help of one command. As in Supervisor everybody is asked, and everybody who knows nothing
// of it says so; what only we have is spared that.
func (c *controller) explainTopic(ctx context.Context, topic string) error {
	cmd := c.find(topic)
	if cmd == nil || cmd.ours {
		if p, _ := c.plugins.find(c, topic); p == nil {
			if cmd != nil {
				c.say("%s", cmd.help)
				return nil
			}
			if c.explainMethod(ctx, topic) {
				return nil
			}
		}
	}
	c.explainOwn(topic)
	return c.helpOfPlugins(ctx, topic)
}

// explainOwn prints the help of one of Supervisor's own commands.
func (c *controller) explainOwn(topic string) {
	if cmd := c.find(topic); cmd != nil && cmd.name != endCommand.name && !cmd.ours {
		c.say("%s", cmd.help)
		return
	}
	c.say("*** No help on %s", topic)
}

// helpOfPlugins has every plug-in say what it knows of a topic. One that cannot be loaded says why; one whose help
// goes wrong is the last.
func (c *controller) helpOfPlugins(ctx context.Context, topic string) error {
	if len(c.plugins.list) == 0 {
		return nil
	}
	defer c.withoutEditor()()
	for _, p := range c.plugins.list {
		err := p.help(c, ctx, topic)
		var broken *unloadable
		if errors.As(err, &broken) {
			err = c.settle(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// helpOf is the help of one plug-in, or with a negative index of Supervisor's own commands.
func (c *controller) helpOf(ctx context.Context, plugin int, topic string) error {
	switch {
	case plugin >= len(c.plugins.list):
		return nil
	case plugin >= 0:
		return c.settle(c.plugins.list[plugin].help(c, ctx, topic))
	case topic == "":
		c.listCommands()
	default:
		c.explainOwn(topic)
	}
	return nil
}

// listCommands prints every command's name in columns, but for "help", which
// got one here to begin with (CTL-047), and those that only we have: scripts
// and tests compare this list.
func (c *controller) listCommands() {
	var names []string
	for _, cmd := range c.commands {
		if cmd.name != endCommand.name && cmd.name != "help" && !cmd.ours {
			names = append(names, cmd.name)
		}
	}
	c.say("")
	c.block("default commands (type help <topic>):", names)
}

// block prints names in columns below a title.
func (c *controller) block(title string, names []string) {
	c.say("%s\n%s", title, strings.Repeat("=", len([]rune(title))))
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
