package config

// Program is a program of a test, and Shelf a shelf in a directory.
type Program = program

// NewProgram makes one.
func NewProgram(group, name string, options map[string]string) *Program {
	return &program{group: group, name: name, options: options}
}

// Options are its options.
func (p *program) Options() (group, name string, options map[string]string) {
	return p.group, p.name, p.options
}

// Open, Fits, Put, All, Spell and Parse are the shelf's own.
var (
	Open  = openShelf
	Spell = spell
	Parse = parse
)

// Heading is the first line of a file.
const Heading = heading

// Fits is fits.
func (s *shelf) Fits(p *program) error { return s.fits(p) }

// Put is put.
func (s *shelf) Put(before, after *program) error { return s.put(before, after) }

// All is all.
func (s *shelf) All() ([]*program, []error) { return s.all() }
