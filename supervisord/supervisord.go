// Package supervisord is the program of that name as a function, for a main package that adds extensions in Go:
//
//	import (
//		"os"
//
//		_ "example.org/acme/ops" // registers with ext
//		"github.com/reeve-sh/reeve/supervisord"
//	)
//
//	func main() { os.Exit(supervisord.Main()) }
package supervisord

import (
	"os"

	"github.com/reeve-sh/reeve/internal/daemon"
)

// Main lives the daemon's life, as the command line says, and returns the exit status.
func Main() int { return daemon.Main(os.Args) }
