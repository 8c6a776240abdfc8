package ctl

import (
	"context"
	"slices"
	"strings"
)

// command is one thing that supervisorctl can do.
type command struct {
	name     string
	run      func(c *controller, ctx context.Context, arg string) error
	help     string // its lines; the text and its tabs are Supervisor's, which people compare
	complete completion
	ours     bool // Supervisor has no such command
	json     jsonForm
}

// completion is what the Tab key offers after a command's name.
type completion uint8

const (
	completeNothing completion = iota
	completeCommands
	completeGroups
	completeProcesses
	completeEvents
	completeMethods
)

// builtin lists the commands that are always there, by name.
func builtin() []command {
	list := []command{
		statusCommand, pidCommand, startCommand, stopCommand, restartCommand, signalCommand, clearCommand,
		tailCommand, maintailCommand, fgCommand, rereadCommand, updateCommand, addCommand, removeCommand,
		reloadCommand, shutdownCommand, availCommand, openCommand, versionCommand, helpCommand, quitCommand, exitCommand,
		endCommand, eventsCommand, callCommand, execCommand, passwdCommand,
	}
	slices.SortFunc(list, func(a, b command) int { return strings.Compare(a.name, b.name) })
	return list
}

// explainUsage prints the help of a command whose arguments were wrong.
func (c *controller) explainUsage(name string) {
	if cmd := c.find(name); cmd != nil {
		c.say("%s", cmd.help)
	}
}

// noArguments complains when a command that takes none was given some (CTL-021).
func (c *controller) noArguments(name, arg string) bool {
	if arg == "" {
		return true
	}
	c.complain(exitGeneric, "Error: %s accepts no arguments", name)
	c.explainUsage(name)
	return false
}
