package ctl

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"github.com/peterh/liner"
	"golang.org/x/term"
)

// editor is the line editor of a shell on a terminal, with its history. It is
// closed while a process has the terminal (fg) and opened again afterwards.
type editor struct {
	state   *liner.State
	history bytes.Buffer // while state is closed
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// onTerminal tells whether the shell can have an editor: it needs to see what
// is typed and to paint on what the user sees.
func (c *controller) onTerminal() bool {
	out, ok := c.out.w.(*os.File)
	return ok && c.in.file == os.Stdin && isTerminal(os.Stdin) && isTerminal(out)
}

func (c *controller) openEditor() {
	if !c.onTerminal() {
		return
	}
	c.editor = &editor{}
	if data, err := os.ReadFile(c.options.history); err == nil && c.options.history != "" {
		c.editor.history.Write(data)
	}
	c.resumeEditor()
}

// resumeEditor takes the terminal.
func (c *controller) resumeEditor() {
	s := liner.NewLiner()
	s.SetCtrlCAborts(true)
	s.SetTabCompletionStyle(liner.TabPrints)
	s.SetWordCompleter(func(line string, pos int) (head string, words []string, tail string) {
		if !c.completing {
			return line, nil, ""
		}
		return c.completions(line, pos)
	})
	s.ReadHistory(&c.editor.history)
	c.editor.state = s
}

// pauseEditor gives the terminal back as it was.
func (c *controller) pauseEditor() {
	c.editor.history.Reset()
	c.editor.state.WriteHistory(&c.editor.history)
	c.editor.state.Close()
	c.editor.state = nil
}

func (c *controller) closeEditor() {
	if c.editor != nil {
		c.pauseEditor()
	}
}

// withoutEditor pauses the editor, if there is one, until the result is called.
func (c *controller) withoutEditor() (resume func()) {
	if c.editor == nil {
		return func() {}
	}
	c.pauseEditor()
	return c.resumeEditor
}

// edit reads a line with the editor.
func (c *controller) edit(prompt string) (string, error) {
	line, err := c.editor.state.Prompt(prompt)
	switch {
	case errors.Is(err, liner.ErrPromptAborted):
		return "", errInterrupted
	case err != nil:
		return "", errNoInput
	}
	return line, nil
}

// remember puts a line into the history.
func (c *controller) remember(line string) {
	if c.editor != nil && line != "" {
		c.editor.state.AppendHistory(line)
	}
}

// saveHistory writes the history file, if there is to be one (CTL-050). A
// session without editor has no lines to add, and only makes sure of the file.
func (c *controller) saveHistory() {
	if c.options.history == "" {
		return
	}
	flags := os.O_CREATE | os.O_WRONLY
	if c.editor != nil {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(c.options.history, flags, 0o600)
	if err != nil {
		return // as in Supervisor, where nobody hears of it either
	}
	defer f.Close()
	if c.editor != nil {
		io.Copy(f, &c.editor.history)
	}
}

// askPassword reads a line that is not shown.
func (c *controller) askPassword(ctx context.Context, prompt string) (string, error) {
	if c.editor != nil {
		password, err := c.editor.state.PasswordPrompt(prompt)
		if err != nil {
			return "", errInterrupted
		}
		return password, nil
	}
	io.WriteString(c.err, prompt)
	if c.in.onTerminal() && len(c.in.held) == 0 {
		password, err := term.ReadPassword(int(c.in.file.Fd()))
		io.WriteString(c.err, "\n")
		if err != nil {
			return "", errNoInput
		}
		return string(password), nil
	}
	return c.in.read(ctx)
}
