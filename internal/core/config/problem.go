package config

import "strconv"

// Problem is why a configuration is refused. Text is Supervisor's own text, which people and scripts match; File and
// Line say where the trouble stands and are our addition: Line is 0 when no one line is to blame.
type Problem struct {
	Text string
	File string
	Line int
}

// Error is Supervisor's text and nothing else.
func (p *Problem) Error() string { return p.Text }

// Where is "file:line", or empty when the place is not known.
func (p *Problem) Where() string {
	if p.File == "" || p.Line == 0 {
		return ""
	}
	return p.File + ":" + strconv.Itoa(p.Line)
}

// refuse makes a Problem without a place; whoever knows the place fills it in.
func refuse(text string) *Problem { return &Problem{Text: text} }
