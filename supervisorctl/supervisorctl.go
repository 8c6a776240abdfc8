// Package supervisorctl is the program of that name as a function, for a main package that adds commands in Go:
//
//	import (
//		"os"
//
//		_ "example.org/acme/commands" // registers with ext/command
//		"github.com/reeve-sh/reeve/supervisorctl"
//	)
//
//	func main() { os.Exit(supervisorctl.Main()) }
package supervisorctl

import (
	"os"

	"github.com/reeve-sh/reeve/internal/ctl"
)

// Main does what the command line says and returns the exit status.
func Main() int { return ctl.Main(os.Args, os.Stdin, os.Stdout, os.Stderr) }
